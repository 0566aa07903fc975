package stacks

import (
	"github.com/aws/jsii-runtime-go"
	"github.com/cdktf/cdktf-provider-aws-go/aws/v19/cloudfrontdistribution"

	"ml-api-accelerator/stacks/internal/shared/names"
)

// modelsOrigins are the models' bucket and, if there is one, its replica.
func modelsOrigins(models, replica bucket, reader access) []origin {
	origins := []origin{bucketOrigin(names.OriginModels, models, reader)}
	if replica.ID != "" {
		origins = append(origins, bucketOrigin(names.OriginReplica, replica, reader))
	}
	return origins
}

func bucketOrigin(originID string, b bucket, reader access) origin {
	o := &cloudfrontdistribution.CloudfrontDistributionOrigin{
		OriginId:              jsii.String(originID),
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
