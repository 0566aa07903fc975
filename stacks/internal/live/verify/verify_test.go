package verify_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/config"
	"ml-api-accelerator/stacks/internal/edge"
	"ml-api-accelerator/stacks/internal/edge/edgetest"
	"ml-api-accelerator/stacks/internal/live/verify"
)

// live serves a handler as api.example.com, with TLS and without.
func live(t *testing.T, h http.Handler) verify.Options {
	t.Helper()
	secure, plain := httptest.NewTLSServer(h), httptest.NewServer(h)
	t.Cleanup(secure.Close)
	t.Cleanup(plain.Close)
	secure.Config.ErrorLog, plain.Config.ErrorLog = quiet, quiet
	config := secure.Client().Transport.(*http.Transport).TLSClientConfig.Clone()
	return verify.Options{
		URL: &url.URL{Scheme: "https", Host: "api.example.com"}, Timeout: time.Minute, TLS: config,
		Dial: func(ctx context.Context, network, address string) (net.Conn, error) {
			address = map[string]string{
				"api.example.com:443": secure.Listener.Addr().String(), "api.example.com:80": plain.Listener.Addr().String(),
				"api.example.com:8443": plain.Listener.Addr().String(), // for what is sent without TLS
			}[address]
			return (&net.Dialer{}).DialContext(ctx, network, address)
		},
	}
}

func expectations(t *testing.T, list string) (expected []config.Expectation) {
	t.Helper()
	require.NoError(t, json.Unmarshal([]byte("["+list+"]"), &expected))
	return expected
}

func run(t *testing.T, o verify.Options, list string) []verify.Result {
	t.Helper()
	results, err := verify.Run(t.Context(), "prod", expectations(t, list), edgetest.Distribution(t), o, func(string) {})
	require.NoError(t, err)
	return results
}

// gist is what a row expects: the verdict, and what is said.
func gist(r verify.Result) []string {
	list := []string{string(r.Verdict)}
	for _, p := range append(append([]config.Problem{}, r.Broken...), r.Skipped...) {
		list = append(list, strings.TrimPrefix(p.String(), "environments.prod.expect[0]"))
	}
	return list
}

const (
	cors   = `{"request": "OPTIONS /v1/chat", "headers": {"Origin": "https://app.example.com", "Access-Control-Request-Method": "POST"}, "adds": {"Access-Control-Allow-Origin": "https://app.example.com"}}`
	frame  = `{"request": "GET /v1/chat", "adds": {"X-Frame-Options": "DENY"}}`
	kept   = `{"request": "GET /v1/models", "cached": true}`
	never  = `{"request": "GET /v1/chat", "cached": false}`
	method = `{"request": "DELETE /v1/models", "status": 403}`
	secret = `{"request": "GET /models/signed/a", "status": 403}`
	moved  = `{"request": "GET http://api.example.com/v1/models?a=b", "status": 301}`
	writes = `{"request": "POST /v1/chat", "origin": "api", "cached": false}`
	reach  = `{"request": "GET /v1/chat", "origin": "api"}`
)

// TestRight holds servers to everything that is right.
func TestRight(t *testing.T) {
	for name, server := range rightServers {
		t.Run(name, func(t *testing.T) { testRight(t, server) })
	}
}

