package config

// stateName is the last part of the name of the state bucket's stack.
const stateName = "state"

// State is the S3 bucket that keeps the Terraform state of every environment.
type State struct {
	// Name of the bucket, made by the stack <name>-state.
	Bucket string `json:"bucket"`
	// Region of the bucket.
	Region string `json:"region"`
	// IAM role that Terraform assumes to read and write the state.
	RoleARN string `json:"roleArn,omitempty"`
	// KMS key that encrypts the state; by default S3's own keys do.
	KMSKeyARN string `json:"kmsKeyArn,omitempty"`
}

func (s State) check(r *report, at path) {
	checkBucket(r, at.field("bucket"), s.Bucket)
	checkRegion(r, at.field("region"), s.Region)
	if s.RoleARN != "" {
		checkARN(r, "N4", at.field("roleArn"), s.RoleARN, roleARN, "")
	}
	if s.KMSKeyARN != "" {
		checkARN(r, "N4", at.field("kmsKeyArn"), s.KMSKeyARN, keyARN.in(s.Region), "")
	}
}
