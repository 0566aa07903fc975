package config

import (
	"maps"
	"slices"
	"strings"

	"ml-api-accelerator/stacks/config/declare"
	"ml-api-accelerator/stacks/internal/shared/cloudfront"
	"ml-api-accelerator/stacks/internal/shared/names"
	"ml-api-accelerator/stacks/internal/shared/viewerrequest"
)

// Behavior is one cache behavior of the distribution, as the configuration adds up to it.
type Behavior struct {
	// Path pattern; empty for the default behavior.
	Path string
	// Origin the requests are meant for: OriginAPI or OriginModels.
	Origin string
	// Whether a second origin is asked when that one fails.
	Failover bool
	Methods  string
	// What is cached; nil: nothing, or what suits large files if Files is set.
	Cache *Cache
	// Headers forwarded to the API beside those of the cache's key; nil where all are, or where S3 gets what it needs.
	Forwards []string
	Files    bool
	GRPC     bool
	Signed   bool

	at declare.Path // where the configuration describes it
}

// FailsOverFromAPI tells whether api.failover is asked when the API, or its canary, fails.
func (b Behavior) FailsOverFromAPI() bool { return b.Origin == OriginAPI && b.Failover }

// Behaviors returns the cache behaviors in the order CloudFront tries them, the default one first.
func (e Environment) Behaviors() []Behavior {
	list := []Behavior{{Origin: OriginAPI, Methods: MethodsAll, Cache: e.cached(OriginAPI, e.API.Cache),
		Forwards: e.forwards(OriginAPI, e.API.Cache), at: declare.Path{"api"}}}
	for i, r := range e.Routes {
		list = append(list, Behavior{
			Path: r.Path, Origin: r.Origin, Failover: e.failsOver(r.Origin, r.Failover), Methods: r.Methods,
			Cache:    e.cached(r.Origin, r.Cache),
			Forwards: e.forwards(r.Origin, r.Cache), GRPC: r.GRPC, Signed: r.Signed, at: declare.Path{"routes", i},
		})
	}
	return append(list, Behavior{
		Path: e.Models.Path, Origin: OriginModels, Failover: e.failsOver(OriginModels, false), Methods: MethodsRead,
		Files:  true,
		Signed: len(e.Models.Signers) > 0, at: declare.Path{"models"},
	})
}

// cached is what a behavior caches; nil: nothing.
func (e Environment) cached(origin string, c *Cache) *Cache {
	if c == nil || origin == OriginModels {
		return c
	}
	keyed := e.keyed(*c)
	return &keyed
}

// keyed keeps what the canary answers apart from what the rest of the API does.
func (e Environment) keyed(c Cache) Cache {
	if e.API.Canary != nil {
		c.KeyHeaders = append(slices.Clone(c.KeyHeaders), CanaryHeader)
	}
	return c
}

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

func (e Environment) forwards(origin string, c *Cache) []string {
	if c == nil || origin == OriginModels {
		return nil
	}
	return e.forwardedHeaders(*c)
}

// failsOver tells whether the requests for an origin may go to a second one: those for the models whenever there is a
// replica.
func (e Environment) failsOver(origin string, failover bool) bool {
	if origin == OriginModels {
		return e.Models.ReplicaRegion != ""
	}
	return failover
}

// sendsHost reports whether the API gets the name that callers use in each request: CloudFront then takes a certificate
// for that as well (CloudFront Developer Guide, HTTP 502 status code).
func (e Environment) sendsHost() bool {
	return !slices.ContainsFunc(e.Behaviors(), func(b Behavior) bool {
		return b.Origin == OriginAPI && (b.Cache == nil || !containsFold(b.Cache.KeyHeaders, "Host") &&
			!containsFold(b.Forwards, "Host"))
	})
}

// CanaryFailsOver tells whether a route asks api.failover when the canary fails.
func (e Environment) CanaryFailsOver() bool {
	return e.API.Canary != nil && slices.ContainsFunc(e.Behaviors(), Behavior.FailsOverFromAPI)
}

// FailoverStatuses are those on which the second origin is asked. 403 and 404 are answers, and a model that was
// withdrawn from the bucket may still be in the replica.
var FailoverStatuses = []int{500, 502, 503, 504}