func testRight(t *testing.T, server func(*testing.T, *edge.Distribution) http.Handler) {
	for _, r := range []struct {
		name, expectation string
		options           func(*verify.Options)
		want              []string
	}{
		{"a preflight", cors, nil, []string{"ok"}},
		{"a header", frame, nil, []string{"ok"}},
		{"cached", kept, nil, []string{"ok"}},
		{"not cached", never, nil, []string{"ok"}},
		{"cached, to HEAD", `{"request": "HEAD /v1/models", "cached": true}`, nil, []string{"ok"}},
		{"a method", method, nil, []string{"ok"}},
		{"refused, to HEAD", `{"request": "HEAD /models/signed/a", "status": 403}`, nil, []string{"ok"}},
		{"a signature", secret, nil, []string{"ok"}},
		{"a signed route by its name alone", `{"request": "GET /models/signed/a", "route": "models/signed/*"}`, nil, []string{"ok"}},
		{"a redirect", moved, nil, []string{"ok"}},
		{"the origin", reach, nil, []string{"ok"}},
		{"a host of the distribution", `{"request": "GET https://api.example.com/v1/chat", "cached": false}`, nil, []string{"ok"}},
		{"a host in a header", `{"request": "GET /v1/chat", "headers": {"Host": "api.example.com"}, "cached": false}`, nil, []string{"ok"}},

		{"another's address", `{"request": "GET /v1/chat", "from": "192.0.2.7", "origin": "api"}`, nil,
			[]string{"skipped", ": not sent: it is about callers from 192.0.2.7, and this machine calls from its own address"}},
		{"what writes", writes, nil, []string{"skipped", ": not sent: POST reaches api, where it may cost money or change data; --send-writes sends it"}},
		{"what writes, sent", writes, func(o *verify.Options) { o.SendWrites = true }, []string{"ok"}},
		{"another's host", `{"request": "GET https://www.example.org/", "status": 403}`, nil, []string{"skipped", ": not sent: that host isn't this distribution's, so whoever owns it would answer"}},
		{"a redirect beside the port of HTTPS", moved, func(o *verify.Options) { o.ConnectTo = "api.example.com:443" }, []string{"ok"}},
		{"a redirect on one port for both", moved, func(o *verify.Options) { o.ConnectTo = "api.example.com:8443" }, []string{"ok"}},
		{"a redirect without TLS", moved, func(o *verify.Options) { o.URL = &url.URL{Scheme: "http", Host: "api.example.com"} },
			[]string{"skipped", ": not sent: an http --url redirects nothing; try serve --tls, with an https --url"}},
	} {
		o := live(t, server(t, edgetest.Distribution(t)))
		if r.options != nil {
			r.options(&o)
		}
		results := run(t, o, r.expectation)
		if diff := cmp.Diff(r.want, gist(results[0])); diff != "" {
			t.Errorf("%s (-want +got):\n%s", r.name, diff)
		}
	}
}

