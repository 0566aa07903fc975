package edge

import "slices"

// CachePolicy says how many seconds answers are kept and what tells two requests apart.
type CachePolicy struct {
	MinTTL, DefaultTTL, MaxTTL int
	Brotli, Gzip               bool // whether answers compressed so are kept apart
	Headers, Cookies, Query    Selection
}

// OriginRequestPolicy says what the origin receives that isn't part of the cache key.
type OriginRequestPolicy struct {
	Headers, Cookies, Query Selection
}

// Selection selects headers, cookies or parameters of a request by name.
type Selection struct {
	Behavior string // of the constants below
	Names    []string
}

// The behaviors of a selection; none selects nothing.
const (
	none               = "none"
	all                = "all"       // not of headers
	allViewer          = "allViewer" // only of headers, as the next one, which adds headers that CloudFront makes
	allViewerAndListed = "allViewerAndWhitelistCloudFront"
	allExcept          = "allExcept"
	whitelist          = "whitelist"
)

// has compares with case, which counts for cookies and parameters (CloudFront Developer Guide, Cache content based on
// cookies; Cache content based on query string parameters). Headers have canonical names.
func (s Selection) has(name string) bool {
	switch s.Behavior {
	case all, allViewer, allViewerAndListed:
		return true
	case allExcept:
		return !slices.Contains(s.Names, name)
	}
	return s.Behavior == whitelist && slices.Contains(s.Names, name)
}

// forwarded tells whether what the key and the origin request policy select reaches the origin. Each adds to the other, but
// if both name exceptions those of both hold (Understand how origin request policies and cache policies work together).
func forwarded(name string, key, request Selection) bool {
	if key.Behavior == allExcept && request.Behavior == allExcept {
		return key.has(name) && request.has(name)
	}
	return key.has(name) || request.has(name)
}

func (p *parser) cachePolicy(at, value string) CachePolicy {
	if policy, known := managedCachePolicies[value]; known {
		return policy
	}
	b := p.resolve(at, value, "aws_cloudfront_cache_policy")
	key := b.child("parameters_in_cache_key_and_forwarded_to_origin")
	return CachePolicy{
		// What CloudFront takes where nothing is said (API Reference, CachePolicyConfig).
		MinTTL: b.number("min_ttl", 0), DefaultTTL: b.number("default_ttl", day), MaxTTL: b.number("max_ttl", year),
		Brotli: key.flag("enable_accept_encoding_brotli"), Gzip: key.flag("enable_accept_encoding_gzip"),
		Headers: key.selection("header"), Cookies: key.selection("cookie"), Query: key.selection("query_string"),
	}
}

func (p *parser) originRequestPolicy(at, value string) OriginRequestPolicy {
	if policy, known := managedOriginRequestPolicies[value]; known || value == "" {
		return policy
	}
	b := p.resolve(at, value, "aws_cloudfront_origin_request_policy")
	return OriginRequestPolicy{b.selection("header"), b.selection("cookie"), b.selection("query_string")}
}

func (b *block) selection(kind string) Selection {
	config := b.child(kind + "s_config")
	s := Selection{config.text(kind + "_behavior"), config.child(kind + "s").texts("items")}
	if kind == "header" {
		s.Names = canonical(s.Names...)
	}
	if !slices.Contains([]string{none, all, allViewer, allViewerAndListed, allExcept, whitelist}, s.Behavior) {
		b.parser.fail(config.at+"."+kind+"_behavior", "is not part of the model of the edge: %q", s.Behavior)
	}
	return s
}
