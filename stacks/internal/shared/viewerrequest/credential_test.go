package viewerrequest

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/internal/edge/function"
)

// Each backend gets its own credential in place of the caller's key, and no other.
func TestCredential(t *testing.T) {
	keys := []string{"authorization", "x-api-key"}
	share := func(percent string) function.Map {
		store := withCredentials(entries("sk-alice", alice))
		store["canary"] = percent
		return store
	}
	own := Canary{Origin: "api-canary"}
	for _, c := range []struct {
		name    string
		options Options
		store   function.Map
		want    map[string][]string // headers of keys, as the backend gets them
	}{
		{"the backend's", Options{Credential: &kept}, share("0"), map[string][]string{"authorization": {"Bearer sk-provider"}}},
		{"in another header", Options{Credential: &Credential{Entry: "credential-api", Header: "x-api-key"}}, share("0"),
			map[string][]string{"x-api-key": {"sk-provider"}}},
		{"with another scheme", Options{Credential: &Credential{Entry: "credential-api", Header: "authorization", Scheme: "Key"}}, share("0"),
			map[string][]string{"authorization": {"Key sk-provider"}}},
		{"in two entries", Options{Credential: &other}, share("0"), map[string][]string{"x-api-key": {"sk-other-provider"}}},
		{"the stable one's", Options{Credential: &kept, Canary: &paid}, share("0"),
			map[string][]string{"authorization": {"Bearer sk-provider"}}},
		{"the canary's", Options{Credential: &kept, Canary: &paid}, share("100"), map[string][]string{"x-api-key": {"sk-other-provider"}}},
		{"a canary without", Options{Credential: &kept, Canary: &own}, share("100"), map[string][]string{}},
		{"only a canary's", Options{Canary: &paid}, share("100"), map[string][]string{"x-api-key": {"sk-other-provider"}}},
		{"only a canary's, stable", Options{Canary: &paid}, share("0"), map[string][]string{}},
		{"the origin's", Options{Credential: &Credential{}}, share("0"), map[string][]string{}},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.options.KeyHeaders = keys
			result, err := compiled(t, c.options).Run(get("authorization", "Bearer sk-alice"), c.store)
			require.NoError(t, err)
			require.Nil(t, result.Response)
			got := map[string][]string{}
			for _, name := range keys {
				if result.Headers[name] != nil {
					got[name] = result.Headers[name]
				}
			}
			require.Equal(t, c.want, got)
		})
	}
}

// No credential leaves where nobody is known, or where it can't be read whole.
func TestCredentialStays(t *testing.T) {
	whole := withCredentials(entries("sk-alice", alice))
	half := withCredentials(entries("sk-alice", alice))
	half["credential-api"] = "sk-\ncredential-api-gone"
	without := entries("sk-alice", alice)
	for name, c := range map[string]struct {
		event  function.Event
		store  function.Store
		status int
	}{
		"no key":              {get(), whole, http.StatusUnauthorized},
		"an unknown key":      {get("authorization", "Bearer sk-mallory"), whole, http.StatusUnauthorized},
		"the credential":      {get("authorization", "Bearer sk-provider"), whole, http.StatusUnauthorized},
		"its entry":           {get("authorization", "Bearer credential-api"), whole, http.StatusUnauthorized},
		"a preflight":         {preflight(), whole, http.StatusNoContent},
		"none in the store":   {get("authorization", "Bearer sk-alice"), without, http.StatusServiceUnavailable},
		"half a credential":   {get("authorization", "Bearer sk-alice"), half, http.StatusServiceUnavailable},
		"an unreadable store": {get("authorization", "Bearer sk-alice"), &failing{Map: whole}, http.StatusServiceUnavailable},
		"a store that can't be read further": {get("authorization", "Bearer sk-alice"), &failing{Map: whole, after: 1},
			http.StatusServiceUnavailable},
	} {
		o := Options{KeyHeaders: []string{"authorization"}, Credential: &kept, CORS: &pages}
		result, err := compiled(t, o).Run(c.event, c.store)
		require.NoError(t, err, name)
		require.NotNil(t, result.Response, name)
		require.Equal(t, c.status, result.Response.Status, name)
		require.NotContains(t, result.Response.Body, "sk-", name)
		for header, values := range result.Response.Headers {
			require.NotContains(t, strings.Join(values, ""), "sk-", "%s: %s", name, header)
		}
	}
}

