package edge

import (
	"net/netip"
	"testing"

	"github.com/stretchr/testify/require"
)

func headers(pairs ...string) map[string]string {
	m := map[string]string{}
	for i := 0; i < len(pairs); i += 2 {
		m[pairs[i]] = pairs[i+1]
	}
	return m
}

const (
	secret          = "(secret ml-api/prod/origin-verify)"
	setByCloudFront = "(set by CloudFront)"
)

// shown are values as people read them.
func shown(values map[string]Value) map[string]string {
	m := map[string]string{}
	for name, value := range values {
		m[name] = value.String()
	}
	return m
}

// TestKeyAndOrigin has what is part of the key and what the origin receives, by the policies of each route.
func TestKeyAndOrigin(t *testing.T) {
	d := parsed(t)
	made := d.Behaviors[0]
	made.Path, made.CachePolicy = "/made/*", d.Behaviors[8].CachePolicy
	d.Behaviors = append([]Behavior{made}, d.Behaviors...)
	for _, r := range []struct {
		name    string
		request Request

		keyQuery                 string
		keyHeaders, keyCookies   map[string]string
		host, query              string
		originHeaders, originHas map[string]string // the second: cookies
	}{
		{
			name: "a cached route forwards what is in its key, and that even if it is empty",
			request: Request{URL: "/v1/embeddings?a=1", Headers: headers(
				"Content-Type", "application/json", "accept", "*/*", "Cookie", "b=2; a=1; $c=3; d", "X-Origin-Verify", "forged")},
			keyHeaders: headers("Authorization", "", "Accept", "*/*"), keyCookies: headers("a", "1", "b", "2"),
			host:          "inference.example.com",
			originHeaders: headers("Authorization", "", "Accept", "*/*", "X-Origin-Verify", secret), originHas: headers("a", "1", "b", "2"),
		},
		{
			name: "an origin request policy forwards more, if it is sent, which the key doesn't have",
			request: Request{URL: "/preflight/a?b=2&a=1", Headers: headers(
				"Authorization", "Bearer x", "Content-Type", "application/json", "Cookie", "session=1; other=2")},
			keyQuery: "b=2&a=1", keyHeaders: headers("Authorization", "Bearer x"), keyCookies: headers(),
			host: "inference.example.com", query: "?b=2&a=1",
			originHeaders: headers("Authorization", "Bearer x", "Content-Type", "application/json", "X-Origin-Verify", secret),
			originHas:     headers("session", "1"),
		},
		{
			// Understand how origin request policies and cache policies work together: of two block lists both hold.
			name: "all but the exceptions of both policies", request: Request{URL: "/block/a?a=1&b=2&c=3&c=4&A=5", Headers: headers(
				"X-Secret", "1", "X-Other", "2", "Connection", "close", "TE", "trailers", "X-Edge-Location", "x", "Cookie", "a=1; b=2; c=3")},
			keyQuery: "b=2&c=3&c=4&A=5", keyHeaders: headers(), keyCookies: headers("b", "2", "c", "3"),
			host: "inference.example.com", query: "?c=3&c=4&A=5",
			originHeaders: headers("X-Other", "2", "X-Origin-Verify", secret), originHas: headers("c", "3"),
		},
		{
			name: "AllViewerExceptHostHeader", request: Request{Method: "POST", URL: "/v1/chat?a=1", Headers: headers(
				"Authorization", "Bearer x", "x-api-key", "k", "Accept-Encoding", "gzip", "User-Agent", "curl", "Cookie", "a=1")},
			keyHeaders: headers(), keyCookies: headers(), host: "inference.example.com", query: "?a=1",
			originHeaders: headers(
				"Authorization", "Bearer x", "X-Api-Key", "k", "Accept-Encoding", "gzip", "User-Agent", "curl", "X-Origin-Verify", secret),
			originHas: headers("a", "1"),
		},
		{
			name: "AllViewer, with the host", request: Request{URL: "https://a.ml.example.com/viewer/a", Headers: headers("X-A", "1")},
			keyHeaders: headers(), keyCookies: headers(), host: "a.ml.example.com",
			originHeaders: headers("X-A", "1", "X-Origin-Verify", secret), originHas: headers(),
		},
		{
			name: "a header that CloudFront makes", request: Request{URL: "/made/a", Headers: headers("CloudFront-Viewer-Country", "DE")},
			keyHeaders: headers("CloudFront-Viewer-Country", setByCloudFront, "Accept-Language", ""), keyCookies: headers(), host: "inference.example.com",
			originHeaders: headers("CloudFront-Viewer-Country", setByCloudFront, "Accept-Language", "", "X-Origin-Verify", secret), originHas: headers(),
		},
		{
			// How CloudFront processes partial requests for an object (range GETs).
			name:       "nothing for a file but its range",
			request:    Request{URL: "/models/a?a=1", Headers: headers("Range", "bytes=0-9", "Origin", "https://app.example.com", "Cookie", "a=1")},
			keyHeaders: headers(), keyCookies: headers(), host: "(bucket test-models)",
			originHeaders: headers("Range", "bytes=0-9"), originHas: headers(),
		},
	} {
		decision := d.Decide(r.request)
		key, origin := decision.Cache.Key, decision.Origin
		require.Equal(t, r.keyQuery, key.Query, r.name)
		require.Equal(t, r.keyHeaders, shown(key.Headers), r.name)
		require.Equal(t, r.keyCookies, key.Cookies, r.name)
		require.Equal(t, r.host, origin.Host, r.name)
		require.Contains(t, origin.URL, key.Path+r.query, r.name)
		require.Equal(t, r.query == "", decision.Origin.URL[len(origin.URL)-len(key.Path):] == key.Path, r.name)
		require.Equal(t, r.originHeaders, shown(origin.Headers), r.name)
		require.Equal(t, r.originHas, origin.Cookies, r.name)
	}
}

