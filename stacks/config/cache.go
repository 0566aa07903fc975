package config

import (
	"slices"
	"strings"

	"ml-api-accelerator/stacks/config/declare"
)

// Cache says what CloudFront keeps of the answers to GET and HEAD, and what tells two requests apart.
type Cache struct {
	MinTTLSeconds     int
	DefaultTTLSeconds int
	MaxTTLSeconds     int
	KeyHeaders        []string
	ForwardHeaders    []string
	QueryStrings      string
	Cookies           string
}

func (c *Cache) Declare(f *declare.Fields) {
	f.Integer("minTTLSeconds", &c.MinTTLSeconds, "Seconds an answer is kept at least, whatever the origin says.").Between(ruleTTLOrder, 0, mostTTL)
	f.Integer("defaultTTLSeconds", &c.DefaultTTLSeconds, "Seconds an answer is kept when the origin says nothing; where it is left out, within minTTLSeconds and maxTTLSeconds.").Default(3600).Between(ruleTTLOrder, 0, mostTTL)
	f.Integer("maxTTLSeconds", &c.MaxTTLSeconds, "Seconds an answer is kept at most, whatever the origin says; where it is left out, no less than the other two.").Default(86400).Between(ruleTTLOrder, 0, mostTTL)
	f.Texts("keyHeaders", &c.KeyHeaders, "Headers that are forwarded to the origin and part of the cache key; by default Authorization, and none on routes to the models. With api.keys by default x-caller, the caller's name, and whichever of Authorization and the header of the key isn't taken away; with [] one answer serves all callers who are let in, and the origin isn't told who calls. With api.canary, x-canary is part of every key.").
		Items.Matches(ruleKeyHeaders, headerName, aHeaderName)
	f.Texts("forwardHeaders", &c.ForwardHeaders, "Headers that are forwarded to the API without being part of the key, since they don't change the answer to a GET; by default those that describe the body of a POST, Content-Type and Content-Encoding. With cors those of CORS are forwarded as well.").
		Items.Matches(ruleForwardHeaders, headerName, aHeaderName)
	f.Text("queryStrings", &c.QueryStrings, "Query strings that are forwarded to the origin and part of the cache key.").Default("all").
		OneOf(ruleRouteChoices, "all", "none")
	f.Text("cookies", &c.Cookies, "Cookies that are forwarded to the origin and part of the cache key. With none, the route takes cookies from all requests and Set-Cookie from all answers, POST included. With all, an answer is kept with its Set-Cookie, unless its Cache-Control has no-cache=\"Set-Cookie\".").Default("none").
		OneOf(ruleRouteChoices, "none", "all")
}

// complete has the TTLs that are left out follow those that are written.
func (c *Cache) Complete(written map[string]any) {
	_, standard := written["defaultTTLSeconds"]
	_, most := written["maxTTLSeconds"]
	if !standard {
		c.DefaultTTLSeconds = max(c.DefaultTTLSeconds, c.MinTTLSeconds)
	}
	if !most {
		c.MaxTTLSeconds = max(c.MaxTTLSeconds, c.DefaultTTLSeconds, c.MinTTLSeconds)
	}
	if !standard {
		c.DefaultTTLSeconds = min(c.DefaultTTLSeconds, c.MaxTTLSeconds)
	}
}

// completeHeaders sets the defaults of a cached route to the API. Those to the models have none: S3 must not see a caller's
// Authorization, and nobody posts to it.
func (c *Cache) completeHeaders(keyHeaders []string) {
	if c.KeyHeaders == nil {
		c.KeyHeaders = keyHeaders
	}
	if c.ForwardHeaders == nil {
		c.ForwardHeaders = bodyHeaders
	}
}

// bodyHeaders describe the body of a request. An answer to GET can't depend on them.
var bodyHeaders = []string{"Content-Type", "Content-Encoding"}

// mostNameCharacters is what the names of a policy's headers may have together (CloudFront Developer Guide, Quotas on policies).
const mostNameCharacters = 1024

// longTTL is when an entry that hardly ever hits only fills the cache: an hour.
const longTTL = 3600

