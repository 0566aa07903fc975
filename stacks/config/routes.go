package config

import (
	"regexp"
	"slices"
	"strings"

	"ml-api-accelerator/stacks/config/declare"
	"ml-api-accelerator/stacks/internal/shared/names"
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

func (route *Route) Declare(f *declare.Fields) {
	f.Text("path", &route.Path, "Path pattern: * stands for any number of characters, ? for exactly one; a leading / is optional.").Required().
		Length(rulePathPattern, 1, mostPath).
		Matches(rulePathPattern, pathCharacters, onlyPathSigns)
	f.Text("origin", &route.Origin, "Where requests go.").Default(OriginAPI).OneOf(ruleRouteChoices, OriginAPI, OriginModels)
	f.Text("methods", &route.Methods, `Methods let through: all, or GET, HEAD and OPTIONS ("read"); by default "read" for models, "all" for the API. Before a backend that reads paths in other ways than CloudFront it is no fence by itself: see signed.`).
		OneOf(ruleRouteChoices, MethodsAll, MethodsRead)
	declare.Optional(f, "cache", &route.Cache, "What is cached; absent: nothing is cached.")
	f.Boolean("failover", &route.Failover, `Ask api.failover when the API fails; only with methods "read".`)
	f.Boolean("grpc", &route.GRPC, "Let gRPC through. It goes around api.shieldRegion, and the firewall's rules on bodies don't look at it.")
	f.Boolean("signed", &route.Signed, "Let only signed URLs and cookies through (models.signers). Before the API it is no fence by itself: CloudFront compares normalized paths and sends them as they came, so a backend that takes /A for /a, %2f for / or ignores ;x answers on another route. Make the strict route the wide one, and the open ones exceptions before it.")
}

// complete sets the defaults that depend on the origin: models are only read.
func (route *Route) Complete(map[string]any) {
	if route.Methods == "" {
		route.Methods = MethodsAll
		if route.Origin == OriginModels {
			route.Methods = MethodsRead
		}
	}
}

func (route Route) check(r *declare.Report, at declare.Path, env Environment) {
	checkPattern(r, at.Field("path"), route.Path)
	if route.Origin == OriginModels && route.Methods != MethodsRead {
		r.Must(ruleModelsRoute, at.Field("methods"), `must be "read" on a route to the models, got %q`, route.Methods)
	}
	route.checkPOST(r, at)
	if route.Cache != nil {
		route.Cache.check(r, at.Field("cache"), route.Origin, env)
	}
	if route.Origin == OriginModels && !route.Signed && route.Cache != nil && route.Cache.QueryStrings == "all" {
		r.Warn(ruleResponseParameters, at.Field("cache").Field("queryStrings"), `is "all": with response-content-type and the like, which S3 heeds, `+
			`every caller chooses the headers of an answer and how long it is cached; if nothing needs query strings, set "none"`)
	}
	route.checkFailover(r, at.Field("failover"), env.API)
	route.checkGRPC(r, at.Field("grpc"), env)
	if route.Signed && len(env.Models.Signers) == 0 {
		r.Must(ruleSigners, at.Field("signed"), "needs models.signers: there is no key to check a signature with")
	}
	if !route.Signed && route.Origin == OriginModels && len(env.Models.Signers) > 0 {
		r.Warn(ruleModelsSigned, at.Field("signed"), "is false: everyone can read the models below %q, although models.signers is set", route.Path)
	}
}

func (route Route) checkFailover(r *declare.Report, at declare.Path, api API) {
	if !route.Failover {
		return
	}
	if route.Origin == OriginModels {
		r.Must(ruleModelsRoute, at, "must be false on a route to the models: they fail over to models.replicaRegion")
		return
	}
	if api.Failover.DomainName == "" {
		r.Must(ruleFailover, at, "needs api.failover")
	}
	if route.Methods == MethodsAll {
		r.Must(ruleFailover, at, `needs methods "read": CloudFront only fails over for requests that don't write`)
	}
}

func (route Route) checkGRPC(r *declare.Report, at declare.Path, env Environment) {
	if !route.GRPC {
		return
	}
	if route.Origin == OriginModels {
		r.Must(ruleModelsRoute, at, "must be false on a route to the models")
		return
	}
	if route.Methods == MethodsRead {
		r.Must(ruleGRPC, at, `needs methods "all": gRPC is sent with POST`)
	}
	if route.Cache != nil {
		r.Must(ruleGRPC, at, "must be false with cache: gRPC can't be cached")
	}
	if version := env.Distribution.HTTPVersion; version == "http1.1" || version == "http3" {
		r.Must(ruleGRPC, at, "needs distribution.httpVersion http2 or http2and3, got %q", version)
	}
	if env.API.Path != "" {
		r.Must(ruleGRPC, at, "must be false with api.path: CloudFront puts it before the names of gRPC's methods as well, which no server then knows")
	}
	if env.API.VPCOrigin != (VPCOrigin{}) {
		r.Must(ruleVPCOrigin, at, "must be false with api.vpcOrigin: VPC origins don't speak gRPC")
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

func (route Route) checkPOST(r *declare.Report, at declare.Path) {
	switch {
	case route.Origin != OriginAPI || !takesPOSTOnly(route.Path):
	case route.Methods == MethodsRead:
		r.Warn(rulePostNotCached, at.Field("methods"), `is "read", but callers of %q send POST, which is answered 403`, route.Path)
	case route.Cache != nil:
		r.Warn(rulePostNotCached, at.Field("cache"), "never has a hit: CloudFront caches answers to GET and HEAD, and callers of %q send POST; leave it out", route.Path)
	}
}

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
	list := []Behavior{{Origin: OriginAPI, Methods: MethodsAll, Cache: e.cached(OriginAPI, e.API.Cache), Forwards: e.forwards(OriginAPI, e.API.Cache), at: declare.Path{"api"}}}
	for i, r := range e.Routes {
		list = append(list, Behavior{
			Path: r.Path, Origin: r.Origin, Failover: e.failsOver(r.Origin, r.Failover), Methods: r.Methods, Cache: e.cached(r.Origin, r.Cache),
			Forwards: e.forwards(r.Origin, r.Cache), GRPC: r.GRPC, Signed: r.Signed, at: declare.Path{"routes", i},
		})
	}
	return append(list, Behavior{
		Path: e.Models.Path, Origin: OriginModels, Failover: e.failsOver(OriginModels, false), Methods: MethodsRead, Files: true,
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

// sendsHost reports whether the API gets the name that callers use in each request: CloudFront then takes a certificate for
// that as well (CloudFront Developer Guide, HTTP 502 status code).
func (e Environment) sendsHost() bool {
	return !slices.ContainsFunc(e.Behaviors(), func(b Behavior) bool {
		return b.Origin == OriginAPI && (b.Cache == nil || !containsFold(b.Cache.KeyHeaders, "Host") && !containsFold(b.Forwards, "Host"))
	})
}

func (e Environment) forwards(origin string, c *Cache) []string {
	if c == nil || origin == OriginModels {
		return nil
	}
	return e.forwardedHeaders(*c)
}

// failsOver tells whether the requests for an origin may go to a second one: those for the models whenever there is a replica.
func (e Environment) failsOver(origin string, failover bool) bool {
	if origin == OriginModels {
		return e.Models.ReplicaRegion != ""
	}
	return failover
}

func (e Environment) checkBehaviors(r *declare.Report, at declare.Path, stack string) {
	list := e.Behaviors()
	overQuota(r, ruleBehaviorCount, at.Field("routes"), len(list), e.Quotas.Behaviors, " behaviors with those of api and models", "behaviors")
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
			r.Must(ruleCachePolicyCount, where, "must make a cache policy name of at most %d characters, got %d", policyNameLength, n)
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
				r.Warn(ruleRouteReached, where, "is never reached: %q of %s matches all that %q does", earlier.Path, earlier.at, later.Path)
				break
			}
		}
	}
}

// policyNameLength is the most characters of a cache policy's name (CloudFront API Reference, CachePolicyConfig).
const policyNameLength = 128

// normal drops what CloudFront ignores in a path pattern: a leading slash.
func normal(pattern string) string { return strings.TrimPrefix(pattern, "/") }

func checkPattern(r *declare.Report, at declare.Path, pattern string) {
	if normal(pattern) == "*" {
		r.Must(rulePathPattern, at, "must not be %q: that is the default route, described in api", pattern)
		return
	}
	host, below, found := strings.Cut(normal(pattern), "/")
	for _, odd := range []struct {
		is   bool
		what string
	}{
		{strings.Contains(pattern, "://"), "is a URL, and no path is like it: leave out the scheme and the host"},
		{found && strings.Count(host, ".") > 1 && isDomain(host) && !privateName(host), "begins with the name of a host, which no path does: leave it out"},
		{notNormal.MatchString("/" + normal(pattern)), "never matches: CloudFront compares paths without //, /./ and /../"},
		{strings.Contains(pattern[strings.Index(pattern, "?")+1:], "&") && strings.Contains(pattern, "?"), "has a query string, which CloudFront doesn't compare: ? stands for one character of the path"},
		{strings.Contains(pattern, "**"), "has **, which stands for no more than *: any characters, / as well"},
		{expressionLike.MatchString(pattern), "looks like a regular expression, and isn't one: * stands for any characters, ? for one, and all others for themselves"},
		{strings.Contains(pattern, "/:"), "has /:, which stands for itself: * stands for any characters"},
		{len(below) > 0 && strings.HasSuffix(pattern, "/"), "matches this one path and nothing below it: end it with /*"},
		{len(below) == 0 && found && host != "", "matches this one path and nothing below it: end it with /*"},
	} {
		if odd.is {
			r.Warn(rulePatternOfPaths, at, "%s, got %q", odd.what, pattern)
			return
		}
	}
}

// expressionLike are patterns in which somebody meant a regular expression; most signs of these are refused.
var expressionLike = regexp.MustCompile(`(^|/)\.[*+]|\.\+|\$$`)

// checkModelsPath warns of a pattern that leads no model to the bucket, or only one.
func checkModelsPath(r *declare.Report, at declare.Path, pattern string) {
	n := len(r.Problems)
	checkPattern(r, at, pattern)
	if len(r.Problems) == n && pattern != "" && !strings.ContainsAny(pattern, "*?") {
		r.Warn(rulePatternOfPaths, at, "matches this one path: all other models are looked for at the API; end it with /*, got %q", pattern)
	}
}

// covers tells that every path which the pattern later matches is matched by earlier as well: earlier is
// matched against the text of later, whose * only a * matches and whose ? only a ? or *. Where it says
// yes it is right; patterns such as a*?b and a?*b, which match the same, it takes for different.
func covers(earlier, later string) bool {
	pattern, text := []rune(normal(earlier)), []rune(normal(later))
	i, retry, from := 0, -1, 0 // the place in the pattern; that of its last *, and where that * ends in the text
	for j := 0; j < len(text); {
		switch {
		case i < len(pattern) && pattern[i] == '*':
			retry, from = i, j
			i++
		case i < len(pattern) && (pattern[i] == text[j] || pattern[i] == '?' && text[j] != '*'):
			i, j = i+1, j+1
		case retry >= 0:
			from++
			i, j = retry+1, from
		default:
			return false
		}
	}
	return strings.Trim(string(pattern[i:]), "*") == ""
}
