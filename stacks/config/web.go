package config

import (
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"ml-api-accelerator/stacks/config/declare"
	"ml-api-accelerator/stacks/internal/shared/cloudfront"
	"ml-api-accelerator/stacks/internal/shared/names"
	"ml-api-accelerator/stacks/internal/shared/viewerrequest"
)

// Web is a page beside the API: files in a bucket of their own.
type Web struct {
	Bucket
	SPA                             bool
	APIPaths                        []string
	ContentSecurityPolicy           string
	ContentSecurityPolicyReportOnly string
	ResponseHeaders                 *ResponseHeaders // whole, once it is read; nil: those of the environment
}

// OriginWeb is the bucket of the page, which only environments with a page have.
const OriginWeb = names.Web

// webPath is where a page can be: everywhere, or below a folder.
var webPath = regexp.MustCompile(`^(/[A-Za-z0-9_.~-]+)*/\*$`)

// reportOnly is the header of a policy whose breaches browsers report, and let happen (Content Security Policy Level 3,
// 3.2).
const reportOnly = "Content-Security-Policy-Report-Only"

// Declare implements [declare.Section].
func (w *Web) Declare(f *declare.Fields) {
	w.declare(f, names.Web).Required().Matches(ruleWebPath, webPath,
		`be "/*", or a folder and "/*", such as "/ui/*"`)
	f.Boolean("spa", &w.SPA, "The page has routes of its own (a single-page app): a path without a dot behind its last slash "+
		"gets index.html. Otherwise /docs/ gets /docs/index.html, to which /docs is redirected.")
	f.Texts("apiPaths", &w.APIPaths, `With path "/*": path patterns that lead to the API, as the default route otherwise does. `+
		"They come after routes and buckets.").
		Items.Length(rulePathPattern, 1, mostPath).Matches(rulePathPattern, pathCharacters, onlyPathSigns).Explain(pathMeant)
	f.Text("contentSecurityPolicy", &w.ContentSecurityPolicy,
		"Content-Security-Policy of the page, in place of that in responseHeaders.").
		Length(ruleResponseHeaders, 0, mostHeaderValue)
	f.Text("contentSecurityPolicyReportOnly", &w.ContentSecurityPolicyReportOnly,
		"A policy to try out: browsers report what it would block (Content-Security-Policy-Report-Only).").
		Length(ruleResponseHeaders, 0, mostHeaderValue)
	declare.Optional(f, "responseHeaders", &w.ResponseHeaders,
		"Instead of the environment's responseHeaders, field by field, such as frameOptions.")
}

// IsDefault reports whether the page has the default route.
func (w *Web) IsDefault() bool { return w != nil && w.Path == "/*" }

// KeyPrefix is what the keys of the page's files begin with in the bucket; empty, or it ends with a slash.
func (w *Web) KeyPrefix() string { return strings.TrimPrefix(w.root(), "/") }

// root is the path of the page as the bucket sees it.
func (w *Web) root() string {
	return strings.TrimPrefix(strings.TrimSuffix(w.Path, "*"), w.Strip)
}

// index is the path of the page's index.html as callers see it.
func (w *Web) index() string { return strings.TrimSuffix(w.Path, "*") + "index.html" }

// indexes is a pattern of the paths of index.html in the page's folders.
func (w *Web) indexes() string { return strings.TrimSuffix(w.Path, "*") + "*/index.html" }

// Hidden are files of a page that nobody gets from it: what they are asked for by is another route's.
type Hidden struct {
	At      declare.Path // of that route's path, in the environment
	Pattern string
	Files   []string
}

// HiddenFromPage returns which files of the page, given their paths below it, nobody gets from it. An index.html is also
// got by the path of its folder, but in a single-page app, which has only one.
func (e Environment) HiddenFromPage(files []string) []Hidden {
	list := e.Behaviors()
	hidden := make([]Hidden, len(list))
	for _, file := range files {
		by := e.takesFromPage(list, file)
		if folder, isIndex := strings.CutSuffix("/"+file, "/index.html"); by > 0 && isIndex && (folder == "" || !e.Web.SPA) {
			by = e.takesFromPage(list, strings.TrimPrefix(folder+"/", "/"))
		}
		if by > 0 {
			hidden[by].At, hidden[by].Pattern = list[by].pathAt(), list[by].Path
			hidden[by].Files = append(hidden[by].Files, file)
		}
	}
	return slices.DeleteFunc(hidden, func(h Hidden) bool { return len(h.Files) == 0 })
}

