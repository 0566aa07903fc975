package awstest

import (
	"net/http"
	"slices"
	"strings"
)

// Call is one API call the stand-in has answered.
type Call struct {
	Service string // as IAM names it: cloudfront, s3, cloudwatch, states …
	Action  string // as IAM names it: CreateDistribution, PutBucketPolicy …
	Region  string // of the signature's credential scope
	Method  string
	Path    string
	Body    []byte
	Status  int

	protocol protocol
}

// Name is the call as an IAM statement names it, such as s3:PutBucketPolicy.
func (c Call) Name() string { return c.Service + ":" + c.Action }

// Write reports whether the call changes something, judged by its verb.
func (c Call) Write() bool {
	for _, verb := range []string{"Get", "List", "Describe", "Head", "Decode"} {
		if strings.HasPrefix(c.Action, verb) {
			return false
		}
	}
	return c.Service != "sts"
}

// newCall names the call a request makes.
func newCall(r *http.Request, body []byte) Call {
	service, region := credentialScope(r)
	action, proto := nameAction(service, r, body)
	if alias, ok := iamNames[service]; ok {
		service = alias
	}
	return Call{
		Service: service, Action: action, Region: region,
		Method: r.Method, Path: r.URL.RequestURI(), Body: body, protocol: proto,
	}
}

func (s *Server) record(call Call) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls = append(s.calls, call)
}

// Calls returns all calls answered since the start or the last ResetCalls.
func (s *Server) Calls() []Call {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.calls)
}

// ResetCalls forgets the calls answered so far.
func (s *Server) ResetCalls() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls = nil
}

// CallsTo returns the calls with one of the given names (s3:CreateBucket).
func (s *Server) CallsTo(names ...string) []Call {
	var found []Call
	for _, call := range s.Calls() {
		if slices.Contains(names, call.Name()) {
			found = append(found, call)
		}
	}
	return found
}

// Actions returns the distinct names of the recorded calls, sorted: what an
// IAM policy for the deployment has to allow.
func (s *Server) Actions() []string {
	var names []string
	for _, call := range s.Calls() {
		names = append(names, call.Name())
	}
	slices.Sort(names)
	return slices.Compact(names)
}
