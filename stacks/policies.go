package stacks

import (
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
	"github.com/cdktf/cdktf-provider-aws-go/aws/v19/cloudfrontcachepolicy"

	"ml-api-accelerator/stacks/config"
	"ml-api-accelerator/stacks/internal/names"
)

// Policies that AWS manages, by the id they have in every account
// (CloudFront Developer Guide, Use managed cache policies; Use managed origin request policies).
const (
	cachingDisabled                        = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
	cachingOptimizedForUncompressedObjects = "b2884449-e4de-46a7-ac36-70bc7f1ddd6d"
	allViewerExceptHostHeader              = "b689b0a8-53d0-40ab-baf2-68738e2966ac"
)

// newCachePolicies makes a cache policy for every behavior that describes a cache, and returns their ids by behavior.
func newCachePolicies(scope constructs.Construct, stack string, behaviors []config.Behavior) map[string]string {
	ids := map[string]string{}
	for _, b := range behaviors {
		if b.Cache != nil {
			ids[names.Behavior(b.Path)] = newCachePolicy(scope, names.Behavior(b.Path), names.CachePolicy(stack, b.Path), *b.Cache)
		}
	}
	return ids
}

// newCachePolicy says how long answers are kept, and what is both forwarded to the origin and part
// of the key: nothing is forwarded that isn't in the key, so no caller gets another's answer.
func newCachePolicy(scope constructs.Construct, id, name string, props config.Cache) string {
	policy := rename(cloudfrontcachepolicy.NewCloudfrontCachePolicy(scope, jsii.String(id+"-cache-policy"), &cloudfrontcachepolicy.CloudfrontCachePolicyConfig{
		Name:       jsii.String(name),
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

func keyHeaders(names []string) *cloudfrontcachepolicy.CloudfrontCachePolicyParametersInCacheKeyAndForwardedToOriginHeadersConfig {
	if len(names) == 0 {
		return &cloudfrontcachepolicy.CloudfrontCachePolicyParametersInCacheKeyAndForwardedToOriginHeadersConfig{HeaderBehavior: jsii.String("none")}
	}
	return &cloudfrontcachepolicy.CloudfrontCachePolicyParametersInCacheKeyAndForwardedToOriginHeadersConfig{
		HeaderBehavior: jsii.String("whitelist"),
		Headers:        &cloudfrontcachepolicy.CloudfrontCachePolicyParametersInCacheKeyAndForwardedToOriginHeadersConfigHeaders{Items: jsii.Strings(names...)},
	}
}
