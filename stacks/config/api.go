package config

import (
	"maps"
	"slices"
	"strings"

	"ml-api-accelerator/stacks/config/declare"
	"ml-api-accelerator/stacks/internal/shared/callers"
)

// API is the backend of the default route, and what the edge does for all backends: it knows their callers.
type API struct {
	Backend
	Keys   *Keys
	Canary *Canary
	Cache  *Cache
}

// Declare implements [declare.Section].
func (a *API) Declare(f *declare.Fields) {
	a.Backend.Declare(f)
	declare.Optional(f, "keys", &a.Keys,
		"API keys, checked at the edge; create them with the command key. "+
			"Without this, the backend checks its callers itself.").
		Instead("callers and their keys aren't listed here; write {}, deploy, and then run go run . key add ENV NAME")
	declare.Optional(f, "canary", &a.Canary,
		"New version of the backend for a share of the callers. A caller always gets the same version.")
	declare.Optional(f, "cache", &a.Cache,
		"Cache of the default route; without it nothing is cached. It also limits which cookies and headers of a POST "+
			"reach the backend, so prefer a cache on routes that only read.")
}

func (a API) check(r *declare.Report, at declare.Path, region, account string, quotas Quotas) {
	a.Backend.check(r, at, region, account, quotas)
	if a.Keys != nil {
		a.Keys.check(r, at.Field("keys"), a.Headers)
	}
	if a.Canary != nil {
		a.Canary.check(r, at.Field("canary"), a.backends())
	}
	if a.Cache != nil {
		a.Cache.check(r, at.Field("cache"), false)
		a.Cache.checkDefault(r, at.Field("cache"))
	}
}

// checkNames is that of the backend, and of its new version.
func (a API) checkNames(r *declare.Report, at declare.Path, hostSent bool) {
	a.Backend.checkNames(r, at, hostSent)
	if a.Canary != nil {
		checkName(r, at.Field("canary").Field("domainName"), a.Canary.DomainName, "", hostSent)
	}
}

// Canary is a new version of the backend that a share of the callers gets.
type Canary struct {
	DomainName string
	Percent    int
	Credential *Credential
}

// Declare implements [declare.Section].
func (c *Canary) Declare(f *declare.Fields) {
	f.Text("domainName", &c.DomainName,
		"DNS name of the new version. It gets the same path, port and headers as the backend.").Required().
		Length(ruleOriginDomain, 1, mostDomain)
	f.Integer("percent", &c.Percent,
		"Percentage of callers that get it, until the command canary sets another. If api.keys are already deployed, "+
			"start with 0: the function is updated before the distribution knows the new origin.").Required().
		Between(ruleCanary, 0, 100)
	declare.Optional(f, "credential", &c.Credential,
		"Key that the new version expects. Without this it gets none: api.credential is never sent here.")
}

func (c Canary) check(r *declare.Report, at declare.Path, backends []string) {
	domain := at.Field("domainName")
	checkOriginDomain(r, domain, c.DomainName)
	if containsFold(backends, c.DomainName) {
		r.Must(ruleCanary, domain, "must differ from the API's, its regions' and its failover's, got %q", c.DomainName)
	}
}

// The headers in which the edge tells the backend what it knows of a caller. Those of callers themselves are taken
// away.
const (
	CallerHeader = callers.CallerHeader // the caller's name
	CanaryHeader = callers.CanaryHeader // 1 if the request goes to the canary
)

const aShortHeader = "be the name of a header, of 1 to 64 letters, digits, - and _"

// Keys has the edge let only callers in whose API key it knows.
type Keys struct {
	Header  declare.TextOrList
	Forward bool
}

// Headers are those that may have the API key.
func (k Keys) Headers() []string { return k.Header.Texts() }

// Declare implements [declare.Section].
func (k *Keys) Declare(f *declare.Fields) {
	header := f.TextOrList("header", &k.Header,
		"Header with the API key, or several that may have it: as a bearer token in Authorization, as it is in any other "+
			"header. If a request sends several, the first counts, and the others mustn't have another key.").
		Default(declare.TextOrList{Text: "Authorization"})
	header.Matches(ruleAPIKeyHeader, shortHeader, aShortHeader)
	header.Items.Matches(ruleAPIKeyHeader, shortHeader, aShortHeader)
	f.Boolean("forward", &k.Forward,
		"Forward the API key to the backend. By default it is removed, and x-caller has the caller's name.")
}

func (k Keys) check(r *declare.Report, at declare.Path, fixed map[string]string) {
	for i, name := range k.Headers() {
		header := k.Header.At(at.Field("header"), i)
		switch {
		case denied(untouchable, name):
			r.Must(ruleAPIKeyHeader, header, "must be a header that a function can read and remove, got %q: use Authorization, or one of "+
				"your own, such as X-Api-Key", name)
		case denied(tellNoCallers, name), denied([]string{"access-control-*"}, name):
			r.Must(ruleAPIKeyHeader, header, "must be a header that has nothing but an API key, got %q", name)
		case carriesSecret.MatchString(name) && containsFold(slices.Collect(maps.Keys(fixed)), name):
			// api.headers must not have it anyway
		case setByEdge(name), readAs(name, VerifyHeader), containsFold(slices.Collect(maps.Keys(fixed)), name):
			r.Must(ruleAPIKeyHeader, header, "must not be a header that CloudFront sets itself, got %q", name)
		}
	}
	for _, i := range repeated(k.Headers(), strings.ToLower) {
		r.Must(ruleAPIKeyHeader, k.Header.At(at.Field("header"), i), "must not repeat %q", k.Headers()[i])
	}
}

