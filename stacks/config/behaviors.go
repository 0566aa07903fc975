package config

import (
	"cmp"
	"maps"
	"reflect"
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
	// Name of the backend or the bucket that the requests are meant for.
	Origin   string
	ToBucket bool
	// Seconds; 0: the backend's own.
	ReadTimeoutSeconds int
	// What the origin doesn't see of the beginning of a path.
	Strip string
	// Whether a second origin is asked when that one fails.
	Failover bool
	Methods  string
	// What is cached; nil: nothing, or what suits large files if Files is set.
	Cache *Cache
	// What reaches a backend beside the cache's key.
	Forwards Forwards
	Files    bool
	// Whether the cache is that of a page's files, unless there is one in Cache.
	Page bool
	GRPC bool
	// Bucket whose signers check the signature that a request needs; empty: it needs none.
	Signers string
	// Whether everyone is let in, although there are API keys.
	Public bool
	// Ranges of addresses that alone get in; nil: all do.
	AllowedIPs []string

	// What is added to answers and taken from them, and the Terraform name of the policy that does it: behaviors with the
	// same headers share one.
	ResponseHeaders   ResponseHeaders
	ResponseHeadersID string

	at declare.Path // where the configuration describes it
}

// Pattern is the path pattern as people read it.
func (b Behavior) Pattern() string { return cmp.Or(b.Path, "*") }

// pathAt is where the configuration has the path.
func (b Behavior) pathAt() declare.Path {
	if b.byAPIPath() {
		return b.at
	}
	return b.at.Field("path")
}

// byAPIPath reports whether it is one of web.apiPaths, which say nothing but a path.
func (b Behavior) byAPIPath() bool { return b.at.Within(declare.Path{"web", "apiPaths"}) }

// Compresses reports whether CloudFront compresses answers. Compressing a stream holds it back, and files of models
// aren't smaller for it.
func (b Behavior) Compresses() bool { return !b.Files && (b.Cache != nil || b.Page) }

// PageCacheID is the Terraform name of the cache policy that all routes to a page's files share.
const PageCacheID = names.Web

// Forwards is what an origin request policy forwards of a caller's request. The zero value is nothing.
type Forwards struct {
	All  bool // headers, cookies and query strings
	Host bool // with All: the caller's Host as well
	// These headers: beside all, those that CloudFront makes; otherwise no others, and if CookiesAndQueries is set,
	// all cookies and query strings with them.
	Headers           []string
	CookiesAndQueries bool
}

// PolicyName is the Terraform name of the policy that forwards this; empty: nothing is forwarded, or AWS has a policy
// that does it.
func (f Forwards) PolicyName() string {
	switch {
	case len(f.Headers) == 0:
		return ""
	case f.All:
		return names.OriginRequestPolicy("all", f.Headers)
	case f.CookiesAndQueries:
		return names.OriginRequestPolicy("only", f.Headers)
	}
	return names.OriginRequestPolicy("", f.Headers)
}

// OriginID is the id of the origin that gets the requests.
func (b Behavior) OriginID() string { return names.Origin(b.Origin, b.ReadTimeoutSeconds) }

// TargetID is the id of that origin, or of the group that fails over from it.
func (b Behavior) TargetID() string {
	switch {
	case b.Failover && b.ToBucket:
		return names.ReplicaGroup(b.OriginID())
	case b.Failover:
		return names.FailoverGroup(b.OriginID())
	}
	return b.OriginID()
}

// Behaviors returns the cache behaviors in the order CloudFront tries them, the default one first.
func (e Environment) Behaviors() []Behavior {
	list := []Behavior{
		e.behavior(Route{Origin: OriginAPI, Methods: MethodsAll, Cache: e.API.Cache}, declare.Path{"api"}),
	}
	if e.Web.IsDefault() {
		page := Route{Origin: OriginWeb, Strip: e.Web.Strip, Methods: MethodsRead, AllowedIPs: e.Web.AllowedIPs}
		list[0] = e.behavior(page, declare.Path{"web"})
	}
	for i, route := range e.Routes {
		list = append(list, e.behavior(route, declare.Path{"routes", i}))
	}
	for _, name := range e.BucketNames() {
		bucket, at := e.Bucket(name)
		if name == OriginWeb && e.Web.IsDefault() {
			continue
		}
		files := e.behavior(Route{
			Path: bucket.Path, Origin: name, Strip: bucket.Strip, Methods: MethodsRead,
			Signed: len(bucket.Signers) > 0 && name != OriginWeb, AllowedIPs: bucket.AllowedIPs,
		}, at)
		files.Files = !files.Page
		list = append(list, files)
	}
	if e.Web.IsDefault() {
		for i, path := range e.Web.APIPaths {
			list = append(list, e.behavior(Route{Path: path, Origin: OriginAPI, Methods: MethodsAll},
				declare.Path{"web", "apiPaths", i}))
		}
	}
	for i, b := range list {
		if b.Strip != "" {
			list[i].tellPrefix(e.takesAnothersAnswers(b, list))
		}
	}
	return list
}

