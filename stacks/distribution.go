package stacks

import (
	"cmp"
	"maps"
	"slices"

	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
	"github.com/cdktf/cdktf-provider-aws-go/aws/v19/cloudfrontdistribution"
	headerspolicy "github.com/cdktf/cdktf-provider-aws-go/aws/v19/cloudfrontresponseheaderspolicy"

	"ml-api-accelerator/stacks/config"
)

type distributionProps struct {
	config.Distribution
	Aliases        []string
	CertificateARN string // empty: CloudFront's own certificate
	WebACLARN      string // empty: no firewall
	Targets        targets
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
	d := cloudfrontdistribution.NewCloudfrontDistribution(scope, jsii.String(id),
		&cloudfrontdistribution.CloudfrontDistributionConfig{
			Enabled:              true,
			Aliases:              optionalList(props.Aliases),
			Comment:              jsii.String(cmp.Or(props.Comment, props.Stack)),
			PriceClass:           jsii.String(props.PriceClass),
			HttpVersion:          jsii.String(props.HTTPVersion),
			IsIpv6Enabled:        props.IPv6,
			DefaultRootObject:    optional(props.DefaultRootObject),
			WebAclId:             optional(props.WebACLARN),
			Origin:               props.Targets.Origins,
			OriginGroup:          props.Targets.Groups,
			DefaultCacheBehavior: defaultBehavior(props.Behaviors[0]),
			OrderedCacheBehavior: props.Behaviors[1:],
			CustomErrorResponse:  errorCaching(props.ErrorCacheSeconds),
			Restrictions:         restrictions(props.GeoRestriction),
			ViewerCertificate:    viewerCertificate(props.CertificateARN, props.MinimumTLSVersion),
			LoggingConfig:        props.Logging,
		})
	return distribution{
		ID:           *d.Id(),
		ARN:          *d.Arn(),
		DomainName:   *d.DomainName(),
		HostedZoneID: *d.HostedZoneId(),
		made:         d,
	}
}

// waitFor has Terraform change the distribution after the resources at these addresses, and destroy them after it has
// let go of them.
func (d distribution) waitFor(addresses []string) {
	if before := d.made.DependsOn(); before != nil {
		for _, address := range *before {
			addresses = append(addresses, *address)
		}
	}
	if len(addresses) > 0 {
		d.made.SetDependsOn(jsii.Strings(addresses...))
	}
}

// errorCaching returns how long error answers are served from the cache. By default CloudFront keeps these for 10 s: a
// 404 must not outlive its cause, nor reach another caller where the cache key doesn't tell callers apart (CloudFront
// Developer Guide, How CloudFront processes HTTP 4xx and 5xx status codes).
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

type (
	origin      = *cloudfrontdistribution.CloudfrontDistributionOrigin
	originGroup = *cloudfrontdistribution.CloudfrontDistributionOriginGroup
)

// How CloudFront talks to a backend. It wants a port for each protocol, and uses only one.
const (
	httpPort  = 80
	httpOnly  = "http-only" // where the way is private
	httpsOnly = "https-only"
	tls12     = "TLSv1.2"
)

// targets are where the requests of behaviors go.
type targets struct {
	Origins []origin
	Groups  []originGroup // of two of the origins
	After   []string      // addresses of what the distribution waits for
}

// and returns both.
func (t targets) and(others targets) targets {
	return targets{
		slices.Concat(t.Origins, others.Origins), slices.Concat(t.Groups, others.Groups), slices.Concat(t.After, others.After),
	}
}

// failover returns a group that asks the second origin when the first can't answer.
func failover(groupID string, origins ...origin) originGroup {
	var members []*cloudfrontdistribution.CloudfrontDistributionOriginGroupMember
	for _, o := range origins {
		members = append(members, &cloudfrontdistribution.CloudfrontDistributionOriginGroupMember{OriginId: o.OriginId})
	}
	return &cloudfrontdistribution.CloudfrontDistributionOriginGroup{
		OriginId: jsii.String(groupID),
		FailoverCriteria: &cloudfrontdistribution.CloudfrontDistributionOriginGroupFailoverCriteria{
			StatusCodes: numbers(config.FailoverStatuses),
		},
		Member: members,
	}
}

const year = 365 * 24 * 60 * 60 // seconds

type responseHeadersProps struct {
	config.ResponseHeaders
	CORS  *config.CORS
	Stack string
}

