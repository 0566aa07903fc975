package stacks

import (
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
	"github.com/cdktf/cdktf-provider-aws-go/aws/v19/route53record"

	"ml-api-accelerator/stacks/config"
	"ml-api-accelerator/stacks/internal/shared/names"
)

type recordsProps struct {
	config.Domain
	IPv6 bool
	Edge distribution
}

// newRecords points every alias to the distribution: A and AAAA for addresses, HTTPS so that a browser
// learns of HTTP/2 and HTTP/3 before it connects. Without a hosted zone the user makes the records.
func newRecords(scope constructs.Construct, id string, props recordsProps) {
	if props.HostedZoneID == "" {
		return
	}
	types := []string{"A", "HTTPS"}
	if props.IPv6 {
		types = []string{"A", "AAAA", "HTTPS"}
	}
	for _, alias := range props.Aliases {
		for _, kind := range types {
			route53record.NewRoute53Record(scope, jsii.String(id+"_"+names.Domain(alias)+"-"+kind), &route53record.Route53RecordConfig{
				ZoneId: jsii.String(props.HostedZoneID),
				Name:   jsii.String(alias),
				Type:   jsii.String(kind),
				Alias: &route53record.Route53RecordAlias{
					Name:                 jsii.String(props.Edge.DomainName),
					ZoneId:               jsii.String(props.Edge.HostedZoneID),
					EvaluateTargetHealth: false,
				},
			})
		}
	}
}
