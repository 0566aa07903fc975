package stacks

import (
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
	"github.com/cdktf/cdktf-provider-aws-go/aws/v19/dataawsiampolicydocument"
	"github.com/cdktf/cdktf-provider-aws-go/aws/v19/s3bucketpolicy"
)

// newBucketPolicy allows what the statements say and refuses everyone who doesn't come over TLS. A bucket
// that isn't made needs none.
func newBucketPolicy(scope constructs.Construct, id string, b bucket, allowed ...statement) {
	if b.ID == "" {
		return
	}
	document := newPolicyDocument(scope, id, append(allowed, denyInsecureTransport(b.ARN))...)
	rename(s3bucketpolicy.NewS3BucketPolicy(scope, jsii.String(id+"-policy"), &s3bucketpolicy.S3BucketPolicyConfig{
		Provider: b.provider,
		Bucket:   jsii.String(b.ID),
		Policy:   jsii.String(document),
	}), id)
}

func denyInsecureTransport(bucketARN string) statement {
	return &dataawsiampolicydocument.DataAwsIamPolicyDocumentStatement{
		Sid:        jsii.String("DenyInsecureTransport"),
		Effect:     jsii.String("Deny"),
		Actions:    jsii.Strings("s3:*"),
		Resources:  jsii.Strings(bucketARN, bucketARN+"/*"),
		Principals: []policyPrincipal{principal("*", "*")},
		Condition:  []policyCondition{condition("Bool", "aws:SecureTransport", "false")},
	}
}
