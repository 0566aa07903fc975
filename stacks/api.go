package stacks

import (
	"maps"
	"slices"

	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
	"github.com/cdktf/cdktf-provider-aws-go/aws/v19/cloudfrontdistribution"

	"ml-api-accelerator/stacks/config"
	"ml-api-accelerator/stacks/internal/shared/names"
)

type apiProps struct {
	config.API
	Stack        string
	HostedZoneID string // of the alias of the regions
}

// backend is what differs between the origins of the API.
type backend struct {
	ID          string
	DomainName  string
	VPCOriginID string // empty: a public backend
}

type customHeader = *cloudfrontdistribution.CloudfrontDistributionOriginCustomHeader

// api are the origins of the inference API.
type api struct {
	Backends []origin // the second one, if there is one, is asked when the first fails
	Canary   []origin // at most one; only functions choose it
}

// newAPI returns the origins of the inference API, reached over TLS 1.2 only. It makes what they need: a VPC origin, or the records of the regions.
func newAPI(scope constructs.Construct, id string, props apiProps) api {
	headers := customHeaders(props.Headers, newVerifySecret(scope, "origin-verify", props.VerifySecret))
	first := backend{ID: names.OriginAPI, DomainName: props.DomainName}
	switch {
	case len(props.Regions) > 0:
		first.DomainName = props.OriginAlias
		newRegions(scope, id, regionsProps{
			Regions:      props.Regions,
			Alias:        props.OriginAlias,
			Port:         props.HTTPSPort,
			HostedZoneID: props.HostedZoneID,
			Stack:        props.Stack,
		})
	case props.VPCOrigin != (config.VPCOrigin{}):
		first.DomainName = props.VPCOrigin.DomainName
		first.VPCOriginID = newVPCOrigin(scope, id, vpcOriginProps{
			LoadBalancerARN: props.VPCOrigin.LoadBalancerARN,
			Port:            props.HTTPSPort,
			Stack:           props.Stack,
		})
	}
	made := api{Backends: []origin{apiOrigin(first, props.API, headers)}}
	if props.Failover.DomainName != "" {
		second := backend{ID: names.OriginFailover, DomainName: props.Failover.DomainName}
		made.Backends = append(made.Backends, apiOrigin(second, props.API, headers))
	}
	if props.Canary != nil {
		canary := backend{ID: names.OriginCanary, DomainName: props.Canary.DomainName}
		made.Canary = []origin{apiOrigin(canary, props.API, headers)}
	}
	return made
}

func apiOrigin(b backend, props config.API, headers []customHeader) origin {
	o := &cloudfrontdistribution.CloudfrontDistributionOrigin{
		OriginId:           jsii.String(b.ID),
		DomainName:         jsii.String(b.DomainName),
		OriginPath:         optional(props.Path),
		ConnectionAttempts: jsii.Number(props.ConnectionAttempts),
		ConnectionTimeout:  jsii.Number(props.ConnectionTimeoutSeconds),
	}
	if b.VPCOriginID != "" {
		o.VpcOriginConfig = &cloudfrontdistribution.CloudfrontDistributionOriginVpcOriginConfig{
			VpcOriginId:            jsii.String(b.VPCOriginID),
			OriginReadTimeout:      jsii.Number(props.ReadTimeoutSeconds),
			OriginKeepaliveTimeout: jsii.Number(props.KeepaliveTimeoutSeconds),
		}
	} else {
		o.CustomOriginConfig = &cloudfrontdistribution.CloudfrontDistributionOriginCustomOriginConfig{
			HttpPort:               jsii.Number(httpPort),
			HttpsPort:              jsii.Number(props.HTTPSPort),
			OriginProtocolPolicy:   jsii.String(httpsOnly),
			OriginSslProtocols:     jsii.Strings(tls12),
			OriginReadTimeout:      jsii.Number(props.ReadTimeoutSeconds),
			OriginKeepaliveTimeout: jsii.Number(props.KeepaliveTimeoutSeconds),
		}
	}
	if len(headers) > 0 {
		o.CustomHeader = headers
	}
	if props.ShieldRegion != "" {
		o.OriginShield = &cloudfrontdistribution.CloudfrontDistributionOriginOriginShield{
			Enabled:            true,
			OriginShieldRegion: jsii.String(props.ShieldRegion),
		}
	}
	return o
}

// customHeaders are the fixed headers, and the one that proves to the backend that a request came through CloudFront.
func customHeaders(headers map[string]string, verify string) []customHeader {
	all := map[string]string{}
	maps.Copy(all, headers)
	if verify != "" {
		all[config.VerifyHeader] = verify
	}
	var list []customHeader
	for _, name := range slices.Sorted(maps.Keys(all)) {
		list = append(list, &cloudfrontdistribution.CloudfrontDistributionOriginCustomHeader{
			Name:  jsii.String(name),
			Value: jsii.String(all[name]),
		})
	}
	return list
}
