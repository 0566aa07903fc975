package config

import (
	"regexp"
	"slices"
	"strings"
	"unicode"

	"ml-api-accelerator/stacks/internal/shared/cloudfront"
)

// untouchable are headers that functions don't see, or can't take away; lower-case, * ends a prefix (CloudFront Developer
// Guide, Restrictions on all edge functions; CloudFront Functions event structure on Cookie).
var untouchable = slices.Concat(cloudfront.HiddenHeaders, cloudfront.ReadOnlyHeaders, []string{"cookie"})

// originHeaderDenied are headers that a distribution can't add to origin requests; lower-case, * ends a prefix.
var originHeaderDenied = []string{
	"cache-control", "connection", "content-length", "cookie", "host", "if-match", "if-modified-since",
	"if-none-match", "if-range", "if-unmodified-since", "max-forwards", "pragma", "proxy-authenticate",
	"proxy-authorization", "proxy-connection", "range", "request-range", "te", "trailer", "transfer-encoding",
	"upgrade", "via", "x-real-ip", "x-amz-*", "x-edge-*",
}

// forwardDenied are headers that a policy can't name; lower-case, * ends a prefix (CloudFront Developer Guide, Request
// and response behavior for custom origins, HTTP request headers and CloudFront behavior).
var forwardDenied = []string{
	"cache-control", "connection", "content-length", "cookie", "max-forwards", "pragma", "proxy-authenticate",
	"proxy-authorization",
	"proxy-connection", "request-range", "te", "trailer", "transfer-encoding", "upgrade", "x-amz-cf-id", "x-edge-*",
	"x-forwarded-proto",
	"x-real-ip",
}

// originRequestOnly are headers of CloudFront's own that an origin request policy takes and a cache policy doesn't, in
// lower case (CloudFront Developer Guide, Add CloudFront request headers; Viewer mTLS headers for cache policies and
// forwarded to origin).
var originRequestOnly = []string{
	"client-cert", "client-cert-chain", "cloudfront-viewer-address", "cloudfront-viewer-asn", "cloudfront-viewer-cert-pem",
	"cloudfront-viewer-cert-validity", "cloudfront-viewer-ja3-fingerprint", "cloudfront-viewer-ja4-fingerprint",
	"cloudfront-viewer-tls",
}

// ofViewerCertificates are headers that CloudFront sets where callers show a certificate, which a distribution made
// here doesn't ask for; lower-case, * ends a prefix.
var ofViewerCertificates = []string{"client-cert", "client-cert-chain", "cloudfront-viewer-cert-*"}

// tellNoCallers are headers that many callers send alike, that one caller changes with each request, or that AWS WAF
// doesn't see; lower-case, * ends a prefix.
var tellNoCallers = []string{
	"accept*", "cache-control", "cloudfront-*", "connection", "content-*", "cookie", "date", "expect", "host",
	"idempotency-key", "if-*",
	"max-forwards", "origin", "pragma", "priority", "proxy-*", "range", "referer", "sec-*", "te", "traceparent",
	"trailer", "transfer-encoding",
	"upgrade*", "user-agent", "via", "x-amz-cf-id", "x-amzn-trace-id", "x-edge-*", "x-forwarded-*", "x-real-ip",
	"x-request-id",
}

// neverRepeated are headers that hardly ever are the same in two requests; lower-case, * ends a prefix.
var neverRepeated = []string{
	"b3", "baggage", "date", "idempotency-key", "request-id", "traceparent", "tracestate", "user-agent", "x-amz-date",
	"x-amzn-trace-id", "x-b3-*", "x-client-request-id", "x-cloud-trace-context", "x-correlation-id", "x-request-id",
	"x-request-start",
}

// varying are headers on which answers often depend; lower-case, * ends a prefix.
var varying = []string{
	"accept", "accept-charset", "accept-language", "api-key", "authorization", "cloudfront-*", "openai-organization",
	"openai-project", "origin",
	"referer", "user-agent", "x-api-key", "x-forwarded-for", "x-user*",
}

// bodyHeaders describe the body of a request. An answer to GET can't depend on them.
var bodyHeaders = []string{"Content-Type", "Content-Encoding"}

// corsHeaders are what a backend needs to see of a browser's request to answer it under CORS, preflights included
// (CloudFront Developer Guide, Cache content based on request headers, Configure CloudFront to respect CORS settings).
var corsHeaders = []string{"Origin", "Access-Control-Request-Method", "Access-Control-Request-Headers"}

// carriesSecret are names of headers that have keys, tokens or passwords.
var carriesSecret = regexp.MustCompile(`(?i)^(authorization|x-origin-verify|(.*[-_])?(` +
	`api-?key|subscription-key|functions-key|` +
	`access-key|secret-key|private-key|key|token|jwt|auth|secret|passw(or)?d|passphrase|credentials?))$`)

// noAPIKey reports whether a header can't be that of api.keys.
func noAPIKey(header string) bool {
	return denied(untouchable, header) || denied(tellNoCallers, header) || denied([]string{"access-control-*"}, header)
}

// notOfGET reports whether a header is one that viewerrequest takes away from GET and HEAD.
func notOfGET(header string) bool {
	return containsFold(bodyHeaders, header) || strings.HasPrefix(strings.ToLower(header), "access-control-request-")
}

// setByFunction reports whether a header is one that viewerrequest writes, whatever callers send.
func setByFunction(header string) bool {
	return setByEdge(header) || strings.EqualFold(header, PrefixHeader) || strings.EqualFold(header, ForwardedHostHeader)
}

// denied tells whether a header stands in a list like those above.
func denied(list []string, header string) bool {
	header = strings.ToLower(header)
	return slices.ContainsFunc(list, func(d string) bool {
		prefix, wild := strings.CutSuffix(d, "*")
		return d == header || wild && strings.HasPrefix(header, prefix)
	})
}

func containsFold(list []string, item string) bool {
	for _, s := range list {
		if strings.EqualFold(s, item) {
			return true
		}
	}
	return false
}

// readAs reports whether backends may take one header for another. CGI's successors read - as _ (RFC 3875, 4.1.18), and
// some of them any other sign.
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
