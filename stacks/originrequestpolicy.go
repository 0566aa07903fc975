package stacks

import (
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
	"github.com/cdktf/cdktf-provider-aws-go/aws/v19/cloudfrontoriginrequestpolicy"
)

type originRequestPolicyProps struct {
	Headers []string
	Name    string
}

// newOriginRequestPolicy forwards headers to the origin without making them part of the cache key, and nothing else:
// without such a policy the origin sees only what is in the key (CloudFront Developer Guide, Control origin requests
// with a policy). It returns the policy's id.
func newOriginRequestPolicy(scope constructs.Construct, id string, props originRequestPolicyProps) string {
	policy := cloudfrontoriginrequestpolicy.NewCloudfrontOriginRequestPolicy(scope, jsii.String(id), &cloudfrontoriginrequestpolicy.CloudfrontOriginRequestPolicyConfig{
		Name:      jsii.String(props.Name),
		Lifecycle: createBeforeDestroy(),
		HeadersConfig: &cloudfrontoriginrequestpolicy.CloudfrontOriginRequestPolicyHeadersConfig{
			HeaderBehavior: jsii.String("whitelist"),
			Headers:        &cloudfrontoriginrequestpolicy.CloudfrontOriginRequestPolicyHeadersConfigHeaders{Items: jsii.Strings(props.Headers...)},
		},
		CookiesConfig:      &cloudfrontoriginrequestpolicy.CloudfrontOriginRequestPolicyCookiesConfig{CookieBehavior: jsii.String("none")},
		QueryStringsConfig: &cloudfrontoriginrequestpolicy.CloudfrontOriginRequestPolicyQueryStringsConfig{QueryStringBehavior: jsii.String("none")},
	})
	return *policy.Id()
}
