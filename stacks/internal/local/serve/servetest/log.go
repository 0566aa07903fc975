// Package servetest runs the edge for tests.
package servetest

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/internal/edge"
	"ml-api-accelerator/stacks/internal/local/serve"
	"ml-api-accelerator/stacks/internal/local/serve/accesslog"
	"ml-api-accelerator/stacks/internal/local/serve/exchange"
)

// Log serves a distribution, a backend and the model /models/a.gguf while send runs, and returns its access log.
// Options may be changed.
func Log(t *testing.T, d *edge.Distribution, api http.Handler, send func(url string), change ...func(*serve.Options),
) (path string) {
	t.Helper()
	backend := httptest.NewServer(api)
	defer backend.Close()
	at, err := url.Parse(backend.URL)
	require.NoError(t, err)
	models := t.TempDir()
	require.NoError(t, os.Mkdir(filepath.Join(models, "models"), 0o700))
	require.NoError(t, os.WriteFile(filepath.Join(models, "models", "a.gguf"), []byte("0123456789"), 0o600))

	path = filepath.Join(t.TempDir(), "access.log")
	file, err := os.Create(path)
	require.NoError(t, err)
	log := accesslog.New(file, d.Domain)
	observe := func(e *exchange.Exchange) {
		if err := log.Write(e); err != nil {
			t.Error(err)
		}
	}
	options := serve.Options{API: at, Models: models, MemoryBytes: 1 << 20, DiskBytes: 1 << 20, Observe: observe}
	for _, change := range change {
		change(&options)
	}
	edge, err := serve.New(d, options)
	require.NoError(t, err)
	server := httptest.NewServer(edge)
	send(server.URL)
	server.Close()
	require.NoError(t, edge.Close())
	require.NoError(t, file.Close())
	return path
}
