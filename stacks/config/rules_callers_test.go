package config_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/config"
	"ml-api-accelerator/stacks/internal/shared/names"
)

// keys returns a change that has the edge check keys in a header.
func keys(header string) string { return fmt.Sprintf(`{"api": {"keys": {"header": %q}}}`, header) }

// keysIn is keys with a list of headers, and what follows them.
func keysIn(headers string) string { return `{"api": {"keys": {"header": ` + headers + `}}}` }

// origins returns a change that lets pages of some origins read.
func origins(n int) string {
	return `{"cors": {"allowHeaders": ["X-Api-Key"], "allowOrigins": ` + list(n, `"https://app-%d.example.com"`) + `}}`
}

// canary returns a change that sets the canary, and other fields of the API.
func canary(domain, others string) string {
	return fmt.Sprintf(`{"api": {"canary": {"domainName": %q, "percent": 5}%s}}`, domain, others)
}

func callerRows() []row {
	rows := inDev(
		row{"K1 the default", `{"api": {"keys": {}}}`, nil},
		row{"K1 another header", keys("X-Api-Key"), nil},
		row{"K1 longest", keys("X-" + strings.Repeat("x", 62)), nil},
		row{"K1 too long", keys("X-" + strings.Repeat("x", 63)), is(hard("K1", "api.keys.header"))},
		row{"K1 empty", keys(""), is(hard("K1", "api.keys.header"))},
		row{"K1 no header", keys("a b"), is(hard("K1", "api.keys.header"))},
		row{"K1 Host", keys("Host"), is(hard("K1", "api.keys.header"))},
		row{"K1 Cookie with a firewall", merged(keys("cookie"), `{"firewall": {"enabled": true, "requestsPer5Minutes": 500}, "cors": {"allowOrigins": ["https://a.example.com"]}}`),
			is(hard("K1", "api.keys.header"))},
		row{"K1 Cookie", keys("cookie"), is(hard("K1", "api.keys.header"))},
		row{"K1 of CloudFront's own", keys("X-Amz-Cf-Id"), is(hard("K1", "api.keys.header"))},
		row{"K1 Content-Type", keys("Content-Type"), is(hard("K1", "api.keys.header"))},
		row{"K1 X-Forwarded-For", keys("X-Forwarded-For"), is(hard("K1", "api.keys.header"))},
		row{"K1 of a preflight", keys("Access-Control-Request-Method"), is(hard("K1", "api.keys.header"))},
		row{"K1 that names the caller", keys("X-Caller"), is(hard("K1", "api.keys.header"))},
		row{"K1 that tells of the canary", keys("x-canary"), is(hard("K1", "api.keys.header"))},
		row{"K1 X-Origin-Verify", keys("x-origin-verify"), is(hard("K1", "api.keys.header"))},
		row{"K1 X-Origin-Verify as some backends read it", keys("X_Origin_Verify"), is(hard("K1", "api.keys.header"))},
		row{"K1 a fixed header", merged(keys("X-Stage"), `{"api": {"headers": {"x-stage": "a"}}}`), is(hard("K1", "api.keys.header"))},

		row{"K1 several headers", keysIn(`["Authorization", "X-Api-Key", "api-key"]`), nil},
		row{"K1 one in a list", keysIn(`["X-Api-Key"]`), nil},
		row{"K1 an empty list", keysIn(`[]`), is(hard("K1", "api.keys.header"))},
		row{"K1 one of several empty", keysIn(`["Authorization", ""]`), is(hard("K1", "api.keys.header[1]"))},
		row{"K1 one of several no header", keysIn(`["Authorization", "a b"]`), is(hard("K1", "api.keys.header[1]"))},
		row{"K1 one of several untouchable", keysIn(`["Authorization", "Host"]`), is(hard("K1", "api.keys.header[1]"))},
		row{"K1 one of several that tells no callers", keysIn(`["Content-Type", "Authorization"]`), is(hard("K1", "api.keys.header[0]"))},
		row{"K1 one of several that the edge sets", keysIn(`["Authorization", "x-caller"]`), is(hard("K1", "api.keys.header[1]"))},
		row{"K1 twice", keysIn(`["Authorization", "x-api-key", "authorization"]`), is(hard("K1", "api.keys.header[2]"))},
		row{"S3 a number as a header", keysIn(`5`), is(hard("S3", "api.keys.header"))},
		row{"S3 a number among headers", keysIn(`["Authorization", 5]`), is(hard("S3", "api.keys.header[1]"))},
		row{"K1 twice, and limits by it", merged(keysIn(`["Authorization", "authorization"]`), `{"firewall": {"enabled": true, "limitBy": "authorization"}}`),
			is(hard("K1", "api.keys.header[1]"))},
		row{"K3 one of several keys", merged(keysIn(`["Authorization", "x-api-key"]`), cache(`{"keyHeaders": ["x-caller", "X-Api-Key"]}`)),
			is(hard("K3", "routes[0].cache.keyHeaders[1]"))},
		row{"K3 forwarded keys", merged(keysIn(`["Authorization", "x-api-key"], "forward": true`), cache(`{"keyHeaders": ["authorization"]}`)),
			is(warning("R8", "routes[0].cache.keyHeaders"), warning("K3", "routes[0].cache.keyHeaders"))},
		row{"K3 all forwarded keys", merged(keysIn(`["Authorization", "x-api-key"], "forward": true`), cache(`{"keyHeaders": ["x-api-key", "authorization"]}`)), nil},
		row{"K4 one of several keys", merged(keysIn(`["Authorization", "x-api-key"]`), cache(`{"forwardHeaders": ["X-Api-Key"]}`)),
			is(hard("K4", "routes[0].cache.forwardHeaders[0]"))},
		row{"K6 none of several keys", merged(keysIn(`["X-Api-Key", "api-key"]`), cors(`"maxAgeSeconds": 1`)),
			is(warning("K6", "cors.allowHeaders"), warning("K6", "cors.allowHeaders"))},
		row{"K6 one of several keys", merged(keysIn(`["Authorization", "x-api-key"]`), cors(`"maxAgeSeconds": 1`)), is(warning("K6", "cors.allowHeaders"))},
		row{"K6 all of several keys", merged(keysIn(`["Authorization", "x-api-key"]`), cors(`"allowHeaders": ["authorization", "x-api-key"]`)), nil},
		row{"K7 caller, with several keys", merged(keysIn(`["Authorization", "x-api-key"]`), `{"firewall": {"enabled": true, "limitBy": "X-Caller"}}`),
			is(hard("K7", "firewall.limitBy"))},
		row{"K10 by one of several keys", merged(keysIn(`["Authorization", "x-api-key"]`), `{"firewall": {"enabled": true, "limitBy": "X-Api-Key"}}`),
			is(warning("K10", "firewall.limitBy"))},
		row{"K10 by none of several keys", merged(keysIn(`["Authorization", "x-api-key"]`), `{"firewall": {"enabled": true, "limitBy": "X-Client"}}`),
			is(warning("K10", "firewall.limitBy"))},
		row{"K10 by address, with several keys", merged(keysIn(`["Authorization", "x-api-key"]`), `{"firewall": {"enabled": true, "requestsPer5Minutes": 500}}`),
			is(warning("K10", "firewall.limitBy"))},

		row{"K11 many origins", merged(keys("X-Api-Key"), origins(50)), nil},
		row{"K11 too many origins", merged(keys("X-Api-Key"), origins(250)), is(hard("K11", "api"))},
		row{"K11 too many origins without a function", origins(250), nil},
		row{"K11 many routes", merged(keys("Authorization"), routes(items(60, `{"path": "/route-%d/*", "methods": "read"}`))), nil},
		row{"K11 too many routes", merged(keys("Authorization"), routes(items(70, `{"path": "/a-route-with-a-really-quite-long-name-that-is-only-read-%d/*", "methods": "read"}`))), is(hard("K11", "api"))},
		row{"K11 open routes aren't guarded", merged(keys("Authorization"), routes(items(70, `{"path": "/a-route-with-a-really-quite-long-name-that-is-only-read-%d/*"}`))), nil},

		row{"K12 many functions", merged(keys("Authorization"), routes(strips(9))), nil},
		row{"K12 too many functions", merged(keys("Authorization"), routes(strips(10))), is(hard("K12", "api"))},
		row{"K12 too many functions, but no store", routes(strips(10)), nil},

		row{"K2 caller", `{"api": {"keys": {}, "headers": {"X-Caller": "a"}}}`, is(hard("K2", "api.headers.X-Caller"))},
		row{"K2 canary", canary("c.example.com", `, "headers": {"X-Canary": "1"}`), is(hard("K2", "api.headers.X-Canary"))},
		row{"K2 caller as some backends read it", `{"api": {"keys": {}, "headers": {"X_Caller": "a"}}}`, is(hard("K2", "api.headers.X_Caller"))},
		row{"K2 caller as others read it", `{"api": {"keys": {}, "headers": {"x.caller": "a"}}}`, is(hard("K2", `api.headers["x.caller"]`))},
		row{"K2 canary as others read it", canary("c.example.com", `, "headers": {"X~Canary": "1"}`), is(hard("K2", `api.headers["X~Canary"]`))},
		row{"K2 a name without a sign", `{"api": {"keys": {}, "headers": {"XCaller": "a", "X-Caller-": "a", "X--Caller": "a"}}}`, nil},
		row{"K2 without keys and canary", `{"api": {"headers": {"X-Caller": "a", "X-Canary": "1"}}}`, nil},
		row{"K2 each with the other", `{"api": {"keys": {}, "headers": {"X-Canary": "1"}}}`, nil},

		row{"K3 the key", merged(keys("X-Api-Key"), cache(`{"keyHeaders": ["x-api-key", "x-caller"]}`)),
			is(hard("K3", "routes[0].cache.keyHeaders[0]"))},
		row{"K3 the key on the default route", `{"api": {"keys": {}, "cache": {"keyHeaders": ["Authorization", "x-caller"]}}}`,
			is(hard("K3", "api.cache.keyHeaders[0]"), takes("api.cache"))},
		row{"K3 another header than the key's", merged(keys("X-Api-Key"), cache(`{"keyHeaders": ["x-caller", "Authorization"]}`)), nil},
		row{"K3 the key that is passed on", merged(`{"api": {"keys": {"header": "X-Api-Key", "forward": true}}}`, cache(`{"keyHeaders": ["x-api-key"]}`)), nil},
		row{"K3 without the key that is passed on", merged(`{"api": {"keys": {"header": "X-Api-Key", "forward": true}}}`, cache(`{"keyHeaders": ["x-caller"]}`)),
			is(warning("K3", "routes[0].cache.keyHeaders"))},
		row{"K3 the key on a route to the models", `{"api": {"keys": {"header": "X-Api-Key"}}, "routes": [{"path": "/a", "origin": "models", "cache": {"queryStrings": "none", "keyHeaders": ["X-Api-Key"]}}]}`, nil},
		row{"K3 forward on a route to the models", `{"api": {"keys": {"forward": true}}, "routes": [{"path": "/a", "origin": "models", "cache": {"queryStrings": "none"}}]}`, nil},
		row{"K3 caller without keys", cache(`{"keyHeaders": ["Authorization", "X-Caller"]}`),
			is(hard("K3", "routes[0].cache.keyHeaders[1]"))},
		row{"K3 caller on a route to the models", `{"api": {"keys": {}}, "routes": [{"path": "/a", "origin": "models", "cache": {"queryStrings": "none", "keyHeaders": ["x-caller"]}}]}`,
			is(hard("K3", "routes[0].cache.keyHeaders[0]"))},
		row{"K3 caller as some backends read it", merged(`{"api": {"keys": {}}}`, cache(`{"keyHeaders": ["x_caller", "x-caller"]}`)),
			is(hard("K3", "routes[0].cache.keyHeaders[0]"))},
		row{"K3 caller as others read it", merged(`{"api": {"keys": {}}}`, cache(`{"keyHeaders": ["x~caller", "x-caller"]}`)),
			is(hard("K3", "routes[0].cache.keyHeaders[0]"))},
		row{"K4 caller as others read it", merged(`{"api": {"keys": {}}}`, cache(`{"forwardHeaders": ["x.caller"]}`)),
			is(hard("K4", "routes[0].cache.forwardHeaders[0]"))},
		row{"K7 caller as others read it", `{"api": {"keys": {}}, "firewall": {"enabled": true, "limitBy": "x_caller"}}`, is(hard("K7", "firewall.limitBy"))},
		row{"K3 canary", merged(canary("c.example.com", ""), cache(`{"keyHeaders": ["Authorization", "x-canary"]}`)),
			is(hard("K3", "routes[0].cache.keyHeaders[1]"))},
		row{"K3 canary without one", cache(`{"keyHeaders": ["Authorization", "x-canary"]}`),
			is(hard("K3", "routes[0].cache.keyHeaders[1]"))},
		row{"R8 one answer for all known callers", merged(`{"api": {"keys": {}}}`, cache(`{"keyHeaders": []}`)), nil},
		row{"R8 one answer for all known callers, by another header", merged(`{"api": {"keys": {}}}`, cache(`{"keyHeaders": ["Accept"]}`)),
			is(warning("R8", "routes[0].cache.keyHeaders"))},
		row{"R8 Authorization is no caller's key", merged(keys("X-Api-Key"), cache(`{"keyHeaders": ["Authorization"]}`)),
			is(warning("R8", "routes[0].cache.keyHeaders"))},
		row{"R8 with a canary alone", merged(canary("c.example.com", ""), cache(`{"keyHeaders": []}`)),
			is(warning("R8", "routes[0].cache.keyHeaders"))},
		row{"R7 most headers with x-canary", merged(canary("c.example.com", ""), cache(`{"keyHeaders": ["Authorization",`+items(8, `"h%d"`)+`]}`)), nil},
		row{"R7 too many headers with x-canary", merged(canary("c.example.com", ""), cache(`{"keyHeaders": ["Authorization",`+items(9, `"h%d"`)+`]}`)), is(quota("R7", "routes[0].cache.keyHeaders"))},
		row{"R7 most headers of the models with a canary", merged(canary("c.example.com", ""), `{"routes": [{"path": "/a", "origin": "models", "cache": {"queryStrings": "none", "keyHeaders": [`+items(10, `"h%d"`)+`]}}]}`), nil},
		row{"R7 too many characters with x-canary", merged(canary("c.example.com", ""), cache(`{"keyHeaders": ["Authorization", `+text(1024-13-7)+`]}`)),
			is(hard("R7", "routes[0].cache.keyHeaders"))},

		row{"K4 the key", merged(keys("X-Api-Key"), cache(`{"forwardHeaders": ["x-api-key"]}`)),
			is(hard("K4", "routes[0].cache.forwardHeaders[0]"))},
		row{"K4 the key that is passed on", merged(`{"api": {"keys": {"header": "X-Api-Key", "forward": true}}}`, cache(`{"forwardHeaders": ["X-Api-Key"]}`)),
			is(hard("K4", "routes[0].cache.forwardHeaders[0]"))},
		row{"K4 caller", merged(`{"api": {"keys": {}}}`, cache(`{"forwardHeaders": ["X-Caller"], "keyHeaders": []}`)),
			is(hard("K4", "routes[0].cache.forwardHeaders[0]"))},
		row{"K4 canary", cache(`{"forwardHeaders": ["x-canary"]}`), is(hard("K4", "routes[0].cache.forwardHeaders[0]"))},

		row{"K5 none of the callers", `{"api": {"canary": {"domainName": "c.example.com", "percent": 0}}}`, nil},
		row{"K5 all callers", `{"api": {"canary": {"domainName": "c.example.com", "percent": 100}}}`, nil},
		row{"K5 too many", `{"api": {"canary": {"domainName": "c.example.com", "percent": 101}}}`, is(hard("K5", "api.canary.percent"))},
		row{"K5 too few", `{"api": {"canary": {"domainName": "c.example.com", "percent": -1}}}`, is(hard("K5", "api.canary.percent"))},
		row{"K5 a part of one", `{"api": {"canary": {"domainName": "c.example.com", "percent": 0.5}}}`, is(hard("S3", "api.canary.percent"))},
		row{"S4 no share", `{"api": {"canary": {"domainName": "c.example.com"}}}`, is(hard("S4", "api.canary.percent"))},
		row{"S4 no domain", `{"api": {"canary": {"percent": 5}}}`, is(hard("S4", "api.canary.domainName"))},
		row{"O2 canary", canary("https://c.example.com", ""), is(hard("O2", "api.canary.domainName"))},
		row{"O3 canary", canary("your-backend-endpoint.amazonaws.com", ""), is(
			warning("O3", "api.canary.domainName"),
			warning("O3", "api.domainName"))},
		row{"K5 the backend", canary("Backend.example.com", ""), is(hard("K5", "api.canary.domainName"))},
		row{"K5 the second backend", merged(canary("b.example.com", `, "failover": {"domainName": "b.example.com"}`), `{"routes": [{"path": "/a", "methods": "read", "failover": true}]}`),
			is(hard("K5", "api.canary.domainName"))},
		row{"K5 the backends of a region and their alias", `{"domain": {"aliases": ["x.example.com"], "hostedZoneId": "Z1"}, "api": {"domainName": null, "originAlias": "origin.example.com",
			"regions": [{"region": "us-east-1", "domainName": "a.example.com", "healthPath": "/"}, {"region": "us-west-2", "domainName": "b.example.com", "healthPath": "/"}],
			"canary": {"domainName": "b.example.com", "percent": 5}}}`, is(hard("K5", "api.canary.domainName"))},
		row{"K5 the alias of the regions", `{"domain": {"aliases": ["x.example.com"], "hostedZoneId": "Z1"}, "api": {"domainName": null, "originAlias": "origin.example.com",
			"regions": [{"region": "us-east-1", "domainName": "a.example.com", "healthPath": "/"}, {"region": "us-west-2", "domainName": "b.example.com", "healthPath": "/"}],
			"canary": {"domainName": "origin.example.com", "percent": 5}}}`, is(hard("K5", "api.canary.domainName"))},
		row{"D10 canary is an alias", merged(zone(`["c.example.com"]`), canary("c.example.com", "")),
			is(hard("D10", "api.canary.domainName"))},

		row{"K6 browsers may send the key", merged(`{"api": {"keys": {}}}`, cors(`"maxAgeSeconds": 1`)), nil},
		row{"K6 in any case", merged(keys("X-Api-Key"), cors(`"allowHeaders": ["x-api-key"]`)), nil},
		row{"K6 any header", merged(keys("X-Api-Key"), cors(`"allowHeaders": ["*", "Authorization"]`)), nil},
		row{"K6 browsers may not send the key", merged(keys("X-Api-Key"), cors(`"maxAgeSeconds": 1`)), is(warning("K6", "cors.allowHeaders"))},

		row{"K7 caller", `{"api": {"keys": {}}, "firewall": {"enabled": true, "limitBy": "X-Caller"}}`, is(hard("K7", "firewall.limitBy"))},
		row{"K7 caller without keys", `{"firewall": {"enabled": true, "limitBy": "X-Caller"}}`, nil},
		row{"K7 the key", `{"api": {"keys": {}}, "firewall": {"enabled": true, "limitBy": "Authorization"}}`, nil},

		row{"K10 limits by address", `{"api": {"keys": {}}, "firewall": {"enabled": true, "limits": [{"path": "/a", "requestsPer5Minutes": 100}]}}`, is(warning("K10", "firewall.limitBy"))},
		row{"K10 one limit by address", merged(keys("X-Api-Key"), `{"firewall": {"enabled": true, "requestsPer5Minutes": 500}}`), is(warning("K10", "firewall.limitBy"))},
		row{"K10 by another header", merged(keys("x-api-key"), `{"firewall": {"enabled": true, "limitBy": "Authorization"}}`), is(warning("K10", "firewall.limitBy"))},
		row{"K10 by the header of the key", merged(keys("X-Api-Key"), `{"firewall": {"enabled": true, "limitBy": "x-api-key", "limits": [{"path": "/a", "requestsPer5Minutes": 100}]}}`), nil},
		row{"K10 the default", `{"api": {"keys": {}}, "firewall": {"enabled": true}}`, nil},
		row{"K8 all at once", `{"expect": [{"request": "GET /", "caller": "a", "canary": true, "origin": "api-canary"}]}`, is(
			hard("K8", "expect[0].caller"),
			hard("K8", "expect[0].canary"),
			hard("K8", "expect[0].origin"))},
		row{"K8 where they are", merged(canary("c.example.com", `, "keys": {}`), `{"expect": [{"request": "GET /", "caller": "A.b_c@d-1", "canary": true, "origin": "api-canary"}]}`), nil},
		row{"E1 caller", merged(`{"api": {"keys": {}}}`, `{"expect": [{"request": "GET /", "caller": "-a", "origin": "api"}]}`), is(hard("E1", "expect[0].caller"))},
	)
	for _, name := range []string{ // all that the page lists, and Cookie
		"Connection", "Expect", "Keep-Alive", "Proxy-Authenticate", "Proxy-Authorization", "Proxy-Connection", "Trailer", "Upgrade", "X-Accel-Buffering",
		"X-Accel-Charset", "X-Accel-Limit-Rate", "X-Accel-Redirect", "X-Amz-Cf-Any", "X-Amzn-Auth", "X-Amzn-Cf-Billing", "X-Amzn-Cf-Id", "X-Amzn-Cf-Xff",
		"X-Amzn-Errortype", "X-Amzn-Fle-Profile", "X-Amzn-Header-Count", "X-Amzn-Header-Order", "X-Amzn-Lambda-Integration-Tag", "X-Amzn-RequestId", "X-Cache",
		"X-Edge-Any", "X-Forwarded-Proto", "X-Real-IP", "CloudFront-Viewer-Cert-PEM", "Client-Cert", "client-cert-chain", "CDN-Loop", "Content-Length",
		"Transfer-Encoding", "Via",
	} {
		rows = append(rows, inDev(row{"K1 untouchable " + name, keys(name), is(hard("K1", "api.keys.header"))})...)
	}
	return append(rows, callerAccountRows()...)
}

