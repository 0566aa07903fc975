package viewerrequest

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/internal/edge/function"
)

// TestStrip has which paths lose their prefix, what becomes of those beside it, and those that CloudFront only takes for
// such a path.
func TestStrip(t *testing.T) {
	for _, c := range []struct{ prefix, path, want string }{
		{"/llm", "/llm", "/ of /llm"},
		{"/llm", "/llm/", "/ of /llm"},
		{"/llm", "/llm/v1/x", "/v1/x of /llm"},
		{"/llm", "/llm//v1", "//v1 of /llm"},
		{"/llm", "/llm/llm/x", "/llm/x of /llm"},
		{"/llm", "/llm/%C3%A9%2Fa;b", "/%C3%A9%2Fa;b of /llm"},
		{"/llm", "/llmx", "/llmx"},
		{"/llm", "/llmx/llm/a", "/llmx/llm/a"},
		{"/llm", "/llm-2/a", "/llm-2/a"},
		{"/llm", "/llm%2Fv1", "/llm%2Fv1"},
		{"/llm", "/llm;a/v1", "/llm;a/v1"},
		{"/llm", "//llm/x", "400"},
		{"/llm", "/./llm/x", "400"},
		{"/llm", "/a/../llm/x", "400"},
		{"/llm", "/%6clm/x", "400"},
		{"/llm", "/%6Clm", "400"},
		{"/llm", "/LLM/x", "400"},
		{"/llm", "/", "400"},
		{"/a/b", "/a/b/c", "/c of /a/b"},
		{"/a/b", "/a/b", "/ of /a/b"},
		{"/a/b", "/a/bc", "/a/bc"},
		{"/a/b", "/a//b/c", "400"},
		{"/a/b", "/a/./b/c", "400"},
		{"/a.b", "/a.b/c", "/c of /a.b"},
		{"/a.b", "/aXb/c", "400"},
	} {
		for _, method := range []string{"GET", "POST", "OPTIONS"} {
			event := with(get("x-forwarded-prefix", "/forged", "x_forwarded_prefix", "/forged", "X.forwarded~prefix", "b", "x-forwarded-host", "kept"),
				func(e *function.Event) { e.Method, e.URI, e.Query = method, c.path, "a=1" })
			delete(event.Headers, "X.forwarded~prefix")
			event.Headers["x.forwarded~prefix"] = []string{"/forged"}
			result, err := compiled(t, Options{Strip: c.prefix}).Run(event, nil)
			require.NoError(t, err, c.path)
			if c.want == "400" {
				require.Equal(t, 400, result.Response.Status, c.path)
				require.Equal(t, map[string]any{"error": map[string]any{
					"message": "This path must begin with " + c.prefix + " as it is written here.",
					"type":    "invalid_request_error", "param": nil, "code": "invalid_path",
				}}, decoded(t, result.Response.Body))
				continue
			}
			got := result.URI
			if prefix := result.Headers["x-forwarded-prefix"]; prefix != nil {
				got += " of " + strings.Join(prefix, ", ")
			}
			assert.Equal(t, c.want, got, c.path)
			require.Equal(t, "a=1", result.Query)
			require.NotContains(t, result.Headers, "x_forwarded_prefix")
			require.NotContains(t, result.Headers, "x.forwarded~prefix")
			require.Equal(t, []string{"kept"}, result.Headers["x-forwarded-host"])
		}
	}
}

// TestStrippedPreflight holds that a preflight goes where the request itself would.
func TestStrippedPreflight(t *testing.T) {
	result, err := compiled(t, variants["stripped"]).Run(with(preflight(), func(e *function.Event) { e.URI = "/llm/v1/chat" }), function.Map{})
	require.NoError(t, err)
	require.Equal(t, "on", told(result))
	require.Equal(t, "/v1/chat", result.URI)
}

// TestMisreadStripped holds that the rest of a path is what a backend reads, and that a reading counts as the path that
// leads there.
func TestMisreadStripped(t *testing.T) {
	guards := Options{Strip: "/llm", Routes: []Route{
		{Path: "/llm/private/*", Signed: true}, {Path: "/llm/v1/models*", Reads: true}, {Path: "/llmx/private/*", Signed: true},
		{Path: "/llm*"}, {Path: "/b*", Signed: true},
	}}
	below := Options{Strip: "/llm", OriginPath: true}
	const refused, on = "400", "on"
	for _, c := range []struct {
		request      string
		guards, path string // what is answered, with guarded routes and below a path
	}{
		{"GET /llm", on, on},
		{"GET /llm/", on, on},
		{"GET /llm/v1/chat", on, on},
		{"GET /llm/private/a", on, on}, // of that route
		{"GET /llm/PRIVATE/a", refused, on},
		{"GET /llm/private%2fa", refused, on},
		{"GET /llm/a/..%2fprivate/a", refused, on},
		{"GET /llm/..;/private/a", refused, refused},
		{"GET /llm/..;/b", on, refused},             // of /llm, not /b
		{"GET /llm/..;/llm/private/a", on, refused}, // the backend's own /llm
		{"GET /llm/..%2fllm/private/a", on, refused},
		{"GET /llm//private/a", on, on},
		{"GET /llm/;x/private/a", refused, on},
		{"GET /llm/a\\..\\private\\a", refused, on},
		{"POST /llm/v1%2fmodels", refused, on},
		{"GET /llm/v1%2fmodels", on, on},
		{"GET /llm/..%2fb", on, refused},
		{"GET /llm/..", on, refused},
		{"GET /llm/a/../../b", on, refused},
		{"GET /llm/a/../b", on, on},
		{"GET /llm/%252e%252e/b", on, refused},

		{"GET /llmx/a", on, on},
		{"GET /llmx/private/a", on, on}, // of that route
		{"GET /llmx/Private/a", refused, on},
		{"GET /llmx/..;/private/a", refused, on}, // what /llm/private/a leads to
		{"GET /llmx/..;/..;/b", on, refused},
		{"GET /llm%2fprivate/a", refused, on}, // the backend's own /llm/private/a
	} {
		method, path, _ := strings.Cut(c.request, " ")
		event := with(get(), func(e *function.Event) { e.Method, e.URI = method, path })
		for _, r := range []struct {
			options Options
			want    string
		}{{guards, c.guards}, {below, c.path}} {
			result, err := compiled(t, r.options).Run(event, nil)
			require.NoError(t, err, c.request)
			assert.Equal(t, r.want, told(result), "%s, path %t", c.request, r.options.OriginPath)
		}
	}
}

// TestForwardHost has a backend told the name that the caller used, and by nobody else.
func TestForwardHost(t *testing.T) {
	for _, event := range []function.Event{
		get(),
		get("x-forwarded-host", "evil.example", "x_forwarded_host", "evil.example", "x.forwarded.host", "a"),
		get("x-forwarded-host", "evil.example", "x-forwarded-host", "evil.example"),
		preflight("x-forwarded-host", "evil.example"),
	} {
		result, err := compiled(t, Options{ForwardHost: true}).Run(event, nil)
		require.NoError(t, err)
		require.Equal(t, []string{"api.example.com"}, result.Headers["x-forwarded-host"])
		require.Equal(t, []string{"api.example.com"}, result.Headers["host"])
		require.NotContains(t, result.Headers, "x_forwarded_host")
		require.NotContains(t, result.Headers, "x.forwarded.host")
	}
}
