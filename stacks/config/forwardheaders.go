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
	custom := env.API.hasHeader(name) || env.API.VerifySecret != "" && strings.EqualFold(name, VerifyHeader)
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
