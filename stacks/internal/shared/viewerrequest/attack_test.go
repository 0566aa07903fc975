package viewerrequest

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/internal/edge/function"
)

// What an attacker may try: nothing but alice's key makes a caller of a request.
func TestAttacks(t *testing.T) {
	huge := strings.Repeat("k", 20_000)
	long := strings.Repeat("k", 512)
	store := entries("sk-alice", alice, long, alice, long+"k", alice, huge, alice, "", alice, "sk-ålice", alice, "a,b", `{"name":"comma"}`,
		"sk-alice, sk-alice", alice, "Bearer", alice, "sk alice", alice, "sk\talice", alice)
	store["canary"] = "25"
	store["__proto__"], store["constructor"] = alice, alice
	for _, c := range []struct {
		name  string
		event function.Event
		want  string
	}{
		{"the scheme in any case", get("authorization", "bEARER sk-alice"), "on x-caller=alice"},
		{"some spaces", get("authorization", "Bearer    sk-alice"), "on x-caller=alice"},
		{"a tab", get("authorization", "Bearer\tsk-alice"), "401"},
		{"a space in front", get("authorization", " Bearer sk-alice"), "401"},
		{"a space behind", get("authorization", "Bearer sk-alice "), "401"},
		{"a tab in the key", get("authorization", "Bearer sk\talice"), "401"},
		{"a space in the key", get("authorization", "Bearer sk alice"), "401"},
		{"a NUL behind", get("authorization", "Bearer sk-alice\x00"), "401"},
		{"a line behind", get("authorization", "Bearer sk-alice\nx"), "401"},
		{"the scheme without a space", get("authorization", "Bearersk-alice"), "401"},
		{"no scheme", get("authorization", "sk-alice"), "401"},
		{"Basic", get("authorization", "Basic sk-alice"), "401"},
		{"Token", get("authorization", "Token sk-alice"), "401"},
		{"a longer scheme", get("authorization", "XBearer sk-alice"), "401"},
		{"the scheme alone", get("authorization", "Bearer"), "401"},
		{"the scheme and a space", get("authorization", "Bearer "), "401"},
		{"the scheme twice", get("authorization", "Bearer Bearer sk-alice"), "401"},
		{"nothing", get("authorization", ""), "401"},
		{"two in one", get("authorization", "Bearer sk-alice, Bearer sk-alice"), "401"},
		{"a comma is a character of a key", get("authorization", "Bearer a,b"), "on x-caller=comma"},
		{"two headers", get("authorization", "Bearer sk-alice", "authorization", "Bearer sk-alice"), "401"},
		{"two headers, the first unknown", get("authorization", "Bearer a", "authorization", "Bearer sk-alice"), "401"},
		{"the longest key", get("authorization", "Bearer "+long), "on x-caller=alice"},
		{"one longer", get("authorization", "Bearer "+long+"k"), "401"},
		{"20 KB", get("authorization", "Bearer "+huge), "401"},
		{"20 KB of spaces", get("authorization", "Bearer"+strings.Repeat(" ", 20_000)+"\x00"), "401"},
		{"not ASCII", get("authorization", "Bearer sk-ålice"), "401"},
		{"not UTF-8", get("authorization", "Bearer sk-\xe5lice"), "401"},
		{"letters that only look like the scheme's", get("authorization", "Веаrer sk-alice"), "401"},
		{"a hash as a key", get("authorization", "Bearer "+hash("sk-alice")), "401"},
		{"the store's own entry", get("authorization", "Bearer canary"), "401"},
		{"__proto__", get("authorization", "Bearer __proto__"), "401"},
		{"constructor", get("authorization", "Bearer constructor"), "401"},
		{"headers of these names", get("__proto__", "a", "constructor", "b", "hasownproperty", "c"), "401"},
		{"a header __proto__ with a key", get("__proto__", "Bearer sk-alice", "authorization", "Bearer a"), "401"},
		{"a key in the query", with(get(), func(e *function.Event) { e.Query = "authorization=Bearer%20sk-alice&key=sk-alice" }), "401"},
		{"a key in a cookie", with(get(), func(e *function.Event) { e.Cookies = map[string][]string{"authorization": {"Bearer sk-alice"}} }), "401"},
		{"another header", get("x-api-key", "sk-alice", "proxy-authorization", "Bearer sk-alice"), "401"},
		{"its own name", get("x-caller", "alice"), "401"},
		{"OPTIONS alone", with(get(), func(e *function.Event) { e.Method = "OPTIONS" }), "401"},
		{"OPTIONS with an origin", with(get("origin", "a"), func(e *function.Event) { e.Method = "OPTIONS" }), "401"},
		{"OPTIONS with a method", with(get("access-control-request-method", "GET"), func(e *function.Event) { e.Method = "OPTIONS" }), "401"},
		{"a preflight's headers on a GET", with(preflight(), func(e *function.Event) { e.Method = "GET" }), "401"},
		{"options", with(preflight(), func(e *function.Event) { e.Method = "options" }), "401"},
	} {
		t.Run(c.name, func(t *testing.T) {
			result, err := compiled(t, Options{KeyHeaders: []string{"authorization"}}).Run(c.event, store)
			require.NoError(t, err)
			require.Equal(t, c.want, told(result))
			require.Empty(t, result.Log)
		})
	}
}

