package edge

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/internal/edge/freshness"
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
		{"the origin's Via is replaced", Behavior{}, http.Header{"Via": {"1.1 proxy", "2 other"}}, http.Header{}},
		{
			"what only the server can tell isn't added here",
			Behavior{ResponseHeadersPolicy: policy.ResponseHeaders{ServerTiming: new(float64)}},
			http.Header{}, http.Header{},
		},
	} {
		v := (&Distribution{}).newViewer(Request{Headers: headers("Origin", "https://a")})
		r.behavior.response(r.behavior.ResponseHeadersPolicy.CORS.Adds(v.method, v.headers), nil).Apply(r.origin)
		r.want.Set("Via", "1.1 00000000000000000000000000000000.cloudfront.net (CloudFront)")
		require.Equal(t, r.want, r.origin, r.name)
	}
	header := http.Header{"Trailer": {"X"}}
	parsed(t).Decide(Request{URL: "https://other.example.com"}).Response.Apply(header)
	require.Equal(t, http.Header{"Trailer": {"X"}}, header, "the answer isn't this distribution's")
}

// TestVary has what callers see of Vary (Request and response behavior for custom origins, HTTP response headers that
// CloudFront removes or replaces).
func TestVary(t *testing.T) {
	whitelist := func(names ...string) policy.Selection { return policy.Selection{Behavior: "whitelist", Names: names} }
	nothing := policy.Selection{Behavior: "none"}
	for _, r := range []struct {
		name         string
		key, request policy.Selection
		minTTL       int
		origin, want []string
	}{
		{"no Vary", nothing, nothing, 0, nil, nil},
		{"an empty one", nothing, nothing, 0, []string{""}, nil},
		{"these always", nothing, nothing, 0, []string{"Accept-Encoding, Cookie"}, []string{"Accept-Encoding, Cookie"}},
		{"in any case", nothing, nothing, 0, []string{"accept-encoding,COOKIE"}, []string{"accept-encoding, COOKIE"}},
		{"no other where none is forwarded", nothing, nothing, 0, []string{"Origin, Accept-Language"}, nil},
		{"those of the key", whitelist("Accept-Language"), nothing, 0, []string{"Origin, accept-language", "Accept-Encoding"}, []string{"accept-language, Accept-Encoding"}},
		{"those of the origin request policy", nothing, whitelist("Origin"), 0, []string{"Origin, Accept-Language"}, []string{"Origin"}},
		{"all where all are forwarded", nothing, policy.Selection{Behavior: "allViewer"}, 0, []string{"Origin, User-Agent"}, []string{"Origin, User-Agent"}},
		{"all but exceptions", nothing, policy.Selection{Behavior: "allExcept", Names: []string{"User-Agent"}}, 0, []string{"Origin, User-Agent"}, []string{"Origin"}},
		{"User-Agent for the headers of a device", whitelist("CloudFront-Is-Mobile-Viewer"), nothing, 0, []string{"User-Agent, Accept"}, []string{"User-Agent"}},
		{"also by the origin request policy", nothing, whitelist(policy.HeaderName("CloudFront-Is-SmartTV-Viewer")), 0, []string{"User-Agent"}, []string{"User-Agent"}},
		{
			"not if that is an exception", nothing, policy.Selection{Behavior: "allExcept", Names: []string{"User-Agent", "CloudFront-Is-Mobile-Viewer"}}, 0,
			[]string{"User-Agent"}, nil,
		},
		{"not for other headers of CloudFront", whitelist("CloudFront-Viewer-Country"), nothing, 0, []string{"User-Agent"}, nil},
		// Content negotiation.
		{"*", nothing, nothing, 0, []string{"*"}, []string{"*"}},
		{"* with a minimum TTL is like any other", nothing, nothing, 1, []string{"*, Cookie"}, []string{"Cookie"}},
	} {
		header := http.Header{}
		if r.origin != nil {
			header["Vary"] = r.origin
		}
		b := Behavior{CachePolicy: policy.Cache{MinTTL: r.minTTL, Headers: r.key}, OriginRequestPolicy: policy.OriginRequest{Headers: r.request}}
		b.response(nil, nil).Apply(header)
		require.Equal(t, r.want, header["Vary"], r.name)
	}
}

func TestBounds(t *testing.T) {
	d := parsed(t)
	require.Equal(t, freshness.Bounds{MinTTL: 0, DefaultTTL: 60, MaxTTL: 300, ErrorMinTTL: 0}, d.Decide(Request{URL: "/v1/models"}).Behavior.Bounds(404))
	require.Equal(t, freshness.Bounds{MinTTL: 0, DefaultTTL: 60, MaxTTL: 300, ErrorMinTTL: 7}, d.Decide(Request{URL: "/v1/models"}).Behavior.Bounds(502))
	require.Equal(t, freshness.Bounds{MinTTL: 0, DefaultTTL: 60, MaxTTL: 300, ErrorMinTTL: 10}, d.Decide(Request{URL: "/v1/models"}).Behavior.Bounds(503))
	require.Equal(t, freshness.Bounds{MinTTL: 1, DefaultTTL: 86_400, MaxTTL: 31_536_000, ErrorMinTTL: 1}, d.Decide(Request{URL: "/models/a"}).Behavior.Bounds(404), "a bucket's errors are kept for at least 1 s")
}
