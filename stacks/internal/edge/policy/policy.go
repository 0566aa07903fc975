// Package policy is the policies of CloudFront: what tells two requests apart, what an origin receives, and what is
// done to answers.
package policy

import (
	"net/textproto"
	"slices"
	"strings"

	"ml-api-accelerator/stacks/internal/edge/block"
	"ml-api-accelerator/stacks/internal/shared/cloudfront"
)

// Cache says how many seconds answers are kept and what tells two requests apart.
type Cache struct {
	MinTTL, DefaultTTL, MaxTTL int
	Brotli, Gzip               bool // whether answers compressed so are kept apart
	Headers, Cookies, Query    Selection
}

// OriginRequest says what the origin receives that isn't part of the cache key.
type OriginRequest struct {
	Headers, Cookies, Query Selection
}

// ReadCache reads the cache policy that a value refers to.
func ReadCache(s *block.Stack, at, value string) Cache {
	if policy, known := managedCache[value]; known {
		return policy
	}
	b := s.Resolve(at, value, "aws_cloudfront_cache_policy")
	key := b.Child("parameters_in_cache_key_and_forwarded_to_origin")
	c := Cache{
		// What CloudFront takes where nothing is said (API Reference, CachePolicyConfig).
		MinTTL: b.Number("min_ttl", 0), DefaultTTL: b.Number("default_ttl", day), MaxTTL: b.Number("max_ttl", year),
		Brotli: key.Flag("enable_accept_encoding_brotli"), Gzip: key.Flag("enable_accept_encoding_gzip"),
		Headers: readSelection(key, "header"), Cookies: readSelection(key, "cookie"),
		Query: readSelection(key, "query_string"),
	}
	if c.MinTTL > c.MaxTTL { // CloudFront API Reference, CreateCachePolicy, and UpdateDistribution, InvalidTTLOrder
		s.Break(b.At+".min_ttl", "must be at most max_ttl, %d, got %d", c.MaxTTL, c.MinTTL)
	}
	return c
}

// ReadOriginRequest reads the origin request policy that a value refers to; one that is empty adds nothing.
func ReadOriginRequest(s *block.Stack, at, value string) OriginRequest {
	if policy, known := managedOriginRequest[value]; known || value == "" {
		return policy
	}
	b := s.Resolve(at, value, "aws_cloudfront_origin_request_policy")
	return OriginRequest{readSelection(b, "header"), readSelection(b, "cookie"), readSelection(b, "query_string")}
}

// Encodings are those of a request's Accept-Encoding that are kept apart (Understand cache policies, Compression
// support).
func (c Cache) Encodings(accepted string) []string {
	list := []string{}
	if c.Brotli && ListsToken(accepted, "br") {
		list = append(list, "br")
	}
	if c.Gzip && ListsToken(accepted, "gzip") {
		list = append(list, "gzip")
	}
	return list
}

// ListsToken reports whether a header such as "gzip;q=0.8, br" lists a token.
func ListsToken(header, token string) bool {
	for item := range strings.SplitSeq(header, ",") {
		name, _, _ := strings.Cut(item, ";")
		if strings.EqualFold(strings.TrimSpace(name), token) {
			return true
		}
	}
	return false
}

// HeaderName writes a header's name in one way, in which names can be compared.
func HeaderName(name string) string {
	name = textproto.CanonicalMIMEHeaderKey(name)
	if rest, found := strings.CutPrefix(name, "Cloudfront-"); found {
		return "CloudFront-" + rest
	}
	return name
}

func headerNames(names []string) []string {
	names = slices.Clone(names)
	for i, name := range names {
		names[i] = HeaderName(name)
	}
	return names
}

const (
	day  = 24 * 60 * 60 // seconds
	year = 365 * day
)

// managedCache are AWS's own (CloudFront Developer Guide, Use managed cache policies).
var managedCache = map[string]Cache{
	cloudfront.Amplify: cached(2, 2, 600, "br gzip", "Authorization CloudFront-Viewer-Country Host",
		all, all),
	cloudfront.CachingDisabled:                        cached(0, 0, 0, "", "", none, none),
	cloudfront.CachingOptimized:                       cached(1, day, year, "br gzip", "", none, none),
	cloudfront.CachingOptimizedForUncompressedObjects: cached(1, day, year, "", "", none, none),
	cloudfront.ElementalMediaPackage: cached(0, day, year, "gzip", "Origin", none, whitelist,
		"aws.manifestfilter", "start", "end", "m"),
	cloudfront.UseOriginCacheControlHeaders:             cached(0, 0, year, "br gzip", hostOriginAndMethod, all, none),
	cloudfront.UseOriginCacheControlHeadersQueryStrings: cached(0, 0, year, "br gzip", hostOriginAndMethod, all, all),
	cloudfront.AmplifyDefault: cached(0, 0, year, "br gzip",
		"Accept Authorization CloudFront-Viewer-Country Host", all, all),
	cloudfront.AmplifyDefaultNoCookies: cached(0, 0, year, "br gzip",
		"Accept Authorization CloudFront-Viewer-Country Host", none, all),
	cloudfront.AmplifyImageOptimization: cached(0, 0, year, "br gzip", "Accept Authorization Host", none, all),
	cloudfront.AmplifyStaticContent:     cached(0, 0, year, "br gzip", "Authorization Host", none, none),
}

const hostOriginAndMethod = "Host Origin X-HTTP-Method-Override X-HTTP-Method X-Method-Override"

