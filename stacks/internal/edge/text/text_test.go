package text_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/internal/edge"
	"ml-api-accelerator/stacks/internal/edge/edgetest"
	"ml-api-accelerator/stacks/internal/edge/text"
	"ml-api-accelerator/stacks/internal/shared/viewerrequest"
	"ml-api-accelerator/stacks/internal/terminal"
)

func TestText(t *testing.T) {
	d := edgetest.Distribution(t)
	for _, r := range []struct {
		request edge.Request
		want    string
	}{
		{edge.Request{URL: "/v1/models?limit=5", Headers: map[string]string{"Authorization": "Bearer x", "Accept-Encoding": "gzip"}}, `goes to api as https://inference.example.com/v1/models?limit=5, cached for 60 s, or from 0 to 300 s as the origin says
route   /v1/models*
        not /v1/embeddings*
key     /v1/models?limit=5
        Authorization: Bearer x
        compressed as gzip
shared  with callers who send the same Authorization
origin  api as inference.example.com
        Authorization: Bearer x
        X-Origin-Verify: (secret ml-api/prod/origin-verify)
        CloudFront's own Accept-Encoding, Connection, User-Agent, Via, X-Amz-Cf-Id, X-Forwarded-For
        waits 120 s for an answer, tries to connect 2 times for 5 s
        fails over to api-failover as standby.example.com on 500, 502, 503, 504
answer  Content-Security-Policy: default-src 'none'
        Referrer-Policy: same-origin
        Server-Timing: (on 50% of the answers)
        Strict-Transport-Security: max-age=31536000; includeSubDomains; preload
        X-Content-Type-Options: nosniff
        X-Edge: cloudfront
        X-Frame-Options: DENY
        X-XSS-Protection: 1; report=https://example.com/xss
        without Set-Cookie
        errors are cached: 403, 404 for 0 s; 502 for 7 s; 414, 500, 501, 503, 504 for 10 s
`},
		{edge.Request{Method: "POST", URL: "/open/a", Headers: map[string]string{"Cookie": "b=1; a=2"}}, `goes to open as https://open.example.com:8443/api/open/a, not cached: no cache on this route
route   /open/*
        not /v1/embeddings*, /v1/models*, /preflight/*, /block/*, /viewer/*, /inference.GRPCInferenceService/*, /private/*
key     /open/a
shared  with nobody
origin  open as open.example.com
        X-Edge: cloudfront
        CloudFront's own Connection, Via, X-Amz-Cf-Id, X-Forwarded-For
        cookies a, b
        waits 30 s for an answer, tries to connect 3 times for 10 s
answer  errors aren't cached
`},
		{edge.Request{URL: "https://www.example.com/"}, "is answered with 403 Forbidden: the host is none of the distribution's\n"},
	} {
		require.Equal(t, r.want, text.Of(d.Decide(r.request)))
	}
	for _, r := range []struct {
		request edge.Request
		want    string
	}{
		{edge.Request{URL: "http://api.example.com/a"}, "is answered with 301 Moved Permanently: to https://api.example.com/a"},
		{edge.Request{URL: "http://api.example.com/private/a"}, "is answered with 403 Forbidden: only HTTPS is let in"},
		{edge.Request{Method: "POST", URL: "/models/a"}, "is answered with 403 Forbidden: POST isn't let in here"},
		{edge.Request{URL: "/models/signed/a"}, "is answered with 403 Forbidden: the signature is missing"},
		{edge.Request{Method: "POST", URL: "/v1/embeddings"}, "goes to api as https://inference.example.com/v1/embeddings, not cached: POST is none of the cached methods"},
		{edge.Request{URL: "/v1/embeddings", Headers: map[string]string{"Upgrade": "websocket", "Connection": "keep-alive, Upgrade"}}, "goes to api as https://inference.example.com/v1/embeddings, not cached: a WebSocket"},
		{edge.Request{URL: "/v1/embeddings"}, "goes to api as https://inference.example.com/v1/embeddings, cached for 10 s, or from 1 to 100 s as the origin says"},
	} {
		require.Equal(t, r.want, text.Verdict(d.Decide(r.request)))
	}
}

