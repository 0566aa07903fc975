package config

import (
	"cmp"
	"maps"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"ml-api-accelerator/stacks/config/declare"
)

// Environment is one independent copy of the system, a stack of its own.
type Environment struct {
	Region          string
	Account         Account
	Tags            map[string]string
	API             API
	Backends        map[string]Backend
	Routes          []Route
	Models          Models
	Buckets         map[string]Bucket
	Web             *Web // nil: there is no page
	Domain          Domain
	Distribution    Distribution
	CORS            *CORS
	ResponseHeaders ResponseHeaders
	Logging         Logging
	Firewall        Firewall
	Monitoring      Monitoring
	Quotas          Quotas
	Expect          []Expectation
	Overrides       map[string]map[string]any // arguments by the address of their resource, as in Terraform's JSON
}

// Declare implements [declare.Section].
func (e *Environment) Declare(f *declare.Fields) {
	regionField(f, "region", &e.Region, "AWS region of the buckets.").Required()
	declare.Object(f, "account", &e.Account, "AWS account that this environment must be deployed to.")
	f.TextsByName("tags", &e.Tags,
		"Tags of every resource, in addition to ml-api-accelerator:stack, which has the name of the stack.").
		NamesMatch(ruleTags, tagKey, aTagKey).
		Values.Matches(ruleTags, tagValue, aTagValue)
	declare.Object(f, "api", &e.API, "Backend that answers inference requests.").Required()
	declare.ObjectsByName(f, "backends", &e.Backends, "a backend",
		"Further backends by name, to which routes lead. Each has the fields of api, except keys, canary and cache.").
		NamesMatch(ruleOriginNames, originName, anOriginName)
	declare.Objects(f, "routes", &e.Routes,
		"Paths that are treated differently from the rest of the API. The first match wins.")
	declare.Object(f, "models", &e.Models, "Private bucket of models, and how it is served.")
	declare.ObjectsByName(f, "buckets", &e.Buckets, "a bucket", "Further private buckets by name, each served below its path. Each has the fields of models.").
		NamesMatch(ruleOriginNames, originName, anOriginName)
	declare.Optional(f, "web", &e.Web,
		"A page beside the API, such as a chat or your documentation: files in a private bucket of its own. It has the fields of "+
			"models, too.")
	declare.Object(f, "domain", &e.Domain,
		"Your own name for the API; by default callers use the name that CloudFront assigns.")
	declare.Object(f, "distribution", &e.Distribution, "Settings of the CloudFront distribution as a whole.")
	declare.Optional(f, "cors", &e.CORS, "Web pages that may call the API; without this, none from another origin.")
	declare.Object(f, "responseHeaders", &e.ResponseHeaders,
		"What CloudFront adds to every answer and takes from it, beside cors and Strict-Transport-Security.")
	declare.Object(f, "logging", &e.Logging, "Access logs of the distribution.")
	declare.Object(f, "firewall", &e.Firewall, "Web application firewall in front of the distribution.")
	declare.Object(f, "monitoring", &e.Monitoring, "Alarms, dashboard and metrics.")
	declare.Object(f, "quotas", &e.Quotas, "AWS quotas that were raised for this account. The defaults are AWS's.")
	declare.Objects(f, "expect", &e.Expect,
		"What the deployed edge must do with certain requests, checked at every synthesis.")
	f.FreeByName(overrides, &e.Overrides,
		"What this configuration can't say: arguments of Terraform's resources by address, such as "+
			distributionAddress+", merged into the JSON of the stack at the end.").
		NamesMatch(ruleOverrideNames, overridable, "name a resource as TYPE.NAME, or a data source as data.TYPE.NAME")
}

// Complete sets the defaults of routes, which depend on where they lead and on what all have, and those of caches, which
// depend on the keys of the API.
func (e *Environment) Complete(written map[string]any) {
	routes, _ := written["routes"].([]any)
	if e.API.Cache != nil {
		e.API.Cache.completeHeaders(e.API.keyHeaders(false), e.API.Backend)
	}
	if e.Web != nil && e.Web.ResponseHeaders != nil {
		object, _ := written["web"].(map[string]any)
		headers, _ := object["responseHeaders"].(map[string]any)
		e.Web.ResponseHeaders = e.Web.ResponseHeaders.over(e.ResponseHeaders, headers)
	}
	for i, route := range e.Routes {
		toBucket := e.isBucket(route.Origin)
		e.Routes[i].complete(toBucket)
		if route.Cache != nil && !toBucket {
			backend, _ := e.Backend(route.Origin)
			route.Cache.completeHeaders(e.API.keyHeaders(route.Public), backend)
		}
		if own := route.ResponseHeaders; own != nil {
			object, _ := routes[i].(map[string]any)
			headers, _ := object["responseHeaders"].(map[string]any)
			e.Routes[i].ResponseHeaders = own.over(e.headersOf(route.Origin), headers)
		}
	}
}