// The answer to a preflight is what CloudFront's own policy would say.
func TestPreflightAnswer(t *testing.T) {
	o := Options{KeyHeaders: []string{"authorization"}, Credential: &Credential{}, CORS: &pages}
	for page, allowed := range map[string]bool{"https://app.example.com": true, "https://evil.example": false} {
		event := with(preflight(), func(e *function.Event) { e.Headers["origin"] = []string{page} })
		result, err := compiled(t, o).Run(event, function.Map{})
		require.NoError(t, err)
		require.Equal(t, http.StatusNoContent, result.Response.Status)
		require.Empty(t, result.Response.Body)
		require.Equal(t, []string{"GET, POST"}, result.Response.Headers["access-control-allow-methods"])
		require.Equal(t, []string{"Authorization, Content-Type"}, result.Response.Headers["access-control-allow-headers"])
		require.Equal(t, []string{"600"}, result.Response.Headers["access-control-max-age"])
		require.Equal(t, allowed, result.Response.Headers["access-control-allow-origin"] != nil, page)
		require.Equal(t, allowed, result.Response.Headers["access-control-allow-credentials"] != nil, page)
	}
}

func TestPause(t *testing.T) {
	const back = `{"since":1764000000,"message":"Back at 10:00."}`
	for name, o := range variants {
		if !o.Pausable {
			continue
		}
		for state, c := range map[string]struct {
			entry  string
			paused bool
		}{
			"paused": {back, true}, "damaged": {"{", false}, "not an object": {"1", false}, "without a message": {`{"since":1}`, false},
		} {
			store := withCredentials(entries("sk-alice", alice))
			store["pause"], store["canary"] = c.entry, "0"
			event := through(o, get("authorization", "Bearer sk-alice", "x-api-key", "sk-alice", "origin", "https://app.example.com"))
			result, err := compiled(t, o).Run(event, store)
			require.NoError(t, err)
			if !c.paused {
				require.Nil(t, result.Response, "%s: %s", name, state)
				continue
			}
			require.Equal(t, http.StatusServiceUnavailable, result.Response.Status, "%s: %s", name, state)
			require.JSONEq(t, `{"error":{"message":"Back at 10:00.","type":"server_error","param":null,"code":"paused"}}`,
				result.Response.Body)
			require.Equal(t, []string{"30"}, result.Response.Headers["retry-after"])
			require.Equal(t, o.CORS != nil, result.Response.Headers["access-control-allow-origin"] != nil, name)
			require.Empty(t, result.LogData)
		}
	}
}

// What the access log gets is who called and whether the canary answered, and never the key.
func TestLogCaller(t *testing.T) {
	for _, c := range []struct {
		options Options
		share   string
		want    string
	}{
		{Options{KeyHeaders: []string{"x-api-key"}}, "100", "caller=alice"},
		{Options{KeyHeaders: []string{"x-api-key"}, Canary: &stable}, "100", "caller=alice&canary=1"},
		{Options{KeyHeaders: []string{"x-api-key"}, Canary: &stable}, "0", "caller=alice"},
		{Options{Canary: &stable}, "100", "canary=1"},
		{Options{Canary: &stable}, "0", "canary=0"},
		{Options{KeyHeaders: []string{"x-api-key"}, Public: true}, "100", ""},
		{Options{KeyHeaders: []string{"x-api-key"}, Public: true, Canary: &stable}, "100", "canary=1"},
	} {
		store := entries("sk-alice", alice)
		store["canary"] = c.share
		c.options.LogCaller = true
		program := compiled(t, c.options)
		result, err := program.Run(get("x-api-key", "sk-alice"), store)
		require.NoError(t, err)
		require.Equal(t, c.want, result.LogData)
		if c.options.ChecksKeys() {
			refused, err := program.Run(get("x-api-key", "sk-mallory"), store)
			require.NoError(t, err)
			require.Empty(t, refused.LogData)
		}
	}
}
