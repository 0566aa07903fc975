package awstest

import (
	"encoding/json"
	"encoding/xml"
	"fmt"
	"net/http"
	"testing"
)

// The resources an environment expects to find are made here, past the record.

// CreateBucket makes a bucket, such as the one of Terraform's state.
func (s *Server) CreateBucket(t testing.TB, name string) {
	t.Helper()
	status, body := s.askMoto("s3", http.MethodPut, "/"+name, nil, nil)
	s.must(t, "create bucket", status, body)
}

// CreateHostedZone makes a public zone and returns its id.
func (s *Server) CreateHostedZone(t testing.TB, domain string) string {
	t.Helper()
	request := fmt.Sprintf(`<CreateHostedZoneRequest xmlns="https://route53.amazonaws.com/doc/2013-04-01/"><Name>%s</Name><CallerReference>%s</CallerReference></CreateHostedZoneRequest>`, domain, uuid())
	status, body := s.askMoto("route53", http.MethodPost, "/2013-04-01/hostedzone", nil, []byte(request))
	s.must(t, "create hosted zone", status, body)
	var answer struct {
		ID string `xml:"HostedZone>Id"`
	}
	if err := xml.Unmarshal(body, &answer); err != nil {
		t.Fatal(err)
	}
	return answer.ID[len("/hostedzone/"):]
}

// CreateSecret makes a secret in a region and returns its ARN.
func (s *Server) CreateSecret(t testing.TB, region, name, value string) string {
	t.Helper()
	input, err := json.Marshal(map[string]string{"Name": name, "SecretString": value})
	if err != nil {
		t.Fatal(err)
	}
	header := http.Header{"X-Amz-Target": {"secretsmanager.CreateSecret"}, "Content-Type": {"application/x-amz-json-1.1"}}
	status, body := s.askMotoIn(region, "secretsmanager", http.MethodPost, "/", header, input)
	s.must(t, "create secret", status, body)
	var answer struct{ ARN string }
	if err := json.Unmarshal(body, &answer); err != nil {
		t.Fatal(err)
	}
	return answer.ARN
}

func (s *Server) must(t testing.TB, what string, status int, body []byte) {
	t.Helper()
	if status >= 300 || status == 0 {
		t.Fatalf("awstest: %s: %d %s", what, status, body)
	}
}