// TestFunction says what the function of the API did.
// TestLost names what a cached route takes from a request and its answer, cached or not.
func TestLost(t *testing.T) {
	d := edgetest.Distribution(t)
	lines := func(method, url string, headers map[string]string) []string {
		var list []string
		for line := range strings.SplitSeq(text.Of(d.Decide(edge.Request{Method: method, URL: url, Headers: headers})), "\n") {
			if line = strings.TrimSpace(line); strings.HasPrefix(line, "without") || strings.HasPrefix(line, "no WebSocket") {
				list = append(list, line)
			}
		}
		return list
	}
	sent := map[string]string{"Cookie": "a=1", "accept": "text/plain", "User-Agent": "curl", "X-Request-Id": "1", "Authorization": "a", "Accept-Encoding": "br"}
	require.Equal(t, []string{"without the caller's Accept, Cookie, User-Agent, X-Request-Id", "without Set-Cookie"}, lines("GET", "/v1/models", sent))
	require.Empty(t, lines("POST", "/v1/chat", sent))
	webSocket := map[string]string{"Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Key": "a", "Sec-WebSocket-Version": "13"}
	require.Equal(t, []string{
		"without the caller's Sec-Websocket-Key, Sec-Websocket-Version",
		"no WebSocket opens: neither keyHeaders nor forwardHeaders have Sec-WebSocket-Key and Sec-WebSocket-Version",
		"without Set-Cookie",
	}, lines("GET", "/v1/models", webSocket))
	require.Empty(t, lines("GET", "/v1/chat", webSocket))
	require.Empty(t, lines("GET", "/models/a", sent))
}

