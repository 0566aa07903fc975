package config_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/config"
)

func responseHeadersRows() []row {
	headers := func(fields string) string { return `{"responseHeaders": {` + fields + `}}` }
	custom := func(name string) string { return headers(`"custom": {"` + name + `": "a"}`) }
	policy := func(name, text, rule string) row {
		r := row{rule + " policy with " + name, headers(`"contentSecurityPolicy": "` + text + `"`), nil}
		if rule != "U1 and" {
			r.want = is(warning(rule, "responseHeaders.contentSecurityPolicy"))
		}
		return r
	}
	return inDev(
		policy("all kinds of sources", "default-src 'self' https: cdn.acme.ai:443 data:; script-src 'strict-dynamic' 'sha256-abc=' 'Unsafe-Inline'; "+
			"sandbox allow-scripts; require-trusted-types-for 'script'; trusted-types a 'allow-duplicates'; report-uri /csp", "U1 and"),
		policy("a misspelt keyword", "script-src 'unsafe-inlin'", "U1"),
		policy("half a quote", "script-src 'self", "U1"),
		policy("double quotes", `script-src \"self\"`, "U1"),
		policy("a quoted URL", "script-src 'https://cdn.acme.ai'", "U1"),
		policy("a directive twice", "script-src 'self'; Script-Src 'none'", "U1"),
		policy("no semicolon", "default-src 'self' script-src 'self'", "U1"),
		policy("curly quotes", "default-src ‘self’", "U1"),
		policy("a nonce", "script-src 'nonce-abc'", "C4"),
		policy("a letter outside ASCII", "img-src müller.de", "C4"),
		row{"C4 cookie for everyone", custom("set-cookie"), is(warning("C4", "responseHeaders.custom.set-cookie"))},
		row{"C4 one type for everything", custom("Content-Type"), is(warning("C4", "responseHeaders.custom.Content-Type"))},
		row{"C4 errors kept", headers(`"custom": {"Cache-Control": "public, max-age=3600"}`), is(warning("C4", "responseHeaders.custom.Cache-Control"))},
		row{"C4 nothing kept", headers(`"custom": {"Cache-Control": "no-store, max-age=0"}`), nil},
		row{"C4 type and time of a route", `{"routes": [{"path": "/a", "responseHeaders": {"custom": {"Content-Type": "text/plain", "Cache-Control": "max-age=60"}}}]}`, nil},
		row{"C4 cookie of a route", `{"responseHeaders": {"custom": {"Set-Cookie": "a=b"}}, "routes": [
			{"path": "/a", "responseHeaders": {"frameOptions": ""}}, {"path": "/b", "responseHeaders": {"custom": {"Set-Cookie": "a=c"}}}]}`,
			is(warning("C4", "responseHeaders.custom.Set-Cookie"), warning("C4", "routes[1].responseHeaders.custom.Set-Cookie"))},
		row{"C4 value outside ASCII", headers(`"custom": {"X-A": "müller"}`), is(warning("C4", "responseHeaders.custom.X-A"))},
		row{"U1 policy to report in custom", headers(`"custom": {"Content-Security-Policy-Report-Only": "sandbox"}`),
			is(warning("U1", "responseHeaders.custom.Content-Security-Policy-Report-Only"))},
		row{"U1 removed by a wildcard", headers(`"remove": ["X-*"]`), is(warning("U1", "responseHeaders.remove[0]"))},
		row{"C4 fine", headers(`"frameOptions": "", "contentSecurityPolicy": "default-src 'self'", "custom": {"X-Robots-Tag": "noindex"}, "remove": ["X-Powered-By"]`), nil},
		row{"C4 unknown frames", headers(`"frameOptions": "ALLOWALL"`), is(hard("C4", "responseHeaders.frameOptions"))},
		row{"C4 long policy", headers(`"contentSecurityPolicy": "` + strings.Repeat("a", 1784) + `"`), is(hard("C4", "responseHeaders.contentSecurityPolicy"))},
		row{"C4 longest policy", headers(`"contentSecurityPolicy": "` + strings.Repeat("a", 1783) + `"`), nil},
		row{"C4 long value", headers(`"custom": {"a": "` + strings.Repeat("a", 1784) + `"}`), is(hard("C4", "responseHeaders.custom.a"))},
		row{"C4 no header", custom("a b"), is(hard("C4", `responseHeaders.custom["a b"]`))},
		row{"C4 field of its own", custom("x-frame-options"), is(hard("C4", "responseHeaders.custom.x-frame-options"))},
		row{"C4 there anyway", custom("Referrer-Policy"), is(hard("C4", "responseHeaders.custom.Referrer-Policy"))},
		row{"C4 header of CORS", custom("Access-Control-Allow-Origin"), is(hard("C4", "responseHeaders.custom.Access-Control-Allow-Origin"))},
		row{"C4 header of the connection", custom("Transfer-Encoding"), is(hard("C4", "responseHeaders.custom.Transfer-Encoding"))},
		row{"C4 the same header", headers(`"custom": {"x-a": "1", "X-A": "2"}`), is(hard("C4", "responseHeaders.custom.x-a"))},
		row{"C4 many headers", headers(`"custom": ` + object(11, `"h%d": "a"`)), is(quota("C4", "responseHeaders.custom"))},
		row{"C4 most headers", headers(`"custom": ` + object(10, `"h%d": "a"`)), nil},
		row{"C4 many removed", headers(`"remove": ["A","B","C","D","E","F","G","H","I","J","K"]`), is(quota("C4", "responseHeaders.remove"))},
		row{"C4 kept", headers(`"remove": ["X-Amz-Cf-Pop", "via"]`), is(hard("C4", "responseHeaders.remove[0]"), hard("C4", "responseHeaders.remove[1]"))},
		row{"C4 removed twice", headers(`"remove": ["X-A", "x-a"]`), is(hard("C4", "responseHeaders.remove[1]"))},
		row{"U1 removed and added", headers(`"custom": {"X-A": "1"}, "remove": ["x-a"]`), is(warning("U1", "responseHeaders.remove[0]"))},
		row{"U1 server", headers(`"remove": ["Server"]`), is(warning("U1", "responseHeaders.remove[0]"))},
		row{"C4 route", `{"routes": [{"path": "/a", "responseHeaders": {"remove": ["Via"]}}]}`, is(hard("C4", "routes[0].responseHeaders.remove[0]"))},
	)
}

