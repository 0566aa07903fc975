package config

import (
	"maps"
	"slices"
	"strings"
)

// originHeaderDenied are headers that a distribution can't add to origin requests; lower-case, * ends a prefix.
var originHeaderDenied = []string{
	"cache-control", "connection", "content-length", "cookie", "host", "if-match", "if-modified-since",
	"if-none-match", "if-range", "if-unmodified-since", "max-forwards", "pragma", "proxy-authenticate",
	"proxy-authorization", "proxy-connection", "range", "request-range", "te", "trailer", "transfer-encoding",
	"upgrade", "via", "x-real-ip", "x-amz-*", "x-edge-*",
}

// forwardDenied are headers that a policy can't name; lower-case, * ends a prefix (CloudFront Developer Guide, Request and
// response behavior for custom origins, HTTP request headers and CloudFront behavior).
var forwardDenied = []string{
	"cache-control", "connection", "content-length", "cookie", "max-forwards", "pragma", "proxy-authenticate", "proxy-authorization",
	"proxy-connection", "request-range", "te", "trailer", "transfer-encoding", "upgrade", "x-amz-cf-id", "x-edge-*", "x-forwarded-proto",
	"x-real-ip",
}

// originRequestOnly are headers of CloudFront's own that an origin request policy takes and a cache policy doesn't, in lower
// case (CloudFront Developer Guide, Add CloudFront request headers; Viewer mTLS headers for cache policies and forwarded to origin).
var originRequestOnly = []string{
	"client-cert", "client-cert-chain", "cloudfront-viewer-address", "cloudfront-viewer-asn", "cloudfront-viewer-cert-pem",
	"cloudfront-viewer-cert-validity", "cloudfront-viewer-ja3-fingerprint", "cloudfront-viewer-ja4-fingerprint", "cloudfront-viewer-tls",
}

// ofViewerCertificates are headers that CloudFront sets where callers show a certificate, which a distribution made here doesn't
// ask for; lower-case, * ends a prefix.
var ofViewerCertificates = []string{"client-cert", "client-cert-chain", "cloudfront-viewer-cert-*"}

// denied tells whether a header stands in a list like those above.
func denied(list []string, header string) bool {
	header = strings.ToLower(header)
	return slices.ContainsFunc(list, func(d string) bool {
		prefix, wild := strings.CutSuffix(d, "*")
		return d == header || wild && strings.HasPrefix(header, prefix)
	})
}

// mostHeaderCharacters is what the names and values of all custom headers may have together
// (CloudFront Developer Guide, Quotas on headers).
const mostHeaderCharacters = 10_240

func (a API) checkHeaders(r *report, at path, most int) {
	names := slices.Sorted(maps.Keys(a.Headers))
	count, total := len(names), 0
	if a.VerifySecret != "" {
		count++
	}
	r.overQuota(ruleO9, at, count, most, " headers with that of verifySecret", "originCustomHeaders")
	for _, name := range names {
		value := a.Headers[name]
		total += len(name) + len(value)
		switch {
		case denied(originHeaderDenied, name):
			r.must(ruleO10, at.key(name), "must not be sent to the origin: CloudFront refuses this header")
		case a.VerifySecret != "" && readAs(name, VerifyHeader):
			r.must(ruleO10, at.key(name), "must not be set with api.verifySecret, which sets it")
		default:
			a.checkSecret(r, at.key(name), name, value)
		}
	}
	if total > mostHeaderCharacters {
		r.must(ruleO9, at, "must have at most %d characters in all names and values together, got %d", mostHeaderCharacters, total)
	}
	for _, i := range repeated(names, strings.ToLower) {
		r.must(ruleO9, at.key(names[i]), "must not repeat a header in another case")
	}
}
