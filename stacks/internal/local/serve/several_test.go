package serve

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/internal/edge"
)

// several is the distribution of an environment with everything that backends and buckets by name may have.
func several(t *testing.T) *edge.Distribution {
	t.Helper()
	text, err := os.ReadFile("../../../testdata/everything-several.tf.json")
	require.NoError(t, err)
	d, err := edge.Parse(text)
	require.NoError(t, err)
	return d
}

// serverOf has a server that says who it is, what it is asked for and what it is told.
func serverOf(t *testing.T, who string) *url.URL {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "max-age=60")
		fmt.Fprintf(w, "%s gets %s for %q", who, r.URL.Path, r.Header.Get("X-Caller"))
		for _, name := range []string{"X-Forwarded-Host", "X-Forwarded-Prefix"} {
			if value := r.Header.Get(name); value != "" {
				fmt.Fprintf(w, ", %s %s", name, value)
			}
		}
		if r.Host == "several.example.com" {
			fmt.Fprint(w, ", as "+r.Host)
		}
	}))
	t.Cleanup(func() { s.CloseClientConnections(); s.Close() })
	return urlOf(t, s)
}

// folderWith has a folder with one file.
func folderWith(t *testing.T, file, text string) string {
	t.Helper()
	folder := t.TempDir()
	path := filepath.Join(folder, file)
	require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
	require.NoError(t, os.WriteFile(path, []byte(text), 0o644))
	return folder
}

// TestSeveral leads each route to the server or the folder of its backend or bucket, with what the distribution does on
// the way.
func TestSeveral(t *testing.T) {
	never := func(_ http.ResponseWriter, r *http.Request) { t.Errorf("the API gets %s", r.URL) }
	api, models := serverOf(t, "api"), folderWith(t, "catalog/x", "model x")
	s := serveDistribution(t, several(t), never, func(o *Options) {
		o.API, o.Store, o.Models = api, known("alice"), models
		o.Backends = map[string]*url.URL{"embeddings": serverOf(t, "embeddings"), "tools": serverOf(t, "tools"), "litellm": serverOf(t, "litellm")}
		o.Buckets = map[string]string{"datasets": folderWith(t, "datasets/a", "data a")}
	})
	for _, r := range []struct{ request, key, want string }{
		{"POST /v1/embeddings", "alice", `200 Miss embeddings gets /v1/embeddings for "alice"`},
		{"GET /v1/models", "alice", `200 Miss embeddings gets /v1/models for "alice"`},
		{"POST /v1/images/a", "alice", `200 Miss api gets /v1/images/a for "alice", as several.example.com`},
		{"POST /v1/chat", "alice", `200 Miss api gets /v1/chat for "alice", as several.example.com`},
		{"POST /llm/v1/chat", "alice", `200 Miss litellm gets /v1/chat for "alice", X-Forwarded-Host several.example.com, X-Forwarded-Prefix /llm`},
		{"POST /tools/run", "alice", `200 Miss tools gets /api/run for "alice", X-Forwarded-Host several.example.com, X-Forwarded-Prefix /tools`},
		// Two origins that are asked for one path don't share what is kept.
		{"GET /tools/catalog/x", "alice", `200 Miss tools gets /api/catalog/x for "alice", X-Forwarded-Host several.example.com, X-Forwarded-Prefix /tools`},
		{"GET /models/catalog/x", "", "200 Miss model x"},
		{"GET /tools/catalog/x", "alice", `200 Hit tools gets /api/catalog/x for "alice", X-Forwarded-Host several.example.com, X-Forwarded-Prefix /tools`},
		{"GET /models/catalog/x", "", "200 Hit model x"},
		{"GET /datasets/a", "", "200 Miss data a"},
		{"GET /health", "", `200 Miss api gets /health for "", as several.example.com`},
	} {
		headers := []string{"Host: several.example.com"}
		if r.key != "" {
			headers = append(headers, keyOfCaller(r.key))
		}
		require.Equal(t, r.want, s.says(r.request, headers...), r.request)
	}
	require.Contains(t, s.says("POST /v1/embeddings"), "401 ")
	require.Contains(t, s.says("POST /health"), "403 ", "public is no more than that")
}

