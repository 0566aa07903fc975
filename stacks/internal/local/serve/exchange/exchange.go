// Package exchange is what happened to one request at the edge on this machine.
package exchange

import (
	"crypto/tls"
	"net/http"
	"net/netip"
	"net/url"
	"time"

	"ml-api-accelerator/stacks/internal/edge"
	"ml-api-accelerator/stacks/internal/edge/freshness"
)

// Exchange is a request with its answer and what led from the one to the other. It is reported when it has come, when its answer
// begins, and when it has ended; times of what hasn't happened yet are zero.
type Exchange struct {
	// As the caller gets it in X-Amz-Cf-Id.
	ID                   string
	Begin, Answered, End time.Time

	// The caller's request. It is only to be read.
	Method, Host, Protocol string // Protocol is like HTTP/1.1
	URL                    *url.URL
	Header                 http.Header
	RequestBytes           int64 // of headers and body
	Caller                 netip.AddrPort
	TLS                    *tls.ConnectionState // nil: without

	// Who wants to know more of it than a kept answer took has to complete a copy.
	Decision edge.Decision
	// What was sent to origins, in order; empty: nothing was.
	Sent []Sent

	Result Result
	Status int
	// The answer's, as the caller gets it.
	AnswerHeader http.Header
	// What was sent of the answer's body.
	BodyBytes int64

	// Whether the answer was kept, and why or why not.
	Stored bool
	Why    string
	// How long it is kept if it was.
	Lifetime freshness.Lifetime
}

// Sent is one request to an origin, and what came of it.
type Sent struct {
	Origin string // its id
	Method string
	URL    string
	Header http.Header
	// The headers whose values are secrets, whatever their names.
	Secrets []string
	// Of the answer; 0: there was none, and Error says why.
	Status int
	Error  string
	// Until the answer's headers came.
	Took time.Duration
}

// Result is how CloudFront names what it did (CloudFront Developer Guide, Access logs, x-edge-result-type).
type Result string

// The results that a cache on this machine has.
const (
	Hit        Result = "Hit"
	RefreshHit Result = "RefreshHit"
	Miss       Result = "Miss"
	Error      Result = "Error"
	Redirect   Result = "Redirect"
	// A function's answer (Tutorial: Create a simple function with CloudFront Functions; that a refusal's is the same, public reports show).
	FunctionAnswer Result = "FunctionGeneratedResponse"
)

// XCache is what the caller reads in X-Cache.
func (r Result) XCache() string { return string(r) + " from cloudfront" }

// FunctionFailed is the result of a function that fails, as public reports have it: AWS's guides only say that the log tells.
func FunctionFailed(status int) Result {
	if status == http.StatusBadGateway {
		return "FunctionValidationError"
	}
	return "FunctionExecutionError"
}