func (c Cache) check(r *declare.Report, at declare.Path, origin string, env Environment) {
	switch {
	case c.MaxTTLSeconds < c.MinTTLSeconds:
		r.Must(ruleTTLOrder, at.Field("maxTTLSeconds"), "must be at least minTTLSeconds (%d), got %d", c.MinTTLSeconds, c.MaxTTLSeconds)
	case c.DefaultTTLSeconds < c.MinTTLSeconds:
		r.Must(ruleTTLOrder, at.Field("defaultTTLSeconds"), "must be at least minTTLSeconds (%d), got %d", c.MinTTLSeconds, c.DefaultTTLSeconds)
	case c.MaxTTLSeconds < c.DefaultTTLSeconds:
		r.Must(ruleTTLOrder, at.Field("maxTTLSeconds"), "must be at least defaultTTLSeconds (%d), got %d", c.DefaultTTLSeconds, c.MaxTTLSeconds)
	}
	if c.MaxTTLSeconds == 0 {
		r.Must(ruleCacheKeeps, at.Field("maxTTLSeconds"), "must be over 0: to cache nothing, leave cache out")
	}
	c.checkKeyHeaders(r, at.Field("keyHeaders"), origin, env)
	c.checkForwardHeaders(r, at.Field("forwardHeaders"), origin, env)
	if c.Cookies == "all" && origin == OriginAPI {
		r.Warn(ruleSetCookieApart, at.Field("cookies"), `"all" keeps the Set-Cookie of one caller's answer for the next with the same cookies, such as none: the backend must send Cache-Control: no-cache="Set-Cookie" with it`)
	}
	if c.Cookies == "all" && c.DefaultTTLSeconds >= longTTL {
		r.Warn(ruleCookiesInKey, at.Field("cookies"), `"all" with a default TTL of %d s hardly ever hits: every caller's cookies differ`, c.DefaultTTLSeconds)
	}
}

// checkDefault warns of what a cache on the default route takes from all that isn't cached: a behavior has one cache
// policy for all methods, and what that doesn't have in its key reaches the origin only by an origin request policy
// (CloudFront Developer Guide, Cache content based on cookies; Use WebSockets with CloudFront distributions).
func (c Cache) checkDefault(r *declare.Report, at declare.Path) {
	var lost []string
	if c.Cookies == "none" {
		lost = append(lost, "the backend gets no cookies and callers no Set-Cookie")
	}
	if !c.forwards("Sec-WebSocket-Key") || !c.forwards("Sec-WebSocket-Version") {
		lost = append(lost, "no WebSocket opens without Sec-WebSocket-Key and Sec-WebSocket-Version in forwardHeaders")
	}
	if len(lost) > 0 {
		r.Warn(ruleDefaultRouteCache, at, "is for everything without a route of its own, POST included: %s; other headers than those of keyHeaders and forwardHeaders don't reach the backend either; rather cache on routes that only read",
			strings.Join(lost, ", and "))
	}
}

// forwards reports whether the origin gets a header.
func (c Cache) forwards(header string) bool {
	return containsFold(c.KeyHeaders, header) || containsFold(c.ForwardHeaders, header)
}

// orDefault says of a value that it may be there because the field is left out.
func orDefault(is bool) string {
	if is {
		return ", the default"
	}
	return ""
}

func (c Cache) checkKeyHeaders(r *declare.Report, at declare.Path, origin string, env Environment) {
	headers, unit := c.KeyHeaders, " headers"
	if origin == OriginAPI && env.API.Canary != nil {
		headers, unit = env.keyed(c).KeyHeaders, " headers with "+CanaryHeader
	}
	overQuota(r, ruleKeyHeaders, at, len(headers), env.Quotas.CachePolicyHeaders, unit, "cachePolicyHeaders")
	for i, name := range c.KeyHeaders {
		switch {
		case denied(forwardDenied, name), strings.EqualFold(name, "Accept-Encoding"):
			r.Must(ruleKeyHeaders, at.Index(i), "must not be part of the cache key: CloudFront refuses %q", name)
		case denied(originRequestOnly, name):
			r.Must(ruleKeyHeaders, at.Index(i), "must not be part of the cache key: CloudFront only forwards %q; put it in forwardHeaders", name)
		case strings.Contains(name, "*"):
			r.Warn(ruleKeyHeaders, at.Index(i), literally, name)
		case denied(ofViewerCertificates, name):
			r.Warn(ruleKeyHeaders, at.Index(i), neverSet, name)
		}
		if origin == OriginModels && strings.EqualFold(name, "Host") {
			r.Must(ruleKeyHeaders, at.Index(i), "must not be part of the cache key of a route to the models: S3 knows its bucket by this header, got %q", name)
		}
		env.API.checkKeyHeader(r, at.Index(i), name, origin)
	}
	if total := len(strings.Join(headers, "")); total > mostNameCharacters {
		r.Must(ruleKeyHeaders, at, "must have at most %d characters in all names together, got %d", mostNameCharacters, total)
	}
	for _, i := range repeated(c.KeyHeaders, strings.ToLower) {
		r.Must(ruleKeyHeaders, at.Index(i), "must not repeat %q", c.KeyHeaders[i])
	}
	if origin == OriginAPI && containsFold(c.KeyHeaders, "Host") {
		r.Warn(ruleKeyHeaders, at, "has Host: the backend then needs a certificate for the name that callers use, and is asked for it")
	}
	if keys := env.API.Keys; keys != nil && keys.Forward && origin == OriginAPI && !containsFold(c.KeyHeaders, keys.Header) {
		r.Warn(ruleCallerInKey, at, "lacks %q: in spite of api.keys.forward the backend doesn't get the key on this route", keys.Header)
	}
	if origin == OriginModels && containsFold(c.KeyHeaders, "Authorization") {
		r.Warn(ruleModelsAuthorization, at, "has Authorization: S3 takes it for its own signature and refuses the request")
	}
	if origin == OriginAPI {
		env.API.checkShared(r, at, c)
	}
}

