package expect_test

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/config"
	"ml-api-accelerator/stacks/internal/edge/edgetest"
	"ml-api-accelerator/stacks/internal/edge/expect"
	"ml-api-accelerator/stacks/internal/shared/viewerrequest"
)

// reaching are expectations that are met, with which every route is reached.
const reaching = `
	{"request": "GET /v1/embeddings", "route": "/v1/embeddings*"}, {"request": "GET /v1/models", "route": "/v1/models*"},
	{"request": "GET /preflight/a", "route": "/preflight/*"}, {"request": "GET /block/a", "route": "/block/*"},
	{"request": "GET /viewer/a", "route": "/viewer/*"}, {"request": "GET /inference.GRPCInferenceService/a", "cached": false},
	{"request": "GET /private/a", "origin": "private"}, {"request": "GET /open/a", "origin": "open"},
	{"request": "GET /models/signed/a", "status": 403}, {"request": "GET /models/a", "cached": true}, {"request": "GET /", "route": "*"}`

// TestCheck has the rows of rule E2.
func TestCheck(t *testing.T) {
	unmet := func(field, message string) []config.Problem {
		return []config.Problem{{Path: "environments.prod.expect[0]." + field, Rule: "E2", Class: config.Hard, Message: message}}
	}
	for _, r := range []struct {
		name, expectation string
		want              []config.Problem
	}{
		{name: "all is met", expectation: `{
			"request": "POST /v1/chat/completions", "headers": {"Origin": "https://app.example.com"}, "route": "*", "origin": "api", "cached": false,
			"forwards": ["authorization", "Content-Type"], "adds": {"access-control-allow-origin": "https://app.example.com", "X-Frame-Options": "DENY"}}`},
		{name: "an address that gets in", expectation: `{"request": "GET /admin/x", "from": "203.0.113.1", "origin": "api"}`},
		{name: "an address that doesn't", expectation: `{"request": "GET /admin/x", "from": "198.51.100.7", "status": 403}`},
		{name: "no address, which gets in", expectation: `{"request": "GET /admin/x", "origin": "api"}`},
		{"another address", `{"request": "GET /admin/x", "from": "198.51.100.7", "origin": "api"}`,
			unmet("origin", `expected api, is none: the rule allowed-admin of the firewall refuses it: only 203.0.113.0/24, 2001:db8:2::/48 get in, not 198.51.100.7; if that is meant, expect "status": 403 instead`)},
		{"a blocked address", `{"request": "GET /v1/chat", "from": "198.51.100.8", "origin": "api"}`,
			unmet("origin", `expected api, is none: the rule blocked-IPV4 of the firewall refuses it; if that is meant, expect "status": 403 instead`)},
		{name: "what CloudFront answers is met", expectation: `{"request": "GET http://api.example.com/a", "status": 301, "route": "*", "cached": false}`},

		{"a route that doesn't exist", `{"request": "GET /v1/chat", "route": "/v1/chat"}`, unmet("route", "expected /v1/chat, is *: there is no such route")},
		{"a route that doesn't match", `{"request": "GET /v1/chat", "route": "/v1/models*"}`, unmet("route", "expected /v1/models*, is *: the path doesn't match")},
		{"a route that is hidden", `{"request": "GET /models/signed/a", "route": "/models/*"}`,
			unmet("route", "expected /models/*, is models/signed/*: that comes first")},
		{"a route of another host", `{"request": "GET https://www.example.com/", "route": "*"}`,
			unmet("route", "expected *, is none: the host is none of the distribution's")},

		{"another origin", `{"request": "GET /models/a", "origin": "api"}`, unmet("origin", "expected api, is models: the route is /models/*")},
		{"an origin that isn't asked", `{"request": "POST /models/a", "origin": "models"}`,
			unmet("origin", `expected models, is none: POST isn't let in here; if that is meant, expect "status": 403 instead`)},

		{"a model without the signature that it needs", `{"request": "GET /models/signed/a", "route": "models/signed/*", "origin": "models", "cached": true, "forwards": ["Range"]}`,
			unmet("origin", `expected models, is none: the signature is missing; if that is meant, expect "status": 403 instead`)},
		{"a wrong status, and what follows from it", `{"request": "GET /models/signed/a", "status": 301, "cached": true}`,
			unmet("status", "expected 301, is 403: the signature is missing")},
		{"another status", `{"request": "GET /models/signed/a", "status": 301}`, unmet("status", "expected 301, is 403: the signature is missing")},
		{"a status that the origin gives", `{"request": "GET /v1/chat", "status": 403}`,
			unmet("status", `expected 403, but CloudFront doesn't answer this itself, it goes to api as https://inference.example.com/v1/chat, not cached: no cache on this route; say in "origin" who must answer`)},

		{"cached", `{"request": "GET /v1/models", "cached": false}`,
			unmet("cached", "expected false, is true: cached for 60 s, or from 0 to 300 s as the origin says")},
		{"not cached", `{"request": "POST /v1/embeddings", "cached": true}`,
			unmet("cached", "expected true, is false: POST is none of the cached methods")},
		{"not cached, since CloudFront answers", `{"request": "POST /v1/models", "cached": true}`,
			unmet("cached", `expected true, is false: POST isn't let in here; if that is meant, expect "status": 403 instead`)},

		{"what is so of every refusal", `{"request": "GET /models/signed/a", "cached": false, "shared": false}`,
			[]config.Problem{{Path: "environments.prod.expect[0]", Rule: "E2", Class: config.Warning,
				Message: "says nothing: CloudFront answers this with 403 itself; name a caller or sign the request, or expect that status"}}},

		{name: "shared as expected", expectation: `{"request": "GET /models/a", "shared": true}`},
		{name: "not cached isn't shared", expectation: `{"request": "POST /v1/embeddings", "shared": false}`},
		{"shared", `{"request": "GET /models/a", "headers": {"Authorization": "Bearer a"}, "shared": false}`,
			unmet("shared", "expected false, is true: cached for everyone")},
		{"not shared", `{"request": "GET /v1/models", "headers": {"Authorization": "Bearer a"}, "shared": true}`,
			unmet("shared", "expected true, is false: cached for callers who send the same Authorization")},
		{"not shared, since not cached", `{"request": "POST /v1/embeddings", "shared": true}`,
			unmet("shared", "expected true, is false: POST is none of the cached methods")},
		{"not shared, since CloudFront answers", `{"request": "POST /v1/models", "shared": true}`,
			unmet("shared", `expected true, is false: POST isn't let in here; if that is meant, expect "status": 403 instead`)},

		{"a header that isn't passed on", `{"request": "POST /preflight/a", "forwards": ["Content-Type", "X-Api-Key"]}`, unmet("forwards[1]",
			"expected X-Api-Key to reach the origin, doesn't: /preflight/* passes on Authorization, Content-Type, Origin")},
		{"a header where none is", `{"request": "GET /models/a", "forwards": ["Authorization"]}`, unmet("forwards[0]",
			"expected Authorization to reach the origin, doesn't: /models/* passes on nothing")},
		{"a header that no policy can pass on", `{"request": "GET /v1/chat", "forwards": ["Connection"]}`, unmet("forwards[0]",
			"expected Connection to reach the origin, doesn't: * passes on others")},
		{"a header where CloudFront answers", `{"request": "POST /models/a", "forwards": ["Authorization"]}`, unmet("forwards[0]",
			`expected Authorization to reach the origin, doesn't: POST isn't let in here; if that is meant, expect "status": 403 instead`)},

		{"another value", `{"request": "GET /v1/chat", "adds": {"X-Frame-Options": "SAMEORIGIN"}}`,
			unmet("adds.X-Frame-Options", "expected SAMEORIGIN, is DENY: that is what * adds")},
		{"a header that isn't added", `{"request": "GET /open/a", "adds": {"X-Frame-Options": "DENY"}}`,
			unmet("adds.X-Frame-Options", "expected DENY, is none: /open/* adds nothing")},
		{"a preflight of another origin", `{"request": "OPTIONS /block/a", "headers": {"Origin": "https://evil.example.com"}, "adds": {"Access-Control-Allow-Origin": "*"}}`,
			unmet("adds.Access-Control-Allow-Origin", "expected *, is none: /block/* adds Content-Security-Policy, Referrer-Policy, "+
				"Server-Timing, Strict-Transport-Security, X-Content-Type-Options, X-Edge, X-Frame-Options, X-XSS-Protection")},
		{"a header of another host's answer", `{"request": "GET https://www.example.com/", "adds": {"A": "b"}}`,
			unmet("adds.A", "expected b, is none: the host is none of the distribution's")},
	} {
		var list []config.Expectation
		require.NoError(t, json.Unmarshal([]byte("["+r.expectation+","+reaching+"]"), &list), r.name)
		if diff := cmp.Diff(r.want, expect.Check("prod", list, edgetest.Distribution(t))); diff != "" {
			t.Errorf("%s (-want +got):\n%s", r.name, diff)
		}
	}
}