// behavior returns that of a route.
func (e Environment) behavior(route Route, at declare.Path) Behavior {
	b := Behavior{
		Path: route.Path, Origin: route.Origin, Strip: route.Strip, Failover: route.Failover, Methods: route.Methods,
		Cache: route.Cache, GRPC: route.GRPC, Public: route.Public, AllowedIPs: route.AllowedIPs, at: at,
		ResponseHeaders: e.headersOf(route.Origin), ResponseHeadersID: responseHeadersOfAll,
	}
	if route.ResponseHeaders != nil {
		b.ResponseHeaders = *route.ResponseHeaders
	}
	if !reflect.DeepEqual(b.ResponseHeaders, e.ResponseHeaders) {
		b.ResponseHeadersID = b.ResponseHeaders.id()
	}
	bucket, _ := e.Bucket(route.Origin)
	if b.ToBucket = e.isBucket(route.Origin); b.ToBucket {
		b.Failover = bucket.ReplicaRegion != ""
		b.Page = route.Origin == OriginWeb && route.Cache == nil
		if route.Signed {
			b.Signers = route.Origin
		}
		return b
	}
	if route.Signed {
		b.Signers = OriginModels
	}
	backend, _ := e.Backend(route.Origin)
	if route.ReadTimeoutSeconds != backend.ReadTimeoutSeconds {
		b.ReadTimeoutSeconds = route.ReadTimeoutSeconds
	}
	if b.Cache == nil {
		b.Forwards = e.uncached(b, backend)
		return b
	}
	cache := *b.Cache
	cache.KeyHeaders = e.keyed(b, backend)
	b.Cache, b.Forwards = &cache, Forwards{Headers: e.forwardedHeaders(cache)}
	return b
}

// hasCanary reports whether a share of an origin's callers gets a new version of it.
func (e Environment) hasCanary(origin string) bool { return e.API.Canary != nil && origin == OriginAPI }

// keyed are the headers of a cached route's key: those of its cache, and what keeps the answers of the canary apart from
// those of the API, and those under one of several names from the others.
func (e Environment) keyed(b Behavior, backend Backend) []string {
	headers := slices.Clone(b.Cache.KeyHeaders)
	if e.hasCanary(b.Origin) {
		headers = append(headers, CanaryHeader)
	}
	told := ""
	switch {
	case backend.PublicHost == PublicHostSent:
		told = "Host"
	case e.tellsHost(backend):
		told = ForwardedHostHeader
	}
	if told != "" && !containsFold(headers, told) {
		headers = append(headers, told)
	}
	return headers
}

// forwardedHeaders returns the headers that reach a backend on a cached route without being part of the key, sorted.
func (e Environment) forwardedHeaders(c Cache) []string {
	headers := slices.Clone(c.ForwardHeaders)
	if e.CORS != nil {
		headers = append(headers, corsHeaders...)
	}
	return sortedHeaders(slices.DeleteFunc(headers, func(h string) bool { return containsFold(c.KeyHeaders, h) }))
}

func sortedHeaders(headers []string) []string {
	slices.SortFunc(headers, func(a, b string) int { return strings.Compare(strings.ToLower(a), strings.ToLower(b)) })
	return slices.CompactFunc(headers, strings.EqualFold)
}