func TestFunction(t *testing.T) {
	d := edgetest.Callers(t)
	for _, r := range []struct {
		request edge.Request
		want    string
	}{
		{edge.Request{Method: "POST", URL: "/v1/chat"}, `is answered with 401 Unauthorized: Send an API key in the header Authorization: Bearer KEY
route   *
        not /v1/models*, /shared/*, /models/*, /inference.GRPCInferenceService/*
runs    ml-api-api, which needs a known key in Authorization and refuses the request
answer  Cache-Control: no-store
        Content-Type: application/json
        Www-Authenticate: Bearer
        X-Content-Type-Options: nosniff
`},
		{edge.Request{URL: "/v1/models", Caller: "alice", Canary: true}, `goes to api-canary as https://canary.example.com/v1/models, cached for 60 s, or from 0 to 300 s as the origin says
route   /v1/models*
runs    ml-api-api-failover, which knows the caller as alice and sends it to the canary, api-canary
key     /v1/models
        X-Caller: alice
        X-Canary: 1
shared  with callers who have the same X-Caller, X-Canary
origin  api-canary as canary.example.com
        X-Caller: alice
        X-Canary: 1
        CloudFront's own Connection, User-Agent, Via, X-Amz-Cf-Id, X-Forwarded-For
        waits 120 s for an answer, tries to connect 2 times for 5 s
        fails over to api-failover as standby.example.com on 500, 502, 503
answer  X-Content-Type-Options: nosniff
        without Set-Cookie
        errors are cached: 404 for 0 s; 414, 500, 501, 502, 503, 504 for 10 s
`},
	} {
		require.Equal(t, r.want, text.Of(d.Decide(r.request)))
	}
	runs := func(d *edge.Distribution, r edge.Request) string {
		_, line, _ := strings.Cut(text.Of(d.Decide(r)), "\nruns    ")
		line, _, _ = strings.Cut(line, "\n")
		return line
	}
	preflight := edge.Request{Method: "OPTIONS", URL: "/v1/chat", Headers: map[string]string{"Origin": "https://app.example.com", "Access-Control-Request-Method": "POST"}}
	require.Equal(t, "ml-api-api, which lets a preflight pass without a key and doesn't send it to the canary", runs(d, preflight))
	stable := edgetest.Callers(t, func(o *viewerrequest.Options) { o.Canary = nil })
	require.Equal(t, "ml-api-api, which knows the caller as alice", runs(stable, edge.Request{URL: "/v1/chat", Caller: "alice"}))

	several := edgetest.Callers(t, func(o *viewerrequest.Options) { o.KeyHeaders = []string{"authorization", "x-api-key"} })
	require.Equal(t, "ml-api-api, which needs a known key in Authorization or X-Api-Key and refuses the request", runs(several, edge.Request{URL: "/v1/chat"}))
	public := edgetest.Callers(t, func(o *viewerrequest.Options) {
		o.Public, o.Canary, o.Routes = true, nil, []viewerrequest.Route{{Path: "*", Public: true}}
	})
	require.Equal(t, "ml-api-api, which asks for no key", runs(public, edge.Request{URL: "/v1/chat"}))
	strip := edgetest.Callers(t, func(o *viewerrequest.Options) { o.KeyHeaders, o.Canary, o.Strip = nil, nil, "/v1" })
	require.Contains(t, text.Of(strip.Decide(edge.Request{URL: "/v1/chat?a=b"})),
		"\nruns    ml-api-api\npath    /v1/chat → /chat: /v1 is stripped\nkey     /chat\n")
	require.NotContains(t, text.Of(strip.Decide(edge.Request{URL: "/chat"})), "\npath ")
	page := edgetest.Callers(t, func(o *viewerrequest.Options) {
		o.KeyHeaders, o.Canary, o.Strip, o.Page = nil, nil, "/ui", &viewerrequest.Page{Index: "/index.html"}
	})
	require.Contains(t, text.Of(page.Decide(edge.Request{URL: "/ui/chat"})),
		"\npath    /ui/chat → /index.html: /ui is stripped, and paths that aren't files get the page\nkey     /index.html\n")
	require.Contains(t, text.Of(page.Decide(edge.Request{URL: "/ui/a.js"})), "\npath    /ui/a.js → /a.js: /ui is stripped\n")
	folders := edgetest.Callers(t, func(o *viewerrequest.Options) { o.KeyHeaders, o.Canary, o.Page = nil, nil, &viewerrequest.Page{} })
	require.Contains(t, text.Of(folders.Decide(edge.Request{URL: "/docs/"})), "\npath    /docs/ → /docs/index.html: paths that aren't files get the page\n")
	require.Equal(t, "is answered with 302 Found: the function ml-api-api redirects to /docs/?a=1",
		text.Verdict(folders.Decide(edge.Request{URL: "/docs?a=1"})))
	changes := edgetest.CallersRunning(t, "function handler(event) { event.request.uri = '/b'; return event.request; }", "function handler(event) { return event.request; }")
	require.Contains(t, text.Of(changes.Decide(edge.Request{URL: "/a"})), "\npath    /a → /b\n")

	broken := edgetest.CallersRunning(t, "function handler() { throw new Error('no'); }", "function handler() { return {statusCode: 204}; }")
	require.Equal(t, "ml-api-api, which fails", runs(broken, edge.Request{URL: "/v1/chat"}))
	require.Equal(t, "ml-api-api-failover, which answers", runs(broken, edge.Request{URL: "/v1/models"}))
	require.Contains(t, text.Verdict(broken.Decide(edge.Request{URL: "/v1/chat"})), "is answered with 503 Service Unavailable: the function ml-api-api fails: Error: no at ")
	require.Equal(t, "is answered with 204 No Content: the function ml-api-api-failover answers", text.Verdict(broken.Decide(edge.Request{URL: "/v1/models"})))
	require.Equal(t, "is answered with 401 Unauthorized: This API key is unknown", text.Verdict(d.Decide(edge.Request{URL: "/v1/chat", Headers: map[string]string{"Authorization": "Bearer x"}})))
}

// TestHarmless has nothing of a request reach a terminal that it obeys, or look like a line of its own.
func TestHarmless(t *testing.T) {
	d := edgetest.Distribution(t)
	for _, r := range []edge.Request{
		{URL: "/v1/models?a=\x1b]0;owned\x07", Headers: map[string]string{"Authorization": "a\r\norigin  forged", "Accept-Encoding": "gzip"}},
		{Method: "POST", URL: "/open/\u202ea\x9b", Headers: map[string]string{"X-A\x1b": "\u200b", "Cookie": "a\x1b[2J=1"}},
		{URL: "http://api.example.com/\x1b[31m"},
		{Method: "GE\x1bT", URL: "/v1/models"},
	} {
		said := text.Of(d.Decide(r))
		for line := range strings.Lines(said) {
			line = strings.TrimSuffix(line, "\n")
			require.Equal(t, terminal.Harmless(line), line)
			require.False(t, strings.HasPrefix(line, "origin  forged"))
		}
		require.Equal(t, terminal.Harmless(text.Verdict(d.Decide(r))), text.Verdict(d.Decide(r)))
	}
}