// newResponseHeaders makes a policy that adds the security headers, those of CORS and further ones to answers, and takes
// others away.
func newResponseHeaders(scope constructs.Construct, id string, props responseHeadersProps) string {
	policy := rename(headerspolicy.NewCloudfrontResponseHeadersPolicy(scope, jsii.String(id+"-response-headers"),
		&headerspolicy.CloudfrontResponseHeadersPolicyConfig{
			Name:       jsii.String(props.Stack + "-" + id),
			CorsConfig: corsConfig(props.CORS),
			Lifecycle:  createBeforeDestroy(),
			SecurityHeadersConfig: &headerspolicy.CloudfrontResponseHeadersPolicySecurityHeadersConfig{
				StrictTransportSecurity: &headerspolicy.CloudfrontResponseHeadersPolicySecurityHeadersConfigStrictTransportSecurity{
					AccessControlMaxAgeSec: jsii.Number(year),
					Override:               true,
				},
				ContentTypeOptions: &headerspolicy.CloudfrontResponseHeadersPolicySecurityHeadersConfigContentTypeOptions{
					Override: true,
				},
				FrameOptions:          frameOptions(props.FrameOptions),
				ContentSecurityPolicy: contentSecurityPolicy(props.ContentSecurityPolicy),
				ReferrerPolicy: &headerspolicy.CloudfrontResponseHeadersPolicySecurityHeadersConfigReferrerPolicy{
					ReferrerPolicy: jsii.String("strict-origin-when-cross-origin"),
					Override:       true,
				},
			},
			CustomHeadersConfig: addedHeaders(props.Custom),
			RemoveHeadersConfig: removedHeaders(props.Remove),
		}), id)
	return *policy.Id()
}

func frameOptions(option string) *headerspolicy.CloudfrontResponseHeadersPolicySecurityHeadersConfigFrameOptions {
	if option == "" {
		return nil
	}
	return &headerspolicy.CloudfrontResponseHeadersPolicySecurityHeadersConfigFrameOptions{
		FrameOption: jsii.String(option),
		Override:    true,
	}
}

type securityPolicy = headerspolicy.CloudfrontResponseHeadersPolicySecurityHeadersConfigContentSecurityPolicy

func contentSecurityPolicy(text string) *securityPolicy {
	if text == "" {
		return nil
	}
	return &securityPolicy{ContentSecurityPolicy: jsii.String(text), Override: true}
}

func addedHeaders(headers map[string]string) *headerspolicy.CloudfrontResponseHeadersPolicyCustomHeadersConfig {
	var list []*headerspolicy.CloudfrontResponseHeadersPolicyCustomHeadersConfigItems
	for _, name := range slices.Sorted(maps.Keys(headers)) {
		list = append(list, &headerspolicy.CloudfrontResponseHeadersPolicyCustomHeadersConfigItems{
			Header:   jsii.String(name),
			Value:    jsii.String(headers[name]),
			Override: true,
		})
	}
	if list == nil {
		return nil
	}
	return &headerspolicy.CloudfrontResponseHeadersPolicyCustomHeadersConfig{Items: list}
}

func removedHeaders(names []string) *headerspolicy.CloudfrontResponseHeadersPolicyRemoveHeadersConfig {
	var list []*headerspolicy.CloudfrontResponseHeadersPolicyRemoveHeadersConfigItems
	for _, name := range names {
		list = append(list, &headerspolicy.CloudfrontResponseHeadersPolicyRemoveHeadersConfigItems{Header: jsii.String(name)})
	}
	if list == nil {
		return nil
	}
	return &headerspolicy.CloudfrontResponseHeadersPolicyRemoveHeadersConfig{Items: list}
}

// corsConfig answers browsers in place of the backend; nil adds no CORS headers.
func corsConfig(props *config.CORS) *headerspolicy.CloudfrontResponseHeadersPolicyCorsConfig {
	if props == nil {
		return nil
	}
	c := &headerspolicy.CloudfrontResponseHeadersPolicyCorsConfig{
		AccessControlAllowCredentials: props.AllowCredentials,
		AccessControlAllowOrigins: &headerspolicy.CloudfrontResponseHeadersPolicyCorsConfigAccessControlAllowOrigins{
			Items: jsii.Strings(props.AllowOrigins...),
		},
		AccessControlAllowMethods: &headerspolicy.CloudfrontResponseHeadersPolicyCorsConfigAccessControlAllowMethods{
			Items: jsii.Strings(props.AllowMethods...),
		},
		AccessControlAllowHeaders: &headerspolicy.CloudfrontResponseHeadersPolicyCorsConfigAccessControlAllowHeaders{
			Items: jsii.Strings(props.AllowHeaders...),
		},
		AccessControlMaxAgeSec: jsii.Number(props.MaxAgeSeconds),
		OriginOverride:         true,
	}
	if len(props.ExposeHeaders) > 0 {
		c.AccessControlExposeHeaders = &headerspolicy.CloudfrontResponseHeadersPolicyCorsConfigAccessControlExposeHeaders{
			Items: jsii.Strings(props.ExposeHeaders...),
		}
	}
	return c
}
