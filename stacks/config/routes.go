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
	Path     string
	Origin   string
	Methods  string
	Cache    *Cache
	Failover bool
	GRPC     bool
	Signed   bool
}

func (route *Route) declare(f *fields) {
	f.text("path", &route.Path, "Path pattern: * stands for any number of characters, ? for exactly one; a leading / is optional.").required().
		length(ruleR1, pathLength).
		matches(ruleR1, pathCharacters, onlyPathSigns)
	f.text("origin", &route.Origin, "Where requests go.").standard(OriginAPI).oneOf(ruleR16, OriginAPI, OriginModels)
	f.text("methods", &route.Methods, `Methods let through: all, or GET, HEAD and OPTIONS ("read"); by default "read" for models, "all" for the API. Before a backend that reads paths in other ways than CloudFront it is no fence by itself: see signed.`).
		oneOf(ruleR16, MethodsAll, MethodsRead)
	optional(f, "cache", &route.Cache, "What is cached; absent: nothing is cached.")
	f.boolean("failover", &route.Failover, `Ask api.failover when the API fails; only with methods "read".`)
	f.boolean("grpc", &route.GRPC, "Let gRPC through. It goes around api.shieldRegion, and the firewall's rules on bodies don't look at it.")
	f.boolean("signed", &route.Signed, "Let only signed URLs and cookies through (models.signers). Before the API it is no fence by itself: CloudFront compares normalized paths and sends them as they came, so a backend that takes /A for /a, %2f for / or ignores ;x answers on another route. Make the strict route the wide one, and the open ones exceptions before it.")
}

// complete sets the defaults that depend on the origin: models are only read.
func (route *Route) complete(map[string]any) {
	if route.Methods == "" {
		route.Methods = MethodsAll
		if route.Origin == OriginModels {
			route.Methods = MethodsRead
		}
	}
}

func (route Route) check(r *report, at path, env Environment) {
	checkPattern(r, at.field("path"), route.Path)
	if route.Origin == OriginModels && route.Methods != MethodsRead {
		r.must(ruleR12, at.field("methods"), `must be "read" on a route to the models, got %q`, route.Methods)
	}
	route.checkPOST(r, at)
	if route.Cache != nil {
		route.Cache.check(r, at.field("cache"), route.Origin, env)
	}
	if route.Origin == OriginModels && !route.Signed && route.Cache != nil && route.Cache.QueryStrings == "all" {
		r.warn(ruleR24, at.field("cache").field("queryStrings"), `is "all": with response-content-type and the like, which S3 heeds, `+
			`every caller chooses the headers of an answer and how long it is cached; if nothing needs query strings, set "none"`)
	}
	route.checkFailover(r, at.field("failover"), env.API)
	route.checkGRPC(r, at.field("grpc"), env)
	if route.Signed && len(env.Models.Signers) == 0 {
		r.must(ruleR11, at.field("signed"), "needs models.signers: there is no key to check a signature with")
	}
	if !route.Signed && route.Origin == OriginModels && len(env.Models.Signers) > 0 {
		r.warn(ruleR17, at.field("signed"), "is false: everyone can read the models below %q, although models.signers is set", route.Path)
	}
}

func (route Route) checkFailover(r *report, at path, api API) {
	if !route.Failover {
		return
	}
	if route.Origin == OriginModels {
		r.must(ruleR12, at, "must be false on a route to the models: they fail over to models.replicaRegion")
		return
	}
	if api.Failover.DomainName == "" {
		r.must(ruleO11, at, "needs api.failover")
	}
	if route.Methods == MethodsAll {
		r.must(ruleO11, at, `needs methods "read": CloudFront only fails over for requests that don't write`)
	}
}

func (route Route) checkGRPC(r *report, at path, env Environment) {
	if !route.GRPC {
		return
	}
	if route.Origin == OriginModels {
		r.must(ruleR12, at, "must be false on a route to the models")
		return
	}
	if route.Methods == MethodsRead {
		r.must(ruleR10, at, `needs methods "all": gRPC is sent with POST`)
	}
	if route.Cache != nil {
		r.must(ruleR10, at, "must be false with cache: gRPC can't be cached")
	}
	if version := env.Distribution.HTTPVersion; version == "http1.1" || version == "http3" {
		r.must(ruleR10, at, "needs distribution.httpVersion http2 or http2and3, got %q", version)
	}
	if env.API.Path != "" {
		r.must(ruleR10, at, "must be false with api.path: CloudFront puts it before the names of gRPC's methods as well, which no server then knows")
	}
	if env.API.VPCOrigin != (VPCOrigin{}) {
		r.must(ruleO14, at, "must be false with api.vpcOrigin: VPC origins don't speak gRPC")
	}
}

// postOnly are paths that take nothing but POST, whatever stands before them, in OpenAI's API, in Anthropic's and in the servers of
// models that have more. Where GET reads single answers below a path, it isn't meant with what is below; the others are.
var (
	postOnly  = []string{"responses", "messages", "generate"}
	postBelow = []string{
		"chat/completions", "completions", "embeddings", "audio/speech", "audio/transcriptions", "audio/translations", "images/generations",
		"images/edits", "images/variations", "moderations", "messages/count_tokens", "rerank", "tokenize", "detokenize", "generate_stream", "invocations",
	}
	postAllBelow = []string{"chat", "audio", "images"}
)

// takesPOSTOnly reports whether all paths of a pattern are such.
func takesPOSTOnly(pattern string) bool {
	among := func(paths []string, pattern string) bool {
		return slices.ContainsFunc(paths, func(p string) bool { return strings.HasSuffix("/"+normal(pattern), "/"+p) })
	}
	below, wild := strings.CutSuffix(pattern, "/*")
	return among(postOnly, pattern) || among(postBelow, strings.TrimSuffix(strings.TrimSuffix(pattern, "*"), "/")) || wild && among(postAllBelow, below)
}

func (route Route) checkPOST(r *report, at path) {
	switch {
	case route.Origin != OriginAPI || !takesPOSTOnly(route.Path):
	case route.Methods == MethodsRead:
		r.warn(ruleR20, at.field("methods"), `is "read", but callers of %q send POST, which is answered 403`, route.Path)
	case route.Cache != nil:
		r.warn(ruleR20, at.field("cache"), "never has a hit: CloudFront caches answers to GET and HEAD, and callers of %q send POST; leave it out", route.Path)
	}
}
