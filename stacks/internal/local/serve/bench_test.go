package serve

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/internal/edge"
	"ml-api-accelerator/stacks/internal/edge/edgetest"
)

// nobody takes an answer without a connection.
type nobody struct{ header http.Header }

func (n nobody) Header() http.Header         { return n.header }
func (n nobody) Write(p []byte) (int, error) { return len(p), nil }
func (n nobody) WriteHeader(int)             {}

// BenchmarkHit is what the edge adds to Go's HTTP server for an answer that it keeps.
func BenchmarkHit(b *testing.B) {
	text, err := os.ReadFile("../../../testdata/example-prod.tf.json")
	require.NoError(b, err)
	d, err := edge.Parse(text)
	require.NoError(b, err)
	origin := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Cache-Control", "max-age=300")
		_, _ = w.Write([]byte(strings.Repeat("x", 1<<10)))
	}))
	defer origin.Close()
	api, err := url.Parse(origin.URL)
	require.NoError(b, err)
	s, err := New(d, Options{API: api, MemoryBytes: 64 << 20, DiskBytes: 1 << 30})
	require.NoError(b, err)
	b.Cleanup(func() { require.NoError(b, s.Close()) })
	r := httptest.NewRequest(http.MethodGet, "/v1/models?limit=5", nil)
	r.Header.Set("User-Agent", "curl/8.5.0")
	r.Header.Set("Accept", "*/*")
	for _, want := range []string{"Miss", "Hit"} {
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		require.Equal(b, want+" from cloudfront", w.Header().Get("X-Cache"))
	}
	b.ReportAllocs()
	for b.Loop() {
		s.ServeHTTP(nobody{http.Header{}}, r)
	}
}

// BenchmarkKnownCaller is the same where a function looks up the caller's key first, and where none does.
func BenchmarkKnownCaller(b *testing.B) {
	for name, d := range map[string]*edge.Distribution{"with": edgetest.Callers(b), "without": edgetest.WithoutCallers(b)} {
		b.Run(name, func(b *testing.B) {
			origin := httptest.NewServer(telling("api"))
			defer origin.Close()
			api, err := url.Parse(origin.URL)
			require.NoError(b, err)
			s, err := New(d, Options{API: api, Store: known("alice"), MemoryBytes: 64 << 20, DiskBytes: 1 << 30})
			require.NoError(b, err)
			b.Cleanup(func() { require.NoError(b, s.Close()) })
			r := httptest.NewRequest(http.MethodGet, "/shared/a", nil)
			r.Header.Set("User-Agent", "curl/8.5.0")
			r.Header.Set("Authorization", "Bearer key-alice")
			for _, want := range []string{"Miss", "Hit"} {
				w := httptest.NewRecorder()
				s.ServeHTTP(w, r)
				require.Equal(b, want+" from cloudfront", w.Header().Get("X-Cache"))
			}
			b.ReportAllocs()
			for b.Loop() {
				s.ServeHTTP(nobody{http.Header{}}, r)
			}
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "requests/s")
		})
	}
}
