package viewerrequest

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/internal/edge/function"
)

const alice = `{"name":"alice","created":1764000000}`

func TestKeys(t *testing.T) {
	bearer := Options{KeyHeaders: []string{"authorization"}}
	bare := Options{KeyHeaders: []string{"x-api-key"}}
	store := entries("sk-alice", alice, "sk-alice-2", alice, "sk-bob", `{"name":"bob@example.com"}`,
		"sk-expires", `{"name":"carol","expires":1764000001}`, "sk-expired", `{"name":"carol","expires":1764000000}`,
		"sk-never-null", `{"name":"carol","expires":null}`, "sk-never-text", `{"name":"carol","expires":"soon"}`,
		"sk-nothing", ``, "sk-text", `alice`, "sk-null", `null`, "sk-nameless", `{"created":1764000000}`, "sk-empty", `{"name":""}`,
		"sk-number", `{"name":5}`, "sk-list", `{"name":["alice"]}`, "sk-line", `{"name":"alice\n"}`, "sk-two", `{"name":"alice, bob"}`)
	for _, c := range []struct {
		name    string
		options Options
		event   function.Event
		store   function.Store
		want    string
	}{
		{"known", bearer, get("authorization", "Bearer sk-alice"), store, "on x-caller=alice"},
		{"a second key of the same caller", bearer, get("authorization", "Bearer sk-alice-2"), store, "on x-caller=alice"},
		{"another caller", bearer, get("authorization", "Bearer sk-bob"), store, "on x-caller=bob@example.com"},
		{"another header", bare, get("x-api-key", "sk-alice"), store, "on x-caller=alice"},
		{"another header has no scheme", bare, get("x-api-key", "Bearer sk-alice"), store, "401"},
		{"another header isn't Authorization", bare, get("authorization", "Bearer sk-alice"), store, "401"},
		{"unknown", bearer, get("authorization", "Bearer sk-mallory"), store, "401"},
		{"none", bearer, get(), store, "401"},
		{"the last second", bearer, get("authorization", "Bearer sk-expires"), store, "on x-caller=carol"},
		{"the second it expires", bearer, get("authorization", "Bearer sk-expired"), store, "401"},
		{"without a time nothing expires", bearer, with(get("authorization", "Bearer sk-expired"), func(e *function.Event) { e.Time = time.Time{} }), store,
			"on x-caller=carol"},
		{"expires at nothing", bearer, get("authorization", "Bearer sk-never-null"), store, "401"},
		{"expires at a text", bearer, get("authorization", "Bearer sk-never-text"), store, "401"},
		{"all reads fail", bearer, get("authorization", "Bearer sk-alice"), &failing{Map: store}, "503"},
		{"the first read fails", bearer, get("authorization", "Bearer sk-alice"), &failing{Map: store, times: 1}, "503"},
		{"all reads fail for an unknown key", bearer, get("authorization", "Bearer sk-mallory"), &failing{Map: store}, "503"},
		{"the first read fails for an unknown key", bearer, get("authorization", "Bearer sk-mallory"), &failing{Map: store, times: 1}, "401"},
		{"the second read fails for an unknown key", bearer, get("authorization", "Bearer sk-mallory"), &failing{Map: store, after: 1}, "503"},
		{"no key needs no store", bearer, get(), &failing{Map: store}, "401"},
		{"an empty entry", bearer, get("authorization", "Bearer sk-nothing"), store, "503"},
		{"an entry that isn't JSON", bearer, get("authorization", "Bearer sk-text"), store, "503"},
		{"an entry of null", bearer, get("authorization", "Bearer sk-null"), store, "503"},
		{"an entry without a name", bearer, get("authorization", "Bearer sk-nameless"), store, "503"},
		{"an entry with an empty name", bearer, get("authorization", "Bearer sk-empty"), store, "503"},
		{"an entry whose name is a number", bearer, get("authorization", "Bearer sk-number"), store, "503"},
		{"an entry whose name is a list", bearer, get("authorization", "Bearer sk-list"), store, "503"},
		{"an entry whose name ends its line", bearer, get("authorization", "Bearer sk-line"), store, "503"},
		{"an entry whose name is two", bearer, get("authorization", "Bearer sk-two"), store, "503"},
		{"a preflight", bearer, preflight("authorization", "Bearer sk-mallory"), &failing{Map: store}, "on"},
	} {
		t.Run(c.name, func(t *testing.T) {
			result, err := compiled(t, c.options).Run(c.event, c.store)
			require.NoError(t, err)
			require.Equal(t, c.want, told(result))
			require.Empty(t, result.Log)
			if result.Response == nil {
				for _, name := range c.options.KeyHeaders {
					require.NotContains(t, result.Headers, name)
				}
			}
		})
	}
}

