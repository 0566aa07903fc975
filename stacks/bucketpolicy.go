package stacks

import (
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
	"github.com/cdktf/cdktf-provider-aws-go/aws/v19/dataawsiampolicydocument"
	"github.com/cdktf/cdktf-provider-aws-go/aws/v19/s3bucketpolicy"
)

type bucketPolicyProps struct {
	Bucket  bucket
	Allowed []statement
}

// newBucketPolicy allows what the statements say, and refuses every request without TLS. A bucket that
// isn't made needs none.
func newBucketPolicy(scope constructs.Construct, id string, props bucketPolicyProps) {
	b := props.Bucket
	if b.ID == "" {
		return
	}
	document := newPolicyDocument(scope, id, append(props.Allowed, denyInsecureTransport(b.ARN))...)
	rename(s3bucketpolicy.NewS3BucketPolicy(scope, jsii.String(id+"-policy"), &s3bucketpolicy.S3BucketPolicyConfig{
		Provider: b.Provider,
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