// A route's headers replace those of the environment field by field, and routes with the same headers share a policy.
func TestResponseHeadersOfRoutes(t *testing.T) {
	c, _, err := config.Parse("cdktf.json", row{patch: inDev(row{"", `{
		"responseHeaders": {"frameOptions": "SAMEORIGIN", "custom": {"X-A": "1"}, "remove": ["X-B"]},
		"routes": [
			{"path": "/a", "responseHeaders": {"contentSecurityPolicy": "default-src 'self'"}},
			{"path": "/b", "responseHeaders": {"frameOptions": "SAMEORIGIN"}},
			{"path": "/c", "responseHeaders": {"frameOptions": "", "custom": {}, "remove": []}},
			{"path": "/d", "responseHeaders": {"custom": {"X-A": "1"}, "contentSecurityPolicy": "default-src 'self'"}},
			{"path": "/e"}]}`, nil})[0].patch}.file(t))
	require.NoError(t, err)
	all := config.ResponseHeaders{FrameOptions: "SAMEORIGIN", Custom: map[string]string{"X-A": "1"}, Remove: []string{"X-B"}}
	page := all
	page.ContentSecurityPolicy = "default-src 'self'"
	ids := map[string]string{}
	for _, b := range c.Environments["dev"].Behaviors() {
		want := all
		switch b.Path {
		case "/a", "/d":
			want = page
		case "/c":
			want = config.ResponseHeaders{Custom: map[string]string{}, Remove: []string{}}
		}
		require.Equal(t, want, b.ResponseHeaders, b.Path)
		ids[b.Path] = b.ResponseHeadersID
	}
	require.Equal(t, "security", ids[""])
	require.Equal(t, "security", ids["/b"])
	require.Equal(t, "security", ids["/e"])
	require.Equal(t, ids["/a"], ids["/d"])
	require.NotEqual(t, ids["/a"], ids["/c"])
}