// TestConditions holds that where the cache is asked nothing reaches the origin that would change the answer for
// others.
func TestConditions(t *testing.T) {
	d := parsed(t)
	d.Behaviors[1].OriginRequestPolicy.Headers.Behavior = "allViewer" // of /v1/models*, which has a cache
	for _, r := range []struct{ method, url, name, value, want string }{
		{"GET", "/v1/models", "Range", "bytes=0-9", "bytes=0-9"},
		{"GET", "/v1/models", "Range", "bytes=9-0", ""},
		{"GET", "/v1/models", "Range", "items=0-9", ""},
		{"HEAD", "/v1/models", "Range", "bytes=0-9", ""},
		{"GET", "/v1/models", "If-Match", `"a"`, ""},
		{"GET", "/v1/models", "If-None-Match", `"a"`, ""},
		{"GET", "/v1/models", "If-Modified-Since", "x", ""},
		{"GET", "/v1/models", "If-Unmodified-Since", "x", ""},
		{"GET", "/v1/models", "If-Range", `"a"`, ""}, // of no range
		{"GET", "/v1/chat", "Range", "bytes=0-9", "bytes=0-9"},
		{"GET", "/v1/chat", "Range", "bytes=9-0", ""},
		{"GET", "/v1/chat", "Range", "items=0-9", "items=0-9"},
		{"POST", "/v1/chat", "Range", "bytes=9-0", "bytes=9-0"},
		{"GET", "/v1/chat", "If-Match", `"a"`, `"a"`},
	} {
		got := d.Decide(Request{Method: r.method, URL: r.url, Headers: headers(r.name, r.value)}).Origin.Headers[r.name]
		require.Equal(t, r.want, got.Text, "%v", r)
	}
	both := d.Decide(Request{URL: "/models/a", Headers: headers("Range", "bytes=5-", "If-Range", `"a"`)})
	require.Equal(t, headers("Range", "bytes=5-", "If-Range", `"a"`), shown(both.Origin.Headers))
}

