package config_test

import (
	"fmt"
	"strings"

	"ml-api-accelerator/stacks/config"
)

// routes returns a change that sets the routes.
func routes(list ...string) string { return `{"routes": [` + strings.Join(list, ",") + `]}` }

func route(path string) string { return fmt.Sprintf(`{"path": %q}`, path) }

func cachedRoute(path string) string { return fmt.Sprintf(`{"path": %q, "cache": {}}`, path) }

func routeRows() []row {
	return inDev(
		row{"R1 empty", routes(route("")), is(hard("R1", "routes[0].path"))},
		row{"R1 too long", routes(route("/" + strings.Repeat("x", 255))), is(hard("R1", "routes[0].path"))},
		row{"R1 longest", routes(route("/" + strings.Repeat("x", 254))), nil},
		row{"R1 every sign", routes(route(`/azAZ09_-.*$/~"'@:+&?`)), nil},
		row{"R1 %", routes(route("/a%20b")), is(hard("R1", "routes[0].path"))},
		row{"R1 #", routes(route("/a#b")), is(hard("R1", "routes[0].path"))},
		row{"R1 letter of another alphabet", routes(route("/é")), is(hard("R1", "routes[0].path"))},
		row{"R1 a regular expression", routes(route("^/v1/.*$")), is(hard("R1", "routes[0].path"))},
		row{"R1 a regular expression of many parts", routes(route(`^/v1/(?:models)?/[a-z]+/\d{2,3}/a\.b$`)), is(hard("R1", "routes[0].path"))},
		row{"R1 a choice", routes(route("^/v1/(models|files)$")), is(hard("R1", "routes[0].path"))},
		row{"R1 all of a regular expression", routes(route("^/.*")), is(hard("R1", "routes[0].path"))},
		row{"R1 a template", routes(route("/v1/{id}")), is(hard("R1", "routes[0].path"))},
		row{"R1 a template in other signs", routes(route("/v1/<id>/files")), is(hard("R1", "routes[0].path"))},
		row{"R1 a method", routes(route("post /v1")), is(hard("R1", "routes[0].path"))},
		row{"R1 a method and a template", routes(route("GET /v1/{id}")), is(hard("R1", "routes[0].path"))},
		row{"R1 a space", routes(route("/v1/a b")), is(hard("R1", "routes[0].path"))},
		row{"R1 a template of models", `{"models": {"path": "/models/{name}"}}`, is(hard("R1", "models.path"))},
		row{"F6 a template", `{"firewall": {"enabled": true, "limits": [{"path": "/v1/{id}", "requestsPer5Minutes": 100}]}}`, is(hard("F6", "firewall.limits[0].path"))},
		row{"R1 no slash", routes(route("images/*.jpg")), nil},
		row{"R1 star first", routes(route("*.json")), nil},
		row{"R1 star", routes(route("*")), is(hard("R1", "routes[0].path"))},
		row{"R1 slash and star", routes(route("/*")), is(hard("R1", "routes[0].path"))},
		row{"R1 slash", routes(route("/")), nil},
		row{"R1 path of the models without slash", `{"models": {"path": "models/*"}}`, nil},
		row{"R1 path of the models empty", `{"models": {"path": ""}}`, is(hard("R1", "models.path"))},

		row{"R2 twice", routes(route("/a"), route("/b"), route("/a")), is(hard("R2", "routes[2].path"))},
		row{"R2 path of the models", routes(route("/models/*")), is(hard("R2", "routes[0].path"))},
		row{"R2 without slash", routes(route("/*.json"), route("*.json")), is(hard("R2", "routes[1].path"))},
		row{"R2 case", routes(route("/a"), route("/A")), nil},
		row{"R2 longest", routes(route("/"+strings.Repeat("x", 254)), route("/"+strings.Repeat("x", 254))),
			is(hard("R2", "routes[1].path"))},
		row{"R2 too long", routes(route("/"+strings.Repeat("x", 255)), route("/"+strings.Repeat("x", 255))), is(
			hard("R1", "routes[0].path"),
			hard("R1", "routes[1].path"))},

		row{"R3 covered", routes(route("/v1/*"), route("/v1/models")), is(warning("R3", "routes[1].path"))},
		row{"R3 more specific first", routes(route("/v1/models"), route("/v1/*")), nil},
		row{"R3 models are covered", routes(route("/m*")), is(warning("R3", "models.path"))},
		row{"R3 covered by two", routes(route("/a*"), route("/*b"), route("/ab")), is(warning("R3", "routes[2].path"))},

		row{"R4 too many", routes(strings.Trim(list(74, `{"path": "/%02d"}`), "[]")), is(quota("R4", "routes"))},
		row{"R4 most", routes(strings.Trim(list(73, `{"path": "/%02d"}`), "[]")), nil},
		row{"R4 most with a raised quota", `{"quotas": {"behaviors": 76}, "routes": ` + list(74, `{"path": "/%02d"}`) + `}`, nil},

		row{"R12 models are written", routes(`{"path": "/a", "origin": "models", "methods": "all"}`), is(hard("R12", "routes[0].methods"))},
		row{"R12 models fail over", `{"api": {"failover": {"domainName": "b.example.com"}}, "routes": [{"path": "/a", "origin": "models", "failover": true}]}`,
			is(hard("R12", "routes[0].failover"))},
		row{"R12 models with gRPC", routes(`{"path": "/a", "origin": "models", "grpc": true}`), is(hard("R12", "routes[0].grpc"))},
		row{"R12 models", routes(`{"path": "/a", "origin": "models"}`, `{"path": "/b", "origin": "models", "methods": "read"}`), nil},
		row{"R16 origin", routes(`{"path": "/a", "origin": "modles", "cache": {}}`), is(hard("R16", "routes[0].origin"))},
		row{"R16 methods", `{"api": {"failover": {"domainName": "b.example.com"}}, "routes": [{"path": "/a", "methods": "write", "grpc": true, "failover": true}]}`,
			is(hard("R16", "routes[0].methods"))},
		row{"R16 methods of models", routes(`{"path": "/a", "origin": "models", "methods": "write"}`), is(hard("R16", "routes[0].methods"))},
		postRow("/v1/embeddings", true), postRow("/v1/embeddings*", true), postRow("v1/chat/completions", true), postRow("/v1/chat/*", true),
		postRow("/openai/v1/completions", true), postRow("*/embeddings", true), postRow("/v1/responses", true), postRow("/v1/audio/*", true),
		postRow("/v1/audio/speech", true), postRow("/v1/images/generations", true), postRow("/v1/moderations", true), postRow("/anthropic/v1/messages", true),
		postRow("/embeddings", true), postRow("/v1/responses/*", false), postRow("/v1/models*", false), postRow("/v1/*", true), postRow("/*/v1/*", true), postRow("/v1/embeddings-list", false),
		postRow("/v1/files*", false), postRow("/v1/chat*", true), postRow("/v1/completions/*", true), postRow("/v1/batches*", false),
		row{"R20 POST not let through", routes(`{"path": "/v1/embeddings", "methods": "read", "cache": {}}`),
			is(warning("R20", "routes[0].methods"))},
		row{"R20 POST of a wide route with cookies in its key", routes(`{"path": "/v1/*", "cache": {"cookies": "all", "defaultTTLSeconds": 60}}`),
			is(warning("R20", "routes[0].cache"), setCookie("routes[0].cache.cookies"))},
		row{"R20 a wide route that reads", routes(`{"path": "/v1/*", "methods": "read", "cache": {}}`), nil},
		row{"R20 a wide route after one for POST", routes(`{"path": "/v1/chat/completions"}`, `{"path": "/v1/*", "cache": {}}`), is(warning("R20", "routes[1].cache"))},
		row{"R20 a wide route after all for POST", routes(`{"path": "/v1/*completions"}`, `{"path": "/v1/responses"}`, `{"path": "/v1/embeddings*"}`, `{"path": "/v1/messages"}`, `{"path": "/v1/*", "cache": {}}`), nil},
		row{"R20 POST without a cache", routes(`{"path": "/v1/embeddings"}`), nil},
		oddRow("https://api.example.com/v1/models*"),
		oddRow("api.example.com/v1/*"),
		oddRow("/v1//models"),
		oddRow("/v1/../models/*"),
		oddRow("/v1/models?a&b*"),
		oddRow("/v1/**"),
		oddRow("/v1/.*"),
		oddRow("/v1/a.+"),
		oddRow("/v1/models$"),
		oddRow("/v1/models/:id"),
		oddRow("/v1/models/"),
		oddRow("/v1/"),
		row{"R21 fine ones", routes(`{"path": "/.well-known/*"}`, `{"path": "/v1/model.*"}`, `{"path": "/v1/m:predict"}`, `{"path": "/v1/a?b"}`, `{"path": "/"}`, `{"path": "robots.txt"}`), nil},
		row{"R21 models without a wildcard", `{"models": {"path": "/models"}}`, is(warning("R21", "models.path"))},
		row{"R21 models with a slash", `{"models": {"path": "/models/"}}`, is(warning("R21", "models.path"))},
		row{"R17 unsigned models", `{"models": {"signers": [` + signer("a", keyRSA) + `]}, "routes": [{"path": "/a", "origin": "models"}]}`,
			is(warning("R17", "routes[0].signed"))},
		row{"R17 signed models", `{"models": {"signers": [` + signer("a", keyRSA) + `]}, "routes": [{"path": "/a", "origin": "models", "signed": true}]}`, nil},
		row{"R17 unsigned API", `{"models": {"signers": [` + signer("a", keyRSA) + `]}, "routes": [{"path": "/a"}]}`, nil},
	)
}

