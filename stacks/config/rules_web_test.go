package config_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/config"
)

// page is an environment with a page as its default route, and a change to it.
func page(patch string) string {
	return merged(`{"web": {"path": "/*", "spa": true, "apiPaths": ["/v1/*"]}}`, patch)
}

// pageBelow is one with a page below a folder.
func pageBelow(patch string) string { return merged(`{"web": {"path": "/ui/*", "spa": true}}`, patch) }

func webRows() []row {
	signers := `"signers": [` + signer("a", keyRSA) + `]`
	return inDev(
		row{"W1 fine", page(`{}`), nil},
		row{"W1 below a folder", pageBelow(`{}`), nil},
		row{"W1 below folders", pageBelow(`{"web": {"path": "/a.b/c/*", "strip": "/a.b"}}`), nil},
		row{"W1 no wildcard", pageBelow(`{"web": {"path": "/ui"}}`), is(hard("W1", "web.path"))},
		row{"W1 no slash before the wildcard", pageBelow(`{"web": {"path": "/ui*"}}`), is(hard("W1", "web.path"))},
		row{"W1 no slash", page(`{"web": {"path": "*"}}`), is(hard("W1", "web.path"))},
		row{"W1 two wildcards", pageBelow(`{"web": {"path": "/*/ui/*"}}`), is(hard("W1", "web.path"))},
		row{"S4 no path", `{"web": {"spa": true}}`, is(hard("S4", "web.path"))},
		row{"R27 strip", pageBelow(`{"web": {"strip": "/u"}}`), is(hard("R27", "web.strip"))},
		row{"R27 nothing to strip", page(`{"web": {"strip": "/ui"}}`), is(hard("R27", "web.strip"))},

		row{"W2 no path of the API", page(`{"web": {"apiPaths": []}}`), is(hard("W2", "web.apiPaths"))},
		row{"W2 routes to another backend only", page(`{"web": {"apiPaths": []}, "backends": {"llm": {"domainName": "llm.example.com"}},
			"routes": [{"path": "/llm/*", "origin": "llm"}]}`), is(hard("W2", "web.apiPaths"))},
		row{"W2 a route to the API is enough", page(`{"web": {"apiPaths": []}, "routes": [{"path": "/v1/*", "readTimeoutSeconds": 60}]}`), nil},
		row{"W2 all paths", page(`{"web": {"apiPaths": ["/*"]}}`), is(hard("W2", "web.apiPaths[0]"))},
		row{"W2 all paths, again", page(`{"web": {"apiPaths": ["/v1/*", "**"]}}`), is(hard("W2", "web.apiPaths[1]"))},
		row{"W2 a page below a folder", pageBelow(`{"web": {"apiPaths": ["/v1/*"]}}`), is(hard("W2", "web.apiPaths"))},
		row{"R2 path of a route", page(`{"routes": [{"path": "v1/*", "public": false}]}`), is(hard("R2", "web.apiPaths[0]"))},
		row{"R2 a path of the API twice", page(`{"web": {"apiPaths": ["/v1/*", "/v1/*"]}}`), is(hard("R2", "web.apiPaths[1]"))},
		row{"R2 path of the API and of the models", page(`{"web": {"apiPaths": ["/models/*"]}}`), is(hard("R2", "web.apiPaths[0]"))},
		row{"R3 covered by another", page(`{"web": {"apiPaths": ["/v1/*", "/v1/models"]}}`), is(warning("R3", "web.apiPaths[1]"))},
		row{"R3 a route refines", page(`{"routes": [{"path": "/v1/models", "methods": "read", "cache": {}}]}`), nil},
		row{"R21 URL", page(`{"web": {"apiPaths": ["https://api.example.com/v1/*"]}}`), is(warning("R21", "web.apiPaths[0]"))},
		row{"R1 characters", page(`{"web": {"apiPaths": ["/v1/{id}"]}}`), is(hard("R1", "web.apiPaths[0]"))},
		row{"R1 empty path of the API", page(`{"web": {"apiPaths": [""]}}`), is(hard("R1", "web.apiPaths[0]"))},
		row{"R4 many", page(`{"web": {"apiPaths": ` + list(74, `"/v%d/*"`) + `}}`), is(quota("R4", "routes"))},
		row{"R4 as many as may be", page(`{"web": {"apiPaths": ` + list(73, `"/v%d/*"`) + `}}`), nil},

		row{"W3 cache of the default route", page(`{"api": {"cache": {}}}`), is(hard("W3", "api.cache"), takes("api.cache"))},
		row{"W3 root object", page(`{"distribution": {"defaultRootObject": "a.html"}}`), is(hard("W3", "distribution.defaultRootObject"))},
		row{"W3 below a folder", pageBelow(`{"api": {"cache": {}}, "distribution": {"defaultRootObject": "a.html"}}`), is(takes("api.cache"))},

		row{"W4 route", page(`{"routes": [{"path": "*.html"}]}`), is(hard("W4", "routes[0].path"))},
		row{"W4 path of the API", page(`{"web": {"apiPaths": ["/?*"]}}`), is(hard("W4", "web.apiPaths[0]"))},
		row{"W4 bucket", page(`{"buckets": {"files": {"path": "/index.*"}}}`), is(hard("W4", "buckets.files.path"))},
		row{"W4 below a folder", pageBelow(`{"routes": [{"path": "/ui/index.html"}, {"path": "/index.html"}]}`), is(hard("W4", "routes[0].path"))},
		row{"W4 index of a folder", page(`{"web": {"spa": false}, "routes": [{"path": "/docs/index.html", "methods": "read", "cache": {}}, {"path": "/v2/*", "cache": {}},
			{"path": "/b/index.html"}]}`), is(hard("W4", "routes[0].path"))},
		row{"W4 the page's own", page(`{"routes": [{"path": "/index.html", "origin": "web"}]}`), nil},
		row{"R3 page below a path of a route", pageBelow(`{"routes": [{"path": "/ui*"}]}`), is(warning("R3", "web.path"))},

		row{"C4 two policies", page(`{"web": {"contentSecurityPolicy": "sandbox", "responseHeaders": {"contentSecurityPolicy": "base-uri x"}}}`),
			is(hard("C4", "web.responseHeaders.contentSecurityPolicy"))},
		row{"C4 policy in place of the environment's", page(`{"responseHeaders": {"contentSecurityPolicy": "base-uri x"},
			"web": {"contentSecurityPolicy": "sandbox", "responseHeaders": {"frameOptions": ""}}}`), nil},
		row{"C4 report only, twice", page(`{"web": {"contentSecurityPolicyReportOnly": "sandbox; report-to a",
			"responseHeaders": {"custom": {"content-security-policy-report-only": "sandbox; report-to a"}}}}`), is(hard("C4", "web.contentSecurityPolicyReportOnly"))},
		row{"C4 many headers with one to report", page(`{"web": {"contentSecurityPolicyReportOnly": "sandbox; report-uri /csp"}, "responseHeaders": {"custom": ` + object(10, `"X-%d": "a"`) + `}}`),
			is(quota("C4", "web.contentSecurityPolicyReportOnly"))},
		row{"U1 keywords without quotes", page(`{"web": {"contentSecurityPolicy": "default-src self https://cdn.example.com; script-src 'self' nonce-abc",
			"contentSecurityPolicyReportOnly": "defaul-src 'self'; report-uri /csp; ;"}, "responseHeaders": {"contentSecurityPolicy": "frame-ancestors none"}}`),
			is(warning("U1", "responseHeaders.contentSecurityPolicy"), warning("U1", "web.contentSecurityPolicy"),
				warning("U1", "web.contentSecurityPolicy"), warning("U1", "web.contentSecurityPolicyReportOnly"))},
		row{"U1 policy that nobody hears of", page(`{"web": {"contentSecurityPolicyReportOnly": "default-src 'self'"}}`),
			is(warning("U1", "web.contentSecurityPolicyReportOnly"))},
		row{"C4 types of a page", page(`{"web": {"responseHeaders": {"custom": {"Content-Type": "text/html"}}}}`),
			is(warning("C4", "web.responseHeaders.custom.Content-Type"))},
		row{"W2 paths without what is below", page(`{"web": {"apiPaths": ["/v1", "/api", "/health", "/v2/*"]}}`),
			is(warning("W2", "web.apiPaths[0]"), warning("W2", "web.apiPaths[1]"))},
		row{"C4 long policies", page(`{"web": {"contentSecurityPolicy": ` + text(1784) + `, "contentSecurityPolicyReportOnly": ` + text(1784) + `}}`),
			is(hard("C4", "web.contentSecurityPolicy"), hard("C4", "web.contentSecurityPolicyReportOnly"))},

		row{"R11 no signers", page(`{"routes": [{"path": "/app/*", "origin": "web", "signed": true}], "models": {` + signers + `}}`),
			is(hard("R11", "routes[0].signed"))},
		row{"R11 signed route", page(`{"routes": [{"path": "/app/*", "origin": "web", "signed": true}], "web": {` + signers + `}}`), nil},
		row{"R17 open route beside it", page(`{"routes": [{"path": "/app/*", "origin": "web", "signed": true}, {"path": "/a", "origin": "web"}], "web": {` + signers + `}}`), nil},
		row{"U1 signers for nothing", page(`{"web": {` + signers + `}}`), is(warning("U1", "web.signers"))},
		row{"R12 written", page(`{"routes": [{"path": "/app/*", "origin": "web", "methods": "all"}]}`), is(hard("R12", "routes[0].methods"))},
		row{"R16 no page", `{"routes": [{"path": "/app/*", "origin": "web"}]}`, is(hard("R16", "routes[0].origin"))},
		row{"M5 existing page", page(`{"web": {"existing": true}}`), is(hard("M5", "web.bucket"))},
	)
}

