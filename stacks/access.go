package stacks

import (
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
	"github.com/cdktf/cdktf-provider-aws-go/aws/v19/cloudfrontoriginaccesscontrol"
	"github.com/cdktf/cdktf-provider-aws-go/aws/v19/cloudfrontoriginaccessidentity"
	"github.com/cdktf/cdktf-provider-aws-go/aws/v19/dataawsiampolicydocument"

	"ml-api-accelerator/stacks/config"
)

type accessProps struct {
	Kind  string // config.AccessIdentity or config.AccessControl
	Stack string
}

// access is how CloudFront reads the models: as an identity, or through a control.
type access struct {
	IdentityPath   string // what a distribution calls the identity
	IdentityIAMARN string // what a policy calls the identity
	ControlID      string
}

// newAccess makes the origin access identity, or the origin access control, for the buckets of the models.
func newAccess(scope constructs.Construct, id string, props accessProps) access {
	if props.Kind == config.AccessControl {
		control := rename(cloudfrontoriginaccesscontrol.NewCloudfrontOriginAccessControl(scope, jsii.String(id+"-control"),
			&cloudfrontoriginaccesscontrol.CloudfrontOriginAccessControlConfig{
				Name:                          jsii.String(props.Stack + "-models"),
				Description:                   jsii.String("Reads the models of " + props.Stack),
				OriginAccessControlOriginType: jsii.String("s3"),
				SigningBehavior:               jsii.String("always"),
				SigningProtocol:               jsii.String("sigv4"),
				Lifecycle:                     createBeforeDestroy(),
			}), id)
		return access{ControlID: *control.Id()}
	}
	identity := rename(cloudfrontoriginaccessidentity.NewCloudfrontOriginAccessIdentity(scope, jsii.String(id+"-identity"),
		&cloudfrontoriginaccessidentity.CloudfrontOriginAccessIdentityConfig{
			Comment:   jsii.String("Reads the models of " + props.Stack),
			Lifecycle: createBeforeDestroy(),
		}), id)
	return access{IdentityPath: *identity.CloudfrontAccessIdentityPath(), IdentityIAMARN: *identity.IamArn()}
}

// allowRead lets CloudFront read the objects of a bucket, and nothing else: the identity, or, with a
// control, CloudFront itself when it acts for this distribution.
func (a access) allowRead(bucketARN, distributionARN string) statement {
	allowed := &dataawsiampolicydocument.DataAwsIamPolicyDocumentStatement{
		Sid:        jsii.String("AllowCloudFrontRead"),
		Actions:    jsii.Strings("s3:GetObject"),
		Resources:  jsii.Strings(bucketARN + "/*"),
		Principals: []policyPrincipal{principal("AWS", a.IdentityIAMARN)},
	}
	if a.ControlID != "" {
		allowed.Principals = []policyPrincipal{principal("Service", "cloudfront.amazonaws.com")}
		allowed.Condition = []policyCondition{condition("StringEquals", "AWS:SourceArn", distributionARN)}
	}
	return allowed
}
