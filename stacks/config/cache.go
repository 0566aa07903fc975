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

func (c *Cache) Declare(f *declare.Fields) {
	f.Integer("minTTLSeconds", &c.MinTTLSeconds, "Seconds an answer is kept at least, whatever the origin says.").Between(ruleTTLOrder, 0, mostTTL)
	f.Integer("defaultTTLSeconds", &c.DefaultTTLSeconds, "Seconds an answer is kept when the origin says nothing; where it is left out, within minTTLSeconds and maxTTLSeconds.").Default(3600).Between(ruleTTLOrder, 0, mostTTL)
	f.Integer("maxTTLSeconds", &c.MaxTTLSeconds, "Seconds an answer is kept at most, whatever the origin says; where it is left out, no less than the other two.").Default(86400).Between(ruleTTLOrder, 0, mostTTL)
	f.Texts("keyHeaders", &c.KeyHeaders, "Headers that are forwarded to the origin and part of the cache key; by default Authorization, and none on routes to the models. With api.keys by default x-caller, the caller's name, and whichever of Authorization and the header of the key isn't taken away; with [] one answer serves all callers who are let in, and the origin isn't told who calls. With api.canary, x-canary is part of every key.").
		Items.Matches(ruleKeyHeaders, headerName, aHeaderName)
	f.Texts("forwardHeaders", &c.ForwardHeaders, "Headers that are forwarded to the API without being part of the key, since they don't change the answer to a GET; by default those that describe the body of a POST, Content-Type and Content-Encoding. With cors those of CORS are forwarded as well.").
		Items.Matches(ruleForwardHeaders, headerName, aHeaderName)
	f.Text("queryStrings", &c.QueryStrings, "Query strings that are forwarded to the origin and part of the cache key.").Default("all").
		OneOf(ruleRouteChoices, "all", "none")
	f.Text("cookies", &c.Cookies, "Cookies that are forwarded to the origin and part of the cache key. With none, the route takes cookies from all requests and Set-Cookie from all answers, POST included. With all, an answer is kept with its Set-Cookie, unless its Cache-Control has no-cache=\"Set-Cookie\".").Default("none").
		OneOf(ruleRouteChoices, "none", "all")
}

// complete has the TTLs that are left out follow those that are written.
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

// completeHeaders sets the defaults of a cached route to the API. Those to the models have none: S3 must not see a caller's
// Authorization, and nobody posts to it.
func (c *Cache) completeHeaders(keyHeaders []string) {
	if c.KeyHeaders == nil {
		c.KeyHeaders = keyHeaders
	}
	if c.ForwardHeaders == nil {
		c.ForwardHeaders = bodyHeaders
	}
}

// mostNameCharacters is what the names of a policy's headers may have together (CloudFront Developer Guide, Quotas on policies).
const mostNameCharacters = 1024

// longTTL is when an entry that hardly ever hits only fills the cache: an hour.
const longTTL = 3600

func (c Cache) check(r *declare.Report, at declare.Path, origin string) {
	switch {
	case c.MaxTTLSeconds < c.MinTTLSeconds:
		r.Must(ruleTTLOrder, at.Field("maxTTLSeconds"), "must be at least minTTLSeconds (%d), got %d", c.MinTTLSeconds, c.MaxTTLSeconds)
	case c.DefaultTTLSeconds < c.MinTTLSeconds:
		r.Must(ruleTTLOrder, at.Field("defaultTTLSeconds"), "must be at least minTTLSeconds (%d), got %d", c.MinTTLSeconds, c.DefaultTTLSeconds)
	case c.MaxTTLSeconds < c.DefaultTTLSeconds:
		r.Must(ruleTTLOrder, at.Field("maxTTLSeconds"), "must be at least defaultTTLSeconds (%d), got %d", c.DefaultTTLSeconds, c.MaxTTLSeconds)
	}
	if c.MaxTTLSeconds == 0 {
		r.Must(ruleCacheKeeps, at.Field("maxTTLSeconds"), "must be over 0: to cache nothing, leave cache out")
	}
	if c.Cookies == "all" && origin == OriginAPI {
		r.Warn(ruleSetCookieApart, at.Field("cookies"), `"all" keeps the Set-Cookie of one caller's answer for the next with the same cookies, such as none: the backend must send Cache-Control: no-cache="Set-Cookie" with it`)
	}
	if c.Cookies == "all" && c.DefaultTTLSeconds >= longTTL {
		r.Warn(ruleCookiesInKey, at.Field("cookies"), `"all" with a default TTL of %d s hardly ever hits: every caller's cookies differ`, c.DefaultTTLSeconds)
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
		r.Warn(ruleDefaultRouteCache, at, "is for everything without a route of its own, POST included: %s; other headers than those of keyHeaders and forwardHeaders don't reach the backend either; rather cache on routes that only read",
			strings.Join(lost, ", and "))
	}
}

// forwards reports whether the origin gets a header.
func (c Cache) forwards(header string) bool {
	return containsFold(c.KeyHeaders, header) || containsFold(c.ForwardHeaders, header)
}

// orDefault says of a value that it may be there because the field is left out.
func orDefault(is bool) string {
	if is {
		return ", the default"
	}
	return ""
}
