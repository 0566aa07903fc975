package serve

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/internal/edge"
	"ml-api-accelerator/stacks/internal/edge/policy"
	"ml-api-accelerator/stacks/internal/local/serve/exchange"
)

var (
	all  = policy.Selection{Behavior: "all"}
	none = policy.Selection{Behavior: "none"}

	readMethods = []string{"GET", "HEAD", "OPTIONS"}
	allMethods  = []string{"GET", "HEAD", "OPTIONS", "PUT", "POST", "PATCH", "DELETE"}
)

// takesSeconds skips a test of timeouts, which are whole seconds, where only quick ones run.
func takesSeconds(t *testing.T) {
	t.Helper()
	if testing.Short() {
		t.Skip("it waits for timeouts")
	}
}

// apiOrigin is what the routes of tests lead to.
func apiOrigin() *edge.Origin {
	return &edge.Origin{
		ID: "api", Domain: "inference.example.com", Protocol: "https-only", HTTPSPort: 443, HTTPPort: 80,
		ReadTimeout: 1, ConnectionAttempts: 1, ConnectionTimeout: 1,
	}
}

// cachedRoute caches what the origin lets it, and nothing of which the origin says nothing.
func cachedRoute() edge.Behavior {
	return edge.Behavior{
		Path: "*", Origin: apiOrigin(), ViewerProtocol: "redirect-to-https", AllowedMethods: allMethods, CachedMethods: []string{"GET", "HEAD"},
		CachePolicy: policy.Cache{MaxTTL: 1000, Headers: none, Cookies: none, Query: all},
	}
}

// passedRoute caches nothing, and passes on everything.
func passedRoute() edge.Behavior {
	b := cachedRoute()
	b.CachePolicy = policy.Cache{Headers: none, Cookies: none, Query: none}
	b.OriginRequestPolicy = policy.OriginRequest{Headers: policy.Selection{Behavior: "allExcept", Names: []string{"Host"}}, Cookies: all, Query: all}
	return b
}

// standIn is a server with an edge before it.
type standIn struct {
	*testing.T

	edge   *Server
	URL    string
	origin *httptest.Server

	mutex     sync.Mutex
	asked     int // requests that the origin got
	later     time.Duration
	exchanges []exchange.Exchange
}

// serveFor has an edge with some routes before an origin, and closes both at the end of the test, when nothing may be
// left.
func serveFor(t *testing.T, origin http.HandlerFunc, change func(*Options), routes ...edge.Behavior) *standIn {
	t.Helper()
	return serveDistribution(t, distributionOf(routes...), origin, change)
}

// serveDistribution has an edge of a whole distribution.
func serveDistribution(t *testing.T, d *edge.Distribution, origin http.HandlerFunc, change func(*Options)) *standIn {
	t.Helper()
	noLeaks(t)
	s := &standIn{T: t}
	s.origin = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.mutex.Lock()
		s.asked++
		w.Header().Set("Date", time.Now().Add(s.later).UTC().Format(http.TimeFormat))
		s.mutex.Unlock()
		origin(w, r)
	}))
	api, err := url.Parse(s.origin.URL)
	require.NoError(t, err)
	o := Options{API: api, MemoryBytes: 64 << 20, DiskBytes: 1 << 30, Observe: func(x *exchange.Exchange) {
		if !x.End.IsZero() {
			s.mutex.Lock()
			defer s.mutex.Unlock()
			s.exchanges = append(s.exchanges, *x)
		}
	}}
	if change != nil {
		change(&o)
	}
	s.edge, err = New(d, o)
	require.NoError(t, err)
	s.edge.now = func() time.Time {
		s.mutex.Lock()
		defer s.mutex.Unlock()
		return time.Now().Add(s.later)
	}
	server := httptest.NewServer(s.edge)
	s.URL = server.URL
	t.Cleanup(func() {
		http.DefaultClient.CloseIdleConnections()
		server.CloseClientConnections()
		server.Close()
		require.NoError(t, s.edge.Close())
		s.origin.CloseClientConnections()
		s.origin.Close()
		_, err := os.Stat(s.edge.store.Dir())
		require.ErrorIs(t, err, os.ErrNotExist, "files are left")
		require.Empty(t, openBelow(s.edge.store.Dir()))
	})
	return s
}

func distributionOf(routes ...edge.Behavior) *edge.Distribution {
	return &edge.Distribution{Domain: "d111111abcdef8.cloudfront.net", Behaviors: routes}
}

// wait lets the edge's clock go on.
func (s *standIn) wait(d time.Duration) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.later += d
}

func (s *standIn) times() int {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return s.asked
}

// do sends "METHOD /path" with headers like "Name: value", and has the answer with its whole body.
func (s *standIn) do(request string, headers ...string) (*http.Response, string) {
	s.Helper()
	method, path, _ := strings.Cut(request, " ")
	var sends io.Reader
	if method == "POST" || method == "PUT" {
		sends = strings.NewReader("what is sent")
	}
	r, err := http.NewRequest(method, s.URL+path, sends)
	require.NoError(s, err)
	r.Header.Set("Accept-Encoding", "identity")
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		if r.Header.Get(name) == "identity" {
			r.Header.Del(name)
		}
		r.Header.Add(name, value)
		r.Host = r.Header.Get("Host") // empty: the URL's
	}
	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	answer, err := client.Do(r)
	require.NoError(s, err)
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	require.NoError(s, err)
	return answer, string(text)
}

// says is an answer in short: status, what X-Cache says, and the body.
func (s *standIn) says(request string, headers ...string) string {
	s.Helper()
	answer, text := s.do(request, headers...)
	result, _, _ := strings.Cut(answer.Header.Get("X-Cache"), " ")
	return strings.TrimSpace(fmt.Sprintf("%d %s %s", answer.StatusCode, result, text))
}
