package config

import (
	"slices"
	"strings"
)

// corsHeaders are what a backend needs to see of a browser's request to answer it under CORS, preflights included
// (CloudFront Developer Guide, Cache content based on request headers, Configure CloudFront to respect CORS settings).
var corsHeaders = []string{"Origin", "Access-Control-Request-Method", "Access-Control-Request-Headers"}

// forwardedHeaders returns the headers that reach the API on a cached route without being part of the key, sorted.
func (e Environment) forwardedHeaders(c Cache) []string {
	headers := slices.Clone(c.ForwardHeaders)
	if e.CORS != nil {
		headers = append(headers, corsHeaders...)
	}
	headers = slices.DeleteFunc(headers, func(h string) bool { return containsFold(c.KeyHeaders, h) })
	slices.SortFunc(headers, func(a, b string) int { return strings.Compare(strings.ToLower(a), strings.ToLower(b)) })
	return slices.CompactFunc(headers, strings.EqualFold)
}

// checkErrorCache warns where one caller can make an error that is kept for all others, with a header that reaches the
// API without being in the key. The function of the edge takes most of them away from GET and HEAD.
func (e Environment) checkErrorCache(r *report, at path) {
	if e.Distribution.ErrorCacheSeconds == 0 {
		return
	}
	for _, b := range e.Behaviors() {
		headers := slices.DeleteFunc(slices.Clone(b.Forwards), func(h string) bool { return e.API.HasStore() && notOfGET(h) })
		if len(headers) > 0 {
			r.warn(ruleR23, at.field("distribution").field("errorCacheSeconds"),
				`keeps for everyone an error that one caller makes with a header that %s forwards beside its key: %s; take it out (on a route that only reads, "forwardHeaders": []), or put it in keyHeaders`,
				b.at.field("cache"), strings.Join(headers, ", "))
			return
		}
	}
}

// notOfGET reports whether a header is one that viewerrequest takes away from GET and HEAD.
func notOfGET(header string) bool {
	return containsFold(bodyHeaders, header) || strings.HasPrefix(strings.ToLower(header), "access-control-request-")
}

// varying are headers on which answers often depend; lower-case, * ends a prefix.
var varying = []string{
	"accept", "accept-charset", "accept-language", "api-key", "authorization", "cloudfront-*", "openai-organization", "openai-project", "origin",
	"referer", "user-agent", "x-api-key", "x-forwarded-for", "x-user*",
}

func (c Cache) checkForwardHeaders(r *report, at path, origin string, env Environment) {
	if origin == OriginModels {
		if len(c.ForwardHeaders) > 0 {
			r.must(ruleR18, at, "must be absent on a route to the models: S3 needs no other headers")
		}
		return
	}
	headers := env.forwardedHeaders(c)
	r.overQuota(ruleR18, at, len(headers), env.Quotas.OriginRequestPolicyHeaders, " headers with those of cors", "originRequestPolicyHeaders")
	if total := len(strings.Join(headers, "")); total > mostNameCharacters {
		r.must(ruleR18, at, "must have at most %d characters in all names together, with those of cors, got %d", mostNameCharacters, total)
	}
	for i, name := range c.ForwardHeaders {
		c.checkForwardHeader(r, at.index(i), name, env)
	}
	for _, i := range repeated(c.ForwardHeaders, strings.ToLower) {
		r.must(ruleR18, at.index(i), "must not repeat %q", c.ForwardHeaders[i])
	}
}

func (c Cache) checkForwardHeader(r *report, at path, name string, env Environment) {
	custom := env.API.hasHeader(name) || env.API.VerifySecret != "" && readAs(name, VerifyHeader)
	switch {
	case env.API.tellsCallers(name):
		env.API.checkForwarded(r, at, name)
	case containsFold(c.KeyHeaders, name):
		r.must(ruleR18, at, "must not repeat %q of keyHeaders, which forwards it", name)
	case denied(forwardDenied, name):
		r.must(ruleR18, at, "must not be forwarded: CloudFront refuses %q", name)
	case custom:
		r.must(ruleR18, at, "must not be forwarded: CloudFront sets %q itself", name)
	case strings.Contains(name, "*"):
		r.warn(ruleR18, at, literally, name)
	case denied(ofViewerCertificates, name):
		r.warn(ruleR18, at, neverSet, name)
	case strings.EqualFold(name, "Accept-Encoding"):
		r.warn(ruleR18, at, "has no effect: CloudFront forwards %q in any case, to keep answers compressed", name)
	case strings.EqualFold(name, "Host"):
		r.warn(ruleR18, at, "has Host: the backend then needs a certificate for the name that callers use, and is asked for it")
	case denied(originRequestOnly, name): // AWS has no other place for it
	case denied(varying, name) && (env.CORS == nil || !strings.EqualFold(name, "Origin")):
		r.warn(ruleR18, at, "has %q: where the answer depends on it, one caller gets what is meant for another; put it in keyHeaders", name)
	}
}
