package moto

import (
	"bytes"
	"net/http"
	"strings"
)

// BucketExists reports whether there is a bucket of the name.
func (s *Server) BucketExists(name string) bool {
	_, err := s.S3(http.MethodHead, "/"+name, nil)
	return err == nil
}

// BucketTakesACLs reports whether the ownership controls of a bucket allow ACLs; without such controls S3 does not allow them.
func (s *Server) BucketTakesACLs(name string) bool {
	controls, err := s.S3(http.MethodGet, "/"+name+"?ownershipControls", nil)
	return err == nil && !bytes.Contains(controls, []byte("BucketOwnerEnforced"))
}

// CertificateIssued reports whether CloudFront could use a certificate.
func (s *Server) CertificateIssued(arn string) bool {
	if !strings.HasPrefix(arn, "arn:aws:acm:us-east-1:") {
		return false
	}
	var answer struct{ Certificate struct{ Status string } }
	err := s.JSON("us-east-1", "acm", "CertificateManager.DescribeCertificate", map[string]string{"CertificateArn": arn}, &answer)
	return err == nil && answer.Certificate.Status == "ISSUED"
}

// WebACLExists reports whether there is a web ACL for CloudFront.
func (s *Server) WebACLExists(arn string) bool {
	_, path, ok := strings.Cut(arn, ":global/webacl/")
	name, id, _ := strings.Cut(path, "/")
	if !ok {
		return false
	}
	var answer struct{ WebACL struct{ ARN string } }
	err := s.JSON("us-east-1", "wafv2", "AWSWAF_20190729.GetWebACL",
		map[string]string{"Name": name, "Id": id, "Scope": "CLOUDFRONT"}, &answer)
	return err == nil && answer.WebACL.ARN == arn
}
