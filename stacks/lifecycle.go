package stacks

import (
	"github.com/aws/jsii-runtime-go"
	"github.com/cdktf/cdktf-provider-aws-go/aws/v19/s3bucketlifecycleconfiguration"
)

// lifecycle says in days how long objects live; 0 means forever.
type lifecycle struct {
	Expire         int // objects
	Noncurrent     int // overwritten and deleted versions
	KeepNoncurrent int // versions that are kept however old
}

func lifecycleRules(l lifecycle) []*s3bucketlifecycleconfiguration.S3BucketLifecycleConfigurationRule {
	rule := func(id string) *s3bucketlifecycleconfiguration.S3BucketLifecycleConfigurationRule {
		return &s3bucketlifecycleconfiguration.S3BucketLifecycleConfigurationRule{
			Id:     jsii.String(id),
			Status: jsii.String("Enabled"),
			// An empty prefix is every object; the provider warns when there is no filter.
			Filter: []*s3bucketlifecycleconfiguration.S3BucketLifecycleConfigurationRuleFilter{{Prefix: jsii.String("")}},
		}
	}
	abort := rule("abort-uploads")
	abort.AbortIncompleteMultipartUpload = []*s3bucketlifecycleconfiguration.S3BucketLifecycleConfigurationRuleAbortIncompleteMultipartUpload{
		{DaysAfterInitiation: jsii.Number(7)},
	}
	rules := []*s3bucketlifecycleconfiguration.S3BucketLifecycleConfigurationRule{abort}
	if l.Expire > 0 {
		expire := rule("expire")
		expire.Expiration = []*s3bucketlifecycleconfiguration.S3BucketLifecycleConfigurationRuleExpiration{{Days: jsii.Number(l.Expire)}}
		rules = append(rules, expire)
	}
	if l.Noncurrent > 0 {
		old := rule("expire-noncurrent")
		old.NoncurrentVersionExpiration = []*s3bucketlifecycleconfiguration.S3BucketLifecycleConfigurationRuleNoncurrentVersionExpiration{
			{NoncurrentDays: jsii.Number(l.Noncurrent), NewerNoncurrentVersions: positive(l.KeepNoncurrent)},
		}
		old.Expiration = []*s3bucketlifecycleconfiguration.S3BucketLifecycleConfigurationRuleExpiration{{ExpiredObjectDeleteMarker: true}}
		rules = append(rules, old)
	}
	return rules
}
