// Package awstest is an AWS for tests: a moto server behind a small HTTP server of the test process, which answers
// CloudFront's API, that of its key value stores, the delivery of its logs, Lambda's about URLs and policies, Amazon Q
// Developer's about channels in Slack, and the few calls moto lacks, records every call and can make a chosen one fail.
//
// It can't know: - whether IAM allows a call: every caller may do everything, roles included, and bucket and key
// policies are kept, not applied. Tests compare the recorded calls with policies instead; - accounts: all of them are
// one, also that of an assumed role, but a hosted zone may be another one's; - requests of viewers: nothing is served, cached, signed,
// filtered or logged; - time: what is made is there at once and everywhere. CloudFront deploys nothing, a certificate is
// issued as soon as its records are made, here or elsewhere (Publish), and objects aren't replicated, expired or encrypted; - most quotas, prices, and any rule on arguments
// that neither moto nor a package of this one has.
//
// That it takes a configuration therefore proves nothing of AWS; that it refuses one is as AWS documents it.
package awstest

import (
	"bytes"
	"cmp"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"os"
	"slices"
	"sync"
	"testing"
	"time"

	"ml-api-accelerator/stacks/internal/awstest/apicall"
	"ml-api-accelerator/stacks/internal/awstest/chatbot"
	"ml-api-accelerator/stacks/internal/awstest/cloudfront"
	"ml-api-accelerator/stacks/internal/awstest/corrections"
	"ml-api-accelerator/stacks/internal/awstest/keyvaluestore"
	"ml-api-accelerator/stacks/internal/awstest/lambda"
	"ml-api-accelerator/stacks/internal/awstest/logdelivery"
	"ml-api-accelerator/stacks/internal/awstest/moto"
	"ml-api-accelerator/stacks/internal/awstest/queries"
	"ml-api-accelerator/stacks/internal/awstest/servicequotas"
	"ml-api-accelerator/stacks/internal/awstest/waf"
	"ml-api-accelerator/stacks/internal/awstest/wire"
)

// AccountID is the account every resource belongs to.
const AccountID = "111122223333"

// Server is one running stand-in.
type Server struct {
	cloudfront *cloudfront.API
	pairs      *keyvaluestore.API
	queries    *queries.API       // nil: moto answers
	limits     *servicequotas.API // nil: likewise
	url        string

	moto        *moto.Server
	corrections *corrections.Corrections
	deliveries  *logdelivery.API
	functions   *lambda.API
	chat        *chatbot.API
	proxy       *httputil.ReverseProxy

	mu     sync.Mutex        // guards what follows
	zones  map[string]string // accounts of hosted zones
	calls  []apicall.Call
	faults []fault
}

// Missing tells what the stand-in needs and this machine lacks; it is empty when Start can work.
func Missing() string { return moto.Missing() }

// Start starts moto and the stand-in and ends both with the test. A test that is to be skipped without moto
// asks Missing first.
func Start(t testing.TB) *Server {
	t.Helper()
	m := moto.Start(t, AccountID)
	pairs := keyvaluestore.New()
	s := &Server{pairs: pairs, moto: m, corrections: corrections.New(m), zones: map[string]string{}}
	s.cloudfront = cloudfront.New(AccountID, surroundings{m, s.corrections}, pairs)
	s.corrections.CertificateUsers = func(arn string) []string { return s.cloudfront.Users("ACMCertificateArn", arn) }
	s.functions = lambda.New(AccountID)
	s.chat = chatbot.New(AccountID, m)
	s.deliveries = logdelivery.New(AccountID, deliverySurroundings{s.cloudfront, s.corrections})
	s.proxy = &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(m.URL) // moto finds the service by the signature, not by the host
		},
		ModifyResponse: s.corrections.Amend,
		Transport:      m.Transport,
	}
	s.listen(t)
	return s
}

// StartCloudFront starts a stand-in that answers CloudFront's calls and those to its key value stores, and needs no
// moto.
func StartCloudFront(t testing.TB) *Server {
	t.Helper()
	pairs := keyvaluestore.New()
	s := &Server{cloudfront: cloudfront.New(AccountID, nowhere{}, pairs), pairs: pairs}
	s.listen(t)
	return s
}

func (s *Server) listen(t testing.TB) {
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	s.url = server.URL
}

// The AWS provider may lose the answer to a long body that comes before it has noted that all was sent, and then sends
// the body again, which is refused: by then, the ETag is another. No AWS is as near.
const (
	longBody    = 2 << 10 // bytes
	networkTime = 10 * time.Millisecond
)