func TestForwards(t *testing.T) {
	d := parsed(t)
	for _, r := range []struct {
		url, header string
		want        bool
	}{
		{"/v1/chat", "authorization", true},
		{"/v1/chat", "Content-Type", true},
		{"/v1/chat", "Host", false},
		{"/v1/chat", "Connection", false},
		{"/v1/chat", "X-Forwarded-Proto", false},
		{"/viewer/a", "Host", true},
		{"/v1/embeddings", "Authorization", true},
		{"/v1/embeddings", "Content-Type", false},
		{"/v1/embeddings", "Accept-Encoding", false},
		{"/models/a", "Origin", false},
	} {
		require.Equal(t, r.want, d.Decide(Request{URL: r.url}).Behavior.Forwards(r.header), "%s of %s", r.header, r.url)
	}
}

// TestSets has the headers that CloudFront adds (Control origin requests with a policy; Request and response behavior
// for custom origins, Client IP addresses and User-Agent header; Understand cache policies, Compression support).
func TestSets(t *testing.T) {
	d := parsed(t)
	for _, r := range []struct {
		name    string
		request Request
		want    map[string]string
	}{
		{"always", Request{URL: "/v1/embeddings"}, headers(
			"Connection", "Keep-Alive", "Via", setByCloudFront, "X-Amz-Cf-Id", setByCloudFront, "X-Forwarded-For", setByCloudFront, "User-Agent", "Amazon CloudFront")},
		{"the caller's address at the end", Request{
			URL: "/v1/chat", IP: netip.MustParseAddr("192.0.2.2"), Headers: headers("X-Forwarded-For", "192.0.2.4,192.0.2.3", "User-Agent", "curl"),
		}, headers("Connection", "Keep-Alive", "Via", setByCloudFront, "X-Amz-Cf-Id", setByCloudFront, "X-Forwarded-For", "192.0.2.4,192.0.2.3,192.0.2.2")},
		{"both encodings", Request{URL: "/v1/embeddings", Headers: headers("Accept-Encoding", "gzip;q=0.5, deflate, BR")}, headers(
			"Connection", "Keep-Alive", "Via", setByCloudFront, "X-Amz-Cf-Id", setByCloudFront, "X-Forwarded-For", setByCloudFront, "User-Agent", "Amazon CloudFront",
			"Accept-Encoding", "br,gzip")},
		{"the one that is cached", Request{URL: "/block/a", Headers: headers("Accept-Encoding", "br, gzip")}, headers(
			"Connection", "Keep-Alive", "Via", setByCloudFront, "X-Amz-Cf-Id", setByCloudFront, "X-Forwarded-For", setByCloudFront, "Accept-Encoding", "gzip")},
		{"none that is cached", Request{URL: "/v1/embeddings", Headers: headers("Accept-Encoding", "zstd")}, headers(
			"Connection", "Keep-Alive", "Via", setByCloudFront, "X-Amz-Cf-Id", setByCloudFront, "X-Forwarded-For", setByCloudFront, "User-Agent", "Amazon CloudFront",
			"Accept-Encoding", "identity")},
		{"to a bucket", Request{URL: "/models/a"}, headers(
			"Connection", "Keep-Alive", "Via", setByCloudFront, "X-Amz-Cf-Id", setByCloudFront, "X-Forwarded-For", setByCloudFront, "User-Agent", "Amazon CloudFront",
			"Authorization", "(signed by the origin access identity)")},
		{"a WebSocket", Request{URL: "/v1/chat", Headers: headers("Upgrade", "websocket", "Connection", "Upgrade")}, headers(
			"Connection", "Upgrade", "Upgrade", "websocket", "Via", setByCloudFront, "X-Amz-Cf-Id", setByCloudFront, "X-Forwarded-For", setByCloudFront)},
		// Restrict access with VPC origins, Protocol and feature restrictions: gRPC, and no longer WebSockets.
		{"a WebSocket to a VPC origin", Request{URL: "/private/a", Headers: headers("Upgrade", "websocket", "Connection", "Upgrade")}, headers(
			"Connection", "Upgrade", "Upgrade", "websocket", "Via", setByCloudFront, "X-Amz-Cf-Id", setByCloudFront, "X-Forwarded-For", setByCloudFront)},
		{"OPTIONS opens no WebSocket", Request{Method: "OPTIONS", URL: "/v1/chat", Headers: headers("Upgrade", "websocket", "Connection", "Upgrade")}, headers(
			"Connection", "Keep-Alive", "Via", setByCloudFront, "X-Amz-Cf-Id", setByCloudFront, "X-Forwarded-For", setByCloudFront)},
	} {
		require.Equal(t, r.want, shown(d.Decide(r.request).Origin.Sets), r.name)
	}
}

