package awstest

import (
	"ml-api-accelerator/stacks/internal/awstest/cloudfront"
	"ml-api-accelerator/stacks/internal/awstest/corrections"
)

// deliverySurroundings are what the delivery of logs finds in CloudFront and S3.
type deliverySurroundings struct {
	cloudfront *cloudfront.API
	*corrections.Corrections
}

func (s deliverySurroundings) DistributionExists(id string) bool {
	return s.cloudfront.XML("Distribution", id) != nil
}