// TestUnreachedRoutes are told only where something is expected.
func TestUnreachedRoutes(t *testing.T) {
	require.Empty(t, expect.Check("prod", nil, edgetest.Distribution(t)))
	var list []config.Expectation
	require.NoError(t, json.Unmarshal([]byte("["+reaching+"]"), &list))
	require.Empty(t, expect.Check("prod", list, edgetest.Distribution(t)))
	require.Empty(t, cmp.Diff([]config.Problem{{
		Path: "environments.prod.expect", Rule: "E2", Class: config.Warning, Message: "says nothing of /v1/embeddings*, *: expect something of a request to each route",
	}}, expect.Check("prod", list[1:len(list)-1], edgetest.Distribution(t))))
}

// reachingCallers are expectations that are met, with which every route of the API with callers is reached.
const reachingCallers = `
	{"request": "GET /v1/models", "status": 401}, {"request": "GET /shared/a", "caller": "alice", "cached": true}, {"request": "GET /models/a", "origin": "models"},
	{"request": "POST /inference.GRPCInferenceService/a", "caller": "alice", "origin": "api"}, {"request": "POST /v1/chat", "status": 401}`

// TestCallers has expectations of requests with and without a known key, and of those in the canary.
func TestCallers(t *testing.T) {
	unmet := func(field, message string) []config.Problem {
		return []config.Problem{{Path: "environments.prod.expect[0]." + field, Rule: "E2", Class: config.Hard, Message: message}}
	}
	for _, r := range []struct {
		name, expectation string
		want              []config.Problem
	}{
		{name: "a caller", expectation: `{"request": "POST /v1/chat", "caller": "alice", "origin": "api", "cached": false, "forwards": ["x-caller", "Content-Type"]}`},
		{name: "in the canary", expectation: `{"request": "GET /v1/models", "caller": "alice", "canary": true, "origin": "api-canary", "cached": true, "forwards": ["X-Canary"]}`},
		{name: "what is refused, and can be read by pages", expectation: `{"request": "POST /v1/chat", "headers": {"Authorization": "Bearer x", "Origin": "https://app.example.com"},
			"status": 401, "adds": {"Access-Control-Allow-Origin": "https://app.example.com"}}`},
		{name: "a preflight", expectation: `{"request": "OPTIONS /v1/chat", "headers": {"Origin": "https://app.example.com", "Access-Control-Request-Method": "POST"}, "origin": "api"}`},

		{"no caller", `{"request": "POST /v1/chat", "origin": "api"}`, unmet("origin", `expected api, is none: needs a known key: add "caller"`)},
		{"no caller where something is forwarded", `{"request": "POST /v1/chat", "forwards": ["Content-Type"]}`,
			unmet("forwards[0]", `expected Content-Type to reach the origin, doesn't: needs a known key: add "caller"`)},
		{"no caller where something is cached", `{"request": "GET /shared/a", "cached": true}`, unmet("cached", `expected true, is false: needs a known key: add "caller"`)},
		{"no caller where something is added", `{"request": "GET /shared/a", "adds": {"X-Frame-Options": "DENY"}}`,
			unmet("adds.X-Frame-Options", `expected DENY, is none: needs a known key: add "caller"`)},
		{"no caller where CloudFront would answer", `{"request": "POST /v1/chat", "status": 403}`, unmet("status", `expected 403, is 401: needs a known key: add "caller"`)},
		{"a caller with a key of another kind", `{"request": "POST /v1/chat", "caller": "alice", "headers": {"Authorization": "Basic x"}, "origin": "api"}`,
			unmet("origin", "expected api, is none: Send an API key in the header Authorization: Bearer KEY")},
		{"a caller who is let in", `{"request": "POST /v1/chat", "caller": "alice", "status": 401}`,
			unmet("status", `expected 401, but CloudFront doesn't answer this itself, it goes to api as https://inference.example.com/v1/chat, not cached: no cache on this route; say in "origin" who must answer`)},
		{"the canary by chance", `{"request": "POST /v1/chat", "caller": "alice", "origin": "api-canary"}`,
			unmet("origin", `expected api-canary, is api: the caller isn't among those who get the canary: add "canary": true`)},
		{"the stable one in the canary", `{"request": "POST /v1/chat", "caller": "alice", "canary": true, "origin": "api"}`,
			unmet("origin", "expected api, is api-canary: the caller gets the canary")},
		{"the canary of a bucket", `{"request": "GET /models/a", "canary": true, "origin": "api-canary"}`, unmet("origin", "expected api-canary, is models: the route is /models/*")},
		{"a key that is taken away", `{"request": "POST /v1/chat", "caller": "alice", "forwards": ["authorization"]}`,
			unmet("forwards[0]", "expected authorization to reach the origin, doesn't: the function ml-api-api takes it away")},
		{"what the edge says of a caller, outside the canary", `{"request": "POST /v1/chat", "caller": "alice", "forwards": ["X-Canary"]}`,
			unmet("forwards[0]", "expected X-Canary to reach the origin, doesn't: the function ml-api-api takes it away")},
	} {
		var list []config.Expectation
		require.NoError(t, json.Unmarshal([]byte("["+r.expectation+","+reachingCallers+"]"), &list), r.name)
		if diff := cmp.Diff(r.want, expect.Check("prod", list, edgetest.Callers(t))); diff != "" {
			t.Errorf("%s (-want +got):\n%s", r.name, diff)
		}
	}
}

// TestForwardedKeys has the key in each header that may have it reach the backend, or in none.
func TestForwardedKeys(t *testing.T) {
	for _, forward := range []bool{false, true} {
		d := edgetest.Callers(t, func(o *viewerrequest.Options) {
			o.KeyHeaders, o.ForwardKey = []string{"authorization", "x-api-key"}, forward
		})
		for _, header := range []string{"Authorization", "x-api-key"} {
			var list []config.Expectation
			require.NoError(t, json.Unmarshal([]byte(`[{"request": "POST /v1/chat", "caller": "alice", "forwards": ["`+header+`"]}, `+reachingCallers+`]`), &list))
			problems := expect.Check("prod", list, d)
			require.Equal(t, forward, len(problems) == 0, "%s: %v", header, problems)
		}
	}
}