// ViewerFunctions returns the functions that run before each request to the API, where there are API keys or a canary.
// Routes with failover get the second one, if there is one: a canary request doesn't fail over to the behavior's group.
func (e Environment) ViewerFunctions() []viewerrequest.Options {
	if !e.API.HasStore() {
		return nil
	}
	options := viewerrequest.Options{KeyHeaders: e.API.KeyHeaders(), OriginPath: e.API.Path != ""}
	if e.API.Keys != nil {
		options.ForwardKey = e.API.Keys.Forward
	}
	if e.API.Canary != nil {
		options.Canary = &viewerrequest.Canary{Origin: OriginCanary, Percent: e.API.Canary.Percent}
	}
	if e.CORS != nil {
		options.CORS = &viewerrequest.CORS{AllowOrigins: e.CORS.AllowOrigins, AllowCredentials: e.CORS.AllowCredentials}
	}
	for _, route := range e.Routes {
		if route.Origin == OriginAPI {
			options.Routes = append(options.Routes, viewerrequest.Route{Path: route.Path, Signed: route.Signed,
				Reads: route.Methods == MethodsRead})
		}
	}
	if !e.CanaryFailsOver() {
		return []viewerrequest.Options{options}
	}
	second, canary := options, *options.Canary
	canary.Failover, canary.FailoverOn = names.OriginFailover, FailoverStatuses
	second.Canary = &canary
	return []viewerrequest.Options{options, second}
}

func (e Environment) checkBehaviors(r *declare.Report, at declare.Path, stack string) {
	list := e.Behaviors()
	overQuota(r, ruleBehaviorCount, at.Field("routes"), len(list), e.Quotas.Behaviors,
		" behaviors with those of api and models", "behaviors")
	if e.Quotas.Origins != declare.Unset[Quotas]().Origins {
		r.Warn(ruleHasEffect, at.Field("quotas").Field("origins"), "has no effect: an environment has at most five origins")
	}
	comparePaths(r, at, list[1:])
	seen := map[string]Behavior{}
	for _, b := range list {
		if b.Cache == nil {
			continue
		}
		where := at.Join(b.at).Field("path")
		policy := names.CachePolicy(stack, b.Path)
		if first, taken := seen[policy]; taken && normal(first.Path) != normal(b.Path) {
			r.Must(ruleCachePolicyNames, where, "must not make the same cache policy name %q as %s", policy, first.at)
		}
		seen[policy] = b
		if n := len(policy); n > policyNameLength {
			r.Must(ruleCachePolicyCount, where,
				"must make a cache policy name of at most %d characters, got %d", policyNameLength, n)
		}
	}
}

// comparePaths compares every path pattern with those before it.
func comparePaths(r *declare.Report, at declare.Path, list []Behavior) {
	for i, later := range list {
		where := at.Join(later.at).Field("path")
		for _, earlier := range list[:i] {
			if normal(earlier.Path) == normal(later.Path) {
				r.Must(rulePathPatternOnce, where, "must not repeat %q of %s", earlier.Path, earlier.at)
				break
			}
			if covers(earlier.Path, later.Path) {
				r.Warn(ruleRouteReached, where,
					"is never reached: %q of %s matches all that %q does", earlier.Path, earlier.at, later.Path)
				break
			}
		}
	}
}

// policyNameLength is the most characters of a cache policy's name (CloudFront API Reference, CachePolicyConfig).
const policyNameLength = 128

func (e Environment) checkFunction(r *declare.Report, at declare.Path) {
	size := 0
	for _, function := range e.ViewerFunctions() {
		size = max(size, len(viewerrequest.Code(function)))
	}
	if size > cloudfront.MaxFunctionBytes {
		r.Must(ruleFunctionSize, at.Field("api"),
			"must make a function of at most %d bytes: have fewer or shorter cors.allowOrigins, and fewer routes to the API "+
				"up to the last that is signed or only reads", cloudfront.MaxFunctionBytes)
	}
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
				`caches for everyone an error that one caller causes with a header that %s forwards `+
					`outside the cache key: %s; remove it (on a route that only reads, "forwardHeaders": []), or put it in keyHeaders`,
				b.at.Field("cache"), strings.Join(headers, ", "))
			return
		}
	}
}

// checkCache checks the headers of a cache against what the API, CORS and the quotas make of them.
func (e Environment) checkCache(r *declare.Report, at declare.Path, c *Cache, origin string) {
	if c != nil {
		e.checkKeyHeaders(r, at.Field("keyHeaders"), *c, origin)
		headers := c.KeyHeaders
		if origin == OriginAPI {
			headers = e.keyed(*c).KeyHeaders
		}
		c.checkKeyNames(r, at, headers, e.Quotas)
		e.checkForwardHeaders(r, at.Field("forwardHeaders"), *c, origin)
	}
}

