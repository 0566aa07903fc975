package awstest

import (
	"bytes"
	"net/http"
	"strings"
)

// checkSurroundings refuses a distribution whose log bucket, certificate or
// web ACL is not there or not fit for CloudFront.
func (s *Server) checkSurroundings(config *node) error {
	if bucket := config.get("Logging", "Bucket"); bucket != "" {
		if err := s.checkLogBucket(bucket); err != nil {
			return err
		}
	}
	if arn := config.get("ViewerCertificate", "ACMCertificateArn"); arn != "" && !s.certificateIssued(arn) {
		return &Error{400, "InvalidViewerCertificate", "The specified SSL certificate doesn't exist, isn't in us-east-1 region, isn't valid, or doesn't include a valid certificate chain."}
	}
	if arn := config.get("WebACLId"); arn != "" && !s.webACLExists(arn) {
		return &Error{400, "InvalidWebACLId", "Web ACL is not accessible by the requester."}
	}
	return nil
}

// checkLogBucket wants a bucket that takes ACLs, which new buckets do not.
func (s *Server) checkLogBucket(domain string) error {
	bucket, _, ok := strings.Cut(domain, ".s3.")
	if !ok {
		return invalid("The parameter Logging Bucket does not refer to a valid S3 bucket.")
	}
	if status, _ := s.askMoto("s3", http.MethodHead, "/"+bucket, nil, nil); status != http.StatusOK {
		return invalid("The parameter Logging Bucket does not refer to a valid S3 bucket.")
	}
	if !s.takesACLs(bucket) {
		return invalid("The S3 bucket that you specified for CloudFront logs does not enable ACL access: %s", domain)
	}
	return nil
}

// takesACLs reports whether the ownership controls of a bucket allow ACLs;
// without such controls S3 does not allow them.
func (s *Server) takesACLs(bucket string) bool {
	status, body := s.askMoto("s3", http.MethodGet, "/"+bucket+"?ownershipControls", nil, nil)
	return status == http.StatusOK && !bytes.Contains(body, []byte("BucketOwnerEnforced"))
}

func (s *Server) certificateIssued(arn string) bool {
	if !strings.HasPrefix(arn, "arn:aws:acm:us-east-1:") {
		return false
	}
	var answer struct{ Certificate struct{ Status string } }
	s.askMotoJSON("acm", "CertificateManager.DescribeCertificate", map[string]string{"CertificateArn": arn}, &answer)
	return answer.Certificate.Status == "ISSUED"
}

func (s *Server) webACLExists(arn string) bool {
	_, path, ok := strings.Cut(arn, ":global/webacl/")
	name, id, _ := strings.Cut(path, "/")
	if !ok {
		return false
	}
	var answer struct{ WebACL struct{ ARN string } }
	s.askMotoJSON("wafv2", "AWSWAF_20190729.GetWebACL",
		map[string]string{"Name": name, "Id": id, "Scope": "CLOUDFRONT"}, &answer)
	return answer.WebACL.ARN == arn
}
