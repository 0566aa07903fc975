package cloudfront

import (
	"strings"

	"ml-api-accelerator/stacks/internal/awstest/xmltree"
)

// Surroundings are the resources of other services that a distribution refers to.
type Surroundings interface {
	BucketExists(name string) bool
	BucketTakesACLs(name string) bool
	CertificateIssued(arn string) bool
	WebACLExists(arn string) bool
}

// checkSurroundings refuses a distribution whose log bucket, certificate or web ACL is not there or not fit for CloudFront.
func (api *API) checkSurroundings(config *xmltree.Element) error {
	if bucket := config.Get("Logging", "Bucket"); bucket != "" {
		if err := api.checkLogBucket(bucket); err != nil {
			return err
		}
	}
	if arn := config.Get("ViewerCertificate", "ACMCertificateArn"); arn != "" && !api.around.CertificateIssued(arn) {
		return refusal{400, "InvalidViewerCertificate"}.say("The specified SSL certificate doesn't exist, isn't in us-east-1 region, isn't valid, or doesn't include a valid certificate chain.")
	}
	if arn := config.Get("WebACLId"); arn != "" && !api.around.WebACLExists(arn) {
		return refusal{400, "InvalidWebACLId"}.say("Web ACL is not accessible by the requester.")
	}
	return nil
}

// checkLogBucket wants a bucket that takes ACLs, which new buckets do not.
func (api *API) checkLogBucket(domain string) error {
	bucket, _, ok := strings.Cut(domain, ".s3.")
	if !ok || !api.around.BucketExists(bucket) {
		return invalid("The parameter Logging Bucket does not refer to a valid S3 bucket.")
	}
	if !api.around.BucketTakesACLs(bucket) {
		return invalid("The S3 bucket that you specified for CloudFront logs does not enable ACL access: %s", domain)
	}
	return nil
}