// ServeHTTP records the call and answers it from a fault, CloudFront, a refusal, the corrections or moto, in that
// order.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	r.ContentLength = int64(len(body))
	r.TransferEncoding = nil

	if len(body) > longBody {
		time.Sleep(networkTime)
	}
	call := apicall.New(r, body)
	if s.corrections != nil {
		call.Role = s.corrections.Role(call.Key)
	}
	status := &statusWriter{ResponseWriter: w, status: http.StatusOK}
	s.answer(status, r, call)
	call.Status = status.status
	s.record(call)
}

func (s *Server) answer(w http.ResponseWriter, r *http.Request, call apicall.Call) {
	if err := s.takeFault(call.Name()); err != nil {
		wire.WriteError(w, call.Protocol, err)
		return
	}
	switch {
	case call.Service == "cloudfront" && s.cloudfront != nil:
		s.cloudfront.Serve(w, r, call.Action, call.Body)
		return
	case call.Service == "cloudfront-keyvaluestore":
		s.pairs.ServeHTTP(w, r)
		return
	case call.Service == "athena" && s.queries != nil:
		s.queries.ServeHTTP(w, r)
		return
	case call.Service == "servicequotas" && s.limits != nil:
		s.limits.Serve(w, call.Action, call.Body)
		return
	case call.Name() == "sts:GetCallerIdentity" && s.moto == nil:
		identify(w)
		return
	case s.moto == nil:
		wire.WriteError(w, call.Protocol, &wire.Error{Status: http.StatusNotImplemented, Code: "NotImplemented", Message: "without moto there is no " + call.Service})
		return
	}
	switch call.Service {
	case "lambda":
		s.functions.Serve(w, r, call.Region, call.Action, call.Body)
		return
	case "chatbot":
		s.chat.Serve(w, call.Action, call.Body)
		return
	}
	if err := cmp.Or(s.refuseInUse(call), s.refuseZone(call), waf.Refuse(call, s.moto.IPSetExists)); err != nil {
		wire.WriteError(w, call.Protocol, err)
		return
	}
	if s.deliveries.Answer(w, call) || s.corrections.Answer(w, r, call) {
		return
	}
	s.proxy.ServeHTTP(w, corrections.WithCall(r, call))
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

// Env returns the variables that lead every client to the stand-in: Terraform's S3 backend, the provider with
// all its aliases, and the AWS CLI. Nothing else is needed, neither endpoints nor skip_ arguments.
func (s *Server) Env() map[string]string {
	return map[string]string{
		"AWS_ENDPOINT_URL":            s.url,
		"AWS_ACCESS_KEY_ID":           moto.AccessKey,
		"AWS_SECRET_ACCESS_KEY":       "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
		"AWS_REGION":                  moto.Region,
		"AWS_CONFIG_FILE":             os.DevNull,
		"AWS_SHARED_CREDENTIALS_FILE": os.DevNull,
		"AWS_EC2_METADATA_DISABLED":   "true",
		"NO_PROXY":                    "127.0.0.1,localhost",
	}
}

// Setenv leads the test itself to the stand-in, until it ends.
func (s *Server) Setenv(t *testing.T) {
	t.Helper()
	for key, value := range s.Env() {
		t.Setenv(key, value)
	}
}

func (s *Server) record(call apicall.Call) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls = append(s.calls, call)
}

// Calls returns all calls answered since the start or the last ResetCalls.
func (s *Server) Calls() []apicall.Call {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.calls)
}

// CallsTo returns the calls of a name (s3:CreateBucket).
func (s *Server) CallsTo(name string) []apicall.Call {
	return slices.DeleteFunc(s.Calls(), func(call apicall.Call) bool { return call.Name() != name })
}

// ResetCalls forgets the calls answered so far.
func (s *Server) ResetCalls() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls = nil
}

// fault is an error that waits for the next call of its name.
type fault struct {
	name string
	err  *wire.Error
}

// DenyNext makes the next call of a name (cloudfront:CreateDistribution) fail once with an error that no client
// retries.
func (s *Server) DenyNext(name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = append(s.faults, fault{name, &wire.Error{Status: http.StatusForbidden,
		Code: "AccessDenied", Message: "User is not authorized to perform this action"}})
}

func (s *Server) takeFault(name string) *wire.Error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, f := range s.faults {
		if f.name == name {
			s.faults = slices.Delete(s.faults, i, i+1)
			return f.err
		}
	}
	return nil
}
