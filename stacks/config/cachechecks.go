package config

import (
	"maps"
	"slices"
	"strings"

	"ml-api-accelerator/stacks/config/declare"
	"ml-api-accelerator/stacks/internal/shared/cloudfront"
)

// checkCache checks the headers of a cache against what the API, CORS and the quotas make of them.
func (e Environment) checkCache(r *declare.Report, at declare.Path, route Route) {
	if route.Cache != nil {
		e.checkKeyHeaders(r, at.Field("keyHeaders"), route)
		e.checkForwardHeaders(r, at.Field("forwardHeaders"), route)
	}
}

func (e Environment) checkKeyHeaders(r *declare.Report, at declare.Path, route Route) {
	c, toBucket := *route.Cache, e.isBucket(route.Origin)
	headers, unit := c.KeyHeaders, " headers"
	for _, b := range e.Behaviors() {
		if b.Path == route.Path && b.Cache != nil && len(b.Cache.KeyHeaders) > len(headers) {
			headers = b.Cache.KeyHeaders
			unit = " headers, including " + strings.Join(headers[len(c.KeyHeaders):], " and ")
		}
	}
	overQuota(r, ruleKeyHeaders, at, len(headers), e.Quotas.CachePolicyHeaders, unit, "cachePolicyHeaders")
	c.checkKeyNames(r, at.Parent(), headers, e.Quotas)
	for i, name := range c.KeyHeaders {
		switch {
		case denied(forwardDenied, name), strings.EqualFold(name, "Accept-Encoding"):
			r.Must(ruleKeyHeaders, at.Index(i),
				"must not be part of the cache key: CloudFront refuses %q%s", name, cookieHint(name))
		case denied(originRequestOnly, name):
			r.Must(ruleKeyHeaders, at.Index(i),
				"must not be part of the cache key: CloudFront only forwards %q; put it in forwardHeaders", name)
		case strings.Contains(name, "*"):
			r.Warn(ruleKeyHeaders, at.Index(i), literally, name)
		case denied(ofViewerCertificates, name):
			r.Warn(ruleKeyHeaders, at.Index(i), neverSet, name)
		case denied(neverRepeated, name):
			r.Warn(ruleKeyRepeats, at.Index(i), "is %q, which has another value in nearly every request or client, so the "+
				"cache hardly ever hits: %s", name, outOfKey(name, toBucket))
		case unknownMade(name):
			r.Warn(ruleKeyHeaders, at.Index(i), notMade, name, declare.Suggestion(name, cloudfront.RequestHeaders))
		}
		if toBucket && strings.EqualFold(name, "Host") {
			r.Must(ruleKeyHeaders, at.Index(i),
				"must not be part of the cache key of a route to a bucket: S3 finds the bucket by this header, got %q", name)
		}
		e.API.checkKeyHeader(r, at.Index(i), name, !toBucket && !route.Public)
	}
	if total := len(strings.Join(headers, "")); total > mostNameCharacters {
		r.Must(ruleKeyHeaders, at, "must have at most %d characters in all names together, got %d", mostNameCharacters, total)
	}
	for _, i := range repeated(c.KeyHeaders, strings.ToLower) {
		r.Must(ruleKeyHeaders, at.Index(i), "must not repeat %q", c.KeyHeaders[i])
	}
	if !toBucket && containsFold(c.KeyHeaders, "Host") {
		r.Warn(ruleKeyHeaders, at,
			"has Host: the backend then gets the name that callers use, and needs a certificate for it")
	}
	if keys := e.API.Keys; keys != nil && keys.Forward && !toBucket {
		for _, name := range c.lacking(keys.Headers()) {
			r.Warn(ruleCallerInKey, at,
				"lacks %q: despite api.keys.forward, the backend doesn't get the API key on this route", name)
		}
	}
	if toBucket && containsFold(c.KeyHeaders, "Authorization") {
		r.Warn(ruleModelsAuthorization, at, "has Authorization, which S3 takes for its own signature, and refuses the request: "+
			"leave it out")
	}
	shareable := route.Public && e.API.Keys != nil // what everyone may have, callers may share
	if !toBucket && !shareable {
		e.API.checkShared(r, at, c)
	}
}

