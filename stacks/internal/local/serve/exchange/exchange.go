// Package exchange records what happened to one request at the edge on this machine.
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

// Exchange is a request, its answer and how it came about. It is reported when the request has come, when the answer
// begins, and when it has ended; until then these times are zero.
type Exchange struct {
	ID                   string // in X-Amz-Cf-Id
	Begin, Answered, End time.Time

	// The caller's request, to be read only.
	Method, Host, Protocol string // Protocol is like HTTP/1.1
	URL                    *url.URL
	Header                 http.Header
	RequestBytes           int64 // of headers and body
	Caller                 netip.AddrPort
	TLS                    *tls.ConnectionState // nil: plain HTTP
	KeyHeaders             []string             // that may have the caller's API key, and aren't shown
	LogsCookies            bool                 // in the access log

	// Not complete if the answer came from the cache: to read all of it, complete a copy.
	Decision edge.Decision
	Sent     []Sent // requests to origins, in order

	Result       Result
	Status       int
	AnswerHeader http.Header // as the caller gets it
	BodyBytes    int64       // of the answer, as far as it was sent

	Stored   bool // whether the answer was kept
	Why      string
	Lifetime freshness.Lifetime // of an answer that was kept
}

// Sent is a request to an origin, and what came of it.
type Sent struct {
	Origin  string // its name
	Method  string
	URL     string
	Header  http.Header
	Secrets []string // names of the headers whose values are secrets
	Status  int      // of the answer; 0: there was none, and Error says why
	Error   string
	Took    time.Duration // until the headers of the answer came
}

// Result is CloudFront's name for what it did (CloudFront Developer Guide, Access logs, x-edge-result-type).
type Result string

// The results that occur on this machine.
const (
	Hit        Result = "Hit"
	RefreshHit Result = "RefreshHit"
	Miss       Result = "Miss"
	Error      Result = "Error"
	Redirect   Result = "Redirect"
	// Also for a function that refuses, by public reports (Tutorial: Create a simple function with CloudFront Functions).
	FunctionAnswer Result = "FunctionGeneratedResponse"
)

// XCache returns the value of X-Cache.
func (r Result) XCache() string { return string(r) + " from cloudfront" }

// FunctionFailed returns the result for a function that fails, by public reports; AWS's guides don't name it.
func FunctionFailed(status int) Result {
	if status == http.StatusBadGateway {
		return "FunctionValidationError"
	}
	return "FunctionExecutionError"
}
