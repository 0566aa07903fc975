package config

// stateName is the last part of the name of the state bucket's stack.
const stateName = "state"

// State is the S3 bucket that keeps the Terraform state of every environment.
type State struct {
	Bucket      string
	Region      string
	RoleARN     string
	PlanRoleARN string
	KMSKeyARN   string
}

func (s *State) declare(f *fields) {
	f.text("bucket", &s.Bucket, "Name of the bucket, made by the stack <name>-state.").required().matches(ruleN1, bucketName, aBucketName)
	f.text("region", &s.Region, "Region of the bucket.").required().named(ruleN2, regions, aRegion)
	f.confidential("roleArn", &s.RoleARN, "IAM role that Terraform assumes to read and write the state.")
	f.confidential("planRoleArn", &s.PlanRoleARN, "IAM role that the workflows on GitHub assume to read the state when they plan.")
	f.confidential("kmsKeyArn", &s.KMSKeyARN, "KMS key that encrypts the state; by default S3's own keys do.")
}

func (s State) check(r *report, at path) {
	checkBucket(r, at.field("bucket"), s.Bucket)
	if s.RoleARN != "" {
		checkARN(r, ruleN4, at.field("roleArn"), s.RoleARN, roleARN, "")
	}
	if s.PlanRoleARN != "" {
		checkARN(r, ruleN4, at.field("planRoleArn"), s.PlanRoleARN, roleARN, "")
	}
	if s.KMSKeyARN != "" {
		checkARN(r, ruleN4, at.field("kmsKeyArn"), s.KMSKeyARN, stateKeyARN.in(s.Region), "")
	}
}
