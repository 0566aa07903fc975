// Package awstest is an AWS for tests: a moto server behind a small HTTP
// server of the test process, which answers CloudFront's API and the few calls
// moto lacks, records every call and can make a chosen one fail.
package awstest

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"sync"
	"testing"
	"time"
)

// AccountID is the account every resource belongs to.
const AccountID = "123456789012"

// Server is one running stand-in, with its own moto and its own store.
type Server struct {
	// URL is the one endpoint of all services, such as http://127.0.0.1:34567.
	URL string

	moto   *url.URL
	client *http.Client
	proxy  *httputil.ReverseProxy

	mu     sync.Mutex // guards what follows
	calls  []Call
	faults []fault
	kept   map[string][]byte // what moto forgets, by bucket and noun or ARN

	cloudfront *store
}

// Start starts moto and the stand-in and ends both with the test. A test that
// is to be skipped without moto asks Missing first.
func Start(t testing.TB) *Server {
	t.Helper()
	s := &Server{
		moto:       startMoto(t),
		client:     &http.Client{Timeout: 30 * time.Second},
		kept:       map[string][]byte{},
		cloudfront: newStore(),
	}
	s.proxy = &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(s.moto) // moto finds the service by the signature, not by the host
		},
		ModifyResponse: s.amend,
	}
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	s.URL = server.URL
	return s
}

// ServeHTTP records the call and answers it from a fault, CloudFront's store,
// the extras or moto, in that order.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	r.ContentLength = int64(len(body))
	r.TransferEncoding = nil

	call := newCall(r, body)
	status := &statusWriter{ResponseWriter: w, status: http.StatusOK}
	s.answer(status, r, call)
	call.Status = status.status
	s.record(call)
}

func (s *Server) answer(w http.ResponseWriter, r *http.Request, call Call) {
	if f, ok := s.takeFault(call); ok {
		writeError(w, call.protocol, f.err)
		return
	}
	if call.Service == "cloudfront" {
		s.serveCloudFront(w, r, call)
		return
	}
	if extra := extras[call.Name()]; extra != nil && extra(s, w, r, call) {
		return
	}
	s.proxy.ServeHTTP(w, withCall(r, call))
}

// statusWriter remembers the status of the response.
type statusWriter struct {
	http.ResponseWriter
	status int
}

func (w *statusWriter) WriteHeader(status int) {
	w.status = status
	w.ResponseWriter.WriteHeader(status)
}