// literally is said of the name of a header with a * (CloudFront Developer Guide, Understand cache policies, Query strings).
const literally = "is no wildcard: CloudFront takes the * of %q as it is, and no caller sends such a header; name each header"

// neverSet is said of a header of ofViewerCertificates.
const neverSet = "has no effect: CloudFront sets %q only where callers show it a certificate, which this distribution doesn't ask for"

func containsFold(list []string, item string) bool {
	for _, s := range list {
		if strings.EqualFold(s, item) {
			return true
		}
	}
	return false
}

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
func (e Environment) checkErrorCache(r *declare.Report, at declare.Path) {
	if e.Distribution.ErrorCacheSeconds == 0 {
		return
	}
	for _, b := range e.Behaviors() {
		headers := slices.DeleteFunc(slices.Clone(b.Forwards), func(h string) bool { return e.API.HasStore() && notOfGET(h) })
		if len(headers) > 0 {
			r.Warn(ruleErrorsApart, at.Field("distribution").Field("errorCacheSeconds"),
				`keeps for everyone an error that one caller makes with a header that %s forwards beside its key: %s; take it out (on a route that only reads, "forwardHeaders": []), or put it in keyHeaders`,
				b.at.Field("cache"), strings.Join(headers, ", "))
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

func (c Cache) checkForwardHeaders(r *declare.Report, at declare.Path, origin string, env Environment) {
	if origin == OriginModels {
		if len(c.ForwardHeaders) > 0 {
			r.Must(ruleForwardHeaders, at, "must be absent on a route to the models: S3 needs no other headers")
		}
		return
	}
	headers := env.forwardedHeaders(c)
	overQuota(r, ruleForwardHeaders, at, len(headers), env.Quotas.OriginRequestPolicyHeaders, " headers with those of cors", "originRequestPolicyHeaders")
	if total := len(strings.Join(headers, "")); total > mostNameCharacters {
		r.Must(ruleForwardHeaders, at, "must have at most %d characters in all names together, with those of cors, got %d", mostNameCharacters, total)
	}
	for i, name := range c.ForwardHeaders {
		c.checkForwardHeader(r, at.Index(i), name, env)
	}
	for _, i := range repeated(c.ForwardHeaders, strings.ToLower) {
		r.Must(ruleForwardHeaders, at.Index(i), "must not repeat %q", c.ForwardHeaders[i])
	}
}

func (c Cache) checkForwardHeader(r *declare.Report, at declare.Path, name string, env Environment) {
	custom := env.API.hasHeader(name) || env.API.VerifySecret != "" && readAs(name, VerifyHeader)
	switch {
	case env.API.tellsCallers(name):
		env.API.checkForwarded(r, at, name)
	case containsFold(c.KeyHeaders, name):
		r.Must(ruleForwardHeaders, at, "must not repeat %q of keyHeaders, which forwards it", name)
	case denied(forwardDenied, name):
		r.Must(ruleForwardHeaders, at, "must not be forwarded: CloudFront refuses %q", name)
	case custom:
		r.Must(ruleForwardHeaders, at, "must not be forwarded: CloudFront sets %q itself", name)
	case strings.Contains(name, "*"):
		r.Warn(ruleForwardHeaders, at, literally, name)
	case denied(ofViewerCertificates, name):
		r.Warn(ruleForwardHeaders, at, neverSet, name)
	case strings.EqualFold(name, "Accept-Encoding"):
		r.Warn(ruleForwardHeaders, at, "has no effect: CloudFront forwards %q in any case, to keep answers compressed", name)
	case strings.EqualFold(name, "Host"):
		r.Warn(ruleForwardHeaders, at, "has Host: the backend then needs a certificate for the name that callers use, and is asked for it")
	case denied(originRequestOnly, name): // AWS has no other place for it
	case denied(varying, name) && (env.CORS == nil || !strings.EqualFold(name, "Origin")):
		r.Warn(ruleForwardHeaders, at, "has %q: where the answer depends on it, one caller gets what is meant for another; put it in keyHeaders", name)
	}
}
