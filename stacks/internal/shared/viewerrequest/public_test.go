package viewerrequest

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/internal/edge/function"
)

// TestPublic lets everyone in, asks no store, and tells the backend of no caller and no key.
func TestPublic(t *testing.T) {
	keyed := []string{"authorization", "Bearer sk-alice", "x-api-key", "sk-mallory", "x-caller", "root"}
	for _, headers := range [][]string{nil, keyed} {
		for _, change := range []func(*function.Event){
			func(*function.Event) {},
			func(e *function.Event) { e.Method = "POST" },
			func(e *function.Event) { e.Method = "OPTIONS" },
		} {
			options := Options{KeyHeaders: both, Public: true, Routes: open}
			result, err := compiled(t, options).Run(with(get(headers...), change), &failing{})
			require.NoError(t, err)
			require.Equal(t, "on", told(result))
			require.NotContains(t, result.Headers, "authorization")
			require.NotContains(t, result.Headers, "x-api-key")

			options.ForwardKey = true
			result, err = compiled(t, options).Run(with(get(headers...), change), &failing{})
			require.NoError(t, err)
			require.Equal(t, "on", told(result))
			require.Equal(t, headers != nil, result.Headers["authorization"] != nil && result.Headers["x-api-key"] != nil)
		}
	}
	toCanary := Canary{Origin: "api-canary", Percent: 100}
	result, err := compiled(t, Options{KeyHeaders: both, Public: true, Routes: open, Canary: &toCanary}).Run(get(keyed...), function.Map{})
	require.NoError(t, err)
	require.Equal(t, "on x-canary=1 to [api-canary] []", told(result))
}

// TestPublicShare has the canary's share of a public route go by address, since nobody knows who calls.
func TestPublicShare(t *testing.T) {
	public := compiled(t, Options{KeyHeaders: both, Public: true, Routes: open, Canary: &Canary{Origin: "api-canary", Percent: 50}})
	alone := compiled(t, Options{Canary: &Canary{Origin: "api-canary", Percent: 50}})
	for _, address := range []string{"198.51.100.1", "198.51.100.2", "198.51.100.3", "198.51.100.4", "2001:db8::1"} {
		event := with(get("authorization", "Bearer sk-alice"), func(e *function.Event) { e.IP = address })
		want, err := alone.Run(event, function.Map{})
		require.NoError(t, err)
		got, err := public.Run(event, function.Map{})
		require.NoError(t, err)
		require.Equal(t, told(want), told(got), address)
	}
}

// TestMisreadPublic holds that no path gets from a public route to one that needs a key.
func TestMisreadPublic(t *testing.T) {
	const refused, on = "400", "on"
	for _, c := range []struct{ request, want string }{
		{"GET /health", on},
		{"GET /health/", on},
		{"GET /healthz", on},
		{"GET /health/live", on},
		{"GET /health/%2e%2e/v1/chat", refused},
		{"GET /health/../v1/chat", refused},
		{"GET /health/..%2fv1/chat", refused},
		{"GET /health%2f..%2fv1%2fchat", refused},
		{"GET /health/..;/v1/chat", refused},
		{"GET /health/..\\v1\\chat", refused},
		{"GET /health%5c..%5cv1", refused},
		{"GET /health/%252e%252e/v1/chat", refused},
		{"GET /health/..", on}, // the root, which is public
		{"GET /health/../b", refused},
		{"POST /health/..;/v1/chat", refused},
		{"OPTIONS /health/..;/v1/chat", refused},
		{"GET /", on},
		{"GET //", refused},

		{"GET /docs/a", on},
		{"GET /docs/private", on},
		{"GET /docs/PRIVATE/a", refused},
		{"GET /docs/private%2fa", refused},
		{"GET /docs/", refused}, // a backend may take it for /docs, which needs a key
		{"GET /docs/..%2fhealth", on},
		{"GET /docs/..%2fv1", refused},

		{"GET /v1/models", on},
		{"GET /v1/models/org%2Fmodel", on},
		{"POST /v1/models", on},
		{"GET /v1/models/..;/chat", refused},
		{"GET /v1/models/..;/models2", on},
		{"GET /v1/models;a=b", on},

		{"GET /files/a", on},
		{"GET /files/SIGNED/a", on},
		{"GET /files/signed%2fa", on},
		{"GET /files/..%2fhealth", on},
	} {
		method, path, _ := strings.Cut(c.request, " ")
		event := with(get(), func(e *function.Event) { e.Method, e.URI = method, path })
		result, err := compiled(t, Options{KeyHeaders: both, Public: true, Routes: open}).Run(event, nil)
		require.NoError(t, err, c.request)
		assert.Equal(t, c.want, told(result), c.request)
	}
}

// TestMisreadWithKey holds that a route that needs a key has nothing to do with public ones: the same paths as ever are
// refused.
func TestMisreadWithKey(t *testing.T) {
	mixed := []Route{{Path: "/health*", Public: true}, {Path: "/private/*", Signed: true}, {Path: "/open/*", Public: true}}
	options := Options{KeyHeaders: both, Routes: mixed}
	require.Equal(t, mixed[:2], options.Guarded())
	for path, want := range map[string]string{
		"/v1/..;/health": "on x-caller=alice", "/HEALTH": "on x-caller=alice", "/v1/..;/private/a": "400",
	} {
		event := with(get("x-api-key", "sk-alice"), func(e *function.Event) { e.URI = path })
		result, err := compiled(t, options).Run(event, entries("sk-alice", alice))
		require.NoError(t, err)
		require.Equal(t, want, told(result), path)
	}
}
