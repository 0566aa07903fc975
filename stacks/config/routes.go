package config

import (
	"regexp"
	"slices"
	"strings"

	"ml-api-accelerator/stacks/config/declare"
	"ml-api-accelerator/stacks/internal/shared/names"
)

// The origins that every environment has.
const (
	OriginAPI    = names.API
	OriginModels = names.Models
	OriginCanary = names.OriginCanary // for the canary's share of callers; no route names it
)

// The sets of methods a route can allow.
const (
	MethodsAll  = "all"
	MethodsRead = "read"
)

// Route treats the requests of one path pattern differently.
type Route struct {
	Path               string
	Origin             string
	Strip              string
	ReadTimeoutSeconds int
	Methods            string
	Cache              *Cache
	Failover           bool
	GRPC               bool
	Signed             bool
	Public             bool
	AllowedIPs         []string
	ResponseHeaders    *ResponseHeaders // whole, once it is read; nil: those of the environment
}

// Declare implements [declare.Section].
func (route *Route) Declare(f *declare.Fields) {
	f.Text("path", &route.Path,
		"Path pattern: * stands for any number of characters, ? for exactly one. A leading / is optional.").Required().
		Length(rulePathPattern, 1, mostPath).
		Matches(rulePathPattern, pathCharacters, onlyPathSigns).
		Explain(pathMeant)
	f.Text("origin", &route.Origin, "Where requests go: api, models, web, or a name in backends or buckets.").
		Default(OriginAPI)
	stripField(f, &route.Strip)
	f.Integer("readTimeoutSeconds", &route.ReadTimeoutSeconds,
		"Seconds CloudFront waits for the answer to begin, and between two packets of it. By default the backend's.").
		AtLeast(ruleReadTimeout, 1)
	f.Text("methods", &route.Methods,
		`Methods that are allowed: all, or GET, HEAD and OPTIONS ("read"). By `+
			`default "read" for buckets and "all" for backends.`).
		OneOf(ruleRouteChoices, MethodsAll, MethodsRead).
		Explain(methodsMeant)
	declare.Optional(f, "cache", &route.Cache, "What is cached; without it nothing is.")
	f.Boolean("failover", &route.Failover, `Use the backend's failover when it fails. Needs methods "read".`)
	f.Boolean("grpc", &route.GRPC,
		"Allow gRPC. It bypasses api.shieldRegion, and the firewall's rules on bodies don't inspect it.")
	f.Boolean("signed", &route.Signed,
		"Allow only signed URLs and cookies (models.signers). For the API it is no access control by itself: a backend "+
			"that reads paths differently may serve the same under another route, so sign the "+
			"widest route and make the open ones exceptions before it.")
	f.Boolean("public", &route.Public, "Let everyone in, without an API key (api.keys).")
	f.Texts("allowedIPs", &route.AllowedIPs, "IP ranges (CIDR) that get in here; by default all do. Needs firewall.enabled.")
	declare.Optional(f, "responseHeaders", &route.ResponseHeaders,
		"Instead of the environment's responseHeaders, field by field.")
}

// stripped is what can be taken from the beginning of a path.
var stripped = regexp.MustCompile(`^(/[A-Za-z0-9_.~-]+)+$`)

// stripField declares what is taken from the beginning of a path.
func stripField(f *declare.Fields, to *string) {
	f.Text("strip", to,
		`Prefix to remove from the path before the origin sees it: with "/llm", /llm/v1/x becomes /v1/x, and a backend gets `+
			`X-Forwarded-Prefix: /llm.`).
		Length(ruleStrip, 0, mostPath).
		Matches(ruleStrip, stripped,
			"be segments of letters, digits and _ - . ~, each after a /, and not end with /").
		Explain(stripMeant)
}

// complete sets the defaults that depend on the origin: buckets are only read.
func (route *Route) complete(toBucket bool) {
	if route.Methods == "" {
		route.Methods = MethodsAll
		if toBucket {
			route.Methods = MethodsRead
		}
	}
}

// check checks what a route says of itself. A bucket is only read.
func (route Route) check(r *declare.Report, at declare.Path, toBucket bool) {
	checkPattern(r, at.Field("path"), route.Path)
	if toBucket && route.Methods != MethodsRead {
		r.Must(ruleModelsRoute, at.Field("methods"), `must be "read" on a route to a bucket, got %q`, route.Methods)
	}
	checkStrip(r, at.Field("strip"), route.Strip, route.Path)
	if !toBucket {
		route.checkPOST(r, at)
	}
	if route.Cache != nil {
		route.Cache.check(r, at.Field("cache"), toBucket)
	}
	if toBucket && !route.Signed && route.Cache != nil {
		route.Cache.checkResponseParameters(r, at.Field("cache").Field("queryStrings"))
	}
	if toBucket && route.ReadTimeoutSeconds != 0 {
		r.Must(ruleModelsRoute, at.Field("readTimeoutSeconds"),
			"must be absent on a route to a bucket: CloudFront waits 30 seconds for S3, which can't be changed")
	}
	if route.ResponseHeaders != nil {
		route.ResponseHeaders.check(r, at.Field("responseHeaders"))
	}
	route.checkFailover(r, at.Field("failover"), toBucket)
	route.checkGRPC(r, at.Field("grpc"), toBucket)
}

