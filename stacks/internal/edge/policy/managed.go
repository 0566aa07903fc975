package policy

import "strings"

const (
	day  = 24 * 60 * 60 // seconds
	year = 365 * day
)

// managedCache are AWS's own (CloudFront Developer Guide, Use managed cache policies).
var managedCache = map[string]Cache{
	// Amplify
	"2e54312d-136d-493c-8eb9-b001f22f67d2": cached(2, 2, 600, "br gzip", "Authorization CloudFront-Viewer-Country Host", all, all),
	// CachingDisabled
	"4135ea2d-6df8-44a3-9df3-4b5a84be39ad": cached(0, 0, 0, "", "", none, none),
	// CachingOptimized
	"658327ea-f89d-4fab-a63d-7e88639e58f6": cached(1, day, year, "br gzip", "", none, none),
	// CachingOptimizedForUncompressedObjects
	"b2884449-e4de-46a7-ac36-70bc7f1ddd6d": cached(1, day, year, "", "", none, none),
	// Elemental-MediaPackage
	"08627262-05a9-4f76-9ded-b50ca2e3a84f": cached(0, day, year, "gzip", "Origin", none, whitelist, "aws.manifestfilter", "start", "end", "m"),
	// UseOriginCacheControlHeaders
	"83da9c7e-98b4-4e11-a168-04f0df8e2c65": cached(0, 0, year, "br gzip", hostOriginAndMethod, all, none),
	// UseOriginCacheControlHeaders-QueryStrings
	"4cc15a8a-d715-48a4-82b8-cc0b614638fe": cached(0, 0, year, "br gzip", hostOriginAndMethod, all, all),
	// Amplify-Default, Amplify-DefaultNoCookies, Amplify-ImageOptimization and Amplify-StaticContent
	"4d1d2f1d-3a71-49ad-9e08-7ea5d843a556": cached(0, 0, year, "br gzip", "Accept Authorization CloudFront-Viewer-Country Host", all, all),
	"a6bad946-36c3-4c33-aa98-362c74a7fb13": cached(0, 0, year, "br gzip", "Accept Authorization CloudFront-Viewer-Country Host", none, all),
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
	"33f36d7e-f396-46d9-90e0-52428a34d9dc": passedOn(Selection{allViewerAndListed, headerNames(strings.Fields(cloudFrontHeaders))}, all, all),
	// AllViewerExceptHostHeader
	"b689b0a8-53d0-40ab-baf2-68738e2966ac": passedOn(Selection{allExcept, []string{"Host"}}, all, all),
	// CORS-CustomOrigin
	"59781a5b-3903-41f3-afcb-af62929ccde1": passedOn(whitelisted("Origin"), none, none),
	// CORS-S3Origin
	"88a5eaf4-2fd4-4709-b370-b4c650ea3fcf": passedOn(
		whitelisted("Origin Access-Control-Request-Headers Access-Control-Request-Method"), none, none),
	// Elemental-MediaTailor-PersonalizedManifests
	"775133bc-15f2-49f9-abea-afb2e0bf67d2": passedOn(
		whitelisted("Origin Access-Control-Request-Headers Access-Control-Request-Method User-Agent X-Forwarded-For"), none, all),
	// HostHeaderOnly
	"bf0718e1-ba1e-49d1-88b1-f726733018ae": passedOn(whitelisted("Host"), none, none),
	// UserAgentRefererHeaders
	"acba4595-bd28-49b8-b9fe-13317c0390fa": passedOn(whitelisted("User-Agent Referer"), none, none),
}

const cloudFrontHeaders = `CloudFront-Forwarded-Proto CloudFront-Is-Android-Viewer CloudFront-Is-Desktop-Viewer CloudFront-Is-IOS-Viewer
	CloudFront-Is-Mobile-Viewer CloudFront-Is-SmartTV-Viewer CloudFront-Is-Tablet-Viewer CloudFront-Viewer-Address CloudFront-Viewer-ASN
	CloudFront-Viewer-City CloudFront-Viewer-Country CloudFront-Viewer-Country-Name CloudFront-Viewer-Country-Region
	CloudFront-Viewer-Country-Region-Name CloudFront-Viewer-Http-Version CloudFront-Viewer-Latitude CloudFront-Viewer-Longitude
	CloudFront-Viewer-Metro-Code CloudFront-Viewer-Postal-Code CloudFront-Viewer-Time-Zone CloudFront-Viewer-TLS`

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
