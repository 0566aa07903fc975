package awstest

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"testing"

	"ml-api-accelerator/stacks/internal/awstest/cloudfront"
)

// nowhere is an account that has nothing but CloudFront.
type nowhere struct{}

func (nowhere) BucketExists(string) bool      { return false }
func (nowhere) BucketTakesACLs(string) bool   { return false }
func (nowhere) CertificateIssued(string) bool { return false }
func (nowhere) WebACLExists(string) bool      { return false }

// CreateKeyValueStore makes a key value store that is ready, and returns its ARN.
func (s *Server) CreateKeyValueStore(t testing.TB, name string) string {
	t.Helper()
	body := []byte("<CreateKeyValueStoreRequest><Name>" + name + "</Name></CreateKeyValueStoreRequest>")
	for _, r := range []*http.Request{
		httptest.NewRequest(http.MethodPost, "/2020-05-31/key-value-store", bytes.NewReader(body)),
		httptest.NewRequest(http.MethodGet, "/2020-05-31/key-value-store/"+name, http.NoBody), // ends its provisioning
	} {
		answer := httptest.NewRecorder()
		s.cloudfront.Serve(answer, r, cloudfront.Action(r), body)
		if answer.Code >= http.StatusMultipleChoices {
			t.Fatal("awstest: ", answer.Body.String())
		}
	}
	return s.cloudfront.KeyValueStore(name)
}

// KeyValueStore returns the ARN of a key value store, or "".
func (s *Server) KeyValueStore(name string) string { return s.cloudfront.KeyValueStore(name) }

// Pairs returns what is in a key value store, or nil where there is none of the name.
func (s *Server) Pairs(name string) map[string]string {
	return s.pairs.Pairs(s.cloudfront.KeyValueStore(name))
}

// PutPair stores a pair in a key value store.
func (s *Server) PutPair(name, key, value string) {
	s.pairs.Put(s.cloudfront.KeyValueStore(name), key, value)
}

// FunctionCode returns the code of a CloudFront function that is published, or "".
func (s *Server) FunctionCode(name string) string { return s.cloudfront.FunctionCode(name) }
