package stacks

import (
	"maps"
	"slices"

	"github.com/aws/jsii-runtime-go"
	"github.com/cdktf/cdktf-provider-aws-go/aws/v19/cloudfrontdistribution"

	"ml-api-accelerator/stacks/config"
)

type origin = *cloudfrontdistribution.CloudfrontDistributionOrigin

// apiOrigin is the inference API, reached over TLS 1.2 only.
func apiOrigin(props config.API) origin {
	return &cloudfrontdistribution.CloudfrontDistributionOrigin{
		OriginId:           jsii.String(config.OriginAPI),
		DomainName:         jsii.String(props.DomainName),
		OriginPath:         optional(props.Path),
		ConnectionAttempts: jsii.Number(props.ConnectionAttempts),
		ConnectionTimeout:  jsii.Number(props.ConnectionTimeoutSeconds),
		CustomHeader:       customHeaders(props.Headers),
		CustomOriginConfig: &cloudfrontdistribution.CloudfrontDistributionOriginCustomOriginConfig{
			HttpPort:               jsii.Number(80), // required, but never used
			HttpsPort:              jsii.Number(props.HTTPSPort),
			OriginProtocolPolicy:   jsii.String("https-only"),
			OriginSslProtocols:     jsii.Strings("TLSv1.2"),
			OriginReadTimeout:      jsii.Number(props.ReadTimeoutSeconds),
			OriginKeepaliveTimeout: jsii.Number(props.KeepaliveTimeoutSeconds),
		},
	}
}

// customHeaders returns nil, not an empty list, where there are none: an empty list would be rendered.
func customHeaders(headers map[string]string) any {
	if len(headers) == 0 {
		return nil
	}
	var list []*cloudfrontdistribution.CloudfrontDistributionOriginCustomHeader
	for _, name := range slices.Sorted(maps.Keys(headers)) {
		list = append(list, &cloudfrontdistribution.CloudfrontDistributionOriginCustomHeader{
			Name:  jsii.String(name),
			Value: jsii.String(headers[name]),
		})
	}
	return list
}

// modelsOrigin is the models' bucket, read as the origin access identity.
func modelsOrigin(b bucket, reader identity) origin {
	return &cloudfrontdistribution.CloudfrontDistributionOrigin{
		OriginId:   jsii.String(config.OriginModels),
		DomainName: jsii.String(b.RegionalDomainName),
		S3OriginConfig: &cloudfrontdistribution.CloudfrontDistributionOriginS3OriginConfig{
			OriginAccessIdentity: jsii.String(reader.Path),
		},
	}
}