// uncached is what a backend gets on a route without a cache: all that callers send but Host, or also that. A policy
// that names headers of CloudFront's own forwards all others with Host or none of them (CloudFront API Reference,
// OriginRequestPolicyHeadersConfig).
func (e Environment) uncached(b Behavior, backend Backend) Forwards {
	switch host := backend.PublicHost == PublicHostSent; {
	case host, len(backend.ViewerHeaders) == 0:
		return Forwards{All: true, Host: host, Headers: sortedHeaders(slices.Clone(backend.ViewerHeaders))}
	}
	return Forwards{Headers: e.listed(b, backend), CookiesAndQueries: true}
}

// listed are the headers of a route whose backend gets a list of them: those, and what it can't do without.
func (e Environment) listed(b Behavior, backend Backend) []string {
	headers := append(slices.Clone(backend.ViewerHeaders), "Content-Type")
	if e.API.Keys != nil && !b.Public {
		headers = append(headers, CallerHeader)
	}
	if e.hasCanary(b.Origin) {
		headers = append(headers, CanaryHeader)
	}
	if e.tellsHost(backend) {
		headers = append(headers, ForwardedHostHeader)
	}
	if b.Strip != "" {
		headers = append(headers, PrefixHeader)
	}
	for _, c := range e.storedCredentials(b.Origin) {
		headers = append(headers, c.Header)
	}
	if e.CORS != nil {
		headers = append(headers, corsHeaders...)
	}
	return sortedHeaders(headers)
}

// filesCache is the cache of large files, as AWS's policy CachingOptimizedForUncompressedObjects has it (CloudFront
// Developer Guide, Use managed cache policies).
func filesCache() *Cache {
	return &Cache{MinTTLSeconds: 1, DefaultTTLSeconds: 86_400, MaxTTLSeconds: 31_536_000,
		QueryStrings: declare.TextOrList{Text: "none"}, Cookies: declare.TextOrList{Text: "none"}}
}

// tellPrefix has the origin of a cached route told what is stripped of its paths, within the cache's key or beside it.
// S3 isn't told beside it, since it does nothing with it.
func (b *Behavior) tellPrefix(inKey bool) {
	switch {
	case inKey && b.Cache == nil && (b.Files || b.Page):
		if b.Cache = filesCache(); b.Page {
			*b.Cache = PageCache()
		}
		b.Cache.KeyHeaders = []string{PrefixHeader}
	case b.Cache == nil:
	case inKey:
		cache := *b.Cache
		cache.KeyHeaders = append(slices.Clone(cache.KeyHeaders), PrefixHeader)
		b.Cache = &cache
	case !b.ToBucket:
		b.Forwards.Headers = sortedHeaders(append(slices.Clone(b.Forwards.Headers), PrefixHeader))
	}
}

// takesAnothersAnswers reports whether a cached route could get what is kept of another origin: the key of a cache has
// the path as it is after the function, and not the origin (CloudFront Developer Guide, Understand the cache key).
func (e Environment) takesAnothersAnswers(b Behavior, list []Behavior) bool {
	cached := func(b Behavior) bool { return b.Cache != nil || b.Files || b.Page }
	return cached(b) && slices.ContainsFunc(list, func(other Behavior) bool {
		return cached(other) && other.Origin != b.Origin && intersect(b.SeenByOrigin(), other.SeenByOrigin())
	})
}

// SeenByOrigin is a pattern of the paths that the origin sees.
func (b Behavior) SeenByOrigin() string {
	if b.Path == "" {
		return "/*"
	}
	rest := strings.TrimPrefix("/"+normal(b.Path), b.Strip)
	if !strings.HasPrefix(rest, "/") {
		return "/*"
	}
	return rest
}

// sendsHost reports whether a backend gets the name that callers use in each request: CloudFront then takes a
// certificate for that as well (CloudFront Developer Guide, HTTP 502 status code).
func (e Environment) sendsHost(name string) bool {
	return !slices.ContainsFunc(e.Behaviors(), func(b Behavior) bool {
		return b.Origin == name && !b.Forwards.Host && !containsFold(b.Forwards.Headers, "Host") &&
			(b.Cache == nil || !containsFold(b.Cache.KeyHeaders, "Host"))
	})
}

