package config

import (
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
	QueryStrings      string
	Cookies           string
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
	f.Text("queryStrings", &c.QueryStrings,
		"Query strings that are part of the cache key, and so reach the origin.").Default("all").
		OneOf(ruleRouteChoices, "all", "none")
	f.Text("cookies", &c.Cookies,
		"Cookies that are part of the cache key, and so reach the origin. With none, CloudFront removes cookies from "+
			"requests and Set-Cookie from answers, POST included.").Default("none").
		OneOf(ruleRouteChoices, "none", "all")
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
func (c *Cache) completeHeaders(keyHeaders []string) {
	if c.KeyHeaders == nil {
		c.KeyHeaders = keyHeaders
	}
	if c.ForwardHeaders == nil {
		c.ForwardHeaders = bodyHeaders
	}
}

// mostNameCharacters is what the names of a policy's headers may have together (CloudFront Developer Guide, Quotas on
// policies).
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
	if c.Cookies == "all" && !toBucket {
		r.Warn(ruleSetCookieApart, at.Field("cookies"),
			`"all" caches one caller's Set-Cookie for the next caller with the same cookies, or with none: the backend must `+
				`send Cache-Control: no-cache="Set-Cookie" with it`)
	}
	if c.Cookies == "all" && c.DefaultTTLSeconds >= longTTL {
		r.Warn(ruleCookiesInKey, at.Field("cookies"),
			`"all" with a default TTL of %d s hardly ever hits: every caller's cookies differ`, c.DefaultTTLSeconds)
	}
}

// checkDefault warns of what a cache on the default route takes from all that isn't cached: a behavior has one cache
// policy for all methods, and what that doesn't have in its key reaches the origin only by an origin request policy
// (CloudFront Developer Guide, Cache content based on cookies; Use WebSockets with CloudFront distributions).
func (c Cache) checkDefault(r *declare.Report, at declare.Path) {
	var lost []string
	if c.Cookies == "none" {
		lost = append(lost, "the backend gets no cookies and callers no Set-Cookie")
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

// forwards reports whether the origin gets a header.
func (c Cache) forwards(header string) bool {
	return containsFold(c.KeyHeaders, header) || containsFold(c.ForwardHeaders, header)
}