func cached(minTTL, defaultTTL, maxTTL int, encodings, headers, cookies, query string, parameters ...string) Cache {
	return Cache{
		minTTL, defaultTTL, maxTTL, strings.Contains(encodings, "br"), strings.Contains(encodings, "gzip"),
		whitelisted(headers), Selection{Behavior: cookies}, Selection{query, parameters},
	}
}

func whitelisted(headers string) Selection {
	if headers == "" {
		return Selection{Behavior: none}
	}
	return Selection{whitelist, headerNames(strings.Fields(headers))}
}

// managedOriginRequest are AWS's own (Use managed origin request policies).
var managedOriginRequest = map[string]OriginRequest{
	cloudfront.AllViewer: passedOn(Selection{Behavior: allViewer}, all, all),
	cloudfront.AllViewerAndCloudFrontHeaders: passedOn(Selection{allViewerAndListed,
		headerNames(cloudfront.ManagedRequestHeaders)}, all, all),
	cloudfront.AllViewerExceptHostHeader: passedOn(Selection{allExcept, []string{"Host"}}, all, all),
	cloudfront.CORSCustomOrigin:          passedOn(whitelisted("Origin"), none, none),
	cloudfront.CORSS3Origin: passedOn(
		whitelisted("Origin Access-Control-Request-Headers Access-Control-Request-Method"), none, none),
	cloudfront.ElementalMediaTailor: passedOn(
		whitelisted("Origin Access-Control-Request-Headers Access-Control-Request-Method User-Agent X-Forwarded-For"),
		none, all),
	cloudfront.HostHeaderOnly:          passedOn(whitelisted("Host"), none, none),
	cloudfront.UserAgentRefererHeaders: passedOn(whitelisted("User-Agent Referer"), none, none),
}

func passedOn(headers Selection, cookies, query string) OriginRequest {
	return OriginRequest{headers, Selection{Behavior: cookies}, Selection{Behavior: query}}
}

// managedResponseHeaders are AWS's own (Use managed response headers policies).
var managedResponseHeaders = map[string]ResponseHeaders{
	cloudfront.SimpleCORS:                          {CORS: &CORS{Origins: []string{"*"}}},
	cloudfront.CORSWithPreflight:                   {CORS: anyOriginWithPreflight},
	cloudfront.SecurityHeaders:                     {Adds: securityHeaders},
	cloudfront.CORSAndSecurityHeaders:              {Adds: securityHeaders, CORS: &CORS{Origins: []string{"*"}}},
	cloudfront.CORSWithPreflightAndSecurityHeaders: {Adds: securityHeaders, CORS: anyOriginWithPreflight},
}

var anyOriginWithPreflight = &CORS{Origins: []string{"*"}, Methods: []string{"ALL"}, Expose: []string{"*"}}

var securityHeaders = []AddedHeader{
	{"Referrer-Policy", "strict-origin-when-cross-origin", false},
	{"Strict-Transport-Security", "max-age=31536000", false},
	{"X-Content-Type-Options", "nosniff", true},
	{"X-Frame-Options", "SAMEORIGIN", false},
	{"X-XSS-Protection", "1; mode=block", false},
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

func readSelection(b *block.Block, kind string) Selection {
	config := b.Child(kind + "s_config")
	s := Selection{config.Text(kind + "_behavior"), config.Child(kind + "s").Texts("items")}
	if kind == "header" {
		s.Names = headerNames(s.Names)
	}
	if !slices.Contains([]string{none, all, allViewer, allViewerAndListed, allExcept, whitelist}, s.Behavior) {
		b.Stack.Fail(config.At+"."+kind+"_behavior", "is not part of the model of the edge: %q", s.Behavior)
	}
	return s
}

// IsNone reports whether it selects nothing, as it does where there is no policy.
func (s Selection) IsNone() bool { return s.Behavior == none || s.Behavior == "" }

// IsAll reports whether it selects everything.
func (s Selection) IsAll() bool { return s.Behavior == all }

// Has compares with case, which counts for cookies and parameters (CloudFront Developer Guide, Cache content based on
// cookies; Cache content based on query string parameters). Headers have canonical names.
func (s Selection) Has(name string) bool {
	switch s.Behavior {
	case all, allViewer, allViewerAndListed:
		return true
	case allExcept:
		return !slices.Contains(s.Names, name)
	}
	return s.Behavior == whitelist && slices.Contains(s.Names, name)
}

// Forwarded reports whether what the key and the origin request policy select reaches the origin. Each adds to the
// other, but if both name exceptions those of both hold (Understand how origin request policies and cache policies work
// together).
func Forwarded(name string, key, request Selection) bool {
	if key.Behavior == allExcept && request.Behavior == allExcept {
		return key.Has(name) && request.Has(name)
	}
	return key.Has(name) || request.Has(name)
}

// Query is the part of a query that a key, or a key and an origin request policy, select. Its parameters keep their
// order.
func Query(query string, key, request Selection) string {
	switch {
	case query == "" || key.Behavior == all || request.Behavior == all:
		return query
	case key.IsNone() && request.IsNone():
		return ""
	}
	var kept []string
	for parameter := range strings.SplitSeq(query, "&") {
		name, _, _ := strings.Cut(parameter, "=")
		if parameter != "" && Forwarded(name, key, request) {
			kept = append(kept, parameter)
		}
	}
	return strings.Join(kept, "&")
}

func (s Selection) String() string {
	if s.IsNone() {
		return ""
	}
	return strings.TrimSpace(s.Behavior + " " + strings.Join(s.Names, ", "))
}