// OriginsOf returns what routes need of a backend, sorted by timeout: nothing where none leads to it.
func (e Environment) OriginsOf(name string) []BackendOrigin {
	backend, _ := e.Backend(name)
	var list []BackendOrigin
	for _, b := range e.Behaviors() {
		if b.Origin != name {
			continue
		}
		i := slices.IndexFunc(list, func(o BackendOrigin) bool { return o.ReadTimeoutSeconds == b.ReadTimeoutSeconds })
		if i < 0 {
			i, list = len(list), append(list, BackendOrigin{ReadTimeoutSeconds: b.ReadTimeoutSeconds})
		}
		// The API's own origin always has its second one, so that a route can be given failover at any time.
		failsOver := b.Failover || b.OriginID() == OriginAPI
		list[i].Failover = list[i].Failover || failsOver && backend.Failover.DomainName != ""
	}
	slices.SortFunc(list, func(a, b BackendOrigin) int { return a.ReadTimeoutSeconds - b.ReadTimeoutSeconds })
	return list
}

// BackendOrigin is an origin of a backend, for the routes of one read timeout.
type BackendOrigin struct {
	ReadTimeoutSeconds int  // 0: the backend's own
	Failover           bool // whether there is one to fail over to
}

// origins is how many origins the distribution has.
func (e Environment) origins() int {
	n := 0
	for _, b := range e.NamedBackends() {
		for _, o := range b.Origins {
			n++
			if o.Failover {
				n++
			}
			if b.Canary != nil {
				n++
			}
		}
	}
	for _, b := range e.NamedBuckets() {
		n++
		if b.ReplicaRegion != "" {
			n++
		}
	}
	return n
}

// FailoverStatuses are those on which the second origin is asked. 403 and 404 are answers, and an object that was
// withdrawn from a bucket may still be in the replica.
var FailoverStatuses = []int{500, 502, 503, 504}

// ViewerFunction is a function that runs before each request of the behaviors that have its id.
type ViewerFunction struct {
	ID string
	viewerrequest.Options
}

// ViewerFunctions returns the functions that run before requests: each behavior has one at most, and those for which it
// does the same share it.
func (e Environment) ViewerFunctions() []ViewerFunction {
	var list []ViewerFunction
	for _, b := range e.Behaviors() {
		f := e.ViewerFunction(b)
		if f.ID != "" && !slices.ContainsFunc(list, func(other ViewerFunction) bool { return other.ID == f.ID }) {
			list = append(list, f)
		}
	}
	return list
}

// ViewerFunction returns the function of a behavior; without an id there is none. The id says for what it runs, so that
// a change of what one route needs changes no function that others run.
func (e Environment) ViewerFunction(b Behavior) ViewerFunction {
	if b.ToBucket {
		return e.bucketFunction(b)
	}
	backend, _ := e.Backend(b.Origin)
	hasStore := e.API.Keys != nil || e.hasCanary(b.Origin)
	if !hasStore && b.Strip == "" && !e.tellsHost(backend) {
		return ViewerFunction{}
	}
	options := viewerrequest.Options{
		OriginPath: backend.Path != "", Strip: b.Strip, ForwardHost: e.tellsHost(backend),
	}
	if e.CORS != nil {
		options.CORS = &viewerrequest.CORS{
			AllowOrigins: e.CORS.AllowOrigins, AllowMethods: e.CORS.methods(), AllowHeaders: e.CORS.AllowHeaders,
			AllowCredentials: e.CORS.AllowCredentials, MaxAgeSeconds: e.CORS.MaxAgeSeconds,
		}
	}
	for _, route := range e.Routes {
		if !e.isBucket(route.Origin) {
			options.Routes = append(options.Routes, viewerrequest.Route{Path: route.Path, Signed: route.Signed,
				Reads: route.Methods == MethodsRead, Public: e.API.Keys != nil && route.Public})
		}
	}
	options.Pausable, options.LogCaller = hasStore, hasStore && e.Logging.namesCallers()
	options.Credential = backend.Credential.sent(b.Origin)
	id, own := "backends", b.Origin == OriginAPI
	switch c := backend.Credential; {
	case own, c != nil && c.Store:
		id, own = b.Origin, true
	case c != nil:
		id += "-credential"
	}
	if e.API.Keys != nil {
		options.KeyHeaders, options.ForwardKey, options.Public = e.API.KeyHeaders(), e.API.Keys.Forward, b.Public
	}
	if e.hasCanary(b.Origin) {
		id = b.OriginID()
		options.Canary = &viewerrequest.Canary{
			Origin: names.CanaryOrigin(id), Percent: e.API.Canary.Percent,
			Credential: e.API.Canary.Credential.sent(names.OriginCanary),
		}
		if b.Failover {
			options.Canary.Failover, options.Canary.FailoverOn = names.FailoverOrigin(id), FailoverStatuses
			id += "-failover"
		}
	}
	if options.OriginPath && !own {
		id += "-path"
	}
	if options.ForwardHost && !own {
		id += "-host"
	}
	if options.Public {
		id += "-public"
	}
	if b.Strip != "" {
		id = names.ViewerFunction(id, "strip", b.Strip)
	}
	return ViewerFunction{ID: id, Options: options}
}