// TestSeveralHeaders has which one counts where a key may be in any of them.
func TestSeveralHeaders(t *testing.T) {
	const missing = "Send an API key in the header Authorization: Bearer KEY or x-api-key or api-key."
	const differ = "The API keys in authorization, x-api-key, api-key differ. Send one."
	const unknown = "This API key is unknown."
	for _, c := range []struct {
		name    string
		headers []string
		refused string // in which words; empty: it is alice's
	}{
		{"the first", []string{"authorization", "Bearer sk-alice"}, ""},
		{"the second", []string{"x-api-key", "sk-alice"}, ""},
		{"the third", []string{"api-key", "sk-alice"}, ""},
		{"all of them, with one key", []string{"api-key", "sk-alice", "authorization", "bearer  sk-alice", "x-api-key", "sk-alice"}, ""},
		{"two of them, with one key", []string{"api-key", "sk-alice", "x-api-key", "sk-alice"}, ""},
		{"none", nil, missing},
		{"an unknown one", []string{"x-api-key", "sk-mallory"}, unknown},
		{"the same unknown one", []string{"x-api-key", "sk-mallory", "authorization", "Bearer sk-mallory"}, unknown},
		{"a known and an unknown one", []string{"authorization", "Bearer sk-alice", "x-api-key", "sk-mallory"}, differ},
		{"an unknown and a known one", []string{"authorization", "Bearer sk-mallory", "x-api-key", "sk-alice"}, differ},
		{"two known ones", []string{"x-api-key", "sk-alice", "api-key", "sk-bob"}, differ},
		{"two keys of one caller", []string{"x-api-key", "sk-alice", "api-key", "sk-alice-2"}, differ},
		{"a scheme only where there is one", []string{"x-api-key", "Bearer sk-alice"}, missing},
		{"another scheme first", []string{"authorization", "Basic sk-alice", "x-api-key", "sk-alice"}, missing},
		{"an empty one first", []string{"authorization", "", "x-api-key", "sk-alice"}, missing},
		{"an empty one last", []string{"authorization", "Bearer sk-alice", "api-key", ""}, differ},
		{"one twice", []string{"x-api-key", "sk-alice", "x-api-key", "sk-alice"}, missing},
		{"one twice beside another", []string{"authorization", "Bearer sk-alice", "x-api-key", "sk-alice", "x-api-key", "sk-alice"}, differ},
		{"another header", []string{"x_api_key", "sk-alice"}, missing},
	} {
		for _, forward := range []bool{false, true} {
			options := Options{KeyHeaders: []string{"authorization", "x-api-key", "api-key"}, ForwardKey: forward}
			event := get(c.headers...)
			result, err := compiled(t, options).Run(event, entries("sk-alice", alice, "sk-alice-2", alice, "sk-bob", `{"name":"bob"}`))
			require.NoError(t, err, c.name)
			if c.refused != "" {
				require.Equal(t, 401, result.Response.Status, c.name)
				require.Equal(t, []string{"Bearer"}, result.Response.Headers["www-authenticate"])
				require.Equal(t, map[string]any{"message": c.refused, "type": "invalid_request_error", "param": nil, "code": "invalid_api_key"},
					decoded(t, result.Response.Body).(map[string]any)["error"], c.name)
				continue
			}
			require.Equal(t, "on x-caller=alice", told(result), c.name)
			for _, name := range options.KeyHeaders {
				if forward {
					require.Equal(t, event.Headers[name], result.Headers[name], c.name)
				} else {
					require.NotContains(t, result.Headers, name, c.name)
				}
			}
		}
	}
	bare := Options{KeyHeaders: []string{"x-api-key", "api-key"}}
	result, err := compiled(t, bare).Run(get(), function.Map{})
	require.NoError(t, err)
	require.Contains(t, result.Response.Body, "Send an API key in the header x-api-key or api-key.")
	require.NotContains(t, result.Response.Headers, "www-authenticate")
}

