package iampolicy

// backend is the S3 backend of a stack.
type backend struct {
	Bucket, Key string
	KMSKeyID    string `json:"kms_key_id"`
	AssumeRole  struct {
		RoleARN string `json:"role_arn"`
	} `json:"assume_role"`
}

// access is what reading, writing and locking the state takes. Only the lock is ever deleted.
func (b backend) access() []access {
	state := "arn:aws:s3:::" + b.Bucket + "/" + b.Key
	list := []access{
		{sid: "StateBucket", arn: "arn:aws:s3:::" + b.Bucket, read: "s3:ListBucket"},
		{sid: "State", arn: state + " " + state + ".tflock", read: "s3:GetObject", update: "s3:PutObject"},
		{sid: "StateLock", arn: state + ".tflock", delete: "s3:DeleteObject"},
	}
	if b.KMSKeyID != "" {
		list = append(list, access{sid: "StateKey", arn: b.KMSKeyID, read: "kms:Decrypt", update: "kms:Encrypt kms:GenerateDataKey"})
	}
	if b.AssumeRole.RoleARN != "" {
		list = append(list, access{sid: "AssumeStateRole", arn: b.AssumeRole.RoleARN, read: "sts:AssumeRole"})
	}
	return list
}
