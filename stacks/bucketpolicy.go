package stacks

import (
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
	"github.com/cdktf/cdktf-provider-aws-go/aws/v19/dataawsiampolicydocument"
	"github.com/cdktf/cdktf-provider-aws-go/aws/v19/s3bucketpolicy"
)

type statement = *dataawsiampolicydocument.DataAwsIamPolicyDocumentStatement

// newBucketPolicy allows what the statements say and refuses everyone who doesn't come over TLS.
func newBucketPolicy(scope constructs.Construct, id string, b bucket, allowed ...statement) {
	document := newPolicyDocument(scope, id, append(allowed, denyInsecureTransport(b.ARN))...)
	rename(s3bucketpolicy.NewS3BucketPolicy(scope, jsii.String(id+"-policy"), &s3bucketpolicy.S3BucketPolicyConfig{
		Provider: b.provider,
		Bucket:   jsii.String(b.ID),
		Policy:   jsii.String(document),
	}), id)
}

// newPolicyDocument renders an IAM policy; as a data source it stays readable in the synthesized JSON.
func newPolicyDocument(scope constructs.Construct, id string, statements ...statement) string {
	return *rename(dataawsiampolicydocument.NewDataAwsIamPolicyDocument(scope, jsii.String(id+"-policy-document"),
		&dataawsiampolicydocument.DataAwsIamPolicyDocumentConfig{Statement: statements}), id).Json()
}

func denyInsecureTransport(bucketARN string) statement {
	return &dataawsiampolicydocument.DataAwsIamPolicyDocumentStatement{
		Sid:        jsii.String("DenyInsecureTransport"),
		Effect:     jsii.String("Deny"),
		Actions:    jsii.Strings("s3:*"),
		Resources:  jsii.Strings(bucketARN, bucketARN+"/*"),
		Principals: []*dataawsiampolicydocument.DataAwsIamPolicyDocumentStatementPrincipals{principal("*", "*")},
		Condition: []*dataawsiampolicydocument.DataAwsIamPolicyDocumentStatementCondition{
			condition("Bool", "aws:SecureTransport", "false"),
		},
	}
}

func principal(kind string, identifiers ...string) *dataawsiampolicydocument.DataAwsIamPolicyDocumentStatementPrincipals {
	return &dataawsiampolicydocument.DataAwsIamPolicyDocumentStatementPrincipals{
		Type:        jsii.String(kind),
		Identifiers: jsii.Strings(identifiers...),
	}
}

func condition(test, variable string, values ...string) *dataawsiampolicydocument.DataAwsIamPolicyDocumentStatementCondition {
	return &dataawsiampolicydocument.DataAwsIamPolicyDocumentStatementCondition{
		Test:     jsii.String(test),
		Variable: jsii.String(variable),
		Values:   jsii.Strings(values...),
	}
}