// Without a key only a preflight as the Fetch standard makes it passes (CORS-preflight fetch): one origin and one
// method, and neither a body nor cookies nor an upgrade. The rest is an OPTIONS like any other request, and passes with
// a key.
func TestPreflights(t *testing.T) {
	cookies := func(names ...string) func(*function.Event) {
		return func(e *function.Event) {
			e.Cookies = map[string][]string{}
			for _, name := range names {
				e.Cookies[name] = []string{"1"}
			}
		}
	}
	type change = func(*function.Event)
	add := func(name string, values ...string) change {
		return func(e *function.Event) { e.Headers[name] = values }
	}
	for _, c := range []struct {
		name   string
		change change
		passes bool
	}{
		{"as browsers make it", func(e *function.Event) {
			for _, name := range []string{"access-control-request-headers", "accept", "accept-language", "referer", "sec-fetch-mode", "user-agent", "priority"} {
				e.Headers[name] = []string{"a"}
			}
		}, true},
		{"of a page without an origin", add("origin", "null"), true},
		{"with no content, and saying so", add("content-length", "0"), true},
		{"with a body", add("content-length", "64"), false},
		{"with a body of two lengths", add("content-length", "0", "64"), false},
		{"with a length that is none", add("content-length", "+0"), false},
		{"with an empty length", add("content-length", ""), false},
		{"with chunks", add("transfer-encoding", "chunked"), false},
		{"with an unknown transfer coding", add("transfer-encoding", "identity"), false},
		{"with the type of a body", add("content-type", "application/json"), false},
		{"with the coding of a body", add("content-encoding", "gzip"), false},
		{"with a cookie", cookies("session"), false},
		{"with an empty cookie", cookies(""), false},
		{"with a cookie __proto__", cookies("__proto__"), false},
		{"with cookies", cookies("a", "b"), false},
		{"with a WebSocket's key", add("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="), false},
		{"with a WebSocket's version", add("sec-websocket-version", "13"), false},
		{"with a WebSocket's protocol", add("sec-websocket-protocol", "openai-insecure-api-key.sk"), false},
		{"with HTTP/2's upgrade", add("http2-settings", "AAMAAABkAAQCAAAAAAIAAAAA"), false},
		{"as another method", add("x-http-method-override", "POST"), false},
		{"as another method, in another way", add("x-http-method", "POST"), false},
		{"as another method, in a third way", add("x-method-override", "POST"), false},
		{"with two origins", add("origin", "https://app.example.com", "https://evil.example"), false},
		{"with an empty origin", add("origin", ""), false},
		{"with two methods", add("access-control-request-method", "GET", "POST"), false},
		{"with an empty method", add("access-control-request-method", ""), false},
	} {
		for name, options := range variants {
			if !options.ChecksKeys() {
				continue
			}
			event := through(options, with(preflight(), c.change))
			want := "401"
			switch {
			case !c.passes, options.Credential != nil && options.CORS == nil: // no page may call
			case options.Credential != nil:
				want = "204"
			default:
				want = "on"
			}
			result, err := compiled(t, options).Run(event, withCredentials(entries("sk-alice", alice)))
			require.NoError(t, err)
			require.Equal(t, want, told(result), "%s: %s", name, c.name)

			event.Headers["authorization"], event.Headers["x-api-key"] = []string{"Bearer sk-alice"}, []string{"sk-alice"}
			if c.passes && want == "204" {
				continue // a key changes nothing
			}
			result, err = compiled(t, options).Run(event, withCredentials(entries("sk-alice", alice)))
			require.NoError(t, err)
			require.Nil(t, result.Response, "%s: %s, with a key", name, c.name)
		}
	}
}