// TestReads has how often the store is read for a request, which is what runs of the function mostly spend their time
// on.
func TestReads(t *testing.T) {
	known := entries("sk-alice", alice)
	shared := entries("sk-alice", alice)
	shared["canary"] = "25"
	keys := Options{KeyHeaders: []string{"authorization"}}
	withCanary := Options{KeyHeaders: []string{"authorization"}, Canary: &stable}
	for _, c := range []struct {
		name    string
		options Options
		key     string
		store   function.Map
		want    int
	}{
		{"known", keys, "sk-alice", known, 1},
		{"unknown", keys, "sk-mallory", known, 2},
		{"known, with a share", withCanary, "sk-alice", shared, 2},
		{"known, without a share", withCanary, "sk-alice", known, 3},
		{"a share alone", Options{Canary: &stable}, "sk-alice", shared, 1},
		{"in two headers", Options{KeyHeaders: both}, "sk-alice", known, 1},
		{"a prefix", Options{Strip: "/v1"}, "sk-alice", known, 0},
		{"a host", Options{ForwardHost: true}, "sk-alice", known, 0},
		{"public", Options{KeyHeaders: both, Public: true, Routes: open}, "sk-alice", known, 0},
	} {
		store := &failing{Map: c.store, after: 100}
		_, err := compiled(t, c.options).Run(get("authorization", "Bearer "+c.key), store)
		require.NoError(t, err)
		require.Equal(t, c.want, 100-store.after, c.name)
	}
}

func preflight(headers ...string) function.Event {
	e := get(append(headers, "origin", "https://app.example.com", "access-control-request-method", "POST")...)
	e.Method = "OPTIONS"
	return e
}

func TestForwardedKey(t *testing.T) {
	program := compiled(t, Options{KeyHeaders: []string{"authorization"}, ForwardKey: true})
	for _, event := range []function.Event{get("authorization", "Bearer sk-alice"), preflight("authorization", "Bearer sk-alice")} {
		result, err := program.Run(event, entries("sk-alice", alice))
		require.NoError(t, err)
		require.Equal(t, []string{"Bearer sk-alice"}, result.Headers["authorization"])
	}
}

// What isn't the function's business goes on as it came.
func TestRest(t *testing.T) {
	event := get("authorization", "Bearer sk-alice", "accept", "a", "accept", "b", "content-length", "5", "x-forwarded-proto", "https")
	event.Method, event.URI, event.Query, event.Cookies = "POST", "/v1/%C3%A9", "a=1&b=&a=%20&c", map[string][]string{"s": {"1", "2"}}
	result, err := compiled(t, Options{KeyHeaders: []string{"authorization"}}).Run(event, entries("sk-alice", alice))
	require.NoError(t, err)
	require.Equal(t, function.Result{
		URI: event.URI, Query: event.Query, Cookies: event.Cookies,
		Headers: map[string][]string{
			"host": {"api.example.com"}, "accept": {"a", "b"}, "content-length": {"5"}, "x-forwarded-proto": {"https"}, "x-caller": {"alice"},
		},
	}, result)
}

func TestRefusals(t *testing.T) {
	type headers = map[string][]string
	pages := &CORS{AllowOrigins: []string{"https://app.example.com"}, AllowCredentials: true}
	cors := headers{
		"access-control-allow-origin": {"https://app.example.com"}, "access-control-allow-credentials": {"true"}, "vary": {"Origin"},
	}
	json := headers{"content-type": {"application/json"}, "cache-control": {"no-store"}}
	bearer, retry := headers{"www-authenticate": {"Bearer"}}, headers{"retry-after": {"5"}}
	store := entries("sk-alice", alice, "sk-expired", `{"name":"carol","expires":1}`)
	for _, c := range []struct {
		name          string
		options       Options
		event         function.Event
		store         function.Store
		headers       []headers
		message, code string
	}{
		{"none", Options{KeyHeaders: []string{"authorization"}}, get(), store, []headers{json, bearer},
			"Send an API key in the header Authorization: Bearer KEY.", "invalid_api_key"},
		{"none in another header", Options{KeyHeaders: []string{"x-api-key"}}, get(), store, []headers{json},
			"Send an API key in the header x-api-key.", "invalid_api_key"},
		{"unknown", Options{KeyHeaders: []string{"authorization"}}, get("authorization", "Bearer a", "origin", "https://app.example.com"), store,
			[]headers{json, bearer}, "This API key is unknown.", "invalid_api_key"},
		{"expired", Options{KeyHeaders: []string{"x-api-key"}}, get("x-api-key", "sk-expired"), store, []headers{json},
			"This API key has expired.", "invalid_api_key"},
		{"CORS", Options{KeyHeaders: []string{"authorization"}, CORS: pages}, get("origin", "https://app.example.com"), store,
			[]headers{json, bearer, cors}, "Send an API key in the header Authorization: Bearer KEY.", "invalid_api_key"},
		{"CORS without an origin", Options{KeyHeaders: []string{"authorization"}, CORS: pages}, get(), store, []headers{json, bearer},
			"Send an API key in the header Authorization: Bearer KEY.", "invalid_api_key"},
		{"CORS for another page", Options{KeyHeaders: []string{"authorization"}, CORS: pages}, get("origin", "https://evil.example"), store,
			[]headers{json, bearer, {"vary": {"Origin"}}}, "Send an API key in the header Authorization: Bearer KEY.", "invalid_api_key"},
		{"unavailable", Options{KeyHeaders: []string{"authorization"}, CORS: pages},
			get("authorization", "Bearer sk-alice", "origin", "https://app.example.com"), &failing{},
			[]headers{json, retry, cors}, "API keys can't be checked now. Try again.", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			result, err := compiled(t, c.options).Run(c.event, c.store)
			require.NoError(t, err)
			want := headers{}
			for _, some := range c.headers {
				for name, values := range some {
					want[name] = values
				}
			}
			require.Equal(t, want, result.Response.Headers)
			status, kind, code := 401, "invalid_request_error", any(c.code)
			if c.code == "" {
				status, kind, code = 503, "server_error", nil
			}
			require.Equal(t, status, result.Response.Status)
			require.Equal(t, map[string]any{"error": map[string]any{"message": c.message, "type": kind, "param": nil, "code": code}},
				decoded(t, result.Response.Body))
			require.Nil(t, result.Headers)
		})
	}
}

