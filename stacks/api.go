package stacks

import (
	"maps"
	"slices"

	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
	"github.com/cdktf/cdktf-provider-aws-go/aws/v19/cloudfrontdistribution"
	"github.com/cdktf/cdktf-provider-aws-go/aws/v19/cloudfrontvpcorigin"
	"github.com/cdktf/cdktf-provider-aws-go/aws/v19/dataawssecretsmanagersecretversion"

	"ml-api-accelerator/stacks/config"
	"ml-api-accelerator/stacks/internal/names"
)

// Ports and protocol of every backend. CloudFront asks for an HTTP port, but never uses it.
const (
	httpPort  = 80
	httpsOnly = "https-only"
	tls12     = "TLSv1.2"
)

type customHeader = *cloudfrontdistribution.CloudfrontDistributionOriginCustomHeader

type apiProps struct {
	config.API
	Stack        string
	HostedZoneID string
}

// newAPI returns the origins of the inference API, reached over TLS 1.2 only: the backend and, if
// there is one, the second backend. It makes what they need: a VPC origin, or the records of the regions.
func newAPI(scope constructs.Construct, id string, props apiProps) []origin {
	headers := customHeaders(props.Headers, newVerifySecret(scope, "origin-verify", props.VerifySecret))
	first := apiOrigin(names.OriginAPI, props.DomainName, props.API, headers)
	switch {
	case len(props.Regions) > 0:
		newRegions(scope, id, props)
		first.DomainName = jsii.String(props.OriginAlias)
	case props.VPCOrigin != (config.VPCOrigin{}):
		first.DomainName = jsii.String(props.VPCOrigin.DomainName)
		first.CustomOriginConfig = nil
		first.VpcOriginConfig = &cloudfrontdistribution.CloudfrontDistributionOriginVpcOriginConfig{
			VpcOriginId:            jsii.String(newVPCOrigin(scope, id, props)),
			OriginReadTimeout:      jsii.Number(props.ReadTimeoutSeconds),
			OriginKeepaliveTimeout: jsii.Number(props.KeepaliveTimeoutSeconds),
		}
	}
	if props.Failover.DomainName == "" {
		return []origin{first}
	}
	return []origin{first, apiOrigin(names.OriginFailover, props.Failover.DomainName, props.API, headers)}
}

func apiOrigin(id, domainName string, props config.API, headers []customHeader) origin {
	o := &cloudfrontdistribution.CloudfrontDistributionOrigin{
		OriginId:           jsii.String(id),
		DomainName:         jsii.String(domainName),
		OriginPath:         optional(props.Path),
		ConnectionAttempts: jsii.Number(props.ConnectionAttempts),
		ConnectionTimeout:  jsii.Number(props.ConnectionTimeoutSeconds),
		CustomOriginConfig: &cloudfrontdistribution.CloudfrontDistributionOriginCustomOriginConfig{
			HttpPort:               jsii.Number(httpPort),
			HttpsPort:              jsii.Number(props.HTTPSPort),
			OriginProtocolPolicy:   jsii.String(httpsOnly),
			OriginSslProtocols:     jsii.Strings(tls12),
			OriginReadTimeout:      jsii.Number(props.ReadTimeoutSeconds),
			OriginKeepaliveTimeout: jsii.Number(props.KeepaliveTimeoutSeconds),
		},
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

// newVerifySecret reads the value that proves to the backend that a request came through CloudFront.
func newVerifySecret(scope constructs.Construct, id, secret string) string {
	if secret == "" {
		return ""
	}
	version := dataawssecretsmanagersecretversion.NewDataAwsSecretsmanagerSecretVersion(scope, jsii.String(id),
		&dataawssecretsmanagersecretversion.DataAwsSecretsmanagerSecretVersionConfig{SecretId: jsii.String(secret)})
	return *version.SecretString()
}

// newVPCOrigin opens a way for CloudFront into the VPC of a private backend.
func newVPCOrigin(scope constructs.Construct, id string, props apiProps) string {
	made := cloudfrontvpcorigin.NewCloudfrontVpcOrigin(scope, jsii.String(id), &cloudfrontvpcorigin.CloudfrontVpcOriginConfig{
		Lifecycle: createBeforeDestroy(),
		VpcOriginEndpointConfig: []*cloudfrontvpcorigin.CloudfrontVpcOriginVpcOriginEndpointConfig{{
			Name:                 jsii.String(props.Stack + "-api"),
			Arn:                  jsii.String(props.VPCOrigin.LoadBalancerARN),
			HttpPort:             jsii.Number(httpPort),
			HttpsPort:            jsii.Number(props.HTTPSPort),
			OriginProtocolPolicy: jsii.String(httpsOnly),
			OriginSslProtocols: []*cloudfrontvpcorigin.CloudfrontVpcOriginVpcOriginEndpointConfigOriginSslProtocols{
				{Items: jsii.Strings(tls12), Quantity: jsii.Number(1)},
			},
		}},
	})
	return *made.Id()
}
