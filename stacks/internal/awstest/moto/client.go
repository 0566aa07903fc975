package moto

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"
)

// Region is where calls go that don't name another.
const Region = "us-east-1"

// Server is a running moto. Calls made here are the test's own.
type Server struct {
	URL    *url.URL
	client http.Client
}

func newServer(base *url.URL) *Server {
	return &Server{base, http.Client{Timeout: 30 * time.Second}}
}

// Request is one call.
type Request struct {
	Region, Service, Method, Path string
	Target                        string // of a JSON service
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
