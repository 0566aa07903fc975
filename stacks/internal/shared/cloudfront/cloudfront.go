// Package cloudfront has what AWS's guides say of CloudFront, where several packages build on it.
package cloudfront

import (
	"slices"
	"strings"
)

// The methods that a behavior can let in: only these, or all (CloudFront API Reference, AllowedMethods).
var (
	ReadMethods = []string{"GET", "HEAD", "OPTIONS"}
	Methods     = append(slices.Clone(ReadMethods), "PUT", "POST", "PATCH", "DELETE")
)

// MaxFunctionBytes is the most that the code of a function may have (CloudFront Developer Guide, Quotas, CloudFront
// Functions: 10 KB, not adjustable).
const MaxFunctionBytes = 10 * 1024

// MaxValueBytes is the most that an entry of a key value store may have (CloudFront Developer Guide, Quotas on key value
// stores: 1 KB; File format for key-value pairs: 1024 characters, in UTF-8).
const MaxValueBytes = 1024

// HiddenHeaders are those that functions neither see nor may add, in lower case; a star ends a prefix (CloudFront
// Developer Guide, Restrictions on all edge functions, Disallowed headers).
var HiddenHeaders = []string{
	"connection", "expect", "keep-alive", "proxy-authenticate", "proxy-authorization", "proxy-connection", "trailer",
	"upgrade", "x-accel-buffering", "x-accel-charset", "x-accel-limit-rate", "x-accel-redirect", "x-amz-cf-*",
	"x-amzn-auth", "x-amzn-cf-billing", "x-amzn-cf-id", "x-amzn-cf-xff", "x-amzn-errortype", "x-amzn-fle-profile",
	"x-amzn-header-count", "x-amzn-header-order", "x-amzn-lambda-integration-tag", "x-amzn-requestid", "x-cache",
	"x-edge-*", "x-forwarded-proto", "x-real-ip", "cloudfront-viewer-cert-pem", "client-cert", "client-cert-chain",
}

// ReadOnlyHeaders are those that functions may read, but not add, change or take away (the same page, Read-only headers
// in viewer request events).
var ReadOnlyHeaders = []string{"cdn-loop", "content-length", "host", "transfer-encoding", "via"}

// ManagedRequestHeaders are those of its own that CloudFront adds to requests under its policy AllViewerAndCloudFrontHeaders
// (Use managed origin request policies).
var ManagedRequestHeaders = []string{
	"CloudFront-Forwarded-Proto", "CloudFront-Is-Android-Viewer", "CloudFront-Is-Desktop-Viewer", "CloudFront-Is-IOS-Viewer",
	"CloudFront-Is-Mobile-Viewer", "CloudFront-Is-SmartTV-Viewer", "CloudFront-Is-Tablet-Viewer", "CloudFront-Viewer-Address",
	"CloudFront-Viewer-ASN", "CloudFront-Viewer-City", "CloudFront-Viewer-Country", "CloudFront-Viewer-Country-Name",
	"CloudFront-Viewer-Country-Region", "CloudFront-Viewer-Country-Region-Name", "CloudFront-Viewer-Http-Version",
	"CloudFront-Viewer-Latitude", "CloudFront-Viewer-Longitude", "CloudFront-Viewer-Metro-Code", "CloudFront-Viewer-Postal-Code",
	"CloudFront-Viewer-Time-Zone", "CloudFront-Viewer-TLS",
}

// RequestHeaders are all that it adds where a policy names them, but for those of callers' certificates (Add CloudFront
// request headers).
var RequestHeaders = append(slices.Clip(ManagedRequestHeaders), "CloudFront-Viewer-Header-Count", "CloudFront-Viewer-Header-Order",
	"CloudFront-Viewer-JA3-Fingerprint", "CloudFront-Viewer-JA4-Fingerprint")

// IsHidden reports whether functions don't see a header, whose name is in lower case.
func IsHidden(name string) bool {
	return slices.ContainsFunc(HiddenHeaders, func(pattern string) bool { return Match(pattern, name) })
}

// Match reports whether a pattern matches a whole text: * stands for any number of characters, ? for exactly one, and
// case counts (CloudFront Developer Guide, Cache behavior settings, Path pattern).
func Match(pattern, text string) bool {
	star, back := -1, 0
	p, t := 0, 0
	for t < len(text) {
		switch {
		case p < len(pattern) && pattern[p] == '*':
			star, back = p, t
			p++
		case p < len(pattern) && (pattern[p] == '?' || pattern[p] == text[t]):
			p, t = p+1, t+1
		case star >= 0:
			back++
			p, t = star+1, back
		default:
			return false
		}
	}
	return strings.Trim(pattern[p:], "*") == ""
}
