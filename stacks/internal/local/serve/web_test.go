package serve

import (
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/internal/edge"
	"ml-api-accelerator/stacks/internal/shared/webfiles"
)

// withPage is the distribution of a fixture that has a page.
func withPage(t *testing.T, stack string) *edge.Distribution {
	t.Helper()
	text, err := os.ReadFile("../../../testdata/" + stack + ".tf.json")
	require.NoError(t, err)
	d, err := edge.Parse(text)
	require.NoError(t, err)
	return d
}

// TestPage serves a page with the API on one origin: what is no file is the page's own, what is missing is a 404, and the
// API's errors stay as they are.
func TestPage(t *testing.T) {
	folder := folderWith(t, "index.html", "<h1>one</h1>")
	write := func(name, text string) {
		path := filepath.Join(folder, filepath.FromSlash(name))
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, []byte(text), 0o644))
	}
	write("assets/index-BfZ3d9aQ.js", "1")
	api := func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusNotFound)
		_, _ = w.Write([]byte(`{"error": "no such model"}`))
	}
	s := serveDistribution(t, withPage(t, "everything-web"), api, func(o *Options) { o.Web, o.Store = folder, known("alice") })

	answer, text := s.do("GET /")
	require.Equal(t, "<h1>one</h1>", text)
	require.Equal(t, "text/html; charset=utf-8", answer.Header.Get("Content-Type"))
	require.Equal(t, webfiles.Revalidate, answer.Header.Get("Cache-Control"))
	require.Equal(t, "default-src 'self'", answer.Header.Get("Content-Security-Policy"))
	require.Equal(t, "default-src 'none'; script-src 'self'", answer.Header.Get("Content-Security-Policy-Report-Only"))
	require.Equal(t, "SAMEORIGIN", answer.Header.Get("X-Frame-Options"))
	require.Equal(t, "nosniff", answer.Header.Get("X-Content-Type-Options"))

	require.Equal(t, "200 RefreshHit <h1>one</h1>", s.says("GET /settings/v1.2/profile"))
	write("index.html", "<h1>another</h1>")
	require.Equal(t, "200 Miss <h1>another</h1>", s.says("GET /settings"))

	require.Equal(t, "200 Miss 1", s.says("GET /assets/index-BfZ3d9aQ.js"))
	require.Equal(t, "200 Hit 1", s.says("GET /assets/index-BfZ3d9aQ.js?a=1"))
	answer, _ = s.do("GET /assets/index-BfZ3d9aQ.js")
	require.Equal(t, webfiles.Forever, answer.Header.Get("Cache-Control"))
	require.Equal(t, "text/javascript; charset=utf-8", answer.Header.Get("Content-Type"))

	answer, text = s.do("GET /assets/index-Old9aQx2.js")
	require.Equal(t, http.StatusNotFound, answer.StatusCode)
	require.Contains(t, text, "<Code>NoSuchKey</Code>")
	write("assets/index-Old9aQx2.js", "2")
	s.wait(time.Second) // ages are in whole seconds
	require.Equal(t, "200 Miss 2", s.says("GET /assets/index-Old9aQx2.js"), "a 404 isn't kept")

	answer, text = s.do("POST /v1/chat/completions")
	require.Equal(t, http.StatusUnauthorized, answer.StatusCode)
	require.Contains(t, text, `"code":"invalid_api_key"`)
	answer, text = s.do("GET /v1/models/none", "Authorization: Bearer key-alice")
	require.Equal(t, http.StatusNotFound, answer.StatusCode)
	require.JSONEq(t, `{"error": "no such model"}`, text)
	require.Equal(t, "DENY", answer.Header.Get("X-Frame-Options"))
	require.Empty(t, answer.Header.Get("Content-Security-Policy"))
	answer, _ = s.do("POST /settings")
	require.Equal(t, http.StatusForbidden, answer.StatusCode, "a page is only read")
	answer, _ = s.do("GET /app/chat")
	require.Equal(t, http.StatusForbidden, answer.StatusCode, "without a signature")
}

// allowed is an address that the firewall of everything-hosted lets in.
var allowed = netip.MustParseAddr("192.0.2.1")

// TestPageBelow serves a page below a folder, whose own folders have an index.html.
func TestPageBelow(t *testing.T) {
	folder := folderWith(t, "guide/index.html", "<h1>guide</h1>")
	never := func(_ http.ResponseWriter, r *http.Request) { t.Errorf("the API gets %s", r.URL) }
	s := serveDistribution(t, withPage(t, "everything-hosted"), never, func(o *Options) { o.Web, o.From = folder, allowed })
	require.Equal(t, "200 Miss <h1>guide</h1>", s.says("GET /docs/guide/"))
	answer, _ := s.do("GET /docs/guide?q=a%20b")
	require.Equal(t, http.StatusFound, answer.StatusCode)
	require.Equal(t, "/docs/guide/?q=a%20b", answer.Header.Get("Location"))
	answer, _ = s.do("GET /docs/")
	require.Equal(t, http.StatusNotFound, answer.StatusCode, "and no list")
}

// TestPageInItsBucket: a folder stands for the whole bucket, or for the page's part of it.
func TestPageInItsBucket(t *testing.T) {
	never := func(_ http.ResponseWriter, r *http.Request) { t.Errorf("the API gets %s", r.URL) }
	for name, change := range map[string]func(*Options){
		"the bucket": func(o *Options) { o.Buckets = map[string]string{"web": folderWith(t, "guide/index.html", "a")} },
		"the page":   func(o *Options) { o.Web, o.WebPrefix = folderWith(t, "index.html", "a"), "guide/" },
	} {
		s := serveDistribution(t, withPage(t, "everything-hosted"), never, func(o *Options) { change(o); o.From = allowed })
		require.Equal(t, "200 Miss a", s.says("GET /docs/guide/"), name)
		require.NotContains(t, s.edge.Missing(), "no folder stands for web: name one with --web", name)
	}
	s := serveDistribution(t, withPage(t, "everything-hosted"), never, nil)
	require.Contains(t, s.edge.Missing(), "no folder stands for web: name one with --web")
}