// What describes a body, or asks for a preflight, reaches the origin without being in the key of a cached route. On a
// GET it would only be there to make the origin answer an error, which might be kept for everyone.
func TestPoison(t *testing.T) {
	poison := []string{"content-type", "content-encoding", "access-control-request-method", "access-control-request-headers"}
	for name, options := range variants {
		for method, kept := range map[string]bool{"GET": false, "HEAD": false, "POST": true, "PUT": true, "OPTIONS": true} {
			event := through(options, with(get("authorization", "Bearer sk-alice", "x-api-key", "sk-alice", "origin", "https://app.example.com", "accept", "a"), func(e *function.Event) {
				e.Method = method
				for _, header := range poison {
					e.Headers[header] = []string{"a", "b"}
				}
			}))
			result, err := compiled(t, options).Run(event, withCredentials(entries("sk-alice", alice)))
			require.NoError(t, err)
			require.Nil(t, result.Response, name)
			for _, header := range poison {
				require.Equal(t, kept, result.Headers[header] != nil, "%s: %s %s", name, method, header)
			}
			require.Equal(t, []string{"a"}, result.Headers["accept"])
			require.Equal(t, []string{"https://app.example.com"}, result.Headers["origin"])
		}
	}
}

// Whatever the variant, no request says itself who calls and whether it is a canary's.
func TestSmuggledHeaders(t *testing.T) {
	smuggled := []string{"x-caller", "root", "x-caller", "admin", "x_caller", "root", "x-canary", "1", "x-canary", "1", "x_canary", "1", "x.caller", "root", "x~caller", "root"}
	for name, options := range variants {
		if options.Canary != nil {
			none := *options.Canary // of the callers
			none.Percent = 0
			options.Canary = &none
		}
		known := "on"
		if options.ChecksKeys() {
			known = "on x-caller=alice"
		}
		for _, c := range []struct {
			event function.Event
			want  string
		}{
			{get(append(smuggled, "authorization", "Bearer sk-alice", "x-api-key", "sk-alice")...), known},
			{preflight(smuggled...), "on"},
		} {
			event := through(options, c.event)
			if event.Method == http.MethodGet { // a preflight has none
				event.Cookies = map[string][]string{"x-caller": {"root"}}
			}
			want := c.want
			switch {
			case event.Method == http.MethodGet, options.Credential == nil:
			case options.CORS == nil:
				want = "401"
			default:
				want = "204"
			}
			result, err := compiled(t, options).Run(event, withCredentials(entries("sk-alice", alice)))
			require.NoError(t, err, name)
			require.Equal(t, want, told(result), name)
			if result.Response != nil {
				continue
			}
			require.NotContains(t, result.Headers, "x_caller", name)
			require.NotContains(t, result.Headers, "x.caller", name)
			require.NotContains(t, result.Headers, "x~caller", name)
			require.NotContains(t, result.Headers, "x_canary", name)
			require.Len(t, result.Cookies, len(event.Cookies), name)
			require.Equal(t, event.Cookies["x-caller"], result.Cookies["x-caller"], name)
		}
	}
}