// callerAccountRows make many environments, with quotas raised that aren't these rows' business.
func callerAccountRows() []row {
	environments := func(n int, api, quotas string) string {
		return `{"environments": ` + object(n, `"e%03d": `+inAccount(`"api": {"domainName": "b.example.com", `+api+`},
			"quotas": {"responseHeadersPolicies": 999`+quotas+`}, "routes": [{"path": "/a", "methods": "read", "failover": true}, {"path": "/b", "origin": "models"}]`)) + `}`
	}
	const failover = `"failover": {"domainName": "f.example.com"}, `
	firewalls := func(n int, account, quotas string) string { // each with three sets
		return `{"environments": ` + object(n, `"e%03d": {"region": "us-east-1", `+account+`"api": {"domainName": "b.example.com"},
			"firewall": {"enabled": true, "blockedIPs": ["198.51.100.0/24"], "allowedIPs": ["192.0.2.0/24", "2001:db8::/32"]},
			"quotas": {"responseHeadersPolicies": 999`+quotas+`}}`) + `}`
	}
	return []row{
		{"K9 most stores", environments(100, failover+`"keys": {}`, ""), nil},
		{"K9 too many stores", environments(101, failover+`"keys": {}`, `, "keyValueStores": 200`), is(quota("K9", "environments.e100"))},
		{"K9 too many functions", environments(51, failover+`"canary": {"domainName": "c.example.com", "percent": 5}`, ""), is(quota("K9", "environments.e050"))},
		{"K9 stores of unknown accounts", `{"environments": ` + object(201, `"e%03d": {"region": "us-east-1", "api": {"domainName": "b.example.com", "keys": {}}, "quotas": {"responseHeadersPolicies": 999}}`) + `}`,
			slices.Concat(tooManyFunctions(100, 200), is(
				warning("K9", "environments.e200")))},
		{"F10 most IP sets", firewalls(33, `"account": {"id": "111122223333"}, `, ""), nil},
		{"F10 too many IP sets", firewalls(34, `"account": {"id": "111122223333"}, `, ""), is(quota("F10", "environments.e033"))},
		{"F10 more IP sets that AWS allows", firewalls(34, `"account": {"id": "111122223333"}, `, `, "ipSets": 102`), nil},
		{"F10 too many IP sets of unknown accounts", firewalls(34, "", ""), is(warning("F10", "environments.e033"))},
	}
}

