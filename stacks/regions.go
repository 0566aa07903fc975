package stacks

import (
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
	"github.com/cdktf/cdktf-provider-aws-go/aws/v19/route53healthcheck"
	"github.com/cdktf/cdktf-provider-aws-go/aws/v19/route53record"

	"ml-api-accelerator/stacks/config"
)

// newRegions makes one name for the backends of all regions. It leads each edge to the healthy one
// nearest to it, for POST too, which an origin group can't do.
func newRegions(scope constructs.Construct, id string, props apiProps) {
	for _, region := range props.Regions {
		check := newHealthCheck(scope, id+"-"+region.Region, props.Stack, region, props.HTTPSPort)
		route53record.NewRoute53Record(scope, jsii.String(id+"-"+region.Region), &route53record.Route53RecordConfig{
			ZoneId:               jsii.String(props.HostedZoneID),
			Name:                 jsii.String(props.OriginAlias),
			Type:                 jsii.String("CNAME"),
			Ttl:                  jsii.Number(60), // how long a failed backend is still asked
			Records:              jsii.Strings(region.DomainName),
			SetIdentifier:        jsii.String(region.Region),
			LatencyRoutingPolicy: &route53record.Route53RecordLatencyRoutingPolicy{Region: jsii.String(region.Region)},
			HealthCheckId:        jsii.String(check),
		})
	}
}

func newHealthCheck(scope constructs.Construct, id, stack string, props config.Region, port int) string {
	check := rename(route53healthcheck.NewRoute53HealthCheck(scope, jsii.String(id+"-health"), &route53healthcheck.Route53HealthCheckConfig{
		Type:             jsii.String("HTTPS"),
		Fqdn:             jsii.String(props.DomainName),
		Port:             jsii.Number(port),
		ResourcePath:     jsii.String(props.HealthPath),
		EnableSni:        true,
		RequestInterval:  jsii.Number(30),
		FailureThreshold: jsii.Number(3),
		// A health check has no name but this tag.
		Tags: stringMap(map[string]string{"Name": stack + "-" + props.Region}),
	}), id)
	return *check.Id()
}
