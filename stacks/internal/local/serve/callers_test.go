package serve

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/internal/edge/edgetest"
	"ml-api-accelerator/stacks/internal/edge/function"
	"ml-api-accelerator/stacks/internal/shared/callers"
	"ml-api-accelerator/stacks/internal/shared/viewerrequest"
)

// known has a key for each caller, which is the caller's name after "key-".
func known(names ...string) function.Map {
	store := function.Map{}
	for _, name := range names {
		hash := callers.Hash("key-" + name)
		store[hash] = callers.Key{Hash: hash, Name: name}.Value()
	}
	return store
}

func keyOfCaller(name string) string { return "Authorization: Bearer key-" + name }

// telling is an origin that says who it is and what it is told of the caller, and lets its answers be kept.
func telling(who string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "max-age=60")
		_, hasKey := r.Header["Authorization"]
		fmt.Fprintf(w, "%s for %q, canary %q, with a key: %t", who, strings.Join(r.Header["X-Caller"], "+"), r.Header["X-Canary"], hasKey)
	}
}

// TestCallers holds that a known caller passes and another doesn't, whatever is kept.
func TestCallers(t *testing.T) {
	const refused = `401 FunctionGeneratedResponse {"error":{"message":`
	s := serveDistribution(t, edgetest.Callers(t), telling("api"), func(o *Options) { o.Store = known("alice", "bob") })

	require.Equal(t, `200 Miss api for "alice", canary [], with a key: false`, s.says("POST /v1/chat", keyOfCaller("alice")))
	require.Equal(t, `200 Miss api for "bob", canary [], with a key: false`, s.says("POST /v1/chat", keyOfCaller("bob"), "X-Caller: alice", "X-Canary: 1"))

	// One answer for all, once they are known.
	require.Equal(t, `200 Miss api for "", canary [], with a key: false`, s.says("GET /shared/a", keyOfCaller("alice")))
	require.Equal(t, `200 Hit api for "", canary [], with a key: false`, s.says("GET /shared/a", keyOfCaller("bob")))
	for _, headers := range [][]string{nil, {keyOfCaller("carol")}, {"Authorization: Basic key-alice"}, {"X-Caller: alice"}, {"X-Canary: 1"}} {
		require.Contains(t, s.says("GET /shared/a", headers...), refused, headers)
		require.Contains(t, s.says("POST /v1/chat", headers...), refused, headers)
	}
	// One answer for each.
	require.Equal(t, `200 Miss api for "alice", canary [], with a key: false`, s.says("GET /v1/models", keyOfCaller("alice")))
	require.Equal(t, `200 Miss api for "bob", canary [], with a key: false`, s.says("GET /v1/models", keyOfCaller("bob"), "X-Caller: alice", "X-Canary: 1"))
	require.Equal(t, `200 Hit api for "alice", canary [], with a key: false`, s.says("GET /v1/models", keyOfCaller("alice")))
	require.Equal(t, 5, s.times())

	require.Contains(t, s.says("OPTIONS /v1/chat", "Origin: https://app.example.com", "Access-Control-Request-Method: POST"), "200 Miss api for")
	require.Contains(t, s.says("OPTIONS /v1/chat", "Origin: https://app.example.com"), refused)
}

// TestPreflights holds that what only looks like a preflight needs a key: the backend gets neither its body nor its
// cookies, and no WebSocket.
func TestPreflights(t *testing.T) {
	s := serveDistribution(t, edgetest.Callers(t), telling("api"), func(o *Options) { o.Store = known("alice") })
	const preflight = "OPTIONS /v1/chat HTTP/1.1\r\nHost: localhost\r\nOrigin: https://app.example.com\r\n" +
		"Access-Control-Request-Method: POST\r\nConnection: close\r\n"
	const smuggled = "GET /admin HTTP/1.1\r\nX-Caller: root\r\n\r\n"
	for name, rest := range map[string]string{
		"a length": fmt.Sprintf("Content-Length: %d\r\n\r\n%s", len(smuggled), smuggled),
		"chunks":   fmt.Sprintf("Transfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n0\r\n\r\n", len(smuggled), smuggled),
		"a cookie": "Cookie: session=1\r\n\r\n",
		"a key":    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
	} {
		require.Contains(t, raw(t, s, preflight+rest), "HTTP/1.1 401 ", name)
	}
	require.Zero(t, s.times())
	require.Contains(t, raw(t, s, preflight+"Content-Length: 0\r\n\r\n"), "HTTP/1.1 200 ")
	require.Equal(t, 1, s.times())
}