// TestPageBehaviors has the order in which paths are tried with a page, and where they lead.
func TestPageBehaviors(t *testing.T) {
	for patch, want := range map[string]string{
		page(`{"routes": [{"path": "/health"}], "buckets": {"adapters": {"path": "/adapters/*"}}, "web": {"apiPaths": ["/v1/*", "/v2/*"]}}`): " web page, /health api, /models/* models files, " +
			"/adapters/* adapters files, /v1/* api, /v2/* api",
		pageBelow(`{"routes": [{"path": "/ui/app/*", "origin": "web"}, {"path": "/ui/big/*", "origin": "web", "cache": {}}]}`): " api, /ui/app/* web page, " +
			"/ui/big/* web, /models/* models files, /ui/* web page",
	} {
		env := parsed(t, inDev(row{patch: patch})[0].file(t))
		var got []string
		for _, b := range env.Behaviors() {
			text := b.Path + " " + b.Origin
			if b.Page {
				text += " page"
			}
			if b.Files {
				text += " files"
			}
			require.Equal(t, b.Origin == config.OriginWeb, env.ViewerFunction(b).Page != nil, b.Path)
			got = append(got, text)
		}
		require.Equal(t, want, strings.Join(got, ", "))
	}
}

// TestPageKeys: where the files of a page are in its bucket, and which of them a single-page app has everywhere.
func TestPageKeys(t *testing.T) {
	for _, c := range []struct{ path, strip, prefix, index string }{
		{"/*", "", "", "/index.html"},
		{"/ui/*", "", "ui/", "/ui/index.html"},
		{"/ui/*", "/ui", "", "/index.html"},
		{"/a/b/*", "/a", "b/", "/b/index.html"},
	} {
		patch := fmt.Sprintf(`{"web": {"path": %q, "strip": %q, "spa": true}, "routes": [{"path": "/v1/*"}, {"path": "/app/*", "origin": "web"}]}`, c.path, c.strip)
		env := parsed(t, inDev(row{patch: patch})[0].file(t))
		require.Equal(t, c.prefix, env.Web.KeyPrefix(), patch)
		for _, b := range env.Behaviors() {
			if b.Origin == config.OriginWeb {
				require.Equal(t, c.index, env.ViewerFunction(b).Page.Index, patch)
			}
		}
	}
}

