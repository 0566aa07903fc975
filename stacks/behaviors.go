package stacks

import (
	"github.com/aws/jsii-runtime-go"
	"github.com/cdktf/cdktf-provider-aws-go/aws/v19/cloudfrontdistribution"

	"ml-api-accelerator/stacks/config"
	"ml-api-accelerator/stacks/internal/names"
)

type behavior = *cloudfrontdistribution.CloudfrontDistributionOrderedCacheBehavior

var (
	readMethods = []string{"GET", "HEAD", "OPTIONS"}
	allMethods  = []string{"GET", "HEAD", "OPTIONS", "PUT", "POST", "PATCH", "DELETE"}
)

type behaviorPolicies struct {
	Cache           map[string]string // cache policies by behavior
	ResponseHeaders string
	KeyGroup        string // whose keys sign the URLs of signed behaviors
}

// newBehaviors renders the behaviors of a distribution in their order.
func newBehaviors(list []config.Behavior, policies behaviorPolicies) []behavior {
	rendered := make([]behavior, len(list))
	for i, b := range list {
		rendered[i] = orderedBehavior(b, policies)
	}
	return rendered
}

// orderedBehavior is how CloudFront treats the requests of one path pattern.
func orderedBehavior(props config.Behavior, policies behaviorPolicies) behavior {
	b := &cloudfrontdistribution.CloudfrontDistributionOrderedCacheBehavior{
		PathPattern:             jsii.String(props.Path),
		TargetOriginId:          jsii.String(target(props)),
		AllowedMethods:          jsii.Strings(methods(props.Methods)...),
		CachedMethods:           jsii.Strings("GET", "HEAD"),
		ViewerProtocolPolicy:    jsii.String("redirect-to-https"),
		ResponseHeadersPolicyId: jsii.String(policies.ResponseHeaders),
		Compress:                props.Cache != nil, // a stream that is compressed is held back
	}
	switch {
	case props.Files:
		b.CachePolicyId = jsii.String(cachingOptimizedForUncompressedObjects)
	case props.Cache != nil:
		b.CachePolicyId = jsii.String(policies.Cache[names.Behavior(props.Path)])
	default:
		b.CachePolicyId = jsii.String(cachingDisabled)
		if props.Origin == config.OriginAPI {
			b.OriginRequestPolicyId = jsii.String(allViewerExceptHostHeader)
		}
	}
	if props.Signed {
		b.TrustedKeyGroups = jsii.Strings(policies.KeyGroup)
	}
	if props.GRPC {
		b.GrpcConfig = &cloudfrontdistribution.CloudfrontDistributionOrderedCacheBehaviorGrpcConfig{Enabled: true}
	}
	return b
}

// target is the origin of a behavior, or the group that fails over from it.
func target(props config.Behavior) string {
	switch {
	case props.Origin == config.OriginModels && props.Failover:
		return names.GroupModels
	case props.Origin == config.OriginModels:
		return names.OriginModels
	case props.Failover:
		return names.GroupAPI
	}
	return names.OriginAPI
}

func methods(set string) []string {
	if set == config.MethodsRead {
		return readMethods
	}
	return allMethods
}

// defaultBehavior is an ordered behavior without what it can't have, a path, a signature or gRPC: the
// bindings have two types for the same thing.
func defaultBehavior(b behavior) *cloudfrontdistribution.CloudfrontDistributionDefaultCacheBehavior {
	return &cloudfrontdistribution.CloudfrontDistributionDefaultCacheBehavior{
		TargetOriginId:          b.TargetOriginId,
		AllowedMethods:          b.AllowedMethods,
		CachedMethods:           b.CachedMethods,
		ViewerProtocolPolicy:    b.ViewerProtocolPolicy,
		ResponseHeadersPolicyId: b.ResponseHeadersPolicyId,
		Compress:                b.Compress,
		CachePolicyId:           b.CachePolicyId,
		OriginRequestPolicyId:   b.OriginRequestPolicyId,
	}
}