// bucketFunction returns that of a behavior that leads to a bucket.
func (e Environment) bucketFunction(b Behavior) ViewerFunction {
	f, id := ViewerFunction{Options: viewerrequest.Options{Strip: b.Strip}}, "buckets"
	if b.Origin == OriginWeb {
		id, f.Page = OriginWeb, e.Web.viewerPage()
		f.ID = id
	}
	if b.Strip != "" {
		f.ID = names.ViewerFunction(id, "strip", b.Strip)
	}
	return f
}

// Unpausable returns the behaviors that go on while all else is paused: no function that reads the store runs there.
func (e Environment) Unpausable() []Behavior {
	return slices.DeleteFunc(e.Behaviors(), func(b Behavior) bool { return e.ViewerFunction(b).Pausable })
}

func (e Environment) checkBehaviors(r *declare.Report, at declare.Path, stack string) {
	list := e.Behaviors()
	overQuota(r, ruleBehaviorCount, at.Field("routes"), len(list), e.Quotas.Behaviors,
		" behaviors, including those of api, models, buckets and web", "behaviors")
	comparePaths(r, at, list[1:])
	seen := map[string]Behavior{}
	for _, b := range list {
		if b.Cache == nil {
			continue
		}
		where := at.Join(b.pathAt())
		policy := names.CachePolicy(stack, b.Path)
		if first, taken := seen[policy]; taken && normal(first.Path) != normal(b.Path) {
			r.Must(ruleCachePolicyNames, where,
				"must not make the same cache policy name, %q, as %s: change one of the two paths", policy, first.at)
		}
		seen[policy] = b
		if n := len(policy); n > policyNameLength {
			r.Must(ruleCachePolicyCount, where,
				"must make a cache policy name of at most %d characters, got %d: shorten the path", policyNameLength, n)
		}
	}
}

// comparePaths compares every path pattern with those before it.
func comparePaths(r *declare.Report, at declare.Path, list []Behavior) {
	for i, later := range list {
		where := at.Join(later.pathAt())
		for _, earlier := range list[:i] {
			if normal(earlier.Path) == "*" {
				continue // refused already
			}
			if normal(earlier.Path) == normal(later.Path) && later.Origin == OriginModels && later.Files {
				// models.path may not be written
				r.Must(rulePathPatternOnce, at.Join(earlier.pathAt()), "must not repeat models.path, %q", later.Path)
				break
			}
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

// mostStoreReaders is how many functions can have the same key value store (CloudFront Developer Guide, Quotas on key
// value stores).
const mostStoreReaders = 10

func (e Environment) checkFunction(r *declare.Report, at declare.Path) {
	size, readers := 0, 0
	for _, function := range e.ViewerFunctions() {
		size = max(size, len(viewerrequest.Code(function.Options)))
		if function.ReadsStore() {
			readers++
		}
	}
	if readers > mostStoreReaders {
		r.Must(ruleStoreReaders, at.Field("api"), "must need at most %d functions that read its key value store, got %d: "+
			"each strip has its own, and so have public routes, backends with a path or publicHost, and, with a canary, "+
			"each readTimeoutSeconds of a route to the API, with failover and without", mostStoreReaders, readers)
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
		if b.Cache == nil {
			continue
		}
		headers := slices.DeleteFunc(slices.Clone(b.Forwards.Headers),
			func(h string) bool { return setByFunction(h) || e.ViewerFunction(b).ID != "" && notOfGET(h) })
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
	backend, _ := e.Backend(route.Origin)
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
