package edge

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/internal/edge/policy"
)

func TestCORS(t *testing.T) {
	d := parsed(t)
	simple := headers("Access-Control-Allow-Origin", "https://app.example.com", "Access-Control-Allow-Credentials", "true",
		"Access-Control-Expose-Headers", "X-Request-Id")
	preflight := headers("Access-Control-Allow-Origin", "https://a.example.org", "Access-Control-Allow-Credentials", "true",
		"Access-Control-Expose-Headers", "X-Request-Id", "Access-Control-Allow-Methods", "GET, POST",
		"Access-Control-Allow-Headers", "Authorization, Content-Type", "Access-Control-Max-Age", "600")
	for _, r := range []struct {
		name    string
		request Request
		want    map[string]string
	}{
		{"no Origin", Request{URL: "/v1/chat"}, headers()},
		{"a simple request", Request{Method: "POST", URL: "/v1/chat", Headers: headers("Origin", "https://app.example.com")}, simple},
		{"another origin", Request{URL: "/v1/chat", Headers: headers("Origin", "https://evil.example.com")}, headers()},
		{"a preflight of a subdomain", Request{Method: "OPTIONS", URL: "/v1/chat", Headers: headers(
			"Origin", "https://a.example.org", "Access-Control-Request-Method", "POST")}, preflight},
		{"OPTIONS that is no preflight", Request{Method: "OPTIONS", URL: "/v1/chat", Headers: headers("Origin", "https://app.example.com")}, simple},
		{"what a preflight asks, by GET", Request{URL: "/v1/chat", Headers: headers(
			"Origin", "https://app.example.com", "Access-Control-Request-Method", "POST")}, simple},
		{"a route without the policy", Request{URL: "/open/a", Headers: headers("Origin", "https://app.example.com")}, headers()},
	} {
		got := d.Decide(r.request).Response.Headers
		for name := range got {
			if !hasCORS(http.Header{name: nil}) {
				delete(got, name)
			}
		}
		require.Equal(t, r.want, got, r.name)
	}
}

// TestApply has what the guide says of overriding and removing (Understand response headers policies).
func TestApply(t *testing.T) {
	added := []policy.AddedHeader{{Name: "X-Always", Value: "policy", Override: true}, {Name: "X-Maybe", Value: "policy"}}
	cors := &policy.CORS{Origins: []string{"https://a"}}
	overriding := &policy.CORS{Origins: []string{"https://a"}, OriginOverride: true}
	cookies := policy.OriginRequest{Cookies: policy.Selection{Behavior: "all"}}
	for _, r := range []struct {
		name     string
		behavior Behavior
		origin   http.Header
		want     http.Header
	}{
		{
			"headers that override and such that don't",
			Behavior{ResponseHeadersPolicy: policy.ResponseHeaders{Adds: added}},
			http.Header{"X-Always": {"origin"}, "X-Maybe": {"origin"}},
			http.Header{"X-Always": {"policy"}, "X-Maybe": {"origin"}},
		},
		{
			"none of the origin's", Behavior{ResponseHeadersPolicy: policy.ResponseHeaders{Adds: added}}, http.Header{},
			http.Header{"X-Always": {"policy"}, "X-Maybe": {"policy"}},
		},
		{
			"removed first, then added", Behavior{ResponseHeadersPolicy: policy.ResponseHeaders{Adds: added, Removes: []string{"X-Maybe", "x-powered-by"}}},
			http.Header{"X-Maybe": {"origin"}, "X-Powered-By": {"PHP"}},
			http.Header{"X-Always": {"policy"}, "X-Maybe": {"policy"}},
		},
		{
			"any CORS header of the origin keeps out the policy's", Behavior{ResponseHeadersPolicy: policy.ResponseHeaders{CORS: cors}},
			http.Header{"Access-Control-Expose-Headers": {"X"}}, http.Header{"Access-Control-Expose-Headers": {"X"}},
		},
		{
			"unless it overrides", Behavior{ResponseHeadersPolicy: policy.ResponseHeaders{CORS: overriding}},
			http.Header{"Access-Control-Allow-Origin": {"*"}}, http.Header{"Access-Control-Allow-Origin": {"https://a"}},
		},
		{
			"no cookies come back where none are forwarded", Behavior{CachePolicy: policy.Cache{Cookies: policy.Selection{Behavior: "none"}}},
			http.Header{"Set-Cookie": {"a=1"}, "Trailer": {"X"}, "Upgrade": {"h2c"}}, http.Header{},
		},
		{
			"cookies come back", Behavior{CachePolicy: policy.Cache{Cookies: policy.Selection{Behavior: "none"}}, OriginRequestPolicy: cookies},
			http.Header{"Set-Cookie": {"a=1"}, "Upgrade": {"websocket"}}, http.Header{"Set-Cookie": {"a=1"}, "Upgrade": {"websocket"}},
		},
	} {
		v := (&Distribution{}).newViewer(Request{Headers: headers("Origin", "https://a")})
		r.behavior.response(v).Apply(r.origin)
		require.Equal(t, r.want, r.origin, r.name)
	}
	header := http.Header{"Trailer": {"X"}}
	parsed(t).Decide(Request{URL: "https://other.example.com"}).Response.Apply(header)
	require.Equal(t, http.Header{"Trailer": {"X"}}, header, "the answer isn't this distribution's")
}