// TestUpgradeOfOPTIONS holds that only GET opens a WebSocket.
func TestUpgradeOfOPTIONS(t *testing.T) {
	got := make(chan string, 1)
	s := serveDistribution(t, edgetest.Callers(t), func(_ http.ResponseWriter, r *http.Request) { got <- r.Header.Get("Upgrade") }, nil)
	require.Contains(t, raw(t, s, "OPTIONS /v1/chat HTTP/1.1\r\nHost: localhost\r\nOrigin: https://app.example.com\r\n"+
		"Access-Control-Request-Method: GET\r\nConnection: Upgrade, close\r\nUpgrade: websocket\r\n\r\n"), "HTTP/1.1 200 ")
	require.Empty(t, <-got)
}

// raw sends the bytes of a request, and has those of the answer.
func raw(t *testing.T, s *standIn, request string) string {
	t.Helper()
	connection, err := net.Dial("tcp", strings.TrimPrefix(s.URL, "http://"))
	require.NoError(t, err)
	defer connection.Close()
	_, err = io.WriteString(connection, request)
	require.NoError(t, err)
	answer, err := io.ReadAll(connection)
	require.NoError(t, err)
	return string(answer)
}

// TestTwoKeys are refused, though one of them is known: which one counts isn't clear.
func TestTwoKeys(t *testing.T) {
	s := serveDistribution(t, edgetest.Callers(t), telling("api"), func(o *Options) { o.Store = known("alice") })
	require.Contains(t, s.with(http.Header{"Authorization": {"Bearer key-alice", "Bearer key-alice"}}, "/v1/chat"), "Send an API key")
	require.Zero(t, s.times())
}

// TestRefusal has all of a refusal.
func TestRefusal(t *testing.T) {
	s := serveDistribution(t, edgetest.Callers(t), telling("api"), nil)
	answer, text := s.do("POST /v1/chat", "Origin: https://app.example.com")
	require.Equal(t, http.StatusUnauthorized, answer.StatusCode)
	require.JSONEq(t, `{"error": {"message": "Send an API key in the header Authorization: Bearer KEY.", "type": "invalid_request_error", "param": null, "code": "invalid_api_key"}}`, text)
	for name, want := range map[string]string{
		"Content-Type": "application/json", "Content-Length": fmt.Sprint(len(text)), "Www-Authenticate": "Bearer", "Cache-Control": "no-store",
		"Access-Control-Allow-Origin": "https://app.example.com", "Access-Control-Allow-Credentials": "true", "Vary": "Origin",
		"X-Content-Type-Options": "nosniff", "X-Cache": "FunctionGeneratedResponse from cloudfront", "Server": "CloudFront",
		"Via": "1.1 00000000000000000000000000000000.cloudfront.net (CloudFront)", "Age": "",
	} {
		require.Equal(t, want, strings.Join(answer.Header.Values(name), " and "), name)
	}
	answer, text = s.do("HEAD /v1/models")
	require.Equal(t, http.StatusUnauthorized, answer.StatusCode)
	require.Empty(t, text)
}

// TestCanary holds that each caller gets one version, from the cache too, and that both fail over to the same server.
func TestCanary(t *testing.T) {
	canary, failover := httptest.NewServer(telling("canary")), httptest.NewServer(telling("failover"))
	t.Cleanup(canary.Close)
	t.Cleanup(failover.Close)
	var names []string
	for i := range 20 {
		names = append(names, fmt.Sprintf("caller-%d", i))
	}
	store := known(names...)
	store[callers.CanaryEntry] = "50"
	s := serveDistribution(t, edgetest.Callers(t), telling("api"), func(o *Options) {
		o.Store, o.Canary, o.Failover = store, urlOf(t, canary), urlOf(t, failover)
	})
	seen := map[string]int{}
	for _, name := range names {
		who, _, _ := strings.Cut(strings.TrimPrefix(s.says("POST /v1/chat", keyOfCaller(name)), "200 Miss "), " ")
		result := "Hit"
		if seen[who] == 0 {
			result = "Miss"
		}
		seen[who]++
		told := map[string]string{"canary": `["1"]`, "api": "[]"}[who]
		require.Equal(t, fmt.Sprintf("200 %s %s for \"\", canary %s, with a key: false", result, who, told), s.says("GET /shared/a", keyOfCaller(name)), name)
	}
	require.Len(t, seen, 2)
	require.Equal(t, len(names), seen["api"]+seen["canary"])
	require.Equal(t, seen["api"]+1, s.times())

	store[callers.CanaryEntry] = "100"
	require.Contains(t, s.says("GET /v1/models", keyOfCaller("caller-0")), `200 Miss canary for "caller-0", canary ["1"]`)
	canary.Close()
	s.origin.Close()
	require.Contains(t, s.says("GET /v1/models?b", keyOfCaller("caller-0")), `200 Miss failover for "caller-0", canary ["1"]`)
	require.Contains(t, s.says("POST /v1/chat", keyOfCaller("caller-0")), "502 Error")
}

