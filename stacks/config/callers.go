package config

import (
	"maps"
	"slices"
	"strings"

	"ml-api-accelerator/stacks/internal/shared/viewerrequest"
)

// checkCallers holds the rest of an environment to its keys and its canary.
func (e Environment) checkCallers(r *report, at path) {
	e.checkFixedHeaders(r, at.field("api").field("headers"))
	if e.API.Keys != nil && e.CORS != nil && !containsFold(e.CORS.AllowHeaders, e.API.Keys.Header) && !slices.Contains(e.CORS.AllowHeaders, "*") {
		r.warn(ruleK6, at.field("cors").field("allowHeaders"), "lacks %q of api.keys: browsers won't send a key, and every request from a page is answered 401", e.API.Keys.Header)
	}
	if e.API.Keys != nil && setByEdge(e.Firewall.LimitBy) {
		r.must(ruleK7, at.field("firewall").field("limitBy"), "must not be %q: the firewall sees requests before the edge does, with what callers write there; use the header of the key, %q",
			e.Firewall.LimitBy, e.API.Keys.Header)
	}
	e.checkCounted(r, at.field("firewall"))
	e.checkFunction(r, at)
	for i, expectation := range e.Expect {
		expectation.checkCaller(r, at.field("expect").index(i), e.API)
	}
}

// ViewerRequest is what the function does that runs before each request to the API, where there are keys or a canary.
func (e Environment) ViewerRequest() viewerrequest.Options {
	options := viewerrequest.Options{KeyHeader: e.API.KeyHeader(), OriginPath: e.API.Path != ""}
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
			options.Routes = append(options.Routes, viewerrequest.Route{Path: route.Path, Signed: route.Signed, Reads: route.Methods == MethodsRead})
		}
	}
	return options
}

// failoverCode is more than the function grows where the canary fails over, in bytes.
const failoverCode = 300

func (e Environment) checkFunction(r *report, at path) {
	if !e.API.HasStore() {
		return
	}
	size := len(viewerrequest.Code(e.ViewerRequest()))
	if e.CanaryFailsOver() {
		size += failoverCode
	}
	if size > viewerrequest.MaxSize {
		r.must(ruleK11, at.field("api"), "must make a function of at most %d bytes: have fewer or shorter cors.allowOrigins, and fewer routes to the API up to the last that is signed or only reads", viewerrequest.MaxSize)
	}
}

// checkFixedHeaders: those of api.headers replace what a request has (CloudFront Developer Guide, Add custom headers to
// origin requests), and so what the edge says of its caller.
func (e Environment) checkFixedHeaders(r *report, at path) {
	for _, name := range slices.Sorted(maps.Keys(e.API.Headers)) {
		if e.API.Keys != nil && readAs(name, CallerHeader) {
			r.must(ruleK2, at.key(name), "must not be set with api.keys, which sets it")
		}
		if e.API.Canary != nil && readAs(name, CanaryHeader) {
			r.must(ruleK2, at.key(name), "must not be set with api.canary, which sets it")
		}
	}
}

func (e Expectation) checkCaller(r *report, at path, api API) {
	if e.Caller != "" && api.Keys == nil {
		r.must(ruleK8, at.field("caller"), "needs api.keys: without them the edge knows no callers")
	}
	if e.Canary && api.Canary == nil {
		r.must(ruleK8, at.field("canary"), "needs api.canary")
	}
	if e.Origin == OriginCanary && api.Canary == nil {
		r.must(ruleK8, at.field("origin"), "needs api.canary")
	}
}

// checkKeyHeader holds one header of a cache's key to what the edge does with the headers of callers.
func (a API) checkKeyHeader(r *report, at path, name, origin string) {
	known := a.Keys != nil && origin == OriginAPI
	switch {
	case readAs(name, CanaryHeader):
		r.must(ruleK3, at, "must not be %q, which is part of the key by itself where there is a canary", name)
	case readAs(name, CallerHeader) && (!known || !strings.EqualFold(name, CallerHeader)):
		r.must(ruleK3, at, "must not be %q: only api.keys sets it, on routes to the API", name)
	case known && strings.EqualFold(name, a.takenAway()):
		r.must(ruleK3, at, "must not be %q, which api.keys takes away: %s tells callers apart", name, CallerHeader)
	}
}

// checkShared warns of a cache whose key hasn't what tells callers apart. Where the edge lets only known callers in, no headers at
// all say so on purpose.
func (a API) checkShared(r *report, at path, c Cache) {
	apart, differ := "Authorization", "Authorization"
	if a.Keys != nil {
		apart, differ = CallerHeader, "their API key"
	}
	others := slices.DeleteFunc(slices.Clone(c.KeyHeaders), func(h string) bool { return denied(tellNoCallers, h) || strings.Contains(h, "*") })
	if c.Cookies == "all" {
		others = append(others, "Cookie")
	}
	switch {
	case containsFold(c.KeyHeaders, apart), a.Keys != nil && len(c.KeyHeaders) == 0:
	case a.Keys != nil && a.Keys.Forward && containsFold(c.KeyHeaders, a.Keys.Header):
	case len(others) > 0:
		r.warn(ruleR8, at, "has no %s: callers who differ only in %s get the same cached answer, which is fine if %s tells all of them apart", apart, differ, listed(others, "or"))
	default:
		r.warn(ruleR8, at, "has no %s: every caller gets the same cached answer", apart)
	}
}

// tellsCallers tells whether a header says of a request whose it is, or has the key.
func (a API) tellsCallers(header string) bool {
	return setByEdge(header) || a.Keys != nil && strings.EqualFold(header, a.Keys.Header)
}

// checkForwarded refuses such a header where it would be forwarded beside the key.
func (a API) checkForwarded(r *report, at path, name string) {
	switch {
	case readAs(name, CanaryHeader):
		r.must(ruleK4, at, "must not be %q, which is forwarded by itself where there is a canary", name)
	case readAs(name, CallerHeader):
		r.must(ruleK4, at, "must not be %q: put it in keyHeaders, or one caller gets what is meant for another", name)
	case a.takenAway() != "":
		r.must(ruleK4, at, "must not be %q, which api.keys takes away", name)
	default:
		r.must(ruleK4, at, "must not be %q, which has the key: put it in keyHeaders, or one caller gets what is meant for another", name)
	}
}

// checkCounted warns of limits that don't count by the keys that the edge knows: the firewall sees them before the edge does.
func (e Environment) checkCounted(r *report, at path) {
	keys, w := e.API.Keys, e.Firewall
	limited := len(w.Limits) > 0 || w.RequestsPer5Minutes != unset[Firewall]().RequestsPer5Minutes
	switch {
	case keys == nil || !w.Enabled || w.WebACLARN != "" || setByEdge(w.LimitBy):
	case w.LimitBy == LimitByIP && limited:
		r.warn(ruleK10, at.field("limitBy"), `is "ip", so that callers behind one address share these limits, and one with many addresses has each of them many times; count by the header of api.keys, %q`, keys.Header)
	case w.LimitBy != LimitByIP && !strings.EqualFold(w.LimitBy, keys.Header):
		r.warn(ruleK10, at.field("limitBy"), "is %q, but callers send their keys in %q (api.keys.header): requests without the one are counted by IP address, and whoever makes up values isn't counted", w.LimitBy, keys.Header)
	}
}
