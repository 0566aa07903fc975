package edge

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestOriginMatches has the guide's examples (CloudFront Developer Guide, Understand response headers policies,
// Access-Control-Allow-Origin).
func TestOriginMatches(t *testing.T) {
	for _, r := range []struct {
		pattern, origin string
		want            bool
	}{
		{"http://*.example.org", "http://www.example.org", true},
		{"http://*.example.org", "http://test.example.org", true},
		{"http://*.example.org", "https://test.example.org", false},
		{"http://*.example.org", "https://test.example.org:123", false},
		{"*.example.org", "test.example.org", true},
		{"*.example.org", "test.test.example.org", true},
		{"*.example.org", ".example.org", true},
		{"*.example.org", "http://test.example.org", true},
		{"*.example.org", "https://test.example.org", true},
		{"*.example.org", "http://test.example.org:123", true},
		{"*.example.org", "https://test.example.org:123", true},
		{"*.example.org", "https://example.org", false},
		{"example.org", "http://example.org", true},
		{"example.org", "https://example.org", true},
		{"http://example.org", "http://example.org", true},
		{"http://example.org", "https://example.org", false},
		{"http://example.org", "http://example.org:123", false},
		{"http://example.org:*", "http://example.org:123", true},
		{"http://example.org:*", "http://example.org", true},
		{"http://example.org:1*3", "http://example.org:123", true},
		{"http://example.org:1*3", "http://example.org:1893", true},
		{"http://example.org:1*3", "http://example.org:13", true},
		{"http://example.org:1*3", "http://example.org:124", false},
		{"*.example.org:1*", "test.example.org:123", true},
	} {
		require.Equal(t, r.want, originMatches(r.pattern, r.origin), "%s and %s", r.pattern, r.origin)
	}
}

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

// TestManagedCORS has the guide's words (Use managed response headers policies).
func TestManagedCORS(t *testing.T) {
	for _, r := range []struct {
		id, method string
		want       map[string]string
	}{
		{"60669652-455b-4ae9-85a4-c4c02393f86c", "GET", headers("Access-Control-Allow-Origin", "*")},
		{"5cc3b908-e619-4b99-88e5-2cf7f45965bd", "OPTIONS", headers(
			"Access-Control-Allow-Methods", "DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT", "Access-Control-Allow-Origin", "*",
			"Access-Control-Expose-Headers", "*")},
		{"e61eb60c-9c35-4d20-a928-2b84e02af89c", "GET", headers(
			"Access-Control-Allow-Origin", "*", "Referrer-Policy", "strict-origin-when-cross-origin",
			"Strict-Transport-Security", "max-age=31536000", "X-Content-Type-Options", "nosniff", "X-Frame-Options", "SAMEORIGIN",
			"X-XSS-Protection", "1; mode=block")},
	} {
		b := Behavior{ResponseHeadersPolicy: managedResponseHeadersPolicies[r.id]}
		v := (&Distribution{}).newViewer(Request{Method: r.method, Headers: headers("Origin", "https://a", "Access-Control-Request-Method", "GET")})
		require.Equal(t, r.want, b.response(v).Headers, r.id)
	}
}

// TestApply has what the guide says of overriding and removing (Understand response headers policies).
func TestApply(t *testing.T) {
	added := []AddedHeader{{"X-Always", "policy", true}, {"X-Maybe", "policy", false}}
	cors := &CORS{Origins: []string{"https://a"}}
	overriding := &CORS{Origins: []string{"https://a"}, OriginOverride: true}
	cookies := OriginRequestPolicy{Cookies: Selection{Behavior: all}}
	for _, r := range []struct {
		name     string
		behavior Behavior
		origin   http.Header
		want     http.Header
	}{
		{
			"headers that override and such that don't",
			Behavior{ResponseHeadersPolicy: ResponseHeadersPolicy{Adds: added}},
			http.Header{"X-Always": {"origin"}, "X-Maybe": {"origin"}},
			http.Header{"X-Always": {"policy"}, "X-Maybe": {"origin"}},
		},
		{
			"none of the origin's", Behavior{ResponseHeadersPolicy: ResponseHeadersPolicy{Adds: added}}, http.Header{},
			http.Header{"X-Always": {"policy"}, "X-Maybe": {"policy"}},
		},
		{
			"removed first, then added", Behavior{ResponseHeadersPolicy: ResponseHeadersPolicy{Adds: added, Removes: []string{"X-Maybe", "x-powered-by"}}},
			http.Header{"X-Maybe": {"origin"}, "X-Powered-By": {"PHP"}},
			http.Header{"X-Always": {"policy"}, "X-Maybe": {"policy"}},
		},
		{
			"any CORS header of the origin keeps out the policy's", Behavior{ResponseHeadersPolicy: ResponseHeadersPolicy{CORS: cors}},
			http.Header{"Access-Control-Expose-Headers": {"X"}}, http.Header{"Access-Control-Expose-Headers": {"X"}},
		},
		{
			"unless it overrides", Behavior{ResponseHeadersPolicy: ResponseHeadersPolicy{CORS: overriding}},
			http.Header{"Access-Control-Allow-Origin": {"*"}}, http.Header{"Access-Control-Allow-Origin": {"https://a"}},
		},
		{
			"no cookies come back where none are forwarded", Behavior{CachePolicy: CachePolicy{Cookies: Selection{Behavior: none}}},
			http.Header{"Set-Cookie": {"a=1"}, "Trailer": {"X"}, "Upgrade": {"h2c"}}, http.Header{},
		},
		{
			"cookies come back", Behavior{CachePolicy: CachePolicy{Cookies: Selection{Behavior: none}}, OriginRequestPolicy: cookies},
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