func urlOf(t *testing.T, s *httptest.Server) *url.URL {
	t.Helper()
	u, err := url.Parse(s.URL)
	require.NoError(t, err)
	return u
}

// TestCanaryIsMissing answers like an origin that isn't there.
func TestCanaryIsMissing(t *testing.T) {
	store := known("alice")
	store[callers.CanaryEntry] = "100"
	s := serveDistribution(t, edgetest.Callers(t), telling("api"), func(o *Options) { o.Store = store })
	require.Contains(t, s.says("POST /v1/chat", keyOfCaller("alice")), "502 Error")
	require.Zero(t, s.times())
	require.Equal(t, []string{
		"no server stands for api-canary: name one with --canary", "no server stands for api-failover: name one with --failover",
		"no folder stands for models: name one with --models",
	}, s.edge.Missing())
}

// unreachable is a store that can't be asked.
type unreachable struct{}

func (unreachable) Get(string) (string, bool, error) { return "", false, errors.New("no store") }

// TestFunctionFails lets nobody in.
func TestFunctionFails(t *testing.T) {
	s := serveDistribution(t, edgetest.Callers(t), telling("api"), func(o *Options) { o.Store = unreachable{} })
	answer, text := s.do("POST /v1/chat", keyOfCaller("alice"))
	require.Equal(t, "503 5", fmt.Sprint(answer.StatusCode, " ", answer.Header.Get("Retry-After")))
	require.Contains(t, text, "API keys can't be checked now")
	require.Zero(t, s.times())

	const readOnly = "function handler(event) { event.request.headers.host = {value: 'x'}; return event.request; }"
	s = serveDistribution(t, edgetest.CallersRunning(t, "function handler() { throw 'no'; }", readOnly), telling("api"), nil)
	require.Regexp(t, "(?s)^503 FunctionExecutionError .*Generated by cloudfront", s.says("POST /v1/chat"))
	require.Regexp(t, "(?s)^502 FunctionValidationError .*read-only header.*Generated by cloudfront", s.says("GET /v1/models"))
	require.Zero(t, s.times())
}

// TestForwardedKey reaches the backend as it was sent, and so do cookies that came in two headers.
func TestForwardedKey(t *testing.T) {
	d := edgetest.Callers(t, func(o *viewerrequest.Options) {
		o.KeyHeaders, o.ForwardKey, o.Canary = []string{"x-api-key"}, true, nil
	})
	s := serveDistribution(t, d, func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, r.Header.Get("X-Api-Key"), " ", r.Header.Get("Cookie"), " ", r.Header.Get("Authorization"))
	}, func(o *Options) { o.Store = known("alice") })
	header := http.Header{"X-Api-Key": {"key-alice"}, "Cookie": {"a=1", "b=2"}, "Authorization": {"Basic x"}}
	require.Equal(t, "key-alice a=1; b=2 Basic x", s.with(header, "/v1/chat"))
}

// TestChangedByFunction: a function sees what the caller sent, and an origin gets what the function left.
func TestChangedByFunction(t *testing.T) {
	const code = `function handler(event) {
		const request = event.request;
		request.uri = '/v2' + request.uri;
		request.headers['x-seen'] = {value: request.headers['x-a'].multiValue.length + ' ' + request.cookies['a'].multiValue.length + ' ' + event.viewer.ip};
		request.cookies = {c: {value: '3'}};
		delete request.headers['x-a'];
		return request;
	}`
	s := serveDistribution(t, edgetest.CallersRunning(t, code, code), func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, r.RequestURI, " ", r.Header["X-A"], " ", r.Header.Get("Cookie"), " ", r.Header.Get("X-Seen"))
	}, nil)
	require.Equal(t, "/v2/v1/chat?q=1 [] c=3 3 2 127.0.0.1", s.with(http.Header{"X-A": {"1", "2, 3", "4"}, "Cookie": {"a=1", "a=2"}}, "/v1/chat?q=1"))
}

// with has the body of what answers a request with some headers, as they are.
func (s *standIn) with(header http.Header, path string) string {
	s.Helper()
	r, err := http.NewRequest(http.MethodGet, s.URL+path, nil)
	require.NoError(s, err)
	r.Header = header
	answer, err := http.DefaultClient.Do(r)
	require.NoError(s, err)
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	require.NoError(s, err)
	return string(text)
}
