package config

import (
	"maps"
	"regexp"
	"slices"
	"strings"

	"ml-api-accelerator/stacks/config/declare"
)

// Cache says what CloudFront keeps of the answers to GET and HEAD, and what tells two requests apart.
type Cache struct {
	MinTTLSeconds     int
	DefaultTTLSeconds int
	MaxTTLSeconds     int
	KeyHeaders        []string
	ForwardHeaders    []string
	QueryStrings      declare.TextOrList // all, none, or names
	Cookies           declare.TextOrList // the same
}

// Declare implements [declare.Section].
func (c *Cache) Declare(f *declare.Fields) {
	f.Integer("minTTLSeconds", &c.MinTTLSeconds,
		"Shortest time an answer is cached, in seconds, whatever the origin says.").Between(ruleTTLOrder, 0, mostTTL)
	f.Integer("defaultTTLSeconds", &c.DefaultTTLSeconds,
		"Seconds an answer is cached if the origin doesn't say. If absent, it "+
			"is kept within minTTLSeconds and maxTTLSeconds.").Default(3600).Between(ruleTTLOrder, 0, mostTTL)
	f.Integer("maxTTLSeconds", &c.MaxTTLSeconds,
		"Longest time an answer is cached, in seconds, whatever the origin says. "+
			"If absent, it is at least as long as the other two.").Default(86400).Between(ruleTTLOrder, 0, mostTTL)
	f.Texts("keyHeaders", &c.KeyHeaders,
		"Headers that are part of the cache key, and so reach the origin. By default the headers that tell callers apart, "+
			"such as Authorization, or x-caller with api.keys; none on routes to the models.").
		Items.Matches(ruleKeyHeaders, headerName, aHeaderName)
	f.Texts("forwardHeaders", &c.ForwardHeaders,
		"Headers that reach the API without being part of the cache key, because the answer to a GET doesn't depend on "+
			"them. By default Content-Type and Content-Encoding; cors adds its own.").
		Items.Matches(ruleForwardHeaders, headerName, aHeaderName)
	f.TextOrList("queryStrings", &c.QueryStrings,
		"Query strings that are part of the cache key, and so reach the origin.").Default(declare.TextOrList{Text: "all"}).
		OneOfOrList(ruleRouteChoices, "names", "all", "none").
		Items.Matches(ruleKeyNames, parameterName, "be the name of a query string, without = and &")
	f.TextOrList("cookies", &c.Cookies,
		"Cookies that are part of the cache key, and so reach the origin. With none, CloudFront removes cookies from "+
			"requests and Set-Cookie from answers, POST included.").Default(declare.TextOrList{Text: "none"}).
		OneOfOrList(ruleRouteChoices, "names", "none", "all").
		Items.Matches(ruleKeyNames, cookieName, "be the name of a cookie")
}

// Complete has the TTLs that are left out follow those that are written.
func (c *Cache) Complete(written map[string]any) {
	_, standard := written["defaultTTLSeconds"]
	_, most := written["maxTTLSeconds"]
	if !standard {
		c.DefaultTTLSeconds = max(c.DefaultTTLSeconds, c.MinTTLSeconds)
	}
	if !most {
		c.MaxTTLSeconds = max(c.MaxTTLSeconds, c.DefaultTTLSeconds, c.MinTTLSeconds)
	}
	if !standard {
		c.DefaultTTLSeconds = min(c.DefaultTTLSeconds, c.MaxTTLSeconds)
	}
}

// completeHeaders sets the defaults of a cached route to the API. Those to the models have none: S3 must not see a
// caller's Authorization, and nobody posts to it.
func (c *Cache) completeHeaders(keyHeaders []string, backend Backend) {
	if c.KeyHeaders == nil {
		c.KeyHeaders = keyHeaders
	}
	if c.ForwardHeaders == nil {
		c.ForwardHeaders = slices.DeleteFunc(slices.Clone(bodyHeaders), func(h string) bool {
			return containsFold(slices.Collect(maps.Keys(backend.Headers)), h) // which replace those of callers
		})
	}
}

var (
	// parameterName is what stands before the first = of a part of a query string (WHATWG URL, 5.1).
	parameterName = regexp.MustCompile(`^[!"$%\x27-;<>-~]+$`)
	// cookieName is a token (RFC 6265, 4.1.1).
	cookieName = regexp.MustCompile("^[A-Za-z0-9!#$%&'*+.^_`|~-]+$")
)

// mostNameCharacters is what the names of headers, query strings and cookies in a policy may have together (CloudFront
// Developer Guide, Quotas, General quotas on policies).
const mostNameCharacters = 1024

// longTTL is when an entry that hardly ever hits only fills the cache: an hour.
const longTTL = 3600