// TestFailover: only these methods fail over (Optimize high availability with CloudFront origin failover).
func TestFailover(t *testing.T) {
	d := parsed(t)
	d.Behaviors[1].AllowedMethods = append(d.Behaviors[1].AllowedMethods, "POST")
	for method, want := range map[string]bool{"GET": true, "HEAD": true, "OPTIONS": false, "POST": false} {
		failover := d.Decide(Request{Method: method, URL: "/v1/models/a"}).Origin.Failover
		require.Equal(t, want, failover != nil, method)
	}
	cached := parsed(t)
	cached.Behaviors[1].CachedMethods = append(cached.Behaviors[1].CachedMethods, "OPTIONS")
	require.NotNil(t, cached.Decide(Request{Method: "OPTIONS", URL: "/v1/models/a"}).Origin.Failover, "OPTIONS that is cached")
	failover := d.Decide(Request{URL: "/v1/models/a"}).Origin.Failover
	require.Equal(t, "api-failover", failover.ID)
	require.Equal(t, []int{500, 502, 503, 504}, failover.On)
	require.Equal(t, "https://standby.example.com/v1/models/a", failover.Request.URL)
	require.Nil(t, failover.Request.Failover)
	require.Nil(t, d.Decide(Request{URL: "/v1/chat"}).Origin.Failover)

	replica := d.Decide(Request{URL: "/models/a"}).Origin.Failover.Request
	require.Equal(t, Value{Kind: Signed, Text: "the origin access control"}, replica.Sets["Authorization"])
	require.Equal(t, "https://(bucket test-replica-…)/models/a", replica.URL)
}

// TestCaching: what is looked up and stored, by method and policy (Request and response behavior for custom origins,
// HTTP methods; Understand the cache key; Understand cache policies).
func TestCaching(t *testing.T) {
	d := parsed(t)
	for _, r := range []struct {
		method, url string
		want        bool
		keyMethod   string
	}{
		{"GET", "/v1/embeddings", true, ""},
		{"HEAD", "/v1/embeddings", true, ""},
		{"POST", "/v1/embeddings", false, ""},
		{"OPTIONS", "/v1/embeddings", false, "OPTIONS"},
		{"OPTIONS", "/preflight/a", true, "OPTIONS"},
		{"GET", "/v1/chat", false, ""},
		{"GET", "/models/a", true, ""},
	} {
		cache := d.Decide(Request{Method: r.method, URL: r.url}).Cache
		require.Equal(t, r.want, cache.Lookup, "%s %s", r.method, r.url)
		require.Equal(t, r.want, cache.Store, "%s %s", r.method, r.url)
		require.Equal(t, r.keyMethod, cache.Key.Method, "%s %s", r.method, r.url)
	}
	cache := d.Decide(Request{URL: "/v1/embeddings", Headers: headers("Upgrade", "WebSocket", "Connection", "upgrade")}).Cache
	require.False(t, cache.Lookup, "a WebSocket")
	require.Equal(t, map[int]int{403: 0, 404: 0, 414: 0, 500: 0, 501: 0, 502: 0, 503: 0, 504: 0},
		d.Decide(Request{Method: "POST", URL: "/v1/embeddings"}).Response.ErrorSeconds)
}