// takesFromPage returns which behavior is in the way of a path below the page; 0: none is. The first one is the default.
func (e Environment) takesFromPage(list []Behavior, file string) int {
	path := &url.URL{Path: strings.TrimSuffix(e.Web.Path, "*") + file}
	matches := func(b Behavior) bool { return cloudfront.Match(normal(b.Path), normal(path.EscapedPath())) }
	i := slices.IndexFunc(list[1:], matches) + 1
	if list[i].Origin == OriginWeb {
		return 0
	}
	return i
}

// viewerPage is what the function makes of paths without a file.
func (w *Web) viewerPage() *viewerrequest.Page {
	if w.SPA {
		return &viewerrequest.Page{Index: w.root() + "index.html"}
	}
	return &viewerrequest.Page{}
}

// headers are those of the page, given the environment's.
func (w *Web) headers(all ResponseHeaders) ResponseHeaders {
	h := all
	if w.ResponseHeaders != nil {
		h = *w.ResponseHeaders
	}
	if w.ContentSecurityPolicy != "" {
		h.ContentSecurityPolicy = w.ContentSecurityPolicy
	}
	if w.ContentSecurityPolicyReportOnly != "" {
		h.Custom = maps.Clone(h.Custom)
		if h.Custom == nil {
			h.Custom = map[string]string{}
		}
		h.Custom[reportOnly] = w.ContentSecurityPolicyReportOnly
	}
	return h
}

// PageCache is the cache of a page's files: each says itself how long it is kept, and what says nothing isn't kept.
// With a minimum of 0 CloudFront heeds no-cache (CloudFront Developer Guide, Manage how long content stays in the cache,
// the table of Specify the amount of time that CloudFront caches objects).
func PageCache() Cache {
	return Cache{MaxTTLSeconds: 31_536_000,
		QueryStrings: declare.TextOrList{Text: "none"}, Cookies: declare.TextOrList{Text: "none"}}
}

// headersOf are the response headers that a route to an origin has unless it says otherwise.
func (e Environment) headersOf(origin string) ResponseHeaders {
	if origin == OriginWeb && e.Web != nil {
		return e.Web.headers(e.ResponseHeaders)
	}
	return e.ResponseHeaders
}

// FurtherBuckets are the buckets that an environment needn't have, that of the page among them.
func (e Environment) FurtherBuckets() map[string]Bucket {
	if e.Web == nil {
		return e.Buckets
	}
	all := maps.Clone(e.Buckets)
	if all == nil {
		all = map[string]Bucket{}
	}
	all[OriginWeb] = e.Web.Bucket
	return all
}

// checkWeb checks the page against the routes and the API.
func (e Environment) checkWeb(r *declare.Report, at declare.Path) {
	w := e.Web
	if w == nil {
		return
	}
	web := at.Field("web")
	w.checkHeaders(r, web, e.ResponseHeaders)
	signed := slices.ContainsFunc(e.Routes, func(route Route) bool { return route.Origin == OriginWeb && route.Signed })
	if len(w.Signers) > 0 && !signed {
		r.Warn(ruleHasEffect, web.Field("signers"),
			`has no effect: everyone can read the page; a route with origin "web" and signed wants a signature for its path`)
	}
	e.checkAPIPaths(r, web.Field("apiPaths"))
	if w.IsDefault() {
		if e.API.Cache != nil {
			r.Must(ruleWebDefault, at.Field("api").Field("cache"),
				`must be absent with web.path "/*", which makes the page the default route: give routes to the API a cache`)
		}
		if e.Distribution.DefaultRootObject != "" {
			r.Must(ruleWebDefault, at.Field("distribution").Field("defaultRootObject"),
				`must be absent with web.path "/*": / is the page's index.html already`)
		}
	}
	for _, b := range e.Behaviors() {
		switch {
		case b.Path == "", b.Origin == OriginWeb, covers(b.Path, w.Path):
		case covers(b.Path, w.index()):
			r.Must(ruleWebIndex, at.Join(b.pathAt()), "must not match %s, which is the page's, got %q", w.index(), b.Path)
		case !w.SPA && (b.Cache != nil || b.Files) && !strings.HasSuffix(b.Path, "*") && intersect(b.Path, w.indexes()):
			r.Must(ruleWebIndex, at.Join(b.pathAt()),
				"must not match an index.html below %s with a cache, which would keep one for both, got %q", w.Path, b.Path)
		}
	}
}