// TestPageHeaders: what the page's routes add to answers, beside all others.
func TestPageHeaders(t *testing.T) {
	env := parsed(t, inDev(row{patch: page(`{"responseHeaders": {"contentSecurityPolicy": "all", "custom": {"X-All": "a"}}, "routes": [{"path": "/app/*", "origin": "web",
		"responseHeaders": {"frameOptions": ""}}], "web": {"contentSecurityPolicy": "page", "contentSecurityPolicyReportOnly": "try", "responseHeaders": {"frameOptions": "SAMEORIGIN"}}}`)})[0].file(t))
	of := map[string]config.ResponseHeaders{}
	for _, b := range env.Behaviors() {
		of[b.Path] = b.ResponseHeaders
	}
	custom := map[string]string{"X-All": "a", "Content-Security-Policy-Report-Only": "try"}
	require.Equal(t, config.ResponseHeaders{FrameOptions: "SAMEORIGIN", ContentSecurityPolicy: "page", Custom: custom}, of[""])
	require.Equal(t, config.ResponseHeaders{FrameOptions: "", ContentSecurityPolicy: "page", Custom: custom}, of["/app/*"])
	require.Equal(t, config.ResponseHeaders{FrameOptions: "DENY", ContentSecurityPolicy: "all", Custom: map[string]string{"X-All": "a"}}, of["/v1/*"])
	require.Equal(t, of["/v1/*"], env.ResponseHeaders)
}

