// Package policy is the policies of CloudFront: what tells two requests apart, what an origin receives, and what is
// done to answers.
package policy

import (
	"net/textproto"
	"slices"
	"strings"

	"ml-api-accelerator/stacks/internal/edge/block"
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
	return Cache{
		// What CloudFront takes where nothing is said (API Reference, CachePolicyConfig).
		MinTTL: b.Number("min_ttl", 0), DefaultTTL: b.Number("default_ttl", day), MaxTTL: b.Number("max_ttl", year),
		Brotli: key.Flag("enable_accept_encoding_brotli"), Gzip: key.Flag("enable_accept_encoding_gzip"),
		Headers: readSelection(key, "header"), Cookies: readSelection(key, "cookie"),
		Query: readSelection(key, "query_string"),
	}
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
	// Amplify
	"2e54312d-136d-493c-8eb9-b001f22f67d2": cached(2, 2, 600, "br gzip", "Authorization CloudFront-Viewer-Country Host",
		all, all),
	// CachingDisabled
	"4135ea2d-6df8-44a3-9df3-4b5a84be39ad": cached(0, 0, 0, "", "", none, none),
	// CachingOptimized
	"658327ea-f89d-4fab-a63d-7e88639e58f6": cached(1, day, year, "br gzip", "", none, none),
	// CachingOptimizedForUncompressedObjects
	"b2884449-e4de-46a7-ac36-70bc7f1ddd6d": cached(1, day, year, "", "", none, none),
	// Elemental-MediaPackage
	"08627262-05a9-4f76-9ded-b50ca2e3a84f": cached(0, day, year, "gzip", "Origin", none, whitelist,
		"aws.manifestfilter", "start", "end", "m"),
	// UseOriginCacheControlHeaders
	"83da9c7e-98b4-4e11-a168-04f0df8e2c65": cached(0, 0, year, "br gzip", hostOriginAndMethod, all, none),
	// UseOriginCacheControlHeaders-QueryStrings
	"4cc15a8a-d715-48a4-82b8-cc0b614638fe": cached(0, 0, year, "br gzip", hostOriginAndMethod, all, all),
	// Amplify-Default, Amplify-DefaultNoCookies, Amplify-ImageOptimization and Amplify-StaticContent
	"4d1d2f1d-3a71-49ad-9e08-7ea5d843a556": cached(0, 0, year, "br gzip",
		"Accept Authorization CloudFront-Viewer-Country Host", all, all),
	"a6bad946-36c3-4c33-aa98-362c74a7fb13": cached(0, 0, year, "br gzip",
		"Accept Authorization CloudFront-Viewer-Country Host", none, all),
	"1c6db51a-a33f-469a-8245-dae26771f530": cached(0, 0, year, "br gzip", "Accept Authorization Host", none, all),
	"7e5fad67-ee98-4ad0-b05a-394999eefc1a": cached(0, 0, year, "br gzip", "Authorization Host", none, none),
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
	// AllViewer
	"216adef6-5c7f-47e4-b989-5492eafa07d3": passedOn(Selection{Behavior: allViewer}, all, all),
	// AllViewerAndCloudFrontHeaders-2022-06
	"33f36d7e-f396-46d9-90e0-52428a34d9dc": passedOn(Selection{allViewerAndListed,
		headerNames(strings.Fields(cloudFrontHeaders))}, all, all),
	// AllViewerExceptHostHeader
	"b689b0a8-53d0-40ab-baf2-68738e2966ac": passedOn(Selection{allExcept, []string{"Host"}}, all, all),
	// CORS-CustomOrigin
	"59781a5b-3903-41f3-afcb-af62929ccde1": passedOn(whitelisted("Origin"), none, none),
	// CORS-S3Origin
	"88a5eaf4-2fd4-4709-b370-b4c650ea3fcf": passedOn(
		whitelisted("Origin Access-Control-Request-Headers Access-Control-Request-Method"), none, none),
	// Elemental-MediaTailor-PersonalizedManifests
	"775133bc-15f2-49f9-abea-afb2e0bf67d2": passedOn(
		whitelisted("Origin Access-Control-Request-Headers Access-Control-Request-Method User-Agent X-Forwarded-For"),
		none, all),
	// HostHeaderOnly
	"bf0718e1-ba1e-49d1-88b1-f726733018ae": passedOn(whitelisted("Host"), none, none),
	// UserAgentRefererHeaders
	"acba4595-bd28-49b8-b9fe-13317c0390fa": passedOn(whitelisted("User-Agent Referer"), none, none),
}

const cloudFrontHeaders = `
	CloudFront-Forwarded-Proto CloudFront-Is-Android-Viewer CloudFront-Is-Desktop-Viewer CloudFront-Is-IOS-Viewer
	CloudFront-Is-Mobile-Viewer CloudFront-Is-SmartTV-Viewer CloudFront-Is-Tablet-Viewer CloudFront-Viewer-Address
	CloudFront-Viewer-ASN CloudFront-Viewer-City CloudFront-Viewer-Country CloudFront-Viewer-Country-Name
	CloudFront-Viewer-Country-Region CloudFront-Viewer-Country-Region-Name CloudFront-Viewer-Http-Version
	CloudFront-Viewer-Latitude CloudFront-Viewer-Longitude CloudFront-Viewer-Metro-Code CloudFront-Viewer-Postal-Code
	CloudFront-Viewer-Time-Zone CloudFront-Viewer-TLS`

func passedOn(headers Selection, cookies, query string) OriginRequest {
	return OriginRequest{headers, Selection{Behavior: cookies}, Selection{Behavior: query}}
}

// managedResponseHeaders are AWS's own (Use managed response headers policies).
var managedResponseHeaders = map[string]ResponseHeaders{
	// SimpleCORS
	"60669652-455b-4ae9-85a4-c4c02393f86c": {CORS: &CORS{Origins: []string{"*"}}},
	// CORS-With-Preflight
	"5cc3b908-e619-4b99-88e5-2cf7f45965bd": {CORS: anyOriginWithPreflight},
	// SecurityHeadersPolicy
	"67f7725c-6f97-4210-82d7-5512b31e9d03": {Adds: securityHeaders},
	// CORS-and-SecurityHeadersPolicy
	"e61eb60c-9c35-4d20-a928-2b84e02af89c": {Adds: securityHeaders, CORS: &CORS{Origins: []string{"*"}}},
	// CORS-with-preflight-and-SecurityHeadersPolicy
	"eaab4381-ed33-4a86-88ca-d9558dc6cd63": {Adds: securityHeaders, CORS: anyOriginWithPreflight},
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