// Backend returns a backend by its name, with the place of its section.
func (e Environment) Backend(name string) (Backend, declare.Path) {
	if name == OriginAPI {
		return e.API.Backend, declare.Path{"api"}
	}
	return e.Backends[name], declare.Path{"backends", name}
}

// BackendNames returns the names of the backends, the API's first and the others sorted.
func (e Environment) BackendNames() []string {
	return append([]string{OriginAPI}, slices.Sorted(maps.Keys(e.Backends))...)
}

// Bucket returns a bucket by its name, with the place of its section.
func (e Environment) Bucket(name string) (Bucket, declare.Path) {
	switch {
	case name == OriginModels:
		return e.Models.Bucket, declare.Path{"models"}
	case name == OriginWeb && e.Web != nil:
		return e.Web.Bucket, declare.Path{"web"}
	}
	return e.Buckets[name], declare.Path{"buckets", name}
}

// BucketNames returns the names of the buckets, that of the models first, the others sorted, and that of the page last.
func (e Environment) BucketNames() []string {
	list := append([]string{OriginModels}, slices.Sorted(maps.Keys(e.Buckets))...)
	if e.Web != nil {
		list = append(list, OriginWeb)
	}
	return list
}

// NamedBackend is a backend with what the environment makes of it.
type NamedBackend struct {
	Name string
	Backend
	Origins    []BackendOrigin   // none: no route leads to it
	AllHeaders map[string]string // fixed ones, with those that publicHost adds
	Canary     *Canary           // nil: there is none
}

// NamedBackends returns the backends in the order of BackendNames.
func (e Environment) NamedBackends() []NamedBackend {
	var list []NamedBackend
	for _, name := range e.BackendNames() {
		b, _ := e.Backend(name)
		named := NamedBackend{Name: name, Backend: b, Origins: e.OriginsOf(name), AllHeaders: e.backendHeaders(name)}
		if e.hasCanary(name) {
			named.Canary = e.API.Canary
		}
		list = append(list, named)
	}
	return list
}

// NamedBucket is a bucket with its name.
type NamedBucket struct {
	Name string
	Bucket
}

// NamedBuckets returns the buckets in the order of BucketNames.
func (e Environment) NamedBuckets() []NamedBucket {
	var list []NamedBucket
	for _, name := range e.BucketNames() {
		b, _ := e.Bucket(name)
		list = append(list, NamedBucket{name, b})
	}
	return list
}

// BucketRegions returns the regions but the environment's in which there is a bucket: a replica, one that was, or one that
// is only read.
func (e Environment) BucketRegions() []string {
	var regions []string
	for _, name := range e.BucketNames() {
		b, _ := e.Bucket(name)
		for _, region := range []string{b.ReplicaRegion, b.RetiredReplicaRegion, b.BucketRegion} {
			if region != "" && region != e.Region && !slices.Contains(regions, region) {
				regions = append(regions, region)
			}
		}
	}
	return regions
}

func (e Environment) isBucket(name string) bool { return slices.Contains(e.BucketNames(), name) }

// longestRead is the longest read timeout of a route to a backend, in seconds.
func (e Environment) longestRead() int {
	longest := 0
	for _, b := range e.Behaviors() {
		if !b.ToBucket {
			backend, _ := e.Backend(b.Origin)
			longest = max(longest, cmp.Or(b.ReadTimeoutSeconds, backend.ReadTimeoutSeconds))
		}
	}
	return longest
}

// tellsHost reports whether a function tells a backend the name that a caller used: where there is only one, it is
// always the same header, which the origin adds.
func (e Environment) tellsHost(backend Backend) bool {
	return backend.PublicHost == PublicHostHeader && e.publicHost() == ""
}

// publicHost is the only name that callers are meant to use; empty: there are several, or AWS chooses it.
func (e Environment) publicHost() string {
	if len(e.Domain.Aliases) != 1 || strings.HasPrefix(e.Domain.Aliases[0], "*") {
		return ""
	}
	return e.Domain.Aliases[0]
}

