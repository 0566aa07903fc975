package config_test

import (
	"fmt"
)

// cors returns a change that sets fields of cors, beside its one required field.
func cors(fields string) string {
	return `{"cors": {"allowOrigins": ["https://app.example.com"], ` + fields + `}}`
}

// webOriginRow is an origin of web pages, and whether it is refused.
func webOriginRow(origin string, refused bool) row {
	r := row{name: fmt.Sprintf("C1 origin %q", origin), patch: fmt.Sprintf(`{"cors": {"allowOrigins": ["https://a.b", %q]}}`, origin)}
	if refused {
		r.want = is(hard("C1", "cors.allowOrigins[1]"))
	}
	return r
}

func corsRows() []row {
	return inDev(
		webOriginRow("*", false),
		webOriginRow("http://localhost:3000", false),
		webOriginRow("https://*.example.com", false),
		webOriginRow("https://a.example.com:1", false),
		webOriginRow("https://a.example.com:65535", false),
		webOriginRow("https://a.example.com:65536", true),
		webOriginRow("https://a.example.com:0", true),
		webOriginRow("https://a.example.com:", true),
		webOriginRow("https://a.example.com:x", true),
		webOriginRow("https://a.example.com/", true),
		webOriginRow("https://a.example.com/x", true),
		webOriginRow("https://a.example.com?x", true),
		webOriginRow("https://u@a.example.com", true),
		webOriginRow("https://A.example.com", true),
		webOriginRow("https://a.*.com", true),
		webOriginRow("https://a*.example.com", true),
		webOriginRow("https://*", true),
		webOriginRow("https://", true),
		webOriginRow("http://localhost:*", false),
		webOriginRow("example.com", false),
		webOriginRow("*.example.org", false),
		webOriginRow("*.example.org:123", false),
		webOriginRow("http://example.org:1*3", false),
		webOriginRow("localhost:3000", false),
		webOriginRow("example.*", true),
		webOriginRow("test.*.example.org", true),
		webOriginRow("*test.example.org", true),
		webOriginRow("exa*mple.org", true),
		webOriginRow("http://example.org:1*x", true),
		row{"C1 default ports", `{"cors": {"allowOrigins": ["https://a.example.com:443", "http://a.example.com:80", "*.example.com:443", "https://a.example.com:80"]}}`,
			is(warning("C1", "cors.allowOrigins[0]"), warning("C1", "cors.allowOrigins[1]"), warning("C1", "cors.allowOrigins[2]"))},
		row{"C1 everyone's names", `{"cors": {"allowOrigins": ["https://*.ai", "*.co.uk", "https://*.github.io", "https://*.acme.ai", "http://*.localhost:3000"]}}`,
			is(warning("C1", "cors.allowOrigins[0]"), warning("C1", "cors.allowOrigins[1]"), warning("C1", "cors.allowOrigins[2]"))},
		row{"C1 two wildcards", `{"cors": {"allowOrigins": ["*.example.org:1*"]}}`, is(warning("C1", "cors.allowOrigins[0]"))},
		webOriginRow("ftp://a.example.com", true),
		webOriginRow("null", true),
		webOriginRow("", true),
		row{"S4 no origins", `{"cors": {"maxAgeSeconds": 1}}`, is(hard("S4", "cors.allowOrigins"))},
		row{"C1 origins empty", `{"cors": {"allowOrigins": []}}`, is(hard("C1", "cors.allowOrigins"))},
		row{"C1 methods empty", cors(`"allowMethods": []`), is(hard("C1", "cors.allowMethods"))},
		row{"C1 headers empty", cors(`"allowHeaders": []`), is(hard("C1", "cors.allowHeaders"))},
		row{"C1 exposed headers empty", cors(`"exposeHeaders": []`), nil},
		row{"C1 methods", cors(`"allowMethods": ["GET", "DELETE", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"]`), nil},
		row{"C1 unknown method", cors(`"allowMethods": ["GET", "get"]`), is(hard("C1", "cors.allowMethods[1]"))},
		row{"C1 ALL", cors(`"allowMethods": ["ALL"]`), nil},
		row{"C1 ALL and more", cors(`"allowMethods": ["GET", "ALL"]`), is(hard("C1", "cors.allowMethods"))},
		row{"C1 allowed header", cors(`"allowHeaders": ["a b"]`), is(hard("C1", "cors.allowHeaders[0]"))},
		row{"C1 allowed header twice", cors(`"allowHeaders": ["X-A", "x-a"]`), is(hard("C1", "cors.allowHeaders[1]"))},
		row{"C1 exposed header", cors(`"exposeHeaders": [""]`), is(hard("C1", "cors.exposeHeaders[0]"))},
		row{"C1 exposed header twice", cors(`"exposeHeaders": ["X-A", "x-a"]`), is(hard("C1", "cors.exposeHeaders[1]"))},
		row{"C1 negative age", cors(`"maxAgeSeconds": -1`), is(hard("C1", "cors.maxAgeSeconds"))},
		row{"C1 no age", cors(`"maxAgeSeconds": 0`), nil},
		row{"C2 any origin", `{"cors": {"allowOrigins": ["*"], "allowHeaders": ["A"], "allowCredentials": true}}`, is(hard("C2", "cors.allowOrigins"))},
		row{"C2 any header", cors(`"allowHeaders": ["*"], "allowCredentials": true`), is(hard("C2", "cors.allowHeaders"))},
		row{"C2 some headers", cors(`"allowHeaders": ["Authorization", "X-*"], "allowCredentials": true`),
			is(hard("C2", "cors.allowHeaders[1]"))},
		row{"C2 any header but Authorization", cors(`"allowHeaders": ["*"]`), is(warning("C2", "cors.allowHeaders"))},
		row{"C2 any header and Authorization", cors(`"allowHeaders": ["*", "authorization"]`), nil},
		row{"C2 any method", cors(`"allowMethods": ["ALL"], "allowHeaders": ["A"], "allowCredentials": true`), is(hard("C2", "cors.allowMethods"))},
		row{"C2 any header to read", cors(`"exposeHeaders": ["*"], "allowCredentials": true`), is(warning("C2", "cors.exposeHeaders"))},
		row{"C2 any header to read, without credentials", cors(`"exposeHeaders": ["*"]`), nil},
		row{"C2 wildcard", `{"cors": {"allowOrigins": ["https://*.example.com"], "allowHeaders": ["A"], "allowCredentials": true}}`, nil},
	)
}
