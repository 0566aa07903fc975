package stacks

import (
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
	"github.com/cdktf/cdktf-provider-aws-go/aws/v19/cloudfrontcachepolicy"

	"ml-api-accelerator/stacks/config"
)

type cachePolicyProps struct {
	config.Cache
	Name string
}

// newCachePolicy says how long answers are kept, and what is both forwarded to the origin and part of the key, so that
// no caller gets another's answer. It returns the policy's id.
func newCachePolicy(scope constructs.Construct, id string, props cachePolicyProps) string {
	policy := rename(cloudfrontcachepolicy.NewCloudfrontCachePolicy(scope, jsii.String(id+"-cache-policy"), &cloudfrontcachepolicy.CloudfrontCachePolicyConfig{
		Name:       jsii.String(props.Name),
		Lifecycle:  createBeforeDestroy(),
		MinTtl:     jsii.Number(props.MinTTLSeconds),
		DefaultTtl: jsii.Number(props.DefaultTTLSeconds),
		MaxTtl:     jsii.Number(props.MaxTTLSeconds),
		ParametersInCacheKeyAndForwardedToOrigin: &cloudfrontcachepolicy.CloudfrontCachePolicyParametersInCacheKeyAndForwardedToOrigin{
			EnableAcceptEncodingBrotli: true,
			EnableAcceptEncodingGzip:   true,
			HeadersConfig:              keyHeaders(props.KeyHeaders),
			QueryStringsConfig: &cloudfrontcachepolicy.CloudfrontCachePolicyParametersInCacheKeyAndForwardedToOriginQueryStringsConfig{
				QueryStringBehavior: jsii.String(props.QueryStrings),
			},
			CookiesConfig: &cloudfrontcachepolicy.CloudfrontCachePolicyParametersInCacheKeyAndForwardedToOriginCookiesConfig{
				CookieBehavior: jsii.String(props.Cookies),
			},
		},
	}), id)
	return *policy.Id()
}

func keyHeaders(headers []string) *cloudfrontcachepolicy.CloudfrontCachePolicyParametersInCacheKeyAndForwardedToOriginHeadersConfig {
	if len(headers) == 0 {
		return &cloudfrontcachepolicy.CloudfrontCachePolicyParametersInCacheKeyAndForwardedToOriginHeadersConfig{HeaderBehavior: jsii.String("none")}
	}
	return &cloudfrontcachepolicy.CloudfrontCachePolicyParametersInCacheKeyAndForwardedToOriginHeadersConfig{
		HeaderBehavior: jsii.String("whitelist"),
		Headers:        &cloudfrontcachepolicy.CloudfrontCachePolicyParametersInCacheKeyAndForwardedToOriginHeadersConfigHeaders{Items: jsii.Strings(headers...)},
	}
}