// postRow is a path with a cache, and whether callers only send POST to it.
func postRow(pattern string, only bool) row {
	r := row{name: "R20 cache of " + pattern, patch: routes(`{"path": "` + pattern + `", "cache": {}}`)}
	if only {
		r.want = is(warning("R20", "routes[0].cache"))
	}
	return r
}

// oddRow is a path pattern that is warned of.
func oddRow(pattern string) row {
	return row{"R21 " + pattern, routes(fmt.Sprintf(`{"path": %q}`, pattern)), is(warning("R21", "routes[0].path"))}
}

// cache returns a change that caches a route to the API.
func cache(object string) string { return `{"routes": [{"path": "/a", "cache": ` + object + `}]}` }

// setCookie is what is said of a cache that keeps cookies apart.
func setCookie(at string) config.Problem {
	return warning("R26", at)
}

func cacheRows() []row {
	at := func(field string) string { return "routes[0].cache." + field }
	long := strings.Repeat("x", 109) // demo-dev-route- and these are 128 - 4
	rows := []row{
		{"R5 lowest", cache(`{"minTTLSeconds": 0, "defaultTTLSeconds": 0, "maxTTLSeconds": 1}`), nil},
		{"R5 highest", cache(`{"minTTLSeconds": 3153600000, "defaultTTLSeconds": 3153600000, "maxTTLSeconds": 3153600000}`), nil},
		{"R5 negative", cache(`{"minTTLSeconds": -1}`), is(hard("R5", at("minTTLSeconds")))},
		{"R5 too high", cache(`{"maxTTLSeconds": 3153600001}`), is(hard("R5", at("maxTTLSeconds")))},
		{"R5 only a min over the defaults", cache(`{"minTTLSeconds": 90000}`), nil},
		{"R5 only a max under the default", cache(`{"maxTTLSeconds": 60}`), nil},
		{"R5 only a default over the default max", cache(`{"defaultTTLSeconds": 90000}`), nil},
		{"R5 min and max under the default", cache(`{"minTTLSeconds": 10, "maxTTLSeconds": 60}`), nil},
		{"R5 max under min", cache(`{"minTTLSeconds": 60, "maxTTLSeconds": 59}`), is(hard("R5", at("maxTTLSeconds")))},
		{"R5 default under min", cache(`{"minTTLSeconds": 3601, "defaultTTLSeconds": 3600}`), is(hard("R5", at("defaultTTLSeconds")))},
		{"R5 max under default", cache(`{"defaultTTLSeconds": 3600, "maxTTLSeconds": 59}`), is(hard("R5", at("maxTTLSeconds")))},
		{"R5 of the default route", `{"api": {"cache": {"defaultTTLSeconds": 3600, "maxTTLSeconds": 3599}}}`, is(hard("R5", "api.cache.maxTTLSeconds"), takes("api.cache"))},
		{"R6 nothing cached", cache(`{"defaultTTLSeconds": 0, "maxTTLSeconds": 0}`), is(hard("R6", at("maxTTLSeconds")))},
		{"R7 most headers", cache(`{"keyHeaders": ["Authorization",` + items(9, `"h%d"`) + `]}`), nil},
		{"R7 too many headers", cache(`{"keyHeaders": ["Authorization",` + items(10, `"h%d"`) + `]}`), is(quota("R7", at("keyHeaders")))},
		{"R7 Host", cache(`{"keyHeaders": ["Authorization", "Host"]}`), is(warning("R7", at("keyHeaders")))},
		{"R7 Host to the models", `{"routes": [{"path": "/a", "origin": "models", "cache": {"queryStrings": "none", "keyHeaders": ["Host"]}}]}`,
			is(hard("R7", at("keyHeaders[0]")))},
		{"R7 most characters", cache(`{"keyHeaders": ["Authorization", ` + text(1024-13) + `]}`), nil},
		{"R7 too many characters", cache(`{"keyHeaders": ["Authorization", ` + text(1025-13) + `]}`),
			is(hard("R7", at("keyHeaders")))},
		{"R7 header twice", cache(`{"keyHeaders": ["Authorization", "AUTHORIZATION"]}`), is(hard("R7", at("keyHeaders[1]")))},
		{"R7 no header", cache(`{"keyHeaders": ["Authorization", "a b"]}`), is(hard("R7", at("keyHeaders[1]")))},
		{"R7 empty header", cache(`{"keyHeaders": ["Authorization", ""]}`), is(hard("R7", at("keyHeaders[1]")))},
		{"R7 like a refused header", cache(`{"keyHeaders": ["Authorization", "Accept", "Proxy", "X-Edge", "Via"]}`), nil},
		{"R8 no Authorization", cache(`{"keyHeaders": []}`), is(warning("R8", at("keyHeaders")))},
		{"R8 other headers", cache(`{"keyHeaders": ["Accept"]}`), is(warning("R8", at("keyHeaders")))},
		{"R8 a header that may tell callers apart", cache(`{"keyHeaders": ["x-api-key", "Accept"]}`), is(warning("R8", at("keyHeaders")))},
		{"R8 cookies that may tell callers apart", cache(`{"keyHeaders": [], "cookies": "all", "defaultTTLSeconds": 60}`), is(setCookie(at("cookies")), warning("R8", at("keyHeaders")))},
		{"R7 wildcards", cache(`{"keyHeaders": ["Authorization", "*", "X-*"]}`), is(warning("R7", at("keyHeaders[1]")), warning("R7", at("keyHeaders[2]")))},
		{"R18 wildcard", cache(`{"forwardHeaders": ["*"]}`), is(warning("R18", at("forwardHeaders[0]")))},
		{"R8 any case", cache(`{"keyHeaders": ["authorization"]}`), nil},
		{"R8 on the default route", `{"api": {"cache": {"keyHeaders": []}}}`, is(takes("api.cache"), warning("R8", "api.cache.keyHeaders"))},
		{"R9 headers of one request", cache(`{"keyHeaders": ["Authorization", "x-request-id", "Traceparent", "User-Agent", "Accept-Language"]}`),
			is(warning("R9", at("keyHeaders[1]")), warning("R9", at("keyHeaders[2]")), warning("R9", at("keyHeaders[3]")))},
		{"R9 cookies kept long", cache(`{"cookies": "all"}`), is(setCookie(at("cookies")), warning("R9", at("cookies")))},
		{"R26 cookies kept short", cache(`{"cookies": "all", "defaultTTLSeconds": 3599}`), is(setCookie(at("cookies")))},
		{"R26 cookies to the models", `{"routes": [{"path": "/a", "origin": "models", "cache": {"queryStrings": "none", "cookies": "all", "defaultTTLSeconds": 60}}]}`, nil},
		{"R25 cookies alone", `{"api": {"cache": {"forwardHeaders": ["Sec-WebSocket-Version"], "keyHeaders": ["Authorization", "sec-websocket-key"]}}}`, is(
			warning("R25", "api.cache"))},
		{"R25 WebSockets alone", `{"api": {"cache": {"cookies": "all", "defaultTTLSeconds": 60, "forwardHeaders": ["Sec-WebSocket-Key"]}}}`, is(
			warning("R25", "api.cache"),
			setCookie("api.cache.cookies"))},
		{"R25 neither", `{"api": {"cache": {"cookies": "all", "defaultTTLSeconds": 60, "forwardHeaders": ["Sec-WebSocket-Key", "Sec-WebSocket-Version"]}}}`, is(
			setCookie("api.cache.cookies"))},
		{"R13 policy name longest", `{"routes": [{"path": "/` + long + `/zzz", "cache": {}}]}`, nil},
		{"R13 policy name too long", `{"routes": [{"path": "/` + long + `/zzzz", "cache": {}}]}`, is(hard("R13", "routes[0].path"))},
		{"R13 name of no policy", `{"routes": [{"path": "/` + long + `/zzzz"}]}`, nil},
		{"R14 same name", routes(cachedRoute("/a/b"), cachedRoute("/a_b")), is(hard("R14", "routes[1].path"))},
		{"R14 one sign differs", routes(cachedRoute("/_"), cachedRoute("/-"), cachedRoute("/0"), cachedRoute("/9"), cachedRoute("/A"),
			cachedRoute("/Z"), cachedRoute("/a"), cachedRoute("/z"), cachedRoute("/q?"), cachedRoute("/q*")), nil},
		{"R14 only one is cached", routes(cachedRoute("/a/b"), route("/a_b")), nil},
		{"R14 same path", routes(cachedRoute("/a"), cachedRoute("/a")), is(hard("R2", "routes[1].path"))},
		{"R18 most headers", cache(`{"forwardHeaders": [` + items(10, `"h%d"`) + `]}`), nil},
		{"R18 too many headers", cache(`{"forwardHeaders": [` + items(11, `"h%d"`) + `]}`), is(quota("R18", at("forwardHeaders")))},
		{"R18 too many headers with those of cors", merged(cors(`"maxAgeSeconds": 1`), cache(`{"forwardHeaders": [`+items(8, `"h%d"`)+`]}`)), is(quota("R18", at("forwardHeaders")))},
		{"R18 most headers with those of cors", merged(cors(`"maxAgeSeconds": 1`), cache(`{"forwardHeaders": [`+items(7, `"h%d"`)+`, "origin"]}`)), nil},
		{"R18 too many characters", cache(`{"forwardHeaders": [` + text(1025) + `]}`), is(hard("R18", at("forwardHeaders")))},
		{"R18 header twice", cache(`{"forwardHeaders": ["X-A", "x-a"]}`), is(hard("R18", at("forwardHeaders[1]")))},
		{"R18 no header", cache(`{"forwardHeaders": ["a b"]}`), is(hard("R18", at("forwardHeaders[0]")))},
		{"R18 none", cache(`{"forwardHeaders": []}`), nil},
		{"R18 header of the key", cache(`{"forwardHeaders": ["X-A"], "keyHeaders": ["Authorization", "x-a"]}`), is(hard("R18", at("forwardHeaders[0]")))},
		{"R18 Authorization", cache(`{"forwardHeaders": ["authorization"], "keyHeaders": []}`), is(hard("R18", at("forwardHeaders[0]")))},
		{"R18 refused", cache(`{"forwardHeaders": ["Host", "Cookie", "Accept-Encoding"]}`), is(
			hard("R18", at("forwardHeaders[1]")),
			warning("R18", at("forwardHeaders[0]")),
			warning("R18", at("forwardHeaders[2]")))},
		{"R18 where AWS wants it", cache(`{"forwardHeaders": ["CloudFront-Viewer-Address", "cloudfront-viewer-asn", "CloudFront-Viewer-TLS", "CloudFront-Viewer-JA3-Fingerprint", "CloudFront-Viewer-JA4-Fingerprint"]}`), nil},
		{"R18 of callers' certificates", cache(`{"forwardHeaders": ["Client-Cert", "CloudFront-Viewer-Cert-Pem"]}`), is(
			warning("R18", at("forwardHeaders[0]")),
			warning("R18", at("forwardHeaders[1]")))},
		{"R7 of callers' certificates", cache(`{"keyHeaders": ["Authorization", "CloudFront-Viewer-Cert-Subject"]}`), is(
			warning("R7", at("keyHeaders[1]")))},
		{"R7 headers of CloudFront's", cache(`{"keyHeaders": ["Authorization", "CloudFront-Viewer-Country", "CloudFront-Forwarded-Proto", "CloudFront-Is-Mobile-Viewer", "CloudFront-Viewer-Http-Version"]}`), nil},
		{"R18 set by CloudFront", merged(`{"api": {"verifySecret": "s", "headers": {"X-Stage": "a"}}}`, cache(`{"forwardHeaders": ["x-stage", "x-origin-verify"]}`)), is(
			hard("R18", at("forwardHeaders[0]")),
			hard("R18", at("forwardHeaders[1]")))},
		{"R18 that changes answers", cache(`{"forwardHeaders": ["Accept", "X-Api-Key", "Origin"]}`), is(
			warning("R18", at("forwardHeaders[0]")),
			warning("R18", at("forwardHeaders[1]")),
			warning("R18", at("forwardHeaders[2]")))},
		{"R18 Origin with cors", merged(cors(`"maxAgeSeconds": 1`), cache(`{"forwardHeaders": ["Origin"]}`)), nil},
		{"R18 to the models", `{"routes": [{"path": "/a", "origin": "models", "cache": {"queryStrings": "none", "forwardHeaders": ["X-A"]}}]}`,
			is(hard("R18", at("forwardHeaders")))},
		{"R18 many lists", `{"account": {"id": "111122223333"}, "quotas": {"cachePolicies": 99}, "routes": ` + list(21, `{"path": "/%[1]d", "cache": {"forwardHeaders": ["X-%[1]d"]}}`) + `}`, is(quota("R18", ""))},
		{"R18 one list", `{"account": {"id": "111122223333"}, "quotas": {"cachePolicies": 99}, "routes": ` + list(21, `{"path": "/%d", "cache": {}}`) + `}`, nil},
		{"R15 Authorization to the models", `{"routes": [{"path": "/a", "origin": "models", "cache": {"queryStrings": "none", "keyHeaders": ["AUTHORIZATION"]}}]}`,
			is(warning("R15", at("keyHeaders")))},
		{"R15 other headers to the models", `{"routes": [{"path": "/a", "origin": "models", "cache": {"queryStrings": "none", "keyHeaders": ["Origin"]}}]}`, nil},
		{"R24 query strings to the models", `{"routes": [{"path": "/a", "origin": "models", "cache": {}}]}`,
			is(warning("R24", at("queryStrings")))},
		{"R24 a list to the models", `{"routes": [{"path": "/a", "origin": "models", "cache": {"queryStrings": ["versionId", "responses"]}}]}`, nil},
		{"R24 a parameter that S3 obeys", `{"routes": [{"path": "/a", "origin": "models", "cache": {"queryStrings": ["versionId", "response-content-type"]}}]}`,
			is(warning("R24", at("queryStrings[1]")))},
		{"R24 none to the models", `{"routes": [{"path": "/a", "origin": "models", "cache": {"queryStrings": "none"}}]}`, nil},
		{"R24 query strings to the API", `{"routes": [{"path": "/a", "cache": {}}]}`, nil},
		{"R15 default to the models", `{"routes": [{"path": "/a", "origin": "models", "cache": {"queryStrings": "none"}}]}`, nil},
		{"R16 query strings", cache(`{"queryStrings": "some"}`), is(hard("R16", at("queryStrings")))},
		{"R16 cookies", cache(`{"cookies": "some"}`), is(hard("R16", at("cookies")))},
		{"R16 a misspelt choice", cache(`{"queryStrings": "nnoe"}`), is(hard("R16", at("queryStrings")))},
		{"R16 names in a text", cache(`{"queryStrings": "model,version"}`), is(hard("R16", at("queryStrings")))},
		{"R16 an empty text", cache(`{"cookies": ""}`), is(hard("R16", at("cookies")))},
		{"S3 no text", cache(`{"cookies": true}`), is(hard("S3", at("cookies")))},
		{"S3 no list", cache(`{"queryStrings": {"a": "b"}}`), is(hard("S3", at("queryStrings")))},
		{"S3 null", cache(`{"queryStrings": null}`), is(hard("S3", at("queryStrings")))},
		{"S3 no name", cache(`{"queryStrings": ["a", 5]}`), is(hard("S3", at("queryStrings[1]")))},
		{"R29 names", cache(`{"queryStrings": ["model", "tags[]", "Model", "a.b", "q?", "%C3%A9"]}`), nil},
		{"R29 names of cookies", cache(`{"cookies": ["session", "__Host-a", "Session"]}`), is(setCookie(at("cookies")))},
		{"R16 no names", cache(`{"queryStrings": []}`), is(hard("R16", at("queryStrings")))},
		{"R16 no cookies", cache(`{"cookies": []}`), is(hard("R16", at("cookies")))},
		{"R29 a pair", cache(`{"queryStrings": ["a=b"]}`), is(hard("R29", at("queryStrings[0]")))},
		{"R29 two parameters", cache(`{"queryStrings": ["a&b"]}`), is(hard("R29", at("queryStrings[0]")))},
		{"R29 a fragment", cache(`{"queryStrings": ["a#b"]}`), is(hard("R29", at("queryStrings[0]")))},
		{"R29 a space", cache(`{"queryStrings": ["a b"]}`), is(hard("R29", at("queryStrings[0]")))},
		{"R29 an empty name", cache(`{"queryStrings": [""]}`), is(hard("R29", at("queryStrings[0]")))},
		{"R29 not ASCII", cache(`{"queryStrings": ["é"]}`), is(hard("R29", at("queryStrings[0]")))},
		{"R29 a cookie with its value", cache(`{"cookies": ["a=b"]}`), is(hard("R29", at("cookies[0]")), setCookie(at("cookies")))},
		{"R29 two cookies in one", cache(`{"cookies": ["a;b"]}`), is(hard("R29", at("cookies[0]")), setCookie(at("cookies")))},
		{"R29 twice", cache(`{"queryStrings": ["a", "b", "a"]}`), is(hard("R29", at("queryStrings[2]")))},
		{"R29 a cookie twice", cache(`{"cookies": ["a", "a"]}`), is(hard("R29", at("cookies[1]")), setCookie(at("cookies")))},
		{"R29 a star", cache(`{"queryStrings": ["a*"]}`), is(warning("R29", at("queryStrings[0]")))},
		{"R29 a star in a cookie", cache(`{"cookies": ["a*"]}`), is(setCookie(at("cookies")), warning("R29", at("cookies[0]")))},
		{"R29 all in a list", cache(`{"queryStrings": ["all"]}`), is(warning("R29", at("queryStrings[0]")))},
		{"R29 none in a list", cache(`{"cookies": ["none"]}`), is(setCookie(at("cookies")), warning("R29", at("cookies[0]")))},
		{"R29 as many as AWS takes", cache(`{"queryStrings": [` + items(10, `"q%d"`) + `]}`), nil},
		{"R29 too many", cache(`{"queryStrings": [` + items(11, `"q%d"`) + `]}`), is(quota("R29", at("queryStrings")))},
		{"R29 more, if AWS has raised it", merged(cache(`{"queryStrings": [`+items(11, `"q%d"`)+`]}`), `{"quotas": {"cachePolicyQueryStrings": 11}}`), nil},
		{"R29 too many cookies", cache(`{"cookies": [` + items(11, `"c%d"`) + `]}`), is(quota("R29", at("cookies")), setCookie(at("cookies")))},
		{"R29 more cookies, if AWS has raised it", merged(cache(`{"cookies": [`+items(11, `"c%d"`)+`]}`), `{"quotas": {"cachePolicyCookies": 11}}`), is(setCookie(at("cookies")))},
		{"R29 the longest names", cache(`{"keyHeaders": ["Authorization"], "queryStrings": ["` + strings.Repeat("q", 1024-13) + `"]}`), nil},
		{"R29 too long names", cache(`{"keyHeaders": ["Authorization"], "queryStrings": ["` + strings.Repeat("q", 1025-13) + `"]}`), is(hard("R29", "routes[0].cache"))},
		{"R29 too long names of both", cache(`{"keyHeaders": ["Authorization"], "cookies": ["c"], "queryStrings": ["` + strings.Repeat("q", 1024-13) + `"]}`),
			is(hard("R29", "routes[0].cache"), setCookie(at("cookies")))},
		{"R8 a cookie that may tell callers apart", cache(`{"keyHeaders": [], "cookies": ["session"]}`), is(setCookie(at("cookies")), warning("R8", at("keyHeaders")))},
		{"R25 some cookies and query strings", `{"api": {"cache": {"cookies": ["a", "b"], "queryStrings": ["c"], "forwardHeaders": ["Sec-WebSocket-Key", "Sec-WebSocket-Version"]}}}`, is(
			warning("R25", "api.cache"), setCookie("api.cache.cookies"))},
		{"R16 other choices", cache(`{"queryStrings": "none", "cookies": "none"}`), nil},
	}
	for _, name := range []string{
		"Accept-Encoding", "Cache-Control", "Connection", "Content-Length", "Cookie", "Max-Forwards", "Pragma", "Proxy-Authenticate", "Proxy-Authorization", "Proxy-Connection",
		"Request-Range", "TE", "Trailer", "Transfer-Encoding", "Upgrade", "X-Amz-Cf-Id", "X-Edge-", "X-Edge-Any", "X-Forwarded-Proto", "X-Real-IP", "cOOKIE",
	} {
		rows = append(rows, row{"R7 " + name, cache(fmt.Sprintf(`{"keyHeaders": ["Authorization", %q]}`, name)),
			is(hard("R7", at("keyHeaders[1]")))})
	}
	for _, name := range []string{
		"CloudFront-Viewer-Address", "cloudfront-viewer-ASN", "CloudFront-Viewer-TLS", "CloudFront-Viewer-JA3-Fingerprint", "CloudFront-Viewer-JA4-Fingerprint",
		"CloudFront-Viewer-Cert-Pem", "CloudFront-Viewer-Cert-Validity", "Client-Cert", "Client-Cert-Chain",
	} {
		rows = append(rows, row{"R7 " + name, cache(fmt.Sprintf(`{"keyHeaders": ["Authorization", %q]}`, name)),
			is(hard("R7", at("keyHeaders[1]")))})
	}
	return inDev(rows...)
}

