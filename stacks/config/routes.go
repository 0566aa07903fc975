package config

import (
	"slices"
	"strings"
)

// The origins a route can have.
const (
	OriginAPI    = "api"
	OriginModels = "models"
)

// The sets of methods a route can allow.
const (
	MethodsAll  = "all"
	MethodsRead = "read"
)

// Route treats the requests of one path pattern differently.
type Route struct {
	// Path pattern: * stands for any number of characters, ? for exactly one; a leading / is optional.
	Path string `json:"path"`
	// Where requests go: "api" or "models".
	Origin string `json:"origin,omitempty"`
	// Methods let through: "all", or "read" for GET, HEAD and OPTIONS; "read" for models, "all" for the API.
	Methods string `json:"methods,omitempty"`
	// What is cached; absent: nothing is cached.
	Cache *Cache `json:"cache,omitempty" jsonschema:"nullable"`
	// Ask api.failover when the API fails; only with methods "read".
	Failover bool `json:"failover,omitempty"`
	// Let gRPC through.
	GRPC bool `json:"grpc,omitempty"`
	// Let only signed URLs and cookies through (models.signers).
	Signed bool `json:"signed,omitempty"`
}

// Cache says what CloudFront keeps of the answers to GET and HEAD, and what tells two requests apart.
type Cache struct {
	// Seconds an answer is kept at least, whatever the origin says.
	MinTTLSeconds int `json:"minTTLSeconds,omitempty"`
	// Seconds an answer is kept when the origin says nothing.
	DefaultTTLSeconds int `json:"defaultTTLSeconds,omitempty"`
	// Seconds an answer is kept at most, whatever the origin says.
	MaxTTLSeconds int `json:"maxTTLSeconds,omitempty"`
	// Headers that are forwarded to the origin and part of the cache key; none by default on routes to the models.
	KeyHeaders []string `json:"keyHeaders,omitempty"`
	// Query strings that are forwarded to the origin and part of the cache key: "all" or "none".
	QueryStrings string `json:"queryStrings,omitempty"`
	// Cookies that are forwarded to the origin and part of the cache key: "none" or "all".
	Cookies string `json:"cookies,omitempty"`
}

func (route Route) check(r *report, at path, env Environment) {
	checkPattern(r, at.field("path"), route.Path)
	if r.oneOf("R16", at.field("origin"), originChoices, route.Origin) &&
		r.oneOf("R16", at.field("methods"), methodChoices, route.Methods) &&
		route.Origin == OriginModels && route.Methods != MethodsRead {
		r.must("R12", at.field("methods"), `must be "read" on a route to the models, got %q`, route.Methods)
	}
	if route.Cache != nil {
		route.Cache.check(r, at.field("cache"), route.Origin)
	}
	route.checkFailover(r, at.field("failover"), env.API)
	route.checkGRPC(r, at.field("grpc"), env)
	if route.Signed && len(env.Models.Signers) == 0 {
		r.must("R11", at.field("signed"), "needs models.signers: there is no key to check a signature with")
	}
	if !route.Signed && route.Origin == OriginModels && len(env.Models.Signers) > 0 {
		r.warn("R17", at.field("signed"), "is false: everyone can read the models below %q, although models.signers is set", route.Path)
	}
}

func (route Route) checkFailover(r *report, at path, api API) {
	if !route.Failover {
		return
	}
	if route.Origin == OriginModels {
		r.must("R12", at, "must be false on a route to the models: they fail over to models.replicaRegion")
		return
	}
	if api.Failover.DomainName == "" {
		r.must("O11", at, "needs api.failover")
	}
	if route.Methods == MethodsAll {
		r.must("O11", at, `needs methods "read": CloudFront only fails over for requests that don't write`)
	}
}