func (route Route) checkFailover(r *declare.Report, at declare.Path, toBucket bool) {
	if !route.Failover {
		return
	}
	if toBucket {
		r.Must(ruleModelsRoute, at, "must be false on a route to a bucket, which fails over to its replicaRegion")
		return
	}
	if route.Methods == MethodsAll {
		r.Must(ruleFailover, at, `needs methods "read": CloudFront fails over only for requests that read`)
	}
}

func (route Route) checkGRPC(r *declare.Report, at declare.Path, toBucket bool) {
	if !route.GRPC {
		return
	}
	if toBucket {
		r.Must(ruleModelsRoute, at, "must be false on a route to a bucket")
		return
	}
	if route.Methods == MethodsRead {
		r.Must(ruleGRPC, at, `needs methods "all": gRPC is sent with POST`)
	}
	if route.Cache != nil {
		r.Must(ruleGRPC, at, "must be false with cache: gRPC can't be cached")
	}
}

// checkStrip holds what is stripped to begin every path that the pattern matches.
func checkStrip(r *declare.Report, at declare.Path, strip, pattern string) {
	if strip == "" {
		return
	}
	literal := "/" + normal(pattern)
	if i := strings.IndexAny(literal, "*?"); i >= 0 {
		literal = literal[:i]
	}
	if literal != strip && !strings.HasPrefix(literal, strip+"/") {
		r.Must(ruleStrip, at, "must begin the path pattern, which is %q, got %q", pattern, strip)
	}
	if slices.ContainsFunc(strings.Split(strip, "/"), func(s string) bool { return s == "." || s == ".." }) {
		r.Must(ruleStrip, at, "must not have the segment . or .., got %q", strip)
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
	case !takesPOSTOnly(route.Path):
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
		r.Must(rulePathPattern, at, "must not be %q: that is the default route, configured in api or web", pattern)
		return
	}
	host, below, found := strings.Cut(normal(pattern), "/")
	anyCharacters := wildcards
	if meant := patternMeant(pattern); meant != "" {
		anyCharacters = writePattern(meant)
	}
	for _, odd := range []struct {
		is         bool
		what, then string
	}{
		{strings.Contains(pattern, "://"), "is a URL", "omit the scheme and the host"},
		{found && strings.Count(host, ".") > 1 && isDomain(host) && !privateName(host), "begins with a host name", "omit it"},
		{notNormal.MatchString("/" + normal(pattern)), "never matches",
			"CloudFront compares paths without //, /./ and /../"},
		{strings.Contains(pattern[strings.Index(pattern, "?")+1:], "&") && strings.Contains(pattern, "?"),
			"has a query string", "CloudFront compares only the path, and ? stands for one character of it"},
		{strings.Contains(pattern, "**"), "has **", "it stands for no more than *, which is any characters, / as well"},
		{expressionLike.MatchString(pattern), "looks like a regular expression, which it isn't", anyCharacters},
		{strings.Contains(pattern, "/:"), "has /:, which stands for itself", anyCharacters},
		{len(below) > 0 && strings.HasSuffix(pattern, "/"), "matches only this path and nothing below it", "end it with /*"},
		{len(below) == 0 && found && host != "", "matches only this path and nothing below it", "end it with /*"},
	} {
		if odd.is {
			r.Warn(rulePatternOfPaths, at, "%s, got %q: %s", odd.what, pattern, odd.then)
			return
		}
	}
}

// expressionLike are patterns in which somebody meant a regular expression; most signs of these are refused.
var expressionLike = regexp.MustCompile(`(^|/)\.[*+]|\.\+|\$$`)

// checkBucketPath warns of a pattern that leads no object to the bucket, or only one.
func checkBucketPath(r *declare.Report, at declare.Path, pattern string) {
	n := len(r.Problems)
	checkPattern(r, at, pattern)
	if len(r.Problems) == n && pattern != "" && !strings.ContainsAny(pattern, "*?") {
		r.Warn(rulePatternOfPaths, at,
			"matches only this path, got %q: requests for all other objects go to the API; end it with /*", pattern)
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

// intersect reports whether some path is matched by both patterns.
func intersect(one, other string) bool {
	a, b := []rune(normal(one)), []rune(normal(other))
	// matched[j] is whether what is behind i in a and behind j in b has a path in common.
	matched := make([]bool, len(b)+1)
	for i := len(a); i >= 0; i-- {
		next := slices.Clone(matched) // behind i+1
		for j := len(b); j >= 0; j-- {
			switch {
			case i == len(a) && j == len(b):
				matched[j] = true
			case i < len(a) && a[i] == '*':
				matched[j] = next[j] || j < len(b) && matched[j+1]
			case j < len(b) && b[j] == '*':
				matched[j] = matched[j+1] || i < len(a) && next[j]
			default:
				matched[j] = i < len(a) && j < len(b) && (a[i] == b[j] || a[i] == '?' || b[j] == '?') && next[j+1]
			}
		}
	}
	return matched[0]
}
