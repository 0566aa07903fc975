package viewerrequest

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/internal/edge/function"
)

// TestMisreadPaths has what backends take for a path of a stricter route, on which CloudFront doesn't see it
// (CloudFront Developer Guide, Cache behavior settings, Path normalization), and what leaves api.path.
func TestMisreadPaths(t *testing.T) {
	guards := Options{KeyHeaders: []string{"authorization"}, Routes: guarded}
	below := Options{KeyHeaders: []string{"authorization"}, OriginPath: true}
	const refused, on = "400", "on x-caller=alice"
	for _, c := range []struct {
		request      string
		guards, path string // what is answered, with guarded routes and below a path
	}{
		{"GET /private/a", on, on},
		{"GET /PRIVATE/a", refused, on},
		{"GET /Private/", refused, on},
		{"GET /private%2fa", refused, on},
		{"GET /private%2Fa", refused, on},
		{"GET /private%252fa", refused, on},
		{"GET /private%25252fa", refused, on},
		{"GET /%70rivate/a", on, on}, // CloudFront decodes this, too
		{"GET /%2570rivate/a", refused, on},
		{"GET /private;x=1/a", refused, on},
		{"GET /private%3bx/a", refused, on},
		{"GET /;x/private/a", refused, on},
		{"GET /a/..;/private/a", refused, on},
		{"GET /a/..%2fprivate/a", refused, on},
		{"GET /a%2f../private/a", refused, on},
		{"GET /a%2f..%2fprivate/a", refused, on},
		{"GET /a%2f../b/../private/a", refused, on},
		{"GET /a/%2e%2e/private/a", on, on},
		{"GET /a/%252e%252e/private/a", refused, on},
		{"GET /a/..\\private/a", refused, on},
		{"GET /a/..%5cprivate/a", refused, on},
		{"GET /private\\a", refused, on},
		{"GET //private/a", on, on},
		{"GET /%2fprivate/a", refused, on},
		{"GET /./private/a", on, on},
		{"GET /%2e/private/a", on, on},
		{"GET /b/../private/a", on, on},
		{"GET /private/../b", refused, on},                // a backend may not resolve it
		{"GET /b/private%2f../../private/a", refused, on}, // CloudFront: /b/private/a
		{"GET /private%2fb/../c", refused, on},
		{"GET /private%2f%0a", refused, on},
		{"GET /private%2f%00", refused, on},
		{"GET /private%2f%0aa", refused, on},
		{"GET /private%3fa/", refused, on},
		{"GET /private%2f" + strings.Repeat("%25", 1000), refused, on},
		{"GET /privates/a", on, on},

		{"GET /private/open/a", on, on}, // the open one before it
		{"GET /private/open/..%2fsecret", refused, on},
		{"GET /private/open%2fa", on, on}, // the strict one
		{"GET /private/open/..;/secret", refused, on},
		{"GET /private/open/..\\secret", refused, on},
		{"GET /private/open/../secret", on, on},
		{"GET /private/open/a%2fb", on, on},
		{"GET /private/OPEN/a", on, on}, // the strict one

		{"GET /admin", on, on},
		{"GET /admin/", refused, on},
		{"GET /admin;a", refused, on},
		{"GET /admin%3fa", refused, on},
		{"GET /admin%23", refused, on},
		{"GET /Admin", refused, on},
		{"GET /admins", on, on},
		{"POST /admin/", refused, on},

		// A route that only reads guards nothing that reads.
		{"GET /v1/models/org%2Fmodel", on, on},
		{"GET /v1/models/org%2Fmodel%3Atag", on, on},
		{"GET /V1/Models", on, on},
		{"HEAD /V1/Models", on, on},
		{"POST /V1/Models", refused, on},
		{"DELETE /v1/x/..%2fmodels%2fa", refused, on},
		{"DELETE /v1%2fmodels/a", refused, on},
		{"PATCH /v1;/models/a", refused, on},
		{"PUT /v1/model%73/a", on, on}, // CloudFront's own 403
		{"POST /v1/chat/completions", on, on},
		{"POST /v1/files/org%2Fmodel", on, on},
		{"POST /v1/files/a;b=c", on, on},
		{"POST /v1/Files/A", on, on},
		{"POST /v1/x%20y%2bz/%e2%82%ac", on, on},

		{"GET /", on, on},
		{"GET /../admins", on, refused},
		{"GET /..", on, refused},
		{"GET /a/../../b", on, refused},
		{"GET /a//../../b", on, refused},
		{"GET /a/./../../b", on, refused},
		{"GET /%2e%2e/b", on, refused},
		{"GET /..%2fb", on, refused},
		{"GET /..%5cb", on, refused},
		{"GET /..\\b", on, refused},
		{"GET /..;/b", on, refused},
		{"GET /..%3b/b", on, refused},
		{"GET /%252e%252e/b", on, refused},
		{"GET /a%2fb/../../b", on, refused},
		{"GET /a\\b/../../b", on, refused},
		{"GET /a;/../../b", on, refused},
		{"GET /;/../b", on, refused},
		{"GET /a/..;/..;/b", on, refused},
		{"POST /v1/../../b", on, refused},
		{"GET /a/../b", on, on},
		{"GET /a/b/../../c", on, on},
		{"GET /a/..", on, on},
		{"GET /..a/b", on, on},
		{"GET /a../b", on, on},
		{"GET /.../b", on, on},
		{"GET /.well-known/a", on, on},
	} {
		method, path, _ := strings.Cut(c.request, " ")
		event := with(get("authorization", "Bearer sk-alice"), func(e *function.Event) { e.Method, e.URI = method, path })
		for _, r := range []struct {
			options Options
			want    string
		}{{guards, c.guards}, {below, c.path}} {
			result, err := compiled(t, r.options).Run(event, entries("sk-alice", alice))
			require.NoError(t, err, c.request)
			assert.Equal(t, r.want, told(result), "%s, path %t", c.request, r.options.OriginPath)
			if result.Response == nil {
				require.Equal(t, path, result.URI)
			}
		}
	}
}

// TestMisreadBeforeKeys holds that a path is refused whoever asks, preflights too, in a form that clients can read.
func TestMisreadBeforeKeys(t *testing.T) {
	result, err := compiled(t, Options{Canary: &stable, OriginPath: true}).Run(with(preflight(), func(e *function.Event) { e.URI = "/../a" }), function.Map{})
	require.NoError(t, err)
	require.Equal(t, 400, result.Response.Status)
	require.Equal(t, map[string]any{"error": map[string]any{
		"message": "This path can be read in several ways. Write it without dot segments, encoded slashes and parameters.",
		"type":    "invalid_request_error", "param": nil, "code": "invalid_path",
	}}, decoded(t, result.Response.Body))
}
