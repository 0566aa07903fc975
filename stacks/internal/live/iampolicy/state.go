package iampolicy

import "encoding/json"

// backend is the S3 backend of a stack; without a bucket there is none.
type backend struct {
	Bucket, Key string
	KMSKeyID    string `json:"kms_key_id"`
	AssumeRole  struct {
		RoleARN string `json:"role_arn"`
	} `json:"assume_role"`
}

func (s stack) backend() (b backend, err error) {
	if text, ok := s.Terraform.Backend["s3"]; ok {
		err = json.Unmarshal(text, &b)
	}
	return b, err
}

func (b backend) state() string { return "arn:aws:s3:::" + b.Bucket + "/" + b.Key }

// reading is what init and a plan without a lock take (Terraform, Backend Type: s3, Permissions required).
func (b backend) reading() []access {
	if b.Bucket == "" {
		return nil
	}
	list := []access{
		{sid: "StateBucket", arn: "arn:aws:s3:::" + b.Bucket, read: "s3:ListBucket"},
		{sid: "State", arn: b.state(), read: "s3:GetObject"},
	}
	if b.KMSKeyID != "" {
		list = append(list, access{sid: "StateKey", arn: b.KMSKeyID, read: "kms:Decrypt"})
	}
	return list
}

// writing is what writing and locking the state takes besides. Only the lock is ever deleted.
func (b backend) writing() []access {
	if b.Bucket == "" {
		return nil
	}
	lock := b.state() + ".tflock"
	list := []access{
		{sid: "State", arn: b.state() + " " + lock, update: "s3:PutObject"},
		{sid: "StateLock", arn: lock, delete: "s3:DeleteObject"},
	}
	if b.KMSKeyID != "" {
		list = append(list, access{sid: "StateKey", arn: b.KMSKeyID, update: "kms:Encrypt kms:GenerateDataKey"})
	}
	if b.AssumeRole.RoleARN != "" {
		list = append(list, access{sid: "AssumeStateRole", arn: b.AssumeRole.RoleARN, read: "sts:AssumeRole"})
	}
	return list
}

// access is whom planning a stack with this backend assumes.
func (r PlanRoles) access(b backend) []access {
	var list []access
	if r.Account != "" {
		list = append(list, access{sid: "AssumePlanRole", arn: r.Account, read: "sts:AssumeRole"})
	}
	if r.State != "" && b.Bucket != "" {
		list = append(list, access{sid: "AssumeStatePlanRole", arn: r.State, read: "sts:AssumeRole"})
	}
	return list
}