// TestAllowedOrigins has whose pages can read a refusal: those that cors.allowOrigins lets read all other answers
// (CloudFront Developer Guide, Understand response headers policies, the table of Access-Control-Allow-Origin).
func TestAllowedOrigins(t *testing.T) {
	for _, c := range []struct {
		allowed, origin, want string
	}{
		{"https://app.example.com", "https://app.example.com", "https://app.example.com"},
		{"https://app.example.com", "http://app.example.com", ""},
		{"https://app.example.com", "https://app.example.com:8443", ""},
		{"https://app.example.com", "https://app.example.com.evil.example", ""},
		{"https://app.example.com", "https://evil.example/https://app.example.com", ""},
		{"https://app.example.com", "https://appxexample.com", ""},
		{"https://app.example.com", "https://app.example.com\nx", ""},
		{"https://app.example.com", "null", ""},
		{"https://*.example.com", "https://a.example.com", "https://a.example.com"},
		{"https://*.example.com", "https://a.b.example.com", "https://a.b.example.com"},
		{"https://*.example.com", "https://example.com", ""},
		{"https://*.example.com", "https://evil.example/.example.com", ""},
		{"https://*.example.com", "https://evil.example:80.example.com", ""},
		{"https://*.example.com", "https://a@evil.example#.example.com", ""},
		{"https://*.example.com", "https://a.example.com:8443", ""},
		{"http://localhost:3000", "http://localhost:3000", "http://localhost:3000"},
		{"http://localhost:3000", "http://localhost", ""},
		{"http://localhost:*", "http://localhost:5173", "http://localhost:5173"},
		{"http://localhost:*", "http://localhost:5173.evil.example", ""},
		{"example.com", "https://example.com", "https://example.com"},
		{"example.com", "http://example.com", "http://example.com"},
		{"example.com", "https://evil-example.com", ""},
		{"*.example.com", "http://a.example.com:8080", "http://a.example.com:8080"},
		{"*.example.com", "https://example.com", ""},
		{"*", "https://evil.example", "*"},
		{"*", "null", "*"},
	} {
		for _, credentials := range []bool{false, c.allowed != "*"} {
			options := Options{KeyHeaders: []string{"authorization"}, CORS: &CORS{AllowOrigins: []string{"https://first.example", c.allowed}, AllowCredentials: credentials}}
			result, err := compiled(t, options).Run(get("origin", c.origin), function.Map{})
			require.NoError(t, err)
			got := result.Response.Headers
			var want, allows []string
			if c.want != "" {
				want = []string{c.want}
			}
			if c.want != "" && credentials {
				allows = []string{"true"}
			}
			require.Equal(t, want, got["access-control-allow-origin"], "%s for %s", c.allowed, c.origin)
			require.Equal(t, allows, got["access-control-allow-credentials"], "%s for %s", c.allowed, c.origin)
		}
	}
	result, err := compiled(t, Options{KeyHeaders: []string{"authorization"}, CORS: &CORS{AllowOrigins: []string{"https://app.example.com"}}}).
		Run(get("origin", "https://app.example.com", "origin", "https://evil.example"), function.Map{})
	require.NoError(t, err)
	require.NotContains(t, result.Response.Headers, "access-control-allow-origin", "two origins")
}

func decoded(t *testing.T, text string) (value any) {
	t.Helper()
	require.NoError(t, json.Unmarshal([]byte(text), &value))
	return value
}