func (e Environment) checkForwardHeaders(r *declare.Report, at declare.Path, route Route) {
	c := *route.Cache
	if e.isBucket(route.Origin) {
		if len(c.ForwardHeaders) > 0 {
			r.Must(ruleForwardHeaders, at, "must be absent on a route to a bucket: S3 needs no other headers")
		}
		return
	}
	headers := e.forwardedHeaders(c)
	overQuota(r, ruleForwardHeaders, at, len(headers), e.Quotas.OriginRequestPolicyHeaders,
		" headers, including those of cors", "originRequestPolicyHeaders")
	if total := len(strings.Join(headers, "")); total > mostNameCharacters {
		r.Must(ruleForwardHeaders, at,
			"must have at most %d characters in all names together, including those of cors, got %d", mostNameCharacters, total)
	}
	for i, name := range c.ForwardHeaders {
		e.checkForwardHeader(r, at.Index(i), route, name)
	}
	for _, i := range repeated(c.ForwardHeaders, strings.ToLower) {
		r.Must(ruleForwardHeaders, at.Index(i), "must not repeat %q", c.ForwardHeaders[i])
	}
}

func (e Environment) checkForwardHeader(r *declare.Report, at declare.Path, route Route, name string) {
	c := *route.Cache
	backend, backendAt := e.Backend(route.Origin)
	custom := containsFold(slices.Collect(maps.Keys(e.backendHeaders(route.Origin))), name) ||
		backend.VerifySecret != "" && readAs(name, VerifyHeader) ||
		backend.Credential != nil && strings.EqualFold(name, backend.Credential.Header)
	switch {
	case e.API.tellsCallers(name):
		e.API.checkForwarded(r, at, name)
	case containsFold(c.KeyHeaders, name):
		r.Must(ruleForwardHeaders, at, "must not repeat %q of keyHeaders, which forwards it", name)
	case strings.EqualFold(name, "Authorization"):
		// Add custom headers to origin requests, Configure CloudFront to forward the Authorization header.
		r.Must(ruleForwardHeaders, at,
			"must not be %q: CloudFront refuses to forward it outside the cache key; put it in keyHeaders", name)
	case denied(forwardDenied, name):
		r.Must(ruleForwardHeaders, at, "must not be forwarded: CloudFront refuses %q%s", name, cookieHint(name))
	case custom:
		r.Must(ruleForwardHeaders, at, "must not be forwarded: %s replaces %q of callers", backendAt, name)
	case strings.Contains(name, "*"):
		r.Warn(ruleForwardHeaders, at, literally, name)
	case denied(ofViewerCertificates, name):
		r.Warn(ruleForwardHeaders, at, neverSet, name)
	case unknownMade(name):
		r.Warn(ruleForwardHeaders, at, notMade, name, declare.Suggestion(name, cloudfront.RequestHeaders))
	case strings.EqualFold(name, "Accept-Encoding"):
		r.Warn(ruleForwardHeaders, at, "has no effect: CloudFront forwards %q in any case, to keep answers compressed", name)
	case strings.EqualFold(name, "Host"):
		r.Warn(ruleForwardHeaders, at,
			"has Host: the backend then gets the name that callers use, and needs a certificate for it")
	case denied(originRequestOnly, name): // AWS has no other place for it
	case denied(varying, name) && (e.CORS == nil || !strings.EqualFold(name, "Origin")):
		r.Warn(ruleForwardHeaders, at,
			"has %q: if the answer depends on it, one caller gets another's; put it in keyHeaders", name)
	}
}

// outOfKey says what to do with a header that doesn't belong in a cache's key.
func outOfKey(header string, toBucket bool) string {
	switch {
	case toBucket:
		return "leave it out"
	case strings.EqualFold(header, "User-Agent"):
		return "leave it out, or name CloudFront-Is-Mobile-Viewer and the like, which have two values each"
	}
	return "leave it out, or put it in forwardHeaders"
}

// cookieHint says where cookies belong.
func cookieHint(header string) string {
	if strings.EqualFold(header, "Cookie") {
		return `; set cookies to "all" instead`
	}
	return ""
}

// literally is said of the name of a header with a * (CloudFront Developer Guide, Understand cache policies, Query
// strings).
const literally = "has a * that is no wildcard: CloudFront takes %q as it is, and no caller sends such a header; " +
	"name each header"

// neverSet is said of a header of ofViewerCertificates.
const neverSet = "has no effect: CloudFront sets %q only if callers present a certificate, which this distribution " +
	"doesn't request"

// unknownMade reports whether a header has a name like those that CloudFront makes, and isn't one.
func unknownMade(header string) bool {
	return denied([]string{"cloudfront-*"}, header) && !containsFold(cloudfront.RequestHeaders, header)
}

// notMade is said of such a header.
const notMade = "isn't a header that CloudFront adds, as far as is known, so the backend won't get it, got %q%s"