// tooManyFunctions are the warnings of the environments from one to another of which each has one function more than AWS allows.
func tooManyFunctions(from, to int) []config.Problem {
	var all []config.Problem
	for i := from; i <= to; i++ {
		all = append(all, warning("K9", fmt.Sprintf("environments.e%03d", i)))
	}
	return all
}

// TestKeyHeadersOfCallers holds the default key of a cache, and what a canary adds to it.
func TestKeyHeadersOfCallers(t *testing.T) {
	for name, c := range map[string]struct {
		api   string
		cache string
		want  []string
	}{
		"without keys":        {`{}`, `{}`, []string{"Authorization"}},
		"key in the default":  {`{"keys": {}}`, `{}`, []string{"x-caller"}},
		"key elsewhere":       {`{"keys": {"header": "X-Api-Key"}}`, `{}`, []string{"x-caller", "Authorization"}},
		"key passed on":       {`{"keys": {"forward": true}}`, `{}`, []string{"x-caller", "Authorization"}},
		"another passed on":   {`{"keys": {"header": "X-Api-Key", "forward": true}}`, `{}`, []string{"x-caller", "Authorization", "X-Api-Key"}},
		"one answer for all":  {`{"keys": {}}`, `{"keyHeaders": []}`, []string{}},
		"canary":              {`{"canary": {"domainName": "c.example.com", "percent": 5}}`, `{}`, []string{"Authorization", "x-canary"}},
		"canary and keys":     {`{"keys": {}, "canary": {"domainName": "c.example.com", "percent": 5}}`, `{}`, []string{"x-caller", "x-canary"}},
		"canary, one for all": {`{"keys": {}, "canary": {"domainName": "c.example.com", "percent": 5}}`, `{"keyHeaders": []}`, []string{"x-canary"}},
	} {
		patch := merged(`{"api": `+c.api+`}`, `{"api": {"cache": `+c.cache+`}, "routes": [{"path": "/a", "cache": `+c.cache+`},
			{"path": "/b", "origin": "models", "cache": {"queryStrings": "none", "keyHeaders": ["Origin"]}}]}`)
		for range 2 { // what is asked for twice is the same
			behaviors := parsed(t, inDev(row{patch: patch})[0].file(t)).Behaviors()
			got := [][]string{behaviors[0].Cache.KeyHeaders, behaviors[1].Cache.KeyHeaders, behaviors[2].Cache.KeyHeaders}
			if diff := cmp.Diff([][]string{c.want, c.want, {"Origin"}}, got); diff != "" {
				t.Errorf("%s (-want +got):\n%s", name, diff)
			}
		}
	}
}