// TestHiddenFromPage names the files whose paths are another route's, and no others.
func TestHiddenFromPage(t *testing.T) {
	files := []string{"a.js", "docs/a b.html", "docs/index.html", "index.html", "models/a.bin", "models/index.html", "v1/a.json", "v1/chat/x.html"}
	for _, r := range []struct{ name, environment, want string }{
		{"everywhere", page(`{}`), "models.path /models/*: models/a.bin, models/index.html; web.apiPaths[0] /v1/*: v1/a.json, v1/chat/x.html"},
		{"a route first", page(`{"routes": [{"path": "/v1/chat/*"}, {"path": "/docs/*.html", "origin": "models"}]}`),
			"routes[0].path /v1/chat/*: v1/chat/x.html; routes[1].path /docs/*.html: docs/a b.html, docs/index.html; " +
				"models.path /models/*: models/a.bin, models/index.html; web.apiPaths[0] /v1/*: v1/a.json"},
		{"a folder's index by its folder", page(`{"web": {"spa": false}, "routes": [{"path": "/docs/index.html"}]}`),
			"models.path /models/*: models/a.bin, models/index.html; web.apiPaths[0] /v1/*: v1/a.json, v1/chat/x.html"},
		{"routes of the page's own", page(`{"routes": [{"path": "/v1/chat/*", "origin": "web"}, {"path": "/models/?*", "origin": "web"}]}`),
			"web.apiPaths[0] /v1/*: v1/a.json"},
		{"below a folder", pageBelow(`{"web": {"strip": "/ui"}, "routes": [{"path": "/ui/v1/*"}, {"path": "/v1/*"}]}`), "routes[0].path /ui/v1/*: v1/a.json, v1/chat/x.html"},
		{"nothing in the way", pageBelow(`{}`), ""},
	} {
		t.Run(r.name, func(t *testing.T) {
			env := parsed(t, inDev(row{patch: r.environment})[0].file(t))
			var got []string
			for _, h := range env.HiddenFromPage(files) {
				got = append(got, fmt.Sprintf("%s %s: %s", h.At, h.Pattern, strings.Join(h.Files, ", ")))
			}
			require.Equal(t, r.want, strings.Join(got, "; "))
		})
	}
}
