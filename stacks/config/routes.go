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
	OriginAPI    = names.OriginAPI
	OriginModels = names.OriginModels
	OriginCanary = names.OriginCanary // for the canary's share of callers; no route names it
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

// Declare implements [declare.Section].
func (route *Route) Declare(f *declare.Fields) {
	f.Text("path", &route.Path,
		"Path pattern: * stands for any number of characters, ? for exactly one. A leading / is optional.").Required().
		Length(rulePathPattern, 1, mostPath).
		Matches(rulePathPattern, pathCharacters, onlyPathSigns)
	f.Text("origin", &route.Origin, "Where requests go.").Default(OriginAPI).OneOf(ruleRouteChoices, OriginAPI,
		OriginModels)
	f.Text("methods", &route.Methods,
		`Methods that are allowed: all, or GET, HEAD and OPTIONS ("read"). By `+
			`default "read" for models and "all" for the API.`).
		OneOf(ruleRouteChoices, MethodsAll, MethodsRead)
	declare.Optional(f, "cache", &route.Cache, "What is cached; without it nothing is.")
	f.Boolean("failover", &route.Failover, `Use api.failover when the API fails. Needs methods "read".`)
	f.Boolean("grpc", &route.GRPC,
		"Allow gRPC. It bypasses api.shieldRegion, and the firewall's rules on bodies don't inspect it.")
	f.Boolean("signed", &route.Signed,
		"Allow only signed URLs and cookies (models.signers). For the API it is no access control by itself: a backend "+
			"that reads paths differently may serve the same under another route, so sign the "+
			"widest route and make the open ones exceptions before it.")
}

// Complete sets the defaults that depend on the origin: models are only read.
func (route *Route) Complete(map[string]any) {
	if route.Methods == "" {
		route.Methods = MethodsAll
		if route.Origin == OriginModels {
			route.Methods = MethodsRead
		}
	}
}

func (route Route) check(r *declare.Report, at declare.Path) {
	checkPattern(r, at.Field("path"), route.Path)
	if route.Origin == OriginModels && route.Methods != MethodsRead {
		r.Must(ruleModelsRoute, at.Field("methods"), `must be "read" on a route to the models, got %q`, route.Methods)
	}
	route.checkPOST(r, at)
	if route.Cache != nil {
		route.Cache.check(r, at.Field("cache"), route.Origin)
	}
	if route.Origin == OriginModels && !route.Signed && route.Cache != nil {
		route.Cache.checkResponseParameters(r, at.Field("cache").Field("queryStrings"))
	}
	route.checkFailover(r, at.Field("failover"))
	route.checkGRPC(r, at.Field("grpc"))
}

func (route Route) checkFailover(r *declare.Report, at declare.Path) {
	if !route.Failover {
		return
	}
	if route.Origin == OriginModels {
		r.Must(ruleModelsRoute, at, "must be false on a route to the models: they fail over to models.replicaRegion")
		return
	}
	if route.Methods == MethodsAll {
		r.Must(ruleFailover, at, `needs methods "read": CloudFront fails over only for requests that read`)
	}
}

func (route Route) checkGRPC(r *declare.Report, at declare.Path) {
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
}

// postOnly are paths that take nothing but POST, whatever stands before them, in OpenAI's API, in Anthropic's and in
// the servers of models that have more. Where GET reads single answers below a path, it isn't meant with what is below;
// the others are.
var (
	postOnly  = []string{"responses", "messages", "generate"}
	postBelow = []string{
		"chat/completions", "completions", "embeddings", "audio/speech", "audio/transcriptions", "audio/translations",
		"images/generations",
		"images/edits", "images/variations", "moderations", "messages/count_tokens", "rerank", "tokenize", "detokenize",
		"generate_stream", "invocations",
	}
	postAllBelow = []string{"chat", "audio", "images"}
)

// takesPOSTOnly reports whether all paths of a pattern are such.
func takesPOSTOnly(pattern string) bool {
	among := func(paths []string, pattern string) bool {
		return slices.ContainsFunc(paths, func(p string) bool { return strings.HasSuffix("/"+normal(pattern), "/"+p) })
	}
	below, wild := strings.CutSuffix(pattern, "/*")
	return among(postOnly, pattern) || among(postBelow, strings.TrimSuffix(strings.TrimSuffix(pattern, "*"), "/")) ||
		wild && among(postAllBelow, below)
}

func (route Route) checkPOST(r *declare.Report, at declare.Path) {
	switch {
	case route.Origin != OriginAPI || !takesPOSTOnly(route.Path):
	case route.Methods == MethodsRead:
		r.Warn(rulePostNotCached, at.Field("methods"),
			`is "read", but callers of %q send POST, which is answered 403`, route.Path)
	case route.Cache != nil:
		r.Warn(rulePostNotCached, at.Field("cache"),
			"never has a hit: CloudFront caches answers to GET and HEAD, and callers of %q send POST; leave it out", route.Path)
	}
}

// normal drops what CloudFront ignores in a path pattern: a leading slash.
func normal(pattern string) string { return strings.TrimPrefix(pattern, "/") }

func checkPattern(r *declare.Report, at declare.Path, pattern string) {
	if normal(pattern) == "*" {
		r.Must(rulePathPattern, at, "must not be %q: that is the default route, configured in api", pattern)
		return
	}
	host, below, found := strings.Cut(normal(pattern), "/")
	for _, odd := range []struct {
		is   bool
		what string
	}{
		{strings.Contains(pattern, "://"), "is a URL: omit the scheme and the host"},
		{found && strings.Count(host, ".") > 1 && isDomain(host) && !privateName(host), "begins with a host name: omit it"},
		{notNormal.MatchString("/" + normal(pattern)), "never matches: CloudFront compares paths without //, /./ and /../"},
		{strings.Contains(pattern[strings.Index(pattern, "?")+1:], "&") && strings.Contains(pattern, "?"),
			"has a query string, which CloudFront doesn't compare: ? stands for one character of the path"},
		{strings.Contains(pattern, "**"), "has **, which stands for no more than *: any characters, / as well"},
		{expressionLike.MatchString(pattern),
			"looks like a regular expression, which it isn't: * stands for any characters, ? for one, " +
				"and all others for themselves"},
		{strings.Contains(pattern, "/:"), "has /:, which stands for itself: * stands for any characters"},
		{len(below) > 0 && strings.HasSuffix(pattern, "/"), "matches only this path and nothing below it: end it with /*"},
		{len(below) == 0 && found && host != "", "matches only this path and nothing below it: end it with /*"},
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
		r.Warn(rulePatternOfPaths, at,
			"matches only this path: requests for all other models go to the API; end it with /*, got %q", pattern)
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
