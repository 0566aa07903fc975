package replay_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/internal/edge/edgetest"
	"ml-api-accelerator/stacks/internal/logs"
	"ml-api-accelerator/stacks/internal/replay"
	"ml-api-accelerator/stacks/internal/serve"
	"ml-api-accelerator/stacks/internal/serve/accesslog"
	"ml-api-accelerator/stacks/internal/serve/exchange"
)

// TestWhatServeLogs is simulated as serve did it, for an origin that says nothing of caching.
func TestWhatServeLogs(t *testing.T) {
	asked := 0
	api := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if asked++; r.URL.Path == "/v1/models/missing" {
			w.WriteHeader(http.StatusNotFound)
		}
		_, _ = io.WriteString(w, "answer") // the test sees it
	}))
	defer api.Close()
	at, err := url.Parse(api.URL)
	require.NoError(t, err)
	models := t.TempDir()
	require.NoError(t, os.Mkdir(filepath.Join(models, "models"), 0o700))
	require.NoError(t, os.WriteFile(filepath.Join(models, "models", "a.gguf"), []byte("0123456789"), 0o600))

	path := filepath.Join(t.TempDir(), "access.log")
	file, err := os.Create(path)
	require.NoError(t, err)
	d := edgetest.Distribution(t)
	delete(d.Errors, http.StatusForbidden) // serve has no pages for errors
	log := accesslog.New(file, d.Domain, d.LogsCookies)
	edge, err := serve.New(d, serve.Options{API: at, Models: models, MemoryBytes: 1 << 20, DiskBytes: 1 << 20, Observe: func(e *exchange.Exchange) {
		if err := log.Write(e); err != nil {
			t.Error(err)
		}
	}})
	require.NoError(t, err)
	server := httptest.NewServer(edge)
	sent := 0
	for _, request := range strings.Fields(`GET/v1/models GET/v1/models GET/v1/models?limit=5 GET/v1/models?limit=5 HEAD/v1/models GET/v1/models GET/v1/models%20b GET/v1/models%20b
		GET/v1/models/missing GET/v1/models/missing POST/v1/chat POST/v1/chat GET/v1/chat GET/v1/chat DELETE/models/a.gguf
		HEAD/models/a.gguf HEAD/models/a.gguf GET/models/a.gguf GET/models/a.gguf GET/models/signed/a`) {
		method, path, _ := strings.Cut(request, "/")
		r, err := http.NewRequestWithContext(t.Context(), method, server.URL+"/"+path, http.NoBody)
		require.NoError(t, err)
		r.Header.Set("Accept-Encoding", "gzip") // which Go doesn't send with HEAD
		answer, err := http.DefaultClient.Do(r)
		require.NoError(t, err)
		_, err = io.Copy(io.Discard, answer.Body)
		require.NoError(t, err)
		answer.Body.Close()
		sent++
	}
	server.Close()
	require.NoError(t, edge.Close())
	require.NoError(t, file.Close())

	list, err := logs.Find([]string{path})
	require.NoError(t, err)
	result, err := replay.Run(t.Context(), replay.Job{Files: list, Now: d, Tell: func(logs.Progress) {}})
	require.NoError(t, err)
	require.Empty(t, result.Unread)
	total := result.Now.Total
	require.Equal(t, sent, total.Requests)
	require.Equal(t, 2, total.Refused, "DELETE, and what has no signature")
	fromAPI := int64(0)
	for _, route := range result.Now.Routes {
		require.EqualValues(t, route.LoggedHits, route.Hits.Expected, route.Path)
		if !strings.HasPrefix(route.Path, "/models") {
			fromAPI += route.OriginRequests.Expected
		}
	}
	require.Equal(t, 7, total.LoggedHits)
	require.EqualValues(t, asked, fromAPI)
}
