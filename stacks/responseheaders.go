package stacks

import (
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
	"github.com/cdktf/cdktf-provider-aws-go/aws/v19/cloudfrontresponseheaderspolicy"
)

const year = 365 * 24 * 60 * 60 // seconds

// newResponseHeaders makes the policy that adds the security headers to every answer.
func newResponseHeaders(scope constructs.Construct, id, name string) string {
	return *rename(cloudfrontresponseheaderspolicy.NewCloudfrontResponseHeadersPolicy(scope, jsii.String(id+"-response-headers"),
		&cloudfrontresponseheaderspolicy.CloudfrontResponseHeadersPolicyConfig{
			Name: jsii.String(name),
			SecurityHeadersConfig: &cloudfrontresponseheaderspolicy.CloudfrontResponseHeadersPolicySecurityHeadersConfig{
				StrictTransportSecurity: &cloudfrontresponseheaderspolicy.CloudfrontResponseHeadersPolicySecurityHeadersConfigStrictTransportSecurity{
					AccessControlMaxAgeSec: jsii.Number(year),
					Override:               true,
				},
				ContentTypeOptions: &cloudfrontresponseheaderspolicy.CloudfrontResponseHeadersPolicySecurityHeadersConfigContentTypeOptions{
					Override: true,
				},
				FrameOptions: &cloudfrontresponseheaderspolicy.CloudfrontResponseHeadersPolicySecurityHeadersConfigFrameOptions{
					FrameOption: jsii.String("DENY"),
					Override:    true,
				},
				ReferrerPolicy: &cloudfrontresponseheaderspolicy.CloudfrontResponseHeadersPolicySecurityHeadersConfigReferrerPolicy{
					ReferrerPolicy: jsii.String("strict-origin-when-cross-origin"),
					Override:       true,
				},
			},
		}), id).Id()
}
