package stacks

import (
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
	"github.com/cdktf/cdktf-provider-aws-go/aws/v19/route53healthcheck"
	"github.com/cdktf/cdktf-provider-aws-go/aws/v19/route53record"

	"ml-api-accelerator/stacks/config"
)

type regionsProps struct {
	Regions      []config.Region
	Alias        string // one name for the backends of all regions
	Port         int
	HostedZoneID string
	Stack        string
}

// newRegions makes the records that send each edge to the nearest healthy backend. This also works for
// POST, for which an origin group never fails over.
func newRegions(scope constructs.Construct, id string, props regionsProps) {
	for _, region := range props.Regions {
		check := newHealthCheck(scope, id+"-"+region.Region, healthCheckProps{Region: region, Port: props.Port, Stack: props.Stack})
		route53record.NewRoute53Record(scope, jsii.String(id+"-"+region.Region), &route53record.Route53RecordConfig{
			ZoneId:               jsii.String(props.HostedZoneID),
			Name:                 jsii.String(props.Alias),
			Type:                 jsii.String("CNAME"),
			Ttl:                  jsii.Number(60), // how long a failed backend is still asked
			Records:              jsii.Strings(region.DomainName),
			SetIdentifier:        jsii.String(region.Region),
			LatencyRoutingPolicy: &route53record.Route53RecordLatencyRoutingPolicy{Region: jsii.String(region.Region)},
			HealthCheckId:        jsii.String(check),
		})
	}
}

type healthCheckProps struct {
	config.Region
	Port  int
	Stack string
}

func newHealthCheck(scope constructs.Construct, id string, props healthCheckProps) string {
	check := rename(route53healthcheck.NewRoute53HealthCheck(scope, jsii.String(id+"-health"), &route53healthcheck.Route53HealthCheckConfig{
		Type:             jsii.String("HTTPS"),
		Fqdn:             jsii.String(props.DomainName),
		Port:             jsii.Number(props.Port),
		ResourcePath:     jsii.String(props.HealthPath),
		EnableSni:        true,
		RequestInterval:  jsii.Number(30),
		FailureThreshold: jsii.Number(3),
		// A health check has no name but this tag.
		Tags: stringMap(map[string]string{"Name": props.Stack + "-" + props.Region.Region}),
	}), id)
	return *check.Id()
}
