package stacks

import (
	"strings"

	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
	cachepolicy "github.com/cdktf/cdktf-provider-aws-go/aws/v19/cloudfrontcachepolicy"
	"github.com/cdktf/cdktf-provider-aws-go/aws/v19/cloudfrontdistribution"
	requestpolicy "github.com/cdktf/cdktf-provider-aws-go/aws/v19/cloudfrontoriginrequestpolicy"

	"ml-api-accelerator/stacks/config"
	"ml-api-accelerator/stacks/config/declare"
	"ml-api-accelerator/stacks/internal/shared/cloudfront"
	"ml-api-accelerator/stacks/internal/shared/names"
)

type behavior = *cloudfrontdistribution.CloudfrontDistributionOrderedCacheBehavior

type behaviorsProps struct {
	Behaviors []config.Behavior
	KeyGroups map[string]string            // ids of the groups whose keys sign URLs, by the bucket that has the signers
	Function  func(config.Behavior) string // ARN of the one that runs for a behavior; empty: none
	CORS      *config.CORS                 // nil: no page of another origin may call
	Stack     string
}

// newBehaviors returns the behaviors of a distribution in their order. It makes a cache policy for each one that has a
// cache, and an origin request policy for each list of headers that are forwarded outside the cache key.
func newBehaviors(scope constructs.Construct, props behaviorsProps) []behavior {
	list := make([]behavior, len(props.Behaviors))
	forward := map[string]string{} // ids of origin request policies by their Terraform names
	headers := map[string]string{} // ids of response headers policies by theirs
	page := ""                     // id of the cache policy of the page
	for i, b := range props.Behaviors {
		list[i] = orderedBehavior(b)
		if id := b.ResponseHeadersID; headers[id] == "" {
			headers[id] = newResponseHeaders(scope, id, responseHeadersProps{
				ResponseHeaders: b.ResponseHeaders, CORS: props.CORS, Stack: props.Stack,
			})
		}
		list[i].ResponseHeadersPolicyId = jsii.String(headers[b.ResponseHeadersID])
		if b.Cache != nil {
			list[i].CachePolicyId = jsii.String(newCachePolicy(scope, names.Behavior(b.Path), cachePolicyProps{
				Cache:      *b.Cache,
				Compressed: !b.Files,
				Name:       names.CachePolicy(props.Stack, b.Path),
			}))
		}
		if b.Page && b.Cache == nil {
			if page == "" {
				page = newCachePolicy(scope, config.PageCacheID, cachePolicyProps{
					Cache: config.PageCache(), Compressed: true, Name: props.Stack + "-" + config.PageCacheID,
				})
			}
			list[i].CachePolicyId = jsii.String(page)
		}
		if id := b.Forwards.PolicyName(); id != "" {
			if forward[id] == "" {
				policy := originRequestPolicyProps{Forwards: b.Forwards, Name: props.Stack + "-" + id}
				forward[id] = newOriginRequestPolicy(scope, id, policy)
			}
			list[i].OriginRequestPolicyId = jsii.String(forward[id])
		}
		if b.ToBucket && props.CORS != nil { // browsers' preflight requests have to reach S3
			list[i].OriginRequestPolicyId = jsii.String(cloudfront.CORSS3Origin)
		}
		if function := props.Function(b); function != "" {
			list[i].FunctionAssociation = onViewerRequest(function)
		}
		if b.Signers != "" {
			list[i].TrustedKeyGroups = jsii.Strings(props.KeyGroups[b.Signers])
		}
	}
	return list
}

