package iampolicy

// buckets is the part of the table on S3. A bucket's name may be a prefix that Terraform completes.
var buckets = map[string][]access{
	"aws_s3_bucket": {
		{sid: "Buckets", arn: "arn:aws:s3:::{bucket} arn:aws:s3:::{bucket_prefix}",
			create: "s3:CreateBucket s3:PutBucketTagging",
			// All of a bucket is read with it, whatever else describes the same.
			read: "s3:GetAccelerateConfiguration s3:GetBucketAcl s3:GetBucketCORS s3:GetBucketLogging " +
				"s3:GetBucketObjectLockConfiguration s3:GetBucketPolicy s3:GetBucketRequestPayment s3:GetBucketTagging " +
				"s3:GetBucketVersioning s3:GetBucketWebsite s3:GetEncryptionConfiguration s3:GetLifecycleConfiguration " +
				"s3:GetReplicationConfiguration s3:ListBucket",
			delete: "s3:DeleteBucket"},
		{sid: "Buckets", when: "force_destroy", delete: "s3:ListBucketVersions"},
		{sid: "EmptyBuckets", arn: "arn:aws:s3:::{bucket}/* arn:aws:s3:::{bucket_prefix}/*", when: "force_destroy",
			delete: "s3:DeleteObject s3:DeleteObjectVersion"},
	},
	"aws_s3_bucket_acl": {{sid: "Buckets", create: "s3:PutBucketAcl", read: "s3:GetBucketAcl"}},
	"aws_s3_bucket_lifecycle_configuration": {{sid: "Buckets",
		create: "s3:PutLifecycleConfiguration", read: "s3:GetLifecycleConfiguration"}},
	"aws_s3_bucket_metric": {{sid: "Buckets",
		create: "s3:PutMetricsConfiguration", read: "s3:GetMetricsConfiguration"}},
	"aws_s3_bucket_notification": {{sid: "Buckets",
		create: "s3:PutBucketNotification", read: "s3:GetBucketNotification"}},
	"aws_s3_bucket_cors_configuration": {{sid: "Buckets",
		create: "s3:PutBucketCORS", read: "s3:GetBucketCORS"}},
	"aws_s3_bucket_ownership_controls": {{sid: "Buckets",
		create: "s3:PutBucketOwnershipControls", read: "s3:GetBucketOwnershipControls"}},
	"aws_s3_bucket_policy": {{sid: "Buckets",
		create: "s3:PutBucketPolicy", read: "s3:GetBucketPolicy", delete: "s3:DeleteBucketPolicy"}},
	"aws_s3_bucket_public_access_block": {{sid: "Buckets",
		create: "s3:PutBucketPublicAccessBlock", read: "s3:GetBucketPublicAccessBlock"}},
	"aws_s3_bucket_replication_configuration": {
		{sid: "Buckets", create: "s3:PutReplicationConfiguration", read: "s3:GetReplicationConfiguration"},
		{sid: "PassRoles", arn: roleOf("role"), create: "iam:PassRole", limits: passedTo("s3.amazonaws.com")},
	},
	"aws_s3_bucket_server_side_encryption_configuration": {{sid: "Buckets",
		create: "s3:PutEncryptionConfiguration", read: "s3:GetEncryptionConfiguration"}},
	"aws_s3_bucket_versioning": {{sid: "Buckets",
		create: "s3:PutBucketVersioning", read: "s3:GetBucketVersioning"}},
}
