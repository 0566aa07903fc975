package serve

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/internal/edge"
)

// TestBodyIsReadToItsEnd and no further: once the answer has begun, the server closes the body, and a read beyond its
// end fails.
func TestBodyIsReadToItsEnd(t *testing.T) {
	s := serveFor(t, func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body) // a broken one shows in the answer
	}, nil, passedRoute())
	r := httptest.NewRequest(http.MethodPost, "/v1/chat", io.MultiReader(strings.NewReader("prompt"), closedBody{}))
	r.ContentLength = int64(len("prompt"))
	answer := httptest.NewRecorder()
	s.edge.ServeHTTP(answer, r)
	require.Equal(t, http.StatusOK, answer.Code)
}

// closedBody is what a handler reads from a body after the server has closed it.
type closedBody struct{}

func (closedBody) Read([]byte) (int, error) { return 0, errors.New("read beyond the end") }

// TestOnlyWebSocketsUpgrade: no other protocol reaches the origin, and the caller gets its answer.
func TestOnlyWebSocketsUpgrade(t *testing.T) {
	for _, r := range []struct {
		name, request string
		headers       []string
	}{
		{"h2c", "GET /", []string{"Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c", "HTTP2-Settings: AAMAAABkAAQAAP__"}},
		{"TLS", "OPTIONS /", []string{"Connection: Upgrade", "Upgrade: TLS/1.0"}},
		{"several", "GET /", []string{"Connection: Upgrade", "Upgrade: h2c, websocket"}},
		{"what is no name", "GET /", []string{"Connection: Upgrade", "Upgrade: \xff\x80"}},
		{"a WebSocket without Connection", "GET /", []string{"Upgrade: websocket", "Connection: close"}},
		{"a WebSocket by POST", "POST /", []string{"Upgrade: websocket", "Connection: Upgrade", "Content-Length: 0"}},
	} {
		for kind, route := range map[string]edge.Behavior{"passed": passedRoute(), "cached": cachedRoute()} {
			var got http.Header
			s := serveFor(t, func(w http.ResponseWriter, r *http.Request) {
				if got = r.Header.Clone(); r.Header.Get("Upgrade") != "" {
					w.Header().Set("Connection", "Upgrade")
					w.Header().Set("Upgrade", r.Header.Get("Upgrade"))
					w.WriteHeader(http.StatusSwitchingProtocols)
				}
			}, nil, route)
			sendRaw(t, s.URL, r.request, append([]string{"Host: localhost"}, r.headers...))
			require.NotNil(t, got, "%s, %s", r.name, kind)
			require.Empty(t, got.Values("Upgrade"), "%s, %s", r.name, kind)
			require.Equal(t, 1, s.times(), "%s, %s", r.name, kind)
		}
	}
}