// orderedBehavior returns a behavior without what has to be made for it.
func orderedBehavior(props config.Behavior) behavior {
	b := &cloudfrontdistribution.CloudfrontDistributionOrderedCacheBehavior{
		PathPattern:          jsii.String(props.Path),
		TargetOriginId:       jsii.String(props.TargetID()),
		AllowedMethods:       jsii.Strings(methods(props.Methods)...),
		CachedMethods:        jsii.Strings("GET", "HEAD"),
		ViewerProtocolPolicy: jsii.String("redirect-to-https"),
		Compress:             props.Compresses(),
		// Also when it is off: without it the provider keeps what the behavior at this place had before
		// (hashicorp/terraform-provider-aws, grpc_config is Optional and Computed).
		GrpcConfig: &cloudfrontdistribution.CloudfrontDistributionOrderedCacheBehaviorGrpcConfig{Enabled: props.GRPC},
	}
	switch {
	case props.Cache != nil, props.Page: // has a policy of its own
	case props.Files:
		b.CachePolicyId = jsii.String(cloudfront.CachingOptimizedForUncompressedObjects)
	default:
		b.CachePolicyId = jsii.String(cloudfront.CachingDisabled)
	}
	switch {
	case props.Forwards.Host:
		b.OriginRequestPolicyId = jsii.String(cloudfront.AllViewer)
	case props.Forwards.All:
		b.OriginRequestPolicyId = jsii.String(cloudfront.AllViewerExceptHostHeader)
	}
	return b
}

type functionAssociations = []*cloudfrontdistribution.CloudfrontDistributionOrderedCacheBehaviorFunctionAssociation

// onViewerRequest runs a function for each request, before CloudFront looks into its cache.
func onViewerRequest(arn string) functionAssociations {
	return functionAssociations{{EventType: jsii.String("viewer-request"), FunctionArn: jsii.String(arn)}}
}

func methods(set string) []string {
	if set == config.MethodsRead {
		return cloudfront.ReadMethods
	}
	return cloudfront.Methods
}

// defaultBehavior is an ordered behavior without what the default one can't have: a path, a signature, or gRPC switched
// on. The bindings have a type for each.
func defaultBehavior(b behavior) *cloudfrontdistribution.CloudfrontDistributionDefaultCacheBehavior {
	d := &cloudfrontdistribution.CloudfrontDistributionDefaultCacheBehavior{
		TargetOriginId:          b.TargetOriginId,
		AllowedMethods:          b.AllowedMethods,
		CachedMethods:           b.CachedMethods,
		ViewerProtocolPolicy:    b.ViewerProtocolPolicy,
		ResponseHeadersPolicyId: b.ResponseHeadersPolicyId,
		Compress:                b.Compress,
		CachePolicyId:           b.CachePolicyId,
		OriginRequestPolicyId:   b.OriginRequestPolicyId,
		GrpcConfig:              &cloudfrontdistribution.CloudfrontDistributionDefaultCacheBehaviorGrpcConfig{Enabled: false},
	}
	if functions, ok := b.FunctionAssociation.(functionAssociations); ok {
		var same []*cloudfrontdistribution.CloudfrontDistributionDefaultCacheBehaviorFunctionAssociation
		for _, f := range functions {
			same = append(same, (*cloudfrontdistribution.CloudfrontDistributionDefaultCacheBehaviorFunctionAssociation)(f))
		}
		d.FunctionAssociation = same
	}
	return d
}

type cachePolicyProps struct {
	config.Cache
	Compressed bool // answers are kept compressed as well
	Name       string
}

// newCachePolicy says how long answers are kept, and what is both forwarded to the origin and part of the key, so that
// no caller gets another's answer. It returns the policy's id.
func newCachePolicy(scope constructs.Construct, id string, props cachePolicyProps) string {
	policy := rename(cachepolicy.NewCloudfrontCachePolicy(scope, jsii.String(id+"-cache-policy"),
		&cachepolicy.CloudfrontCachePolicyConfig{
			Name:       jsii.String(props.Name),
			Lifecycle:  createBeforeDestroy(),
			MinTtl:     jsii.Number(props.MinTTLSeconds),
			DefaultTtl: jsii.Number(props.DefaultTTLSeconds),
			MaxTtl:     jsii.Number(props.MaxTTLSeconds),
			ParametersInCacheKeyAndForwardedToOrigin: &cachepolicy.CloudfrontCachePolicyParametersInCacheKeyAndForwardedToOrigin{
				EnableAcceptEncodingBrotli: props.Compressed,
				EnableAcceptEncodingGzip:   props.Compressed,
				HeadersConfig:              keyHeaders(props.KeyHeaders),
				QueryStringsConfig:         keyQueryStrings(props.QueryStrings),
				CookiesConfig:              keyCookies(props.Cookies),
			},
		}), id)
	return *policy.Id()
}