// HasStore tells whether there is a key value store, for the keys of callers and the canary's share.
func (a API) HasStore() bool { return a.Keys != nil || a.Canary != nil }

// KeyHeaders are the headers that may have the key of a caller, in lower case; none: the edge knows no keys.
func (a API) KeyHeaders() []string {
	if a.Keys == nil {
		return nil
	}
	var headers []string
	for _, name := range a.Keys.Headers() {
		headers = append(headers, strings.ToLower(name))
	}
	return headers
}

// takesAway reports whether a header is one of the key that the backend doesn't get.
func (a API) takesAway(header string) bool {
	return a.Keys != nil && !a.Keys.Forward && containsFold(a.Keys.Headers(), header)
}

// keyHeaders are the headers that tell callers apart in a cached route's key where the configuration names none. On a
// public route nobody is known.
func (a API) keyHeaders(public bool) []string {
	if a.Keys == nil {
		return []string{"Authorization"}
	}
	headers := []string{CallerHeader, "Authorization"}
	if public {
		headers = headers[1:]
	}
	for _, name := range a.Keys.Headers() {
		if !containsFold(headers, name) {
			headers = append(headers, name)
		}
	}
	return slices.DeleteFunc(headers, a.takesAway)
}

// checkKeyHeader holds one header of a cache's key to what the edge does with the headers of callers.
func (a API) checkKeyHeader(r *declare.Report, at declare.Path, name string, needsKey bool) {
	known := a.Keys != nil && needsKey
	switch {
	case readAs(name, CanaryHeader):
		r.Must(ruleCallerInKey, at, "must not be %q, which is part of the cache key automatically if there is a canary", name)
	case readAs(name, CallerHeader) && (!known || !strings.EqualFold(name, CallerHeader)):
		r.Must(ruleCallerInKey, at, "must not be %q: only api.keys sets it, on routes to backends that aren't public", name)
	case known && a.takesAway(name):
		r.Must(ruleCallerInKey, at, "must not be %q, which api.keys removes: %s tells callers apart", name, CallerHeader)
	}
}

// checkShared warns of a cache whose key hasn't what tells callers apart. Where the edge lets only known callers in, no
// headers at all say so on purpose.
func (a API) checkShared(r *declare.Report, at declare.Path, c Cache) {
	apart, differ := "Authorization", "Authorization"
	if a.Keys != nil {
		apart, differ = CallerHeader, "their API key"
	}
	others := slices.DeleteFunc(slices.Clone(c.KeyHeaders), func(h string) bool {
		return denied(tellNoCallers, h) ||
			strings.Contains(h, "*")
	})
	if c.Cookies.Is("all") {
		others = append(others, "Cookie")
	}
	for _, name := range c.Cookies.List {
		others = append(others, "the cookie "+name)
	}
	switch {
	case containsFold(c.KeyHeaders, apart), containsFold(c.ForwardHeaders, apart), // which has a message of its own
		a.Keys != nil && len(c.KeyHeaders) == 0:
	case a.Keys != nil && a.Keys.Forward && len(c.lacking(a.Keys.Headers())) == 0:
	case len(others) > 0:
		r.Warn(ruleCallersApart, at,
			"has no %s: callers who differ only in %s get the same cached answer, which is fine if %s tells all of them apart",
			apart, differ, declare.Listed(others, "or"))
	default:
		r.Warn(ruleCallersApart, at,
			"has no %s: every caller gets the same cached answer; add it, unless that is meant", apart)
	}
}

// tellsCallers tells whether a header says of a request whose it is, or has the key.
func (a API) tellsCallers(header string) bool {
	return setByEdge(header) || a.Keys != nil && containsFold(a.Keys.Headers(), header)
}

// checkForwarded refuses such a header where it would be forwarded beside the key.
func (a API) checkForwarded(r *declare.Report, at declare.Path, name string) {
	switch {
	case readAs(name, CanaryHeader):
		r.Must(ruleCallerNotForwarded, at, "must not be %q, which is forwarded automatically if there is a canary", name)
	case readAs(name, CallerHeader):
		r.Must(ruleCallerNotForwarded, at, "must not be %q: put it in keyHeaders, or one caller gets another's answer", name)
	case a.takesAway(name):
		r.Must(ruleCallerNotForwarded, at, "must not be %q, which api.keys removes", name)
	default:
		r.Must(ruleCallerNotForwarded, at,
			"must not be %q, which has the API key: put it in keyHeaders, or one caller gets another's answer", name)
	}
}