// TestViewerFunctions: routes that need the same share a function, and what differs has one of its own.
func TestViewerFunctions(t *testing.T) {
	env := parsed(t, inDev(row{patch: `{
		"api": {"keys": {}, "canary": {"domainName": "c.example.com", "percent": 5}, "failover": {"domainName": "f.example.com"}, "publicHost": "header"},
		"backends": {"a": {"domainName": "a.example.com"}, "b": {"domainName": "b.example.com", "publicHost": "header", "path": "/x"}},
		"models": {"replicaRegion": "us-west-2"}, "buckets": {"c": {"path": "/c/*", "strip": "/c"}},
		"routes": [{"path": "/1", "methods": "read", "failover": true}, {"path": "/2", "readTimeoutSeconds": 120}, {"path": "/3", "readTimeoutSeconds": 60},
			{"path": "/4", "origin": "models"}, {"path": "/5", "origin": "a"}, {"path": "/6", "origin": "a", "public": true},
			{"path": "/7/*", "origin": "b", "strip": "/7"}, {"path": "/8", "public": true}, {"path": "/9", "origin": "a"}]}`})[0].file(t))
	got := map[string]string{}
	for _, b := range env.Behaviors() {
		got[b.Path] = env.ViewerFunction(b).ID
	}
	require.Equal(t, map[string]string{
		"": "api", "/1": "api-failover", "/2": "api-120s", "/3": "api", "/4": "", "/5": "backends", "/6": "backends-public",
		"/7/*": "backends-path-host-strip-7-" + names.Fingerprint("/7"), "/8": "api-public", "/9": "backends", "/models/*": "",
		"/c/*": "buckets-strip-c-" + names.Fingerprint("/c"),
	}, got)
	require.Len(t, env.ViewerFunctions(), 8)
}

// strips are routes whose functions differ.
func strips(n int) string { return items(n, `{"path": "/%[1]d/*", "strip": "/%[1]d"}`) }