type keyHeadersConfig = cachepolicy.CloudfrontCachePolicyParametersInCacheKeyAndForwardedToOriginHeadersConfig

func keyHeaders(headers []string) *keyHeadersConfig {
	if len(headers) == 0 {
		return &keyHeadersConfig{HeaderBehavior: jsii.String("none")}
	}
	return &keyHeadersConfig{
		HeaderBehavior: jsii.String("whitelist"),
		Headers: &cachepolicy.CloudfrontCachePolicyParametersInCacheKeyAndForwardedToOriginHeadersConfigHeaders{
			Items: jsii.Strings(headers...),
		},
	}
}

type keyQueryStringsConfig = cachepolicy.CloudfrontCachePolicyParametersInCacheKeyAndForwardedToOriginQueryStringsConfig

func keyQueryStrings(names declare.TextOrList) *keyQueryStringsConfig {
	if names.List == nil {
		return &keyQueryStringsConfig{QueryStringBehavior: jsii.String(names.Text)}
	}
	return &keyQueryStringsConfig{
		QueryStringBehavior: jsii.String("whitelist"),
		QueryStrings: &cachepolicy.CloudfrontCachePolicyParametersInCacheKeyAndForwardedToOriginQueryStringsConfigQueryStrings{
			Items: jsii.Strings(names.List...),
		},
	}
}

type keyCookiesConfig = cachepolicy.CloudfrontCachePolicyParametersInCacheKeyAndForwardedToOriginCookiesConfig

func keyCookies(names declare.TextOrList) *keyCookiesConfig {
	if names.List == nil {
		return &keyCookiesConfig{CookieBehavior: jsii.String(names.Text)}
	}
	return &keyCookiesConfig{
		CookieBehavior: jsii.String("whitelist"),
		Cookies: &cachepolicy.CloudfrontCachePolicyParametersInCacheKeyAndForwardedToOriginCookiesConfigCookies{
			Items: jsii.Strings(names.List...),
		},
	}
}

type originRequestPolicyProps struct {
	config.Forwards
	Name string
}

// newOriginRequestPolicy forwards what of a caller's request isn't part of the cache key: without such a policy the
// origin sees only what is in the key (CloudFront Developer Guide, Control origin requests with a policy). It returns
// the policy's id.
func newOriginRequestPolicy(scope constructs.Construct, id string, props originRequestPolicyProps) string {
	headers, rest := "whitelist", "none"
	switch {
	case props.All:
		headers, rest = "allViewerAndWhitelistCloudFront", "all"
	case props.CookiesAndQueries:
		rest = "all"
	}
	policy := requestpolicy.NewCloudfrontOriginRequestPolicy(scope, jsii.String(id),
		&requestpolicy.CloudfrontOriginRequestPolicyConfig{
			Name:      jsii.String(props.Name),
			Lifecycle: createBeforeDestroy(),
			HeadersConfig: &requestpolicy.CloudfrontOriginRequestPolicyHeadersConfig{
				HeaderBehavior: jsii.String(headers),
				Headers: &requestpolicy.CloudfrontOriginRequestPolicyHeadersConfigHeaders{
					Items: jsii.Strings(props.Headers...),
				},
			},
			CookiesConfig: &requestpolicy.CloudfrontOriginRequestPolicyCookiesConfig{
				CookieBehavior: jsii.String(rest),
			},
			QueryStringsConfig: &requestpolicy.CloudfrontOriginRequestPolicyQueryStringsConfig{
				QueryStringBehavior: jsii.String(rest),
			},
		})
	return *policy.Id()
}

// webURL returns where people open a page; empty: there is none.
func webURL(edge string, web *config.Web) string {
	if web == nil {
		return ""
	}
	return edge + servedBelow(web.Path)
}

// servedBelow returns the part of a path pattern before its first wildcard, with a leading /.
func servedBelow(pattern string) string {
	if i := strings.IndexAny(pattern, "*?"); i >= 0 {
		pattern = pattern[:i]
	}
	return "/" + strings.TrimPrefix(pattern, "/")
}