// TestBroken has a row for each way in which a distribution can be wrong, and those in which only its origin is.
func TestBroken(t *testing.T) {
	const reset = "connection reset by peer"
	answers := func(status int, server, xCache, body string, headers ...string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			for i := 0; i < len(headers); i += 2 {
				w.Header().Add(headers[i], headers[i+1])
			}
			w.Header().Set("Server", server)
			if xCache != "" {
				w.Header().Set("X-Cache", xCache+" from cloudfront")
			}
			w.WriteHeader(status)
			fmt.Fprint(w, body)
		}
	}
	const page = "<HTML>Generated by cloudfront (CloudFront)</HTML>"
	for _, r := range []struct {
		name, expectation string
		does              http.Handler
		want              []string
	}{
		{"another status", method, answers(200, "nginx", "Miss", "gone"),
			[]string{"broken", ".status: expected 403 (DELETE isn't let in here), got 200 OK: run cdktf diff to see whether this configuration is deployed"}},
		{"an origin's status", method, answers(403, "nginx", "Error", page),
			[]string{"broken", ".status: expected 403 from CloudFront, got it from an origin (Server: nginx): run cdktf diff to see whether this configuration is deployed"}},
		{"the bucket's status", secret, answers(403, "CloudFront", "Error", "<Error><Code>AccessDenied</Code><HostId>a</HostId></Error>"),
			[]string{"broken", ".status: expected 403 from CloudFront, got it from an origin (Server: CloudFront): run cdktf diff to see whether this configuration is deployed"}},
		{"the status of an origin without a name", method, answers(403, "CloudFront", "Error", `{"error": "no"}`),
			[]string{"broken", ".status: expected 403 from CloudFront, got it from an origin (Server: CloudFront): run cdktf diff to see whether this configuration is deployed"}},
		{"no signature needed", `{"request": "GET /models/signed/a", "route": "models/signed/*"}`, answers(200, "AmazonS3", "Miss", "a"),
			[]string{"broken", ".request: expected 403 (the signature is missing), got 200 OK: run cdktf diff to see whether this configuration is deployed"}},

		{"an address that doesn't get in", `{"request": "GET /admin", "origin": "api"}`, answers(403, "CloudFront", "Error", page),
			[]string{"broken", ".origin: expected an answer from api, got 403 Forbidden from CloudFront itself: the firewall lets in only 203.0.113.0/24, 2001:db8:2::/48 here: " +
				"is that where this machine calls from? logs prod refused shows which addresses are refused"}},
		{"an address that doesn't get in, beside another answer", `{"request": "GET http://api.example.com/admin", "status": 301}`, answers(403, "CloudFront", "Error", page),
			[]string{"broken", ".status: expected 301 (to https://api.example.com/admin), got 403 Forbidden: the firewall lets in only 203.0.113.0/24, 2001:db8:2::/48 here: " +
				"is that where this machine calls from? logs prod refused shows which addresses are refused"}},
		{"all is paused", kept, answers(503, "CloudFront", "FunctionGeneratedResponse", `{"error": {"message": "Back at ten.", "code": "paused"}}`),
			[]string{"broken", ".request: expected an answer from api, got 503 Service Unavailable from CloudFront itself: prod is paused; resume prod ends that"}},
		{"all is paused, beside another answer", method, answers(503, "CloudFront", "FunctionGeneratedResponse", `{"error": {"message": "Back at ten.", "code": "paused"}}`),
			[]string{"broken", ".status: expected 403 (DELETE isn't let in here), got 503 Service Unavailable: prod is paused; resume prod ends that"}},
		{"never a hit", kept, answers(200, "nginx", "Miss", "a"),
			[]string{"broken", ".cached: expected true, got Miss from cloudfront for 4 requests in a row: run cdktf diff to see whether this configuration is deployed"}},
		{"the origin forbids to keep it", kept, answers(200, "nginx", "Miss", "a", "Cache-Control", "no-store"),
			[]string{"skipped", ".cached: the cache keeps this answer for only 0 s (Cache-Control: no-store)"}},
		{"the origin fails", kept, answers(500, "nginx", "Error", "a"),
			[]string{"skipped", ".cached: the origin answers 500 Internal Server Error, and X-Cache doesn't show whether an error comes from the cache"}},
		{"too long to wait for", kept, answers(200, "nginx", "Miss", strings.Repeat("a", 2<<20)),
			[]string{"skipped", ".cached: only 1 MiB, or 5s, of the answer were read, so CloudFront may not keep it"}},
		{"a hit after some tries", kept, inTurn(answers(200, "nginx", "Miss", "a"), answers(200, "nginx", "Miss", "a"), answers(200, "nginx", "RefreshHit", "a")), []string{"ok"}},
		{"a hit where none may be", never, answers(200, "nginx", "Hit", "a"),
			[]string{"broken", ".cached: expected false, got Hit from cloudfront: run cdktf diff to see whether this configuration is deployed"}},

		{"a header is missing", frame, answers(200, "nginx", "Miss", "a"),
			[]string{"broken", ".adds.X-Frame-Options: expected DENY, got none: run cdktf diff to see whether this configuration is deployed"}},
		{"a header is another", frame, answers(200, "nginx", "Miss", "a", "X-Frame-Options", "SAMEORIGIN"),
			[]string{"broken", ".adds.X-Frame-Options: expected DENY, got SAMEORIGIN: run cdktf diff to see whether this configuration is deployed"}},
		{"a header is there twice", frame, answers(200, "nginx", "Miss", "a", "X-Frame-Options", "DENY", "X-Frame-Options", "DENY"),
			[]string{"broken", ".adds.X-Frame-Options: expected DENY, got DENY, DENY: run cdktf diff to see whether this configuration is deployed"}},

		{"a redirect elsewhere", moved, answers(301, "CloudFront", "Redirect", "", "Location", "https://www.example.com/"),
			[]string{"broken", ".status: expected a redirect to https://api.example.com/v1/models?a=b, got one to https://www.example.com/: run cdktf diff to see whether this configuration is deployed"}},
		{"a redirect nowhere", moved, answers(301, "CloudFront", "Redirect", ""),
			[]string{"broken", ".status: expected a redirect to https://api.example.com/v1/models?a=b, got one without Location: run cdktf diff to see whether this configuration is deployed"}},
		{"no redirect", moved, answers(200, "nginx", "Miss", "a"),
			[]string{"broken", ".status: expected 301 (to https://api.example.com/v1/models?a=b), got 200 OK: run cdktf diff to see whether this configuration is deployed"}},
		{"a redirect that isn't followed", reach, answers(301, "CloudFront", "Redirect", "", "Location", "https://api.example.com/"),
			[]string{"broken", ".origin: expected an answer from api, got 301 Moved Permanently from CloudFront itself to https://api.example.com/: run cdktf diff to see whether this configuration is deployed"}},

		{"an origin that CloudFront can't reach", reach, answers(502, "CloudFront", "Error", page),
			[]string{"broken", ".origin: expected an answer from api, got 502 Bad Gateway from CloudFront itself: check that api runs; logs prod errors shows what fails"}},
		{"refused by a function", frame, answers(403, "CloudFront", "FunctionGeneratedResponse", ""),
			[]string{"broken", ".request: expected an answer from api, got 403 Forbidden from CloudFront itself: logs prod refused shows what is refused"}},
		{"an origin that refuses", reach, answers(401, "nginx", "Error", "who are you?"), []string{"ok"}},
		{"an origin that refuses, with no name", reach, answers(401, "CloudFront", "Error", "who are you?"), []string{"ok"}},
		{"no CloudFront", reach, answers(200, "nginx", "", "a"),
			[]string{"broken", ".request: got 200 OK without X-Cache, so not from CloudFront: check --url, or name the distribution with --connect-to"}},

		{"hangs", reach, hangs(), []string{"broken", ".request: no answer within 200ms (--timeout)"}},
		{"resets", reach, breaks(func(c *net.TCPConn) { _ = c.SetLinger(0) }), []string{"broken", ".request: " + reset}},
		{"closes", reach, breaks(func(*net.TCPConn) {}), []string{"broken", ".request: the connection was closed without an answer"}},
		{"isn't HTTP", reach, says("SSH-2.0-OpenSSH_9.6\r\n"), []string{"broken", `.request: net/http: HTTP/1.x transport connection broken: malformed HTTP response "SSH-2.0-OpenSSH_9.6"`}},
		{"hangs later", never, inTurn(answers(200, "nginx", "Miss", "a"), hangs()), []string{"broken", ".request: the second request: no answer within 200ms (--timeout)"}},
	} {
		t.Run(r.name, func(t *testing.T) {
			o := live(t, r.does)
			if strings.HasPrefix(r.name, "hangs") {
				o.Timeout = 200 * time.Millisecond
			}
			results := run(t, o, r.expectation)
			if diff := cmp.Diff(r.want, gist(results[0])); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// TestLacked knows which headers only CloudFront sends, unless they are given.
func TestLacked(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("X-Origin-Verify") != "right" {
			w.WriteHeader(http.StatusForbidden)
		}
	}))
	defer server.Close()
	for _, given := range []string{"", "right"} {
		o := live(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("X-Cache", "Miss from cloudfront") }))
		dial := o.Dial
		o.Dial = func(ctx context.Context, network, address string) (net.Conn, error) {
			if address == server.Listener.Addr().String() {
				return (&net.Dialer{}).DialContext(ctx, network, address)
			}
			return dial(ctx, network, address)
		}
		o.Origins = api(t, server.URL)
		status, lacked := http.StatusForbidden, []string{"X-Origin-Verify"}
		if given != "" {
			o.Headers = map[string]string{"x-origin-verify": given}
			status, lacked = http.StatusOK, nil
		}
		results, err := verify.Run(t.Context(), "prod", expectations(t, `{"request": "GET /v1/chat", "origin": "api"}`), edgetest.Distribution(t), o, func(string) {})
		require.NoError(t, err)
		require.Equal(t, status, results[0].Direct.Status)
		require.Equal(t, lacked, results[0].Direct.Lacked)
	}
}
