package stacks

import (
	"cmp"
	"slices"

	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
	"github.com/cdktf/cdktf-provider-aws-go/aws/v19/cloudfrontdistribution"

	"ml-api-accelerator/stacks/config"
)

type distributionProps struct {
	config.Distribution
	Aliases        []string
	CertificateARN string // empty: CloudFront's own certificate
	WebACLARN      string // empty: no firewall
	API            api
	Models         []origin
	Behaviors      []behavior // the first is the default one
	Logging        *cloudfrontdistribution.CloudfrontDistributionLoggingConfig
	Stack          string
}

type distribution struct {
	ID, ARN, DomainName, HostedZoneID string

	made cloudfrontdistribution.CloudfrontDistribution
}

// newDistribution makes the CloudFront distribution: the edge that callers talk to.
func newDistribution(scope constructs.Construct, id string, props distributionProps) distribution {
	d := cloudfrontdistribution.NewCloudfrontDistribution(scope, jsii.String(id), &cloudfrontdistribution.CloudfrontDistributionConfig{
		Enabled:              true,
		Aliases:              optionalList(props.Aliases),
		Comment:              jsii.String(cmp.Or(props.Comment, props.Stack)),
		PriceClass:           jsii.String(props.PriceClass),
		HttpVersion:          jsii.String(props.HTTPVersion),
		IsIpv6Enabled:        props.IPv6,
		DefaultRootObject:    optional(props.DefaultRootObject),
		WebAclId:             optional(props.WebACLARN),
		Origin:               slices.Concat(props.API.Backends, props.API.Canary, props.Models),
		OriginGroup:          originGroups(props.API.Backends, props.Models),
		DefaultCacheBehavior: defaultBehavior(props.Behaviors[0]),
		OrderedCacheBehavior: props.Behaviors[1:],
		CustomErrorResponse:  errorCaching(props.ErrorCacheSeconds),
		Restrictions:         restrictions(props.GeoRestriction),
		ViewerCertificate:    viewerCertificate(props.CertificateARN, props.MinimumTLSVersion),
		LoggingConfig:        props.Logging,
	})
	return distribution{ID: *d.Id(), ARN: *d.Arn(), DomainName: *d.DomainName(), HostedZoneID: *d.HostedZoneId(), made: d}
}

// waitFor makes Terraform change the distribution after the resources at these addresses, and destroy them after it
// has let go of them.
func (d distribution) waitFor(addresses []string) { d.made.SetDependsOn(jsii.Strings(addresses...)) }

// errorCaching says how long error answers are served from the cache. Where there is one, CloudFront keeps these for 10 s
// unless told otherwise: a 404 must not outlive its cause, nor answer a caller it isn't meant for where the key doesn't tell callers
// apart (CloudFront Developer Guide, How CloudFront processes HTTP 4xx and 5xx status codes).
func errorCaching(seconds5xx int) []*cloudfrontdistribution.CloudfrontDistributionCustomErrorResponse {
	var list []*cloudfrontdistribution.CloudfrontDistributionCustomErrorResponse
	for _, status := range []int{404, 414, 500, 501, 502, 503, 504} {
		seconds := 0
		if status >= 500 {
			seconds = seconds5xx
		}
		list = append(list, &cloudfrontdistribution.CloudfrontDistributionCustomErrorResponse{
			ErrorCode:          jsii.Number(status),
			ErrorCachingMinTtl: jsii.Number(seconds),
		})
	}
	return list
}

func restrictions(props config.GeoRestriction) *cloudfrontdistribution.CloudfrontDistributionRestrictions {
	return &cloudfrontdistribution.CloudfrontDistributionRestrictions{
		GeoRestriction: &cloudfrontdistribution.CloudfrontDistributionRestrictionsGeoRestriction{
			RestrictionType: jsii.String(props.Type),
			Locations:       jsii.Strings(props.Locations...),
		},
	}
}