func (e Environment) checkKeyHeaders(r *declare.Report, at declare.Path, c Cache, origin string) {
	headers, unit := c.KeyHeaders, " headers"
	if origin == OriginAPI && e.API.Canary != nil {
		headers, unit = e.keyed(c).KeyHeaders, " headers with "+CanaryHeader
	}
	overQuota(r, ruleKeyHeaders, at, len(headers), e.Quotas.CachePolicyHeaders, unit, "cachePolicyHeaders")
	for i, name := range c.KeyHeaders {
		switch {
		case denied(forwardDenied, name), strings.EqualFold(name, "Accept-Encoding"):
			r.Must(ruleKeyHeaders, at.Index(i), "must not be part of the cache key: CloudFront refuses %q", name)
		case denied(originRequestOnly, name):
			r.Must(ruleKeyHeaders, at.Index(i),
				"must not be part of the cache key: CloudFront only forwards %q; put it in forwardHeaders", name)
		case strings.Contains(name, "*"):
			r.Warn(ruleKeyHeaders, at.Index(i), literally, name)
		case denied(ofViewerCertificates, name):
			r.Warn(ruleKeyHeaders, at.Index(i), neverSet, name)
		}
		if origin == OriginModels && strings.EqualFold(name, "Host") {
			r.Must(ruleKeyHeaders, at.Index(i),
				"must not be part of the cache key of a route to the models: S3 finds the bucket by this header, got %q", name)
		}
		e.API.checkKeyHeader(r, at.Index(i), name, origin)
	}
	if total := len(strings.Join(headers, "")); total > mostNameCharacters {
		r.Must(ruleKeyHeaders, at, "must have at most %d characters in all names together, got %d", mostNameCharacters, total)
	}
	for _, i := range repeated(c.KeyHeaders, strings.ToLower) {
		r.Must(ruleKeyHeaders, at.Index(i), "must not repeat %q", c.KeyHeaders[i])
	}
	if origin == OriginAPI && containsFold(c.KeyHeaders, "Host") {
		r.Warn(ruleKeyHeaders, at,
			"has Host: the backend then gets the name that callers use, and needs a certificate for it")
	}
	if keys := e.API.Keys; keys != nil && keys.Forward && origin == OriginAPI {
		for _, name := range c.lacking(keys.Headers()) {
			r.Warn(ruleCallerInKey, at,
				"lacks %q: despite api.keys.forward, the backend doesn't get the API key on this route", name)
		}
	}
	if origin == OriginModels && containsFold(c.KeyHeaders, "Authorization") {
		r.Warn(ruleModelsAuthorization, at, "has Authorization, which S3 takes for its own signature: it refuses the request")
	}
	if origin == OriginAPI {
		e.API.checkShared(r, at, c)
	}
}

func (e Environment) checkForwardHeaders(r *declare.Report, at declare.Path, c Cache, origin string) {
	if origin == OriginModels {
		if len(c.ForwardHeaders) > 0 {
			r.Must(ruleForwardHeaders, at, "must be absent on a route to the models: S3 needs no other headers")
		}
		return
	}
	headers := e.forwardedHeaders(c)
	overQuota(r, ruleForwardHeaders, at, len(headers), e.Quotas.OriginRequestPolicyHeaders,
		" headers with those of cors", "originRequestPolicyHeaders")
	if total := len(strings.Join(headers, "")); total > mostNameCharacters {
		r.Must(ruleForwardHeaders, at,
			"must have at most %d characters in all names together, with those of cors, got %d", mostNameCharacters, total)
	}
	for i, name := range c.ForwardHeaders {
		e.checkForwardHeader(r, at.Index(i), c, name)
	}
	for _, i := range repeated(c.ForwardHeaders, strings.ToLower) {
		r.Must(ruleForwardHeaders, at.Index(i), "must not repeat %q", c.ForwardHeaders[i])
	}
}

func (e Environment) checkForwardHeader(r *declare.Report, at declare.Path, c Cache, name string) {
	custom := containsFold(slices.Collect(maps.Keys(e.API.Headers)), name) || e.API.VerifySecret != "" && readAs(name,
		VerifyHeader)
	switch {
	case e.API.tellsCallers(name):
		e.API.checkForwarded(r, at, name)
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
		r.Warn(ruleForwardHeaders, at,
			"has Host: the backend then gets the name that callers use, and needs a certificate for it")
	case denied(originRequestOnly, name): // AWS has no other place for it
	case denied(varying, name) && (e.CORS == nil || !strings.EqualFold(name, "Origin")):
		r.Warn(ruleForwardHeaders, at,
			"has %q: if the answer depends on it, one caller gets another's; put it in keyHeaders", name)
	}
}

// literally is said of the name of a header with a * (CloudFront Developer Guide, Understand cache policies, Query
// strings).
const literally = "has a * that is no wildcard: CloudFront takes %q as it is, and no caller sends such a header; " +
	"name each header"

// neverSet is said of a header of ofViewerCertificates.
const neverSet = "has no effect: CloudFront sets %q only if callers present a certificate, which this distribution " +
	"doesn't request"
