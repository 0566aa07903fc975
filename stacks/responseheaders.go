package stacks

import (
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
	"github.com/cdktf/cdktf-provider-aws-go/aws/v19/cloudfrontresponseheaderspolicy"

	"ml-api-accelerator/stacks/config"
)

const year = 365 * 24 * 60 * 60 // seconds

type responseHeadersProps struct {
	CORS  *config.CORS
	Stack string
}

// newResponseHeaders makes the policy that adds the security headers, and those of CORS, to every answer.
func newResponseHeaders(scope constructs.Construct, id string, props responseHeadersProps) string {
	policy := rename(cloudfrontresponseheaderspolicy.NewCloudfrontResponseHeadersPolicy(scope, jsii.String(id+"-response-headers"),
		&cloudfrontresponseheaderspolicy.CloudfrontResponseHeadersPolicyConfig{
			Name:       jsii.String(props.Stack + "-" + id),
			CorsConfig: corsConfig(props.CORS),
			Lifecycle:  createBeforeDestroy(),
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
		}), id)
	return *policy.Id()
}

// corsConfig answers browsers in place of the backend; nil adds no CORS headers.
func corsConfig(props *config.CORS) *cloudfrontresponseheaderspolicy.CloudfrontResponseHeadersPolicyCorsConfig {
	if props == nil {
		return nil
	}
	c := &cloudfrontresponseheaderspolicy.CloudfrontResponseHeadersPolicyCorsConfig{
		AccessControlAllowCredentials: props.AllowCredentials,
		AccessControlAllowOrigins: &cloudfrontresponseheaderspolicy.CloudfrontResponseHeadersPolicyCorsConfigAccessControlAllowOrigins{
			Items: jsii.Strings(props.AllowOrigins...),
		},
		AccessControlAllowMethods: &cloudfrontresponseheaderspolicy.CloudfrontResponseHeadersPolicyCorsConfigAccessControlAllowMethods{
			Items: jsii.Strings(props.AllowMethods...),
		},
		AccessControlAllowHeaders: &cloudfrontresponseheaderspolicy.CloudfrontResponseHeadersPolicyCorsConfigAccessControlAllowHeaders{
			Items: jsii.Strings(props.AllowHeaders...),
		},
		AccessControlMaxAgeSec: jsii.Number(props.MaxAgeSeconds),
		OriginOverride:         true,
	}
	if len(props.ExposeHeaders) > 0 {
		c.AccessControlExposeHeaders = &cloudfrontresponseheaderspolicy.CloudfrontResponseHeadersPolicyCorsConfigAccessControlExposeHeaders{
			Items: jsii.Strings(props.ExposeHeaders...),
		}
	}
	return c
}
