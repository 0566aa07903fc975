package stacks

import (
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
	"github.com/cdktf/cdktf-provider-aws-go/aws/v19/cloudfrontoriginaccessidentity"
	"github.com/cdktf/cdktf-provider-aws-go/aws/v19/dataawsiampolicydocument"
)

type identity struct {
	Path   string // what a distribution calls it
	IAMARN string // what a policy calls it
}

// newIdentity makes the origin access identity as which CloudFront reads the models.
func newIdentity(scope constructs.Construct, id, comment string) identity {
	made := cloudfrontoriginaccessidentity.NewCloudfrontOriginAccessIdentity(scope, jsii.String(id+"-identity"),
		&cloudfrontoriginaccessidentity.CloudfrontOriginAccessIdentityConfig{Comment: jsii.String(comment)})
	rename(made, id)
	return identity{Path: *made.CloudfrontAccessIdentityPath(), IAMARN: *made.IamArn()}
}

// allowRead lets the identity read the objects of a bucket, and nothing else.
func (i identity) allowRead(bucketARN string) statement {
	return &dataawsiampolicydocument.DataAwsIamPolicyDocumentStatement{
		Sid:        jsii.String("AllowCloudFrontRead"),
		Actions:    jsii.Strings("s3:GetObject"),
		Resources:  jsii.Strings(bucketARN + "/*"),
		Principals: []*dataawsiampolicydocument.DataAwsIamPolicyDocumentStatementPrincipals{principal("AWS", i.IAMARN)},
	}
}