// backendHeaders are the headers that CloudFront adds to what it sends to a backend, but for that of its secret.
func (e Environment) backendHeaders(name string) map[string]string {
	backend, _ := e.Backend(name)
	headers := maps.Clone(backend.Headers)
	if backend.PublicHost != PublicHostHeader {
		return headers
	}
	if headers == nil {
		headers = map[string]string{}
	}
	headers[ForwardedProtoHeader] = "https" // callers of HTTP are redirected
	if host := e.publicHost(); host != "" {
		headers[ForwardedHostHeader] = host
	}
	return headers
}

// invalidates reports whether the edge forgets objects of a bucket that change.
func (e Environment) invalidates() bool {
	return slices.ContainsFunc(e.NamedBuckets(), func(b NamedBucket) bool { return b.InvalidateOnChange })
}

func (e Environment) hasHealthChecks() bool {
	return slices.ContainsFunc(e.BackendNames(), func(name string) bool {
		backend, _ := e.Backend(name)
		return len(backend.Regions) > 0
	})
}

// check checks each section, and then what sections have to do with each other. The prefix begins all names in AWS.
func (e Environment) check(r *declare.Report, at declare.Path, name, prefix string) {
	account, api := e.Account.ID, at.Field("api")
	e.Account.check(r, at.Field("account"))
	checkTags(r, at.Field("tags"), e.Tags, e.hasHealthChecks())
	e.API.check(r, api, e.Region, account, e.Quotas)
	for _, name := range e.BackendNames()[1:] {
		e.Backends[name].check(r, at.Field("backends").Field(name), e.Region, account, e.Quotas)
	}
	for i, route := range e.Routes {
		route.check(r, at.Field("routes").Index(i), e.isBucket(route.Origin))
	}
	for _, of := range e.BucketNames() {
		bucket, where := e.Bucket(of)
		if of != OriginWeb || !e.Web.IsDefault() {
			checkBucketPath(r, at.Join(where).Field("path"), bucket.Path)
		}
		bucket.check(r, at.Join(where), name, e.Region, account, e.Quotas)
	}
	e.checkWeb(r, at)
	e.checkCustomHeaders(r, at)
	e.Domain.check(r, at.Field("domain"), account, e.Quotas)
	e.Distribution.check(r, at.Field("distribution"))
	if e.CORS != nil {
		e.CORS.check(r, at.Field("cors"))
	}
	e.ResponseHeaders.check(r, at.Field("responseHeaders"))
	e.Logging.check(r, at.Field("logging"), name, e.Region)
	e.Firewall.check(r, at.Field("firewall"), account)
	e.Monitoring.check(r, at.Field("monitoring"))
	e.Monitoring.checkThresholds(r, at.Field("monitoring"), e.longestRead())
	e.Monitoring.checkTopics(r, at.Field("monitoring").Field("topicArns"), e.Region, e.invalidates())
	e.Monitoring.checkSlack(r, at.Field("monitoring"), e.Region, e.invalidates(), account)
	for i, expectation := range e.Expect {
		expectation.check(r, at.Field("expect").Index(i), e.Domain.Aliases)
		e.checkExpectation(r, at.Field("expect").Index(i), expectation)
	}
	checkOverrides(r, at.Field(overrides), e.Overrides)

	e.checkHostedZones(r, at)
	e.checkNamesTaken(r, at)
	e.checkBackends(r, at)
	e.checkServices(r, at)
	e.checkCredentials(r, at)
	e.checkCache(r, api.Field("cache"), Route{Origin: OriginAPI, Cache: e.API.Cache})
	for i, route := range e.Routes {
		e.checkRoute(r, at.Field("routes").Index(i), route)
		e.checkPOSTs(r, at.Field("routes").Index(i).Field("cache"), i)
		e.checkCache(r, at.Field("routes").Index(i).Field("cache"), route)
	}
	e.Domain.checkTLS(r, at.Field("distribution").Field("minimumTLSVersion"), e.Distribution.MinimumTLSVersion)
	e.checkKeys(r, at)
	e.checkFunction(r, at)
	e.checkBehaviors(r, at, prefix)
	e.checkBucketPOSTs(r, at)
	e.checkErrorCache(r, at)
	e.checkAddresses(r, at)
}