func (route Route) checkGRPC(r *report, at path, env Environment) {
	if !route.GRPC {
		return
	}
	if route.Origin == OriginModels {
		r.must("R12", at, "must be false on a route to the models")
		return
	}
	if route.Methods == MethodsRead {
		r.must("R10", at, `needs methods "all": gRPC is sent with POST`)
	}
	if route.Cache != nil {
		r.must("R10", at, "must be false with cache: gRPC can't be cached")
	}
	if version := env.Distribution.HTTPVersion; slices.Contains(httpVersions, version) && !slices.Contains(grpcVersions, version) {
		r.must("R10", at, "needs distribution.httpVersion http2 or http2and3, got %q", version)
	}
	if env.API.VPCOrigin != (VPCOrigin{}) {
		r.must("O14", at, "must be false with api.vpcOrigin: VPC origins don't speak gRPC")
	}
}

func checkPattern(r *report, at path, pattern string) {
	r.length("R1", at, pathLength, pattern)
	if pattern == "" {
		return
	}
	if !pathCharacters.MatchString(pattern) {
		r.must("R1", at, "must have only letters, digits and _ - . * $ / ~ \" ' @ : + & ?, got %q", pattern)
	}
	if !strings.HasPrefix(pattern, "/") && !strings.HasPrefix(pattern, "*") {
		r.must("R1", at, `must begin with "/" or "*", got %q`, pattern)
	}
	if normal(pattern) == "*" {
		r.must("R1", at, "must not be %q: that is the default route, described in api", pattern)
	}
}

// longTTL is when an entry that hardly ever hits only fills the cache: an hour.
const longTTL = 3600

func (c Cache) check(r *report, at path, origin string) {
	ttls := []struct {
		field string
		value int
	}{
		{"minTTLSeconds", c.MinTTLSeconds},
		{"defaultTTLSeconds", c.DefaultTTLSeconds},
		{"maxTTLSeconds", c.MaxTTLSeconds},
	}
	for i, t := range ttls {
		r.within("R5", at.field(t.field), ttl, t.value)
		if i > 0 && ttls[i-1].value > t.value {
			r.must("R5", at.field(t.field), "must be at least %s (%d), got %d", ttls[i-1].field, ttls[i-1].value, t.value)
		}
	}
	if c.MaxTTLSeconds == 0 {
		r.must("R6", at.field("maxTTLSeconds"), "must be over 0: to cache nothing, leave cache out")
	}
	c.checkKeyHeaders(r, at.field("keyHeaders"), origin)
	r.oneOf("R16", at.field("queryStrings"), queryStringChoices, c.QueryStrings)
	r.oneOf("R16", at.field("cookies"), cookieChoices, c.Cookies)
	if c.Cookies == "all" && c.DefaultTTLSeconds >= longTTL {
		r.warn("R9", at.field("cookies"), `"all" with a default TTL of %d s hardly ever hits: every caller's cookies differ`, c.DefaultTTLSeconds)
	}
}

func (c Cache) checkKeyHeaders(r *report, at path, origin string) {
	r.atMost("R7", at, len(c.KeyHeaders), keyHeaders.Default, " headers", "")
	for i, name := range c.KeyHeaders {
		if !headerName.MatchString(name) {
			r.must("R7", at.index(i), "must have only letters, digits and !#$%%&'*+-.^_`|~, got %q", name)
		}
		if denied(keyHeaderDenied, name) {
			r.must("R7", at.index(i), "must not be part of the cache key: CloudFront refuses %q", name)
		}
	}
	for _, i := range repeated(c.KeyHeaders, strings.ToLower) {
		r.must("R7", at.index(i), "must not repeat %q", c.KeyHeaders[i])
	}
	switch authorized := containsFold(c.KeyHeaders, "Authorization"); {
	case authorized && origin == OriginModels:
		r.warn("R15", at, "has Authorization: S3 takes it for its own signature and refuses the request")
	case !authorized && origin == OriginAPI:
		r.warn("R8", at, "has no Authorization: every caller gets the same cached answer")
	}
}

func containsFold(list []string, item string) bool {
	for _, s := range list {
		if strings.EqualFold(s, item) {
			return true
		}
	}
	return false
}
