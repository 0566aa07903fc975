package verify_test

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/internal/edge/edgetest"
	"ml-api-accelerator/stacks/internal/edge/function"
	"ml-api-accelerator/stacks/internal/live/verify"
	"ml-api-accelerator/stacks/internal/local/serve"
	"ml-api-accelerator/stacks/internal/shared/callers"
	"ml-api-accelerator/stacks/internal/shared/viewerrequest"
)

// secretKey is alice's, which nobody may read anywhere.
const secretKey = "sk-alice-0123456789"

// TestCallers holds an edge that knows alice to what is expected of her and of others.
func TestCallers(t *testing.T) {
	d := edgetest.Callers(t)
	api := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "fine") }))
	t.Cleanup(api.Close)
	hash := callers.Hash(secretKey)
	server, err := serve.New(d, serve.Options{
		API: at(t, api.URL), Store: function.Map{hash: callers.Key{Hash: hash, Name: "alice"}.Value()}, TLS: true, MemoryBytes: 1 << 20, DiskBytes: 1 << 20,
	})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, server.Close()) })

	with := func(key string) func(*verify.Options) {
		return func(o *verify.Options) { o.Keys = map[string]string{"alice": key} }
	}
	const (
		refused = `{"request": "POST /v1/chat", "status": 401, "adds": {"Www-Authenticate": "Bearer"}}`
		hers    = `{"request": "GET /shared/a", "caller": "alice", "cached": true}`
		canary  = `{"request": "GET /v1/models", "caller": "alice", "canary": true, "origin": "api-canary", "cached": true}`
	)
	for _, r := range []struct {
		name, expectation string
		options           func(*verify.Options)
		want              []string
		unseen            []string
	}{
		{"refused", refused, nil, []string{"ok"}, []string{}},
		{"refused, though a key is added", `{"request": "GET /v1/models", "status": 401}`, func(o *verify.Options) {
			o.Headers = map[string]string{"authorization": "Bearer " + secretKey}
		}, []string{"ok"}, []string{}},
		{"no key", hers, nil, []string{"skipped", ": not sent: it needs the key of alice; give it in VERIFY_KEYS, alice=KEY"}, []string{}},
		{"her key", hers, with(secretKey), []string{"ok"}, []string{}},
		{"another's key", hers, with("sk-bob"),
			[]string{"broken", ".request: expected an answer from api, got 401 Unauthorized from CloudFront itself: check the key of alice; key list prod shows the callers that have one"}, []string{}},
		{"a write", `{"request": "POST /v1/chat", "caller": "alice", "cached": false}`, with(secretKey),
			[]string{"skipped", ": not sent: POST reaches api, where it may cost money or change data; --send-writes sends it"}, []string{}},
		{"a write that is sent", `{"request": "POST /v1/chat", "caller": "alice", "cached": false}`, func(o *verify.Options) {
			with(secretKey)(o)
			o.SendWrites = true
		}, []string{"ok"}, []string{}},
		{"in the canary, or not: who can tell?", canary, with(secretKey), []string{"ok"}, []string{"canary", "origin"}},
		{"a key of another kind", `{"request": "GET /v1/chat", "caller": "alice", "headers": {"Authorization": "Basic x"}, "status": 401}`, with(secretKey), []string{"ok"}, []string{}},
		{"a bucket's", `{"request": "GET /models/a", "caller": "alice", "origin": "models"}`, with(secretKey),
			[]string{"broken", ".origin: expected an answer from models, got 502 Bad Gateway from CloudFront itself: check that models runs; logs prod errors shows what fails"}, []string{"origin"}},
	} {
		o := live(t, server)
		if r.options != nil {
			r.options(&o)
		}
		results, err := verify.Run(t.Context(), "prod", expectations(t, r.expectation), d, o, func(string) {})
		require.NoError(t, err)
		if diff := cmp.Diff(r.want, gist(results[0])); diff != "" {
			t.Errorf("%s (-want +got):\n%s", r.name, diff)
		}
		require.Equal(t, r.unseen, results[0].Unseen, r.name)
		said := verify.Markdown(results)
		require.NotContains(t, fmt.Sprintf("%+v %s", results, said), secretKey, r.name)
		require.Equal(t, slices.Contains(r.unseen, "canary"), strings.Contains(said, "; route, origin, forwards and canary can't be seen from outside (2 not judged)"), r.name)
	}
}