// checkKeys checks CORS and the firewall against API keys. The firewall sees a request before the edge knows its
// caller.
func (e Environment) checkKeys(r *declare.Report, at declare.Path) {
	keys, w := e.API.Keys, e.Firewall
	if keys == nil || slices.ContainsFunc(keys.Headers(), noAPIKey) {
		return
	}
	e.checkPages(r, at.Field("cors").Field("allowHeaders"))
	headers := inQuotes(keys.Headers(), "or")
	limitBy := at.Field("firewall").Field("limitBy")
	limited := len(w.Limits) > 0 || w.RequestsPer5Minutes != declare.Unset[Firewall]().RequestsPer5Minutes
	switch {
	case setByEdge(w.LimitBy):
		r.Must(ruleLimitByCaller, limitBy, "must not be %q: the firewall sees requests before the edge does, with what "+
			"callers write there; use the header of the key, %s", w.LimitBy, headers)
	case !w.Enabled || w.WebACLARN != "", denied(tellNoCallers, w.LimitBy): // F5 says so
	case w.LimitBy == LimitByIP && limited:
		r.Warn(ruleLimitsByKey, limitBy,
			`is "ip": callers behind one address share these limits, and a caller with many `+
				`addresses evades them; count by the header of api.keys, %s`, headers)
	case w.LimitBy == LimitByIP:
	case !containsFold(keys.Headers(), w.LimitBy):
		r.Warn(ruleLimitsByKey, limitBy,
			"is %q, but callers send their keys in %s (api.keys.header): requests without the first are counted by IP "+
				"address, and whoever makes up values evades the limit", w.LimitBy, headers)
	default:
		others := slices.DeleteFunc(slices.Clone(keys.Headers()),
			func(h string) bool { return strings.EqualFold(h, w.LimitBy) })
		if len(others) == 0 {
			return
		}
		r.Warn(ruleLimitsByKey, limitBy, "counts by %q alone: callers who send their keys in %s are counted by IP address, "+
			"and those behind one address share the limit", w.LimitBy, inQuotes(others, "or"))
	}
}

// checkPages warns of headers of the key that a page's browser doesn't send.
func (e Environment) checkPages(r *declare.Report, at declare.Path) {
	if e.CORS == nil || slices.Contains(e.CORS.AllowHeaders, "*") {
		return
	}
	for _, name := range e.API.Keys.Headers() {
		switch {
		case containsFold(e.CORS.AllowHeaders, name), declare.LooksSecret(name):
		case len(e.API.Keys.Headers()) == 1:
			r.Warn(ruleCORSAPIKey, at,
				"lacks %q of api.keys: browsers won't send a key, and every request from a page is answered 401", name)
		default:
			r.Warn(ruleCORSAPIKey, at,
				"lacks %q of api.keys: browsers won't send a key there, and a page that tries is refused", name)
		}
	}
}

// inQuotes are names as a message has them.
func inQuotes(names []string, last string) string {
	var quoted []string
	for _, name := range names {
		quoted = append(quoted, strconv.Quote(name))
	}
	return declare.Listed(quoted, last)
}

// checkExpectation checks that there are the callers and the canary of which something is expected.
func (e Environment) checkExpectation(r *declare.Report, at declare.Path, expected Expectation) {
	if ip, err := netip.ParseAddr(expected.From); err == nil && !IsPrivate(ip) && !e.Firewall.Enabled {
		r.Warn(ruleHasEffect, at.Field("from"), `has no effect without "enabled": true in firewall: nothing else goes by addresses`)
	}
	if expected.Caller != "" && e.API.Keys == nil {
		r.Must(ruleExpectedCallers, at.Field("caller"), "needs api.keys: without them the edge knows no callers")
	}
	if expected.Canary && e.API.Canary == nil {
		r.Must(ruleExpectedCallers, at.Field("canary"), "needs api.canary")
	}
	origins := append(e.BackendNames(), e.BucketNames()...)
	switch {
	case expected.Origin == OriginCanary && e.API.Canary == nil:
		r.Must(ruleExpectedCallers, at.Field("origin"), "needs api.canary")
	case expected.Origin != "" && expected.Origin != OriginCanary && !slices.Contains(origins, expected.Origin):
		r.Must(ruleExpectation, at.Field("origin"),
			"must be api, api-canary, models, or a name in backends or buckets, got %q%s", expected.Origin,
			declare.Suggestion(expected.Origin, origins))
	}
}
