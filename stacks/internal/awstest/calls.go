package awstest

import (
	"net/http"
	"slices"

	"ml-api-accelerator/stacks/internal/awstest/apicall"
	"ml-api-accelerator/stacks/internal/awstest/wire"
)

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

// DenyNext makes the next call of a name (cloudfront:CreateDistribution) fail once with an error that no client retries.
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