// TestKeyIsSentDirectly only if the edge passes it on to the backend.
func TestKeyIsSentDirectly(t *testing.T) {
	for forwarded, want := range map[bool]string{true: secretKey, false: ""} {
		d := edgetest.Callers(t, func(o *viewerrequest.Options) {
			o.KeyHeaders, o.ForwardKey, o.Canary = []string{"x-api-key", "authorization"}, forwarded, nil
		})
		var got []string
		record := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			got = append(got, r.Header.Get("X-Api-Key"))
			w.Header().Set("X-Cache", "Miss from cloudfront")
		})
		o := live(t, record)
		server := httptest.NewServer(record)
		t.Cleanup(server.Close)
		o.Dial = nil
		o.URL, o.Origins, o.Keys = at(t, server.URL), api(t, server.URL), map[string]string{"alice": secretKey}
		_, err := verify.Run(t.Context(), "prod", expectations(t, `{"request": "GET /v1/chat", "caller": "alice", "origin": "api"}`), d, o, func(string) {})
		require.NoError(t, err)
		require.Equal(t, []string{secretKey, want}, got)

		got = nil
		_, err = verify.Run(t.Context(), "prod", expectations(t, `{"request": "GET /v1/chat", "caller": "alice", "headers": {"x-api-key": "a b"}, "status": 401}`), d, o, func(string) {})
		require.NoError(t, err)
		require.Equal(t, []string{"a b"}, got, "a header of the expectation's own")

		got = nil
		_, err = verify.Run(t.Context(), "prod", expectations(t, `{"request": "GET /v1/chat", "caller": "alice", "headers": {"authorization": "Basic x"}, "status": 401}`), d, o, func(string) {})
		require.NoError(t, err)
		require.Equal(t, []string{""}, got, "another header of the expectation's own")
	}
}

// TestKeyIsNotSentInTheClear, and only where a function asks for it: what is redirected is answered before that.
func TestKeyIsNotSentInTheClear(t *testing.T) {
	d := edgetest.Callers(t)
	for _, r := range []struct {
		expectation string
		want        []string
	}{
		{`{"request": "GET http://api.example.com/v1/chat", "caller": "alice", "status": 301}`, nil},
		{`{"request": "GET /models/a", "caller": "alice", "origin": "models"}`, nil},
		{`{"request": "GET /v1/chat", "caller": "alice", "origin": "api"}`, []string{"Bearer " + secretKey}},
	} {
		var got []string
		o := live(t, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { got = append(got, r.Header["Authorization"]...) }))
		o.Keys = map[string]string{"alice": secretKey}
		_, err := verify.Run(t.Context(), "prod", expectations(t, r.expectation), d, o, func(string) {})
		require.NoError(t, err)
		require.Equal(t, r.want, got, r.expectation)
	}
}

// TestHeadersAreNotSentInTheClear: those of --header may let someone in, too.
func TestHeadersAreNotSentInTheClear(t *testing.T) {
	for request, want := range map[string][]string{
		`"GET http://api.example.com/v1/chat", "status": 301`: nil,
		`"GET /v1/chat", "route": "*"`:                        {"secret"},
	} {
		var got []string
		o := live(t, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { got = append(got, r.Header["X-Token"]...) }))
		o.Headers = map[string]string{"x-token": "secret"}
		_, err := verify.Run(t.Context(), "prod", expectations(t, `{"request": `+request+`}`), edgetest.Callers(t), o, func(string) {})
		require.NoError(t, err)
		require.Equal(t, want, got, request)
	}
}

// TestOriginsByName asks the backend directly for the path that the function leaves, and no other backend.
func TestOriginsByName(t *testing.T) {
	d := edgetest.Callers(t, func(o *viewerrequest.Options) { o.Strip = "/v1" })
	for name, want := range map[string][]string{"api": {"/chat"}, "api-failover": nil} {
		var asked []string
		server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { asked = append(asked, r.RequestURI) }))
		defer server.Close()
		o := live(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("X-Cache", "Miss from cloudfront") }))
		dial := o.Dial
		o.Dial = func(ctx context.Context, network, address string) (net.Conn, error) {
			if address == server.Listener.Addr().String() {
				return (&net.Dialer{}).DialContext(ctx, network, address)
			}
			return dial(ctx, network, address)
		}
		o.Keys, o.Origins = map[string]string{"alice": secretKey}, map[string]*url.URL{name: at(t, server.URL)}
		results, err := verify.Run(t.Context(), "prod", expectations(t, `{"request": "GET /v1/chat", "caller": "alice", "origin": "api"}`), d, o, func(string) {})
		require.NoError(t, err)
		require.Equal(t, want, asked, name)
		require.Equal(t, want != nil, results[0].Direct != nil, name)
	}
}
