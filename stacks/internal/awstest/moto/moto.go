// Package moto runs moto, the server that answers for AWS, and makes calls to it.
package moto

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"ml-api-accelerator/stacks/internal/awstest/watched"
)

// Missing tells what moto needs and this machine lacks; it is empty when Start can work.
func Missing() string {
	for _, program := range []string{watched.Shell, "moto_server"} {
		if _, err := exec.LookPath(program); err != nil {
			return program + " is not installed"
		}
	}
	return ""
}

// Start starts a moto of an account on a free loopback port, waits until it answers, and ends it with the test.
func Start(t testing.TB, account string) *Server {
	t.Helper()
	var err error
	for range 3 { // another process may take the port in between
		var base *url.URL
		if base, err = try(t, account); err == nil {
			return newServer(base)
		}
	}
	t.Fatalf("moto does not start: %v", err)
	return nil
}

func try(t testing.TB, account string) (*url.URL, error) {
	port, err := freePort()
	if err != nil {
		return nil, err
	}
	var output bytes.Buffer
	cmd := watched.Command("moto_server", "-H", "127.0.0.1", "-p", port)
	cmd.Env = append(os.Environ(), "MOTO_ACM_VALIDATION_WAIT=0", "MOTO_ACCOUNT_ID="+account)
	cmd.Stdout, cmd.Stderr = &output, &output
	ended, stop, err := watched.Start(cmd)
	if err != nil {
		return nil, err
	}

	base := &url.URL{Scheme: "http", Host: net.JoinHostPort("127.0.0.1", port)}
	deadline := time.Now().Add(5 * time.Minute) // only a hang takes as long
	for time.Now().Before(deadline) {
		select {
		case err := <-ended:
			return nil, fmt.Errorf("%w: %s", err, strings.TrimSpace(output.String()))
		case <-time.After(50 * time.Millisecond):
		}
		response, err := http.Post(base.String()+"/moto-api/reset", "", nil)
		if err != nil {
			continue
		}
		_ = response.Body.Close()
		t.Cleanup(stop)
		return base, nil
	}
	stop()
	return nil, fmt.Errorf("no answer in time: %s", strings.TrimSpace(output.String()))
}

func freePort() (string, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer listener.Close()
	_, port, err := net.SplitHostPort(listener.Addr().String())
	return port, err
}

// Region is where calls go that don't name another.
const Region = "us-east-1"

// Server is a running moto. Calls made here are the test's own.
type Server struct {
	URL *url.URL
	// Transport is for all calls to it.
	Transport http.RoundTripper
	client    http.Client
}

func newServer(base *url.URL) *Server {
	transport := &oneByOne{}
	return &Server{base, transport, http.Client{Timeout: 5 * time.Minute, Transport: transport}}
}

// oneByOne sends a call once the one before is answered. moto has a thread for each call and no locks: one that lists what
// another one is adding to may fail ("dictionary changed size during iteration").
type oneByOne struct{ mu sync.Mutex }

// RoundTrip implements [http.RoundTripper].
func (o *oneByOne) RoundTrip(r *http.Request) (*http.Response, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return http.DefaultTransport.RoundTrip(r)
}

// Request is one call.
type Request struct {
	Region, Service, Method, Path string
	Target                        string // of a JSON service
	Form                          bool   // the body is one
	Body                          []byte
}

// Do makes a call and returns its answer; an answer that isn't a success is an error.
func (s *Server) Do(r Request) ([]byte, error) {
	request, err := http.NewRequest(r.Method, s.URL.String()+r.Path, bytes.NewReader(r.Body))
	if err != nil {
		return nil, err
	}
	if r.Target != "" {
		request.Header.Set("X-Amz-Target", r.Target)
		request.Header.Set("Content-Type", "application/x-amz-json-1.1")
	}
	if r.Form {
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	request.Header.Set("Authorization", Signature(r.Region, r.Service))
	response, err := s.client.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	if err != nil {
		return nil, err
	}
	if response.StatusCode >= http.StatusMultipleChoices {
		return nil, fmt.Errorf("%s %s: %s: %s", r.Method, r.Path, response.Status, answer)
	}
	return answer, nil
}

// S3 makes a call to S3.
func (s *Server) S3(method, path string, body []byte) ([]byte, error) {
	return s.Do(Request{Region: Region, Service: "s3", Method: method, Path: path, Body: body})
}

// JSON makes a call to a service that speaks JSON.
func (s *Server) JSON(region, service, target string, input, answer any) error {
	body, err := json.Marshal(input)
	if err != nil {
		return err
	}
	text, err := s.Do(Request{Region: region, Service: service, Method: http.MethodPost, Path: "/", Target: target, Body: body})
	if err != nil {
		return err
	}
	return json.Unmarshal(text, answer)
}

// Signature is a header by which moto finds service and region; it checks no more.
func Signature(region, service string) string {
	return "AWS4-HMAC-SHA256 Credential=" + AccessKey + "/20240101/" + region + "/" + service +
		"/aws4_request, SignedHeaders=host, Signature=0"
}

// AccessKey is one of the account's.
const AccessKey = "AKIAIOSFODNN7EXAMPLE"

// BucketExists reports whether there is a bucket of the name.
func (s *Server) BucketExists(name string) bool {
	_, err := s.S3(http.MethodHead, "/"+name, nil)
	return err == nil
}

// BucketTakesACLs reports whether the ownership controls of a bucket allow ACLs; without such controls S3 does not
// allow them.
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

// TopicExists reports whether there is a topic.
func (s *Server) TopicExists(arn string) bool {
	parts := strings.Split(arn, ":")
	return len(parts) == 6 && s.Query(parts[3], "sns", "GetTopicAttributes", map[string]string{"TopicArn": arn}, &struct{}{}) == nil
}

// RoleExists reports whether there is a role.
func (s *Server) RoleExists(arn string) bool {
	_, name, named := strings.Cut(arn, ":role/")
	return named && s.Query(Region, "iam", "GetRole", map[string]string{"RoleName": name}, &struct{}{}) == nil
}

// IPSetExists reports whether there is an IP set for CloudFront.
func (s *Server) IPSetExists(arn string) bool {
	_, path, ok := strings.Cut(arn, ":global/ipset/")
	name, id, _ := strings.Cut(path, "/")
	if !ok {
		return false
	}
	var answer struct{ IPSet struct{ ARN string } }
	err := s.JSON("us-east-1", "wafv2", "AWSWAF_20190729.GetIPSet",
		map[string]string{"Name": name, "Id": id, "Scope": "CLOUDFRONT"}, &answer)
	return err == nil && answer.IPSet.ARN == arn
}

// IPSetReferred reports whether a web ACL for CloudFront refers to an IP set.
func (s *Server) IPSetReferred(name, id string) bool {
	var list struct{ WebACLs []struct{ Name, Id string } }
	if err := s.JSON("us-east-1", "wafv2", "AWSWAF_20190729.ListWebACLs", map[string]string{"Scope": "CLOUDFRONT"},
		&list); err != nil {
		return false
	}
	for _, acl := range list.WebACLs {
		var answer json.RawMessage
		err := s.JSON("us-east-1", "wafv2", "AWSWAF_20190729.GetWebACL",
			map[string]string{"Name": acl.Name, "Id": acl.Id, "Scope": "CLOUDFRONT"}, &answer)
		if err == nil && strings.Contains(string(answer), ":global/ipset/"+name+"/"+id+`"`) {
			return true
		}
	}
	return false
}
