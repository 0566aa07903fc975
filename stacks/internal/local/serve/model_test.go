package serve

import (
	"bufio"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/internal/edge"
	"ml-api-accelerator/stacks/internal/edge/edgetest"
	"ml-api-accelerator/stacks/internal/edge/explain"
	"ml-api-accelerator/stacks/internal/edge/function"
)

// What the requests of TestModel are made of.
var (
	someMethods = []string{"GET", "GET", "GET", "HEAD", "OPTIONS", "POST", "DELETE"}
	somePaths   = []string{
		"/v1/embeddings", "/v1/models", "/preflight/a", "/block/a", "/viewer/a", "/private/a", "/open/a%2Fb//c", "/v1/chat", "/shared/a", "/x", "/a+b/%7e/../c",
	}
	someQueries = []string{"", "", "&a=1&b=2&c=3&c=4", "&A=%20&a", "&&b=2&&"}
	someHeaders = []string{
		"Accept: */*", "Accept-Encoding: gzip, br;q=0.5", "Accept-Encoding: zstd", "Accept-Language: de", "Authorization: Bearer key-alice", "AUTHORIZATION: Bearer key-alice", "authorization: Basic x",
		"CloudFront-Viewer-Address: 192.0.2.9:1", "cloudfront-viewer-country: DE", "CloudFront-Forwarded-Proto: gopher", "CloudFront-Viewer-TLS: none",
		"Connection: X-A, keep-alive", "Content-Type: application/json", "Cookie: a=1; b=2; session=3; a=4", "Cookie: $x=1; c", "Expect: 100-continue", "Forwarded: for=x",
		"If-Match: \"a\"", "If-None-Match: \"a\"", "If-Range: \"a\"", "If-Modified-Since: Tue, 01 Jan 2030 12:00:00 GMT", "Keep-Alive: 5", "Max-Forwards: 1",
		"Origin: https://app.example.com", "Proxy-Authorization: x", "Range: bytes=0-1", "Range: bytes=9-3", "Range: items=1", "Referer: https://a", "TE: trailers",
		"User-Agent: curl", "Via: 1.1 proxy", "X-A: (secret ml-api/prod/origin-verify)", "X-A: 2", "X-Caller: root", "X-Canary: 1", "X-Edge-Location: x",
		"X-Forwarded-For: 192.0.2.4", "X-Forwarded-Proto: http", "X-Origin-Verify: forged", "X-Other:", "X-Real-IP: 192.0.2.5", "x-secret: 1", "X_Caller: root",
	}
)

// TestModel sends requests at random through the edge, and holds what reaches the origin to what explain says that it
// gets.
func TestModel(t *testing.T) {
	const seed, requests = 1, 400
	for name, d := range map[string]*edge.Distribution{"without callers": edgetest.Distribution(t), "with callers": edgetest.Callers(t)} {
		t.Run(name, func(t *testing.T) {
			clear(d.Errors) // whose pages can't be served here
			var got *http.Request
			var store function.Store = known("alice")
			s := serveDistribution(t, d, func(_ http.ResponseWriter, r *http.Request) { got = r.Clone(t.Context()) }, func(o *Options) {
				o.Store, o.Secrets = store, map[string]string{"ml-api/prod/origin-verify": "hunter2"}
				o.Backends = map[string]*url.URL{"private": o.API, "open": o.API}
			})
			random, reached := rand.New(rand.NewPCG(seed, seed)), 0
			pick := func(list []string) string { return list[random.IntN(len(list))] }
			for n := range requests {
				method, target := pick(someMethods), fmt.Sprintf("%s/%d?%s", pick(somePaths), n, pick(someQueries))
				headers := []string{"Host: api.example.com", "Connection: close"}
				for range random.IntN(8) {
					headers = append(headers, pick(someHeaders))
				}
				got = nil
				sendRaw(t, s.URL, method+" "+target, headers)
				r, err := explain.Request(method, target, headers)
				require.NoError(t, err)
				r.Time, r.IP, r.Store = time.Now(), netip.MustParseAddr("127.0.0.1"), store
				decision := explain.Decide(d, r)
				if decision.Origin == nil || decision.Behavior.Origin.S3 {
					require.Nil(t, got, "%s %s %q reaches an origin", method, target, headers)
					continue
				}
				reached++
				require.NotNil(t, got, "%s %s %q reaches no origin", method, target, headers)
				require.Equal(t, said(decision.Origin, s.origin.Listener.Addr().String()), arrived(got), "%s %s %q", method, target, headers)
			}
			require.Greater(t, reached, requests/20)
		})
	}
}

// sendRaw sends a request as it is, and waits for the end of the answer.
func sendRaw(t *testing.T, url, request string, headers []string) {
	t.Helper()
	c, err := net.Dial("tcp", strings.TrimPrefix(url, "http://"))
	require.NoError(t, err)
	defer c.Close()
	_, err = fmt.Fprintf(c, "%s HTTP/1.1\r\n%s\r\n\r\n", request, strings.Join(headers, "\r\n"))
	require.NoError(t, err)
	answer, err := http.ReadResponse(bufio.NewReader(c), nil)
	require.NoError(t, err)
	answer.Body.Close()
}

// said is what the model says of a request to an origin, a line each.
func said(o *edge.OriginRequest, listens string) []string {
	host := o.Host
	if host == o.Server || strings.HasPrefix(o.Server, host+":") {
		host = listens
	}
	lines := []string{"target " + o.Target, "host " + host}
	for _, values := range []map[string]edge.Value{o.Headers, o.Sets} {
		for name, value := range values {
			text := value.Text
			switch {
			case name == "Connection", value.Kind == edge.NotSent, value.Kind == edge.Signed:
				continue
			case value.Kind == edge.Secret:
				text = "hunter2"
			case value.Kind == edge.ByCloudFront && !slices.Contains([]string{
				"Via", "X-Amz-Cf-Id", "CloudFront-Viewer-Address", "CloudFront-Viewer-Http-Version", "CloudFront-Forwarded-Proto",
			}, name):
				continue // it takes AWS to know it
			case value.Kind == edge.ByCloudFront:
				text = strings.TrimPrefix(value.Text+", (made)", ", ")
			}
			lines = append(lines, http.CanonicalHeaderKey(name)+": "+strings.TrimSpace(text))
		}
	}
	for name, value := range o.Cookies {
		lines = append(lines, "cookie "+name+"="+value)
	}
	slices.Sort(lines)
	return lines
}

// arrived is what an origin got, a line each.
func arrived(r *http.Request) []string {
	lines := []string{"target " + r.RequestURI, "host " + r.Host}
	for name, values := range r.Header {
		for _, value := range values {
			switch name {
			case "Cookie":
				for name, value := range edge.ParseCookies(value) {
					lines = append(lines, "cookie "+name+"="+value)
				}
				continue
			case "Content-Length":
				continue
			case "X-Amz-Cf-Id":
				value = "(made)"
			case "Via":
				value = strings.Replace(value, edge.Via, "(made)", 1)
			case "Cloudfront-Viewer-Address":
				if strings.HasPrefix(value, "127.0.0.1:") {
					value = "(made)"
				}
			case "Cloudfront-Viewer-Http-Version":
				value = strings.Replace(value, "1.1", "(made)", 1)
			case "Cloudfront-Forwarded-Proto":
				value = strings.Replace(value, "https", "(made)", 1)
			}
			lines = append(lines, name+": "+strings.TrimSpace(value))
		}
	}
	slices.Sort(lines)
	return lines
}
