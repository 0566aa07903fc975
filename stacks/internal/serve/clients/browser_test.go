package clients

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/internal/examplebackend/echo"
)

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
