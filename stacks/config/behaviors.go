package config

import (
	"cmp"
	"reflect"
	"slices"
	"strings"

	"ml-api-accelerator/stacks/config/declare"
	"ml-api-accelerator/stacks/internal/shared/names"
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
