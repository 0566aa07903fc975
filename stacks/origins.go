package stacks

import (
	"github.com/aws/jsii-runtime-go"
	"github.com/cdktf/cdktf-provider-aws-go/aws/v19/cloudfrontdistribution"

	"ml-api-accelerator/stacks/internal/shared/names"
)

type (
	origin      = *cloudfrontdistribution.CloudfrontDistributionOrigin
	originGroup = *cloudfrontdistribution.CloudfrontDistributionOriginGroup
)

// How CloudFront talks to a backend. It asks for an HTTP port, but never uses it.
const (
	httpPort  = 80
	httpsOnly = "https-only"
	tls12     = "TLSv1.2"
)

// originGroups make each second origin stand in for the first; an origin that is alone needs no group.
func originGroups(api, models []origin) []originGroup {
	var groups []originGroup
	if len(api) > 1 {
		groups = append(groups, failover(names.GroupAPI, api))
	}
	if len(models) > 1 {
		groups = append(groups, failover(names.GroupModels, models))
	}
	return groups
}

// failoverStatuses are those on which the second origin is asked. 403 and 404 are answers, and a model that was withdrawn
// from the bucket may still be in the replica.
var failoverStatuses = []int{500, 502, 503, 504}

// failover asks the second origin when the first can't answer.
func failover(groupID string, origins []origin) originGroup {
	var members []*cloudfrontdistribution.CloudfrontDistributionOriginGroupMember
	for _, o := range origins {
		members = append(members, &cloudfrontdistribution.CloudfrontDistributionOriginGroupMember{OriginId: o.OriginId})
	}
	return &cloudfrontdistribution.CloudfrontDistributionOriginGroup{
		OriginId: jsii.String(groupID),
		FailoverCriteria: &cloudfrontdistribution.CloudfrontDistributionOriginGroupFailoverCriteria{
			StatusCodes: numbers(failoverStatuses),
		},
		Member: members,
	}
}
