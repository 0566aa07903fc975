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

// newBucketPolicy allows what the statements say, and refuses every request without TLS. It returns its address.
func newBucketPolicy(scope constructs.Construct, id string, props bucketPolicyProps) string {
	b := props.Bucket
	document := newPolicyDocument(scope, id, append(props.Allowed, denyInsecureTransport(b.ARN))...)
	policy := rename(s3bucketpolicy.NewS3BucketPolicy(scope, jsii.String(id+"-policy"), &s3bucketpolicy.S3BucketPolicyConfig{
		Provider:  b.Provider,
		Bucket:    jsii.String(b.ID),
		Policy:    jsii.String(document),
		Lifecycle: createBeforeDestroy(),
	}), id)
	return *policy.TerraformResourceType() + "." + *policy.FriendlyUniqueId()
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