func (c Cache) check(r *declare.Report, at declare.Path, toBucket bool) {
	switch {
	case c.MaxTTLSeconds < c.MinTTLSeconds:
		r.Must(ruleTTLOrder, at.Field("maxTTLSeconds"),
			"must be at least minTTLSeconds (%d), got %d", c.MinTTLSeconds, c.MaxTTLSeconds)
	case c.DefaultTTLSeconds < c.MinTTLSeconds:
		r.Must(ruleTTLOrder, at.Field("defaultTTLSeconds"),
			"must be at least minTTLSeconds (%d), got %d", c.MinTTLSeconds, c.DefaultTTLSeconds)
	case c.MaxTTLSeconds < c.DefaultTTLSeconds:
		r.Must(ruleTTLOrder, at.Field("maxTTLSeconds"),
			"must be at least defaultTTLSeconds (%d), got %d", c.DefaultTTLSeconds, c.MaxTTLSeconds)
	}
	if c.MaxTTLSeconds == 0 {
		r.Must(ruleCacheKeeps, at.Field("maxTTLSeconds"), "must be over 0: to cache nothing, leave cache out")
	}
	if !c.Cookies.Is("none") && !toBucket {
		which := `"all"`
		if c.Cookies.List != nil {
			which = "a list"
		}
		r.Warn(ruleSetCookieApart, at.Field("cookies"),
			`%s caches one caller's Set-Cookie for the next caller with the same cookies, or with none: the backend must `+
				`send Cache-Control: no-cache="Set-Cookie" with it`, which)
	}
	if c.Cookies.Is("all") && c.DefaultTTLSeconds >= longTTL {
		r.Warn(ruleKeyRepeats, at.Field("cookies"),
			`"all" with a default TTL of %d s hardly ever hits: every caller's cookies differ`, c.DefaultTTLSeconds)
	}
}

// checkDefault warns of what a cache on the default route takes from all that isn't cached: a behavior has one cache
// policy for all methods, and what that doesn't have in its key reaches the origin only by an origin request policy
// (CloudFront Developer Guide, Cache content based on cookies; Use WebSockets with CloudFront distributions).
func (c Cache) checkDefault(r *declare.Report, at declare.Path) {
	var lost []string
	switch {
	case c.Cookies.Is("none"):
		lost = append(lost, "the backend gets no cookies and callers no Set-Cookie")
	case c.Cookies.List != nil:
		lost = append(lost, "the backend gets no cookies but "+declare.Listed(c.Cookies.List, "and"))
	}
	if c.QueryStrings.List != nil {
		lost = append(lost, "the backend gets no query strings but "+declare.Listed(c.QueryStrings.List, "and"))
	}
	if !c.forwards("Sec-WebSocket-Key") || !c.forwards("Sec-WebSocket-Version") {
		lost = append(lost, "no WebSocket opens without Sec-WebSocket-Key and Sec-WebSocket-Version in forwardHeaders")
	}
	if len(lost) > 0 {
		r.Warn(ruleDefaultRouteCache, at,
			"applies to everything without a route of its own, POST included: %s; and only the headers in keyHeaders and "+
				"forwardHeaders reach the backend; cache on routes that only read instead",
			strings.Join(lost, ", and "))
	}
}

// checkResponseParameters warns of parameters that S3 obeys on a route to the models that isn't signed.
func (c Cache) checkResponseParameters(r *declare.Report, at declare.Path) {
	const choose = "every caller chooses the headers of an answer and how long it is cached; "
	if c.QueryStrings.Is("all") {
		r.Warn(ruleResponseParameters, at, `is "all": with response-content-type and the like, which S3 obeys, `+choose+
			`if nothing needs query strings, set "none"`)
	}
	for i, name := range c.QueryStrings.List {
		if strings.HasPrefix(name, "response-") {
			r.Warn(ruleResponseParameters, at.Index(i), "is %q, which S3 obeys: "+choose+"take it out", name)
		}
	}
}

// checkKeyNames checks the names of query strings and cookies in a cache's key. headers are all of the key.
func (c Cache) checkKeyNames(r *declare.Report, at declare.Path, headers []string, quotas Quotas) {
	total := len(strings.Join(headers, ""))
	if total <= mostNameCharacters { // else the headers alone are too long
		total += len(strings.Join(c.QueryStrings.List, "")) + len(strings.Join(c.Cookies.List, ""))
		if total > mostNameCharacters {
			r.Must(ruleKeyNames, at, "must have at most %d characters in all names of headers, query strings and cookies "+
				"together, got %d", mostNameCharacters, total)
		}
	}
	for _, names := range []struct {
		field, unit, quota string
		list               []string
		most               int
	}{
		{"queryStrings", " query strings", "cachePolicyQueryStrings", c.QueryStrings.List, quotas.CachePolicyQueryStrings},
		{"cookies", " cookies", "cachePolicyCookies", c.Cookies.List, quotas.CachePolicyCookies},
	} {
		field := at.Field(names.field)
		overQuota(r, ruleKeyNames, field, len(names.list), names.most, names.unit, names.quota)
		for _, i := range repeated(names.list, exactly) {
			r.Must(ruleKeyNames, field.Index(i), "must not repeat %q", names.list[i])
		}
		for i, name := range names.list {
			switch {
			case strings.Contains(name, "*"):
				r.Warn(ruleKeyNames, field.Index(i),
					"has a *, and CloudFront's guide knows no wildcard in a cache policy, got %q: name each", name)
			case name == "all", name == "none":
				r.Warn(ruleKeyNames, field.Index(i), "is the name %q here: to have %[1]s of them, write %[1]q in place of the list",
					name)
			}
		}
	}
}

// lacking returns those headers that aren't part of the key.
func (c Cache) lacking(headers []string) []string {
	return slices.DeleteFunc(slices.Clone(headers), func(h string) bool { return containsFold(c.KeyHeaders, h) })
}

// forwards reports whether the origin gets a header.
func (c Cache) forwards(header string) bool {
	return containsFold(c.KeyHeaders, header) || containsFold(c.ForwardHeaders, header)
}
