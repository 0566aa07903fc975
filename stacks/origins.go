package stacks

import (
	"github.com/aws/jsii-runtime-go"
	"github.com/cdktf/cdktf-provider-aws-go/aws/v19/cloudfrontdistribution"

	"ml-api-accelerator/stacks/internal/names"
)

type (
	origin      = *cloudfrontdistribution.CloudfrontDistributionOrigin
	originGroup = *cloudfrontdistribution.CloudfrontDistributionOriginGroup
)

// modelsOrigins are the models' bucket and, if there is one, its replica.
func modelsOrigins(models, replica bucket, reader access) []origin {
	origins := []origin{bucketOrigin(names.OriginModels, models, reader)}
	if replica.ID != "" {
		origins = append(origins, bucketOrigin(names.OriginReplica, replica, reader))
	}
	return origins
}

func bucketOrigin(id string, b bucket, reader access) origin {
	o := &cloudfrontdistribution.CloudfrontDistributionOrigin{
		OriginId:              jsii.String(id),
		DomainName:            jsii.String(b.RegionalDomainName),
		OriginAccessControlId: optional(reader.ControlID),
	}
	if reader.IdentityPath != "" {
		o.S3OriginConfig = &cloudfrontdistribution.CloudfrontDistributionOriginS3OriginConfig{
			OriginAccessIdentity: jsii.String(reader.IdentityPath),
		}
	}
	return o
}

// originGroups are the pairs of origins of which CloudFront asks the second when the first fails.
func originGroups(origins []origin) []originGroup {
	pairs := []struct{ id, first, second string }{
		{names.GroupAPI, names.OriginAPI, names.OriginFailover},
		{names.GroupModels, names.OriginModels, names.OriginReplica},
	}
	var groups []originGroup
	for _, pair := range pairs {
		for _, o := range origins {
			if *o.OriginId == pair.second {
				groups = append(groups, failover(pair.id, pair.first, pair.second))
			}
		}
	}
	return groups
}

// failover asks the second origin when the first can't answer. Not on 403 and 404: a key that is missing
// in the bucket is missing or withdrawn in its replica too, and an API means what it says.
func failover(id, first, second string) originGroup {
	return &cloudfrontdistribution.CloudfrontDistributionOriginGroup{
		OriginId: jsii.String(id),
		FailoverCriteria: &cloudfrontdistribution.CloudfrontDistributionOriginGroupFailoverCriteria{
			StatusCodes: &[]*float64{jsii.Number(500), jsii.Number(502), jsii.Number(503), jsii.Number(504)},
		},
		Member: []*cloudfrontdistribution.CloudfrontDistributionOriginGroupMember{
			{OriginId: jsii.String(first)},
			{OriginId: jsii.String(second)},
		},
	}
}
