package awstest

import (
	"encoding/xml"
	"net/http"
	"testing"
)

// Buckets returns the names of all buckets.
func (s *Server) Buckets(t testing.TB) []string {
	t.Helper()
	return s.listS3(t, "/")
}

// Objects returns the keys of the objects in a bucket.
func (s *Server) Objects(t testing.TB, bucket string) []string {
	t.Helper()
	return s.listS3(t, "/"+bucket)
}

// PutObject stores an object.
func (s *Server) PutObject(t testing.TB, bucket, key, text string) {
	t.Helper()
	status, body := s.askMoto("s3", http.MethodPut, "/"+bucket+"/"+key, nil, []byte(text))
	s.must(t, "put object", status, body)
}

// DeleteObject deletes an object; in a versioned bucket its versions stay.
func (s *Server) DeleteObject(t testing.TB, bucket, key string) {
	t.Helper()
	status, body := s.askMoto("s3", http.MethodDelete, "/"+bucket+"/"+key, nil, nil)
	s.must(t, "delete object", status, body)
}

func (s *Server) listS3(t testing.TB, path string) []string {
	t.Helper()
	status, body := s.askMoto("s3", http.MethodGet, path, nil, nil)
	s.must(t, "list "+path, status, body)
	var answer struct {
		Buckets []string `xml:"Buckets>Bucket>Name"`
		Keys    []string `xml:"Contents>Key"`
	}
	if err := xml.Unmarshal(body, &answer); err != nil {
		t.Fatal(err)
	}
	return append(answer.Buckets, answer.Keys...)
}
