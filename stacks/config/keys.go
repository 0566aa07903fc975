package config

import (
	"slices"
	"strings"
	"unicode"

	"ml-api-accelerator/stacks/internal/shared/callers"
)

// The headers in which the edge tells the backend what it knows of a caller. Those of callers themselves are taken away.
const (
	CallerHeader = callers.CallerHeader // the caller's name
	CanaryHeader = callers.CanaryHeader // 1 if the request goes to the canary
)

// Keys has the edge let only callers in whose API key it knows.
type Keys struct {
	Header  string
	Forward bool
}

func (k *Keys) declare(f *fields) {
	f.text("header", &k.Header, "Header that has the key: a bearer token in Authorization, the bare key in any other.").
		standard("Authorization").matches(ruleK1, shortHeader, "be the name of a header, of 1 to 64 letters, digits, - and _")
	f.boolean("forward", &k.Forward, "Pass the key on to the backend; by default it is taken away, and x-caller has the caller's name.")
}

// untouchable are headers that functions don't see, or can't take away; lower-case, * ends a prefix (CloudFront Developer
// Guide, Restrictions on all edge functions; CloudFront Functions event structure on Cookie).
var untouchable = []string{
	"cdn-loop", "client-cert", "client-cert-chain", "cloudfront-viewer-cert-pem", "connection", "content-length", "cookie", "expect", "host", "keep-alive",
	"proxy-authenticate", "proxy-authorization", "proxy-connection", "trailer", "transfer-encoding", "upgrade", "via", "x-accel-buffering", "x-accel-charset", "x-accel-limit-rate",
	"x-accel-redirect", "x-amz-cf-*", "x-amzn-auth", "x-amzn-cf-*", "x-amzn-errortype", "x-amzn-fle-profile", "x-amzn-header-*",
	"x-amzn-lambda-integration-tag", "x-amzn-requestid", "x-cache", "x-edge-*", "x-forwarded-proto", "x-real-ip",
}

func (k Keys) check(r *report, at path, api API) {
	header := at.field("header")
	switch {
	case denied(untouchable, k.Header):
		r.must(ruleK1, header, "must be a header that a function can read and take away, got %q", k.Header)
	case denied(tellNoCallers, k.Header), denied([]string{"access-control-*"}, k.Header):
		r.must(ruleK1, header, "must be a header that has nothing but a key, got %q", k.Header)
	case setByEdge(k.Header), readAs(k.Header, VerifyHeader), api.hasHeader(k.Header):
		r.must(ruleK1, header, "must not be a header that CloudFront sets itself, got %q", k.Header)
	}
}

// readAs reports whether backends may take one header for another. CGI's successors read - as _ (RFC 3875, 4.1.18), and some of
// them any other sign.
func readAs(header, other string) bool {
	letters := func(name string) string {
		return strings.Map(func(r rune) rune {
			if unicode.IsLetter(r) || unicode.IsDigit(r) {
				return r
			}
			return '_'
		}, name)
	}
	return strings.EqualFold(letters(header), letters(other))
}

// setByEdge tells whether a header is one in which the edge tells the backend of a caller.
func setByEdge(header string) bool {
	return readAs(header, CallerHeader) || readAs(header, CanaryHeader)
}

// HasStore tells whether there is a key value store, for the keys of callers and the canary's share.
func (a API) HasStore() bool { return a.Keys != nil || a.Canary != nil }

// KeyHeader is the header that has the keys of callers, in lower case; empty: the edge knows none.
func (a API) KeyHeader() string {
	if a.Keys == nil {
		return ""
	}
	return strings.ToLower(a.Keys.Header)
}

// hasHeader tells whether a header is one of the fixed ones.
func (a API) hasHeader(name string) bool {
	for header := range a.Headers {
		if strings.EqualFold(header, name) {
			return true
		}
	}
	return false
}

// takenAway is the header of the key, unless the backend gets it.
func (a API) takenAway() string {
	if a.Keys == nil || a.Keys.Forward {
		return ""
	}
	return a.Keys.Header
}

// keyHeaders are the headers that tell callers apart in a cached route's key where the configuration names none.
func (a API) keyHeaders() []string {
	if a.Keys == nil {
		return []string{"Authorization"}
	}
	headers := []string{CallerHeader, "Authorization"}
	if !containsFold(headers, a.Keys.Header) {
		headers = append(headers, a.Keys.Header)
	}
	return slices.DeleteFunc(headers, func(h string) bool { return strings.EqualFold(h, a.takenAway()) })
}
