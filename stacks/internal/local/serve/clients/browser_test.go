package clients

import (
	"fmt"
	"io"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/internal/local/examplebackend/echo"
)

// TestEvents reads events as EventSource does, on a route that caches GET: the first comes before the second is sent.
func TestEvents(t *testing.T) {
	read := make(chan struct{})
	front := start(t, served{environment: "dev", api: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		w.Header().Set("Cache-Control", "no-store")
		for i := range 2 {
			if i == 1 {
				requireBefore(t, read, "the second event is sent, the first arrives")
			}
			_, _ = fmt.Fprintf(w, "data: %d\n\n", i) // the test reads it
			_ = http.NewResponseController(w).Flush()
		}
	})})
	request, err := http.NewRequestWithContext(timely(t), http.MethodGet, "http://"+front+"/v1/events", nil)
	require.NoError(t, err)
	request.Header.Set("Accept", "text/event-stream")
	request.Header.Set("Cache-Control", "no-cache")
	answer, err := http.DefaultClient.Do(request)
	require.NoError(t, err)
	defer answer.Body.Close()
	first := make([]byte, len("data: 0\n\n"))
	_, err = io.ReadFull(answer.Body, first)
	require.NoError(t, err)
	require.Equal(t, "data: 0\n\n", string(first))
	close(read)
	rest, err := io.ReadAll(answer.Body)
	require.NoError(t, err)
	require.Equal(t, "data: 1\n\n", string(rest))
}

// TestPreflight sends what Chromium asks before it lets a page post JSON with a key.
func TestPreflight(t *testing.T) {
	front := start(t, served{environment: "prod", api: echo.Handler(nil)})
	for _, r := range []struct {
		name, origin string
		allowed      bool
	}{
		{"allowed", "https://app.example.com", true},
		{"another origin", "https://evil.example.com", false},
	} {
		t.Run(r.name, func(t *testing.T) {
			request, err := http.NewRequestWithContext(t.Context(), http.MethodOptions, "http://"+front+"/v1/chat/completions", nil)
			require.NoError(t, err)
			for name, value := range map[string]string{
				"Accept": "*/*", "Accept-Encoding": "gzip, deflate, br, zstd", "Accept-Language": "en-US,en;q=0.9",
				"Access-Control-Request-Headers": "authorization,content-type", "Access-Control-Request-Method": "POST",
				"Cache-Control": "no-cache", "Pragma": "no-cache", "Priority": "u=1, i",
				"Origin": r.origin, "Referer": r.origin + "/",
				"Sec-Fetch-Dest": "empty", "Sec-Fetch-Mode": "cors", "Sec-Fetch-Site": "same-site",
				"User-Agent": "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/138.0.0.0 Safari/537.36",
			} {
				request.Header.Set(name, value)
			}
			answer, err := http.DefaultClient.Do(request)
			require.NoError(t, err)
			defer answer.Body.Close()
			require.Equal(t, http.StatusNoContent, answer.StatusCode, "the backend answers it")
			if !r.allowed {
				require.Empty(t, answer.Header.Get("Access-Control-Allow-Origin"))
				return
			}
			require.Equal(t, r.origin, answer.Header.Get("Access-Control-Allow-Origin"))
			require.Equal(t, "true", answer.Header.Get("Access-Control-Allow-Credentials"))
			require.Equal(t, "Authorization, Content-Type", answer.Header.Get("Access-Control-Allow-Headers"))
			require.Contains(t, answer.Header.Get("Access-Control-Allow-Methods"), "POST")
			require.NotEmpty(t, answer.Header.Get("Access-Control-Max-Age"))
		})
	}
}