// TestMissingOfSeveral names each backend and bucket once, by its flag, and never asks the API in its place.
func TestMissingOfSeveral(t *testing.T) {
	s := serveDistribution(t, several(t), func(_ http.ResponseWriter, r *http.Request) { t.Errorf("the API gets %s", r.URL) },
		func(o *Options) { o.Store = known("alice") })
	require.Equal(t, []string{
		"no folder stands for adapters: name one with --bucket adapters=DIR",
		"no server stands for api-canary: name one with --canary",
		"no server stands for api-failover: name one with --failover",
		"no folder stands for datasets: name one with --bucket datasets=DIR",
		"no server stands for embeddings: name one with --backend embeddings=URL",
		"no server stands for embeddings-failover: name one with --backend embeddings-failover=URL",
		"no server stands for litellm: name one with --backend litellm=URL",
		"no folder stands for models: name one with --models",
		"no server stands for tools: name one with --backend tools=URL",
	}, s.edge.Missing())
	require.Contains(t, s.says("GET /v1/models", keyOfCaller("alice")), "502 ")
	require.Eventually(t, func() bool { return s.ended() == 1 }, hang, time.Millisecond)
	require.Equal(t, "embeddings", s.exchanges[0].Sent[0].Origin, "without the route's timeout")
	require.Equal(t, "no server stands for embeddings: name one with --backend embeddings=URL", s.exchanges[0].Sent[0].Error)
}

// TestTimeoutsOfSeveral: all origins of a backend are one server, but each waits for its own time.
func TestTimeoutsOfSeveral(t *testing.T) {
	at := func(port string) *url.URL { return &url.URL{Scheme: "http", Host: "localhost:" + port} }
	origins, err := connect(several(t), Options{
		API: at("1"), Failover: at("2"), Canary: at("3"),
		Backends: map[string]*url.URL{"embeddings": at("4"), "embeddings-failover": at("5")},
	})
	require.NoError(t, err)
	defer disconnect(origins)
	for id, want := range map[string]struct {
		port    string
		seconds time.Duration
	}{
		"api": {"1", 60}, "api-120s": {"1", 120}, "api-failover": {"2", 60}, "api-120s-failover": {"2", 120},
		"api-canary": {"3", 60}, "api-120s-canary": {"3", 120},
		"embeddings": {"4", 30}, "embeddings-10s": {"4", 10}, "embeddings-10s-failover": {"5", 10},
	} {
		require.NotNil(t, origins[id].base, id)
		require.Equal(t, want.port, origins[id].base.Port(), id)
		for _, transport := range []http.RoundTripper{origins[id].plain, origins[id].grpc} {
			require.Equal(t, want.seconds*time.Second, transport.(*http.Transport).ResponseHeaderTimeout, id)
		}
	}
	var advice bytes.Buffer
	fmt.Fprint(&advice, origins["embeddings-10s"].advise(asFailure(errSlow)))
	require.Contains(t, advice.String(), "the edge waits 10 s for an answer (readTimeoutSeconds)")
}

// TestFailoverOfSeveral asks the second server of the backend, and not that of the API.
func TestFailoverOfSeveral(t *testing.T) {
	s := serveDistribution(t, several(t), http.NotFound, func(o *Options) {
		o.Store, o.Failover = known("alice"), serverOf(t, "standby of the API")
		o.Backends = map[string]*url.URL{"embeddings": closedPort, "embeddings-failover": serverOf(t, "standby")}
	})
	require.Equal(t, `200 Miss standby gets /v1/models for "alice"`, s.says("GET /v1/models", keyOfCaller("alice")))
}
