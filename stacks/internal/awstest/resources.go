package awstest

import (
	"encoding/xml"
	"fmt"
	"net/http"
	"testing"
	"time"

	"ml-api-accelerator/stacks/internal/awstest/moto"
)

// What an environment expects to find is made here, and what it made is read, past the record.

// Resources returns the ids of CloudFront's resources by the type's name (Distribution, CachePolicy …).
func (s *Server) Resources() map[string][]string { return s.cloudfront.Resources() }

// XML returns a resource of CloudFront as its API returns it, such as XML("Distribution", id), or nil.
func (s *Server) XML(noun, id string) []byte { return s.cloudfront.XML(noun, id) }

// CreateHostedZone makes a public zone and returns its id.
func (s *Server) CreateHostedZone(t testing.TB, domain string) string {
	t.Helper()
	request := fmt.Sprintf(`<CreateHostedZoneRequest xmlns="https://route53.amazonaws.com/doc/2013-04-01/">`+
		`<Name>%s</Name><CallerReference>%s</CallerReference></CreateHostedZoneRequest>`, domain, domain)
	body, err := s.moto.Do(moto.Request{Region: moto.Region, Service: "route53",
		Method: http.MethodPost, Path: "/2013-04-01/hostedzone", Body: []byte(request)})
	must(t, err)
	var answer struct {
		ID string `xml:"HostedZone>Id"`
	}
	must(t, xml.Unmarshal(body, &answer))
	return answer.ID[len("/hostedzone/"):]
}

// CreateSecret makes a secret in a region.
func (s *Server) CreateSecret(t testing.TB, region, name, value string) {
	t.Helper()
	must(t, s.moto.JSON(region, "secretsmanager", "secretsmanager.CreateSecret",
		map[string]string{"Name": name, "SecretString": value}, &struct{}{}))
}

// CreateCertificate makes an issued certificate in us-east-1 and returns its ARN.
func (s *Server) CreateCertificate(t testing.TB, domain string, others ...string) string {
	t.Helper()
	var answer struct{ CertificateArn string }
	must(t, s.moto.JSON("us-east-1", "acm", "CertificateManager.RequestCertificate",
		map[string]any{"DomainName": domain, "SubjectAlternativeNames": others, "ValidationMethod": "DNS"}, &answer))
	for deadline := time.Now().Add(10 * time.Second); !s.moto.CertificateIssued(answer.CertificateArn); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("awstest: the certificate isn't issued")
		}
	}
	return answer.CertificateArn
}

// CreateWebACL makes a web ACL for CloudFront and returns its ARN.
func (s *Server) CreateWebACL(t testing.TB, name string) string {
	t.Helper()
	var answer struct{ Summary struct{ ARN string } }
	must(t, s.moto.JSON("us-east-1", "wafv2", "AWSWAF_20190729.CreateWebACL", map[string]any{
		"Name": name, "Scope": "CLOUDFRONT", "DefaultAction": map[string]any{"Allow": struct{}{}},
		"VisibilityConfig": map[string]any{"SampledRequestsEnabled": false, "CloudWatchMetricsEnabled": false, "MetricName": name},
	}, &answer))
	return answer.Summary.ARN
}

// CreateBucket makes a bucket in a region, such as the one of Terraform's state.
func (s *Server) CreateBucket(t testing.TB, region, name string) {
	t.Helper()
	var body []byte
	if region != "us-east-1" {
		body = fmt.Appendf(nil, "<CreateBucketConfiguration><LocationConstraint>%s</LocationConstraint></CreateBucketConfiguration>", region)
	}
	_, err := s.moto.Do(moto.Request{Region: region, Service: "s3", Method: http.MethodPut, Path: "/" + name, Body: body})
	must(t, err)
}

// Buckets returns the names of all buckets.
func (s *Server) Buckets(t testing.TB) []string {
	t.Helper()
	return s.listS3(t, "/")
}

// BucketPolicy returns the policy of a bucket, or nil.
func (s *Server) BucketPolicy(bucket string) []byte { return s.corrections.BucketPolicy(bucket) }

// Objects returns the keys of the objects in a bucket.
func (s *Server) Objects(t testing.TB, bucket string) []string {
	t.Helper()
	return s.listS3(t, "/"+bucket)
}

// Object returns what is in an object.
func (s *Server) Object(t testing.TB, bucket, key string) []byte {
	t.Helper()
	body, err := s.moto.S3(http.MethodGet, "/"+bucket+"/"+key, nil)
	must(t, err)
	return body
}

// PutObject stores an object.
func (s *Server) PutObject(t testing.TB, bucket, key, text string) {
	t.Helper()
	_, err := s.moto.S3(http.MethodPut, "/"+bucket+"/"+key, []byte(text))
	must(t, err)
}

// DeleteObject deletes an object; in a versioned bucket its versions stay.
func (s *Server) DeleteObject(t testing.TB, bucket, key string) {
	t.Helper()
	_, err := s.moto.S3(http.MethodDelete, "/"+bucket+"/"+key, nil)
	must(t, err)
}

func (s *Server) listS3(t testing.TB, path string) []string {
	t.Helper()
	body, err := s.moto.S3(http.MethodGet, path, nil)
	must(t, err)
	var answer struct {
		Buckets []string `xml:"Buckets>Bucket>Name"`
		Keys    []string `xml:"Contents>Key"`
	}
	must(t, xml.Unmarshal(body, &answer))
	return append(answer.Buckets, answer.Keys...)
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal("awstest: ", err)
	}
}