func grpcRows() []row {
	const at = "routes[0].grpc"
	version := func(v string) string {
		return `{"distribution": {"httpVersion": "` + v + `"}, "routes": [{"path": "/a", "grpc": true}]}`
	}
	return inDev(
		row{"R10 gRPC", routes(`{"path": "/a", "grpc": true, "methods": "all"}`), nil},
		row{"R10 origin path", merged(routes(`{"path": "/a", "grpc": true}`), `{"api": {"path": "/api"}}`),
			is(hard("R10", at))},
		row{"R10 methods", routes(`{"path": "/a", "grpc": true, "methods": "read"}`), is(hard("R10", at))},
		row{"R10 cache", routes(`{"path": "/a", "grpc": true, "cache": {}}`), is(hard("R10", at))},
		row{"R10 HTTP/1.1", version("http1.1"), is(hard("R10", at))},
		row{"R10 HTTP/3", version("http3"), is(hard("R10", at))},
		row{"R10 HTTP/2", version("http2"), nil},
		row{"R10 HTTP/2 and 3", version("http2and3"), nil},
		row{"R10 no HTTP version", version("http4"), is(hard("D5", "distribution.httpVersion"))},
		row{"R10 all at once", `{"distribution": {"httpVersion": "http3"}, "routes": [{"path": "/a", "grpc": true, "methods": "read", "cache": {}}]}`, is(
			hard("R10", at),
			hard("R10", at),
			hard("R10", at))},
	)
}