func (w *Web) checkHeaders(r *declare.Report, at declare.Path, all ResponseHeaders) {
	if w.ResponseHeaders != nil {
		w.ResponseHeaders.check(r, at.Field("responseHeaders"))
		if w.ContentSecurityPolicy != "" && w.ResponseHeaders.ContentSecurityPolicy != all.ContentSecurityPolicy {
			r.Must(ruleResponseHeaders, at.Field("responseHeaders").Field("contentSecurityPolicy"),
				"must be absent with web.contentSecurityPolicy, which takes its place")
		}
	}
	checkSecurityPolicy(r, at.Field("contentSecurityPolicy"), w.ContentSecurityPolicy)
	checkReportOnly(r, at.Field("contentSecurityPolicyReportOnly"), w.ContentSecurityPolicyReportOnly)
	if w.ContentSecurityPolicyReportOnly == "" {
		return
	}
	where, headers := at.Field("contentSecurityPolicyReportOnly"), w.headers(all)
	for _, name := range slices.Sorted(maps.Keys(headers.Custom)) {
		if strings.EqualFold(name, reportOnly) && name != reportOnly {
			r.Must(ruleResponseHeaders, where, "must not be set with a header %s in custom", name)
		}
	}
	overQuota(r, ruleResponseHeaders, where, len(headers.Custom), mostCustomHeaders,
		" headers of its own with those in custom", "")
}

// alone is a path that nearly always has others below it.
var alone = regexp.MustCompile(`(?i)/(?:api|v[0-9]+(?:alpha|beta)?[0-9]*|` +
	`admin|internal|private|manage|management|console|dashboard|debug|ops|staff)/?$`)

// beforeKeys are paths that browsers ask for before they have a key.
var beforeKeys = regexp.MustCompile(`(?i)(^|/)(log-?in|sign-?in|sign-?up|oauth2?|sso|saml)(/|\*|$)`)

// checkAPIPaths holds the page to leave the API paths of its own, and the API to leave some to the page.
func (e Environment) checkAPIPaths(r *declare.Report, at declare.Path) {
	w := e.Web
	if !w.IsDefault() {
		if len(w.APIPaths) > 0 {
			r.Must(ruleAPIPaths, at, `must be absent unless path is "/*": all that isn't below %q leads to the API already`, w.Path)
		}
		return
	}
	for i, path := range w.APIPaths {
		if alone.MatchString(path) {
			r.Warn(ruleAPIPaths, at.Index(i), "matches only this path, so that what is below it goes to the page, got %q: "+
				"end it with /*", path)
		}
		if e.API.Keys != nil && beforeKeys.MatchString(path) {
			r.Warn(rulePublic, at.Index(i), "needs an API key, which nobody has who isn't logged in, and is answered 401, got %q: make "+
				"it a route with public instead", path)
		}
		if strings.Trim(normal(path), "*") == "" {
			r.Must(ruleAPIPaths, at.Index(i), "must not match every path, which would leave none to the page, got %q", path)
		} else {
			checkPattern(r, at.Index(i), path)
		}
	}
	if len(e.OriginsOf(OriginAPI)) == 0 {
		r.Must(ruleAPIPaths, at, `must have a path, such as "/v1/*": with path "/*" nothing else leads to the API`)
	}
}
