package inspect

import (
	"context"
	"io/fs"
	"net"
	"net/http"
	"net/http/httptest"
	"path"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/internal/edge/edgetest"
	"ml-api-accelerator/stacks/internal/local/serve/exchange"
)

func TestAddress(t *testing.T) {
	for flag, want := range map[string]string{
		":8081": "127.0.0.1:8081", ":0": "127.0.0.1:0", "0.0.0.0:8081": "0.0.0.0:8081", "localhost:80": "localhost:80", "[::1]:8081": "[::1]:8081",
		"[::]:8081": "[::]:8081", "192.168.1.5:8081": "192.168.1.5:8081",
	} {
		address, err := Address(flag)
		require.NoError(t, err, flag)
		require.Equal(t, want, address)
	}
	for _, flag := range []string{"", "8081", "localhost", ":", ":http", ":65536", ":-1", ":08", "::1:8081"} {
		_, err := Address(flag)
		require.EqualError(t, err, `"`+flag+`": must be like :8081, on this machine alone, or 0.0.0.0:8081`)
	}
}

func TestHosts(t *testing.T) {
	handler := New(Options{Listen: "box:8081"}).Handler()
	for _, r := range []struct {
		local, host string
		want        int
	}{
		{"127.0.0.1", "localhost:8081", 200},
		{"127.0.0.1", "LOCALHOST", 200},
		{"127.0.0.1", "127.0.0.1:8081", 200},
		{"127.0.0.1", "127.1.2.3", 200},
		{"::1", "[::1]:8081", 200},
		{"::1", "[::1]", 200},
		{"127.0.0.1", "box:8081", 200}, // it was told this name
		{"127.0.0.1", "evil.example.com:8081", 403},
		{"127.0.0.1", "localhost.evil.example.com", 403},
		{"127.0.0.1", "192.168.1.5:8081", 403},
		{"127.0.0.1", "", 403},
		{"192.168.1.5", "192.168.1.5:8081", 200}, // it was told to listen there
		{"192.168.1.5", "laptop.local:8081", 200},
	} {
		request := httptest.NewRequest(http.MethodGet, "/", http.NoBody)
		request.Host = r.host
		local := &net.TCPAddr{IP: net.ParseIP(r.local), Port: 8081}
		answer := httptest.NewRecorder()
		handler.ServeHTTP(answer, request.WithContext(context.WithValue(request.Context(), http.LocalAddrContextKey, local)))
		require.Equal(t, r.want, answer.Code, r)
	}
	for host, want := range map[string]int{"evil.example.com": 403, ":8081": 403, "localhost": 200} {
		request := httptest.NewRequest(http.MethodGet, "/", http.NoBody)
		request.Host = host
		answer := httptest.NewRecorder()
		New(Options{}).Handler().ServeHTTP(answer, request)
		require.Equal(t, want, answer.Code, host)
	}
}

// ask sends a request to a handler as a browser on this machine does; headers come in pairs.
func ask(i *Inspector, method, target string, headers ...string) *httptest.ResponseRecorder {
	request := httptest.NewRequest(method, "http://localhost:8081"+target, http.NoBody)
	for n := 0; n+1 < len(headers); n += 2 {
		request.Header.Set(headers[n], headers[n+1])
	}
	answer := httptest.NewRecorder()
	i.Handler().ServeHTTP(answer, request)
	return answer
}

func TestHandler(t *testing.T) {
	i := New(Options{})
	i.Observe(answered(t, edgetest.Distribution(t), "a", "GET", "/v1/models", nil, exchange.Hit))
	for _, r := range []struct {
		method, target string
		status         int
		contentType    string
	}{
		{"GET", "/", 200, "text/html; charset=utf-8"},
		{"HEAD", "/", 200, "text/html; charset=utf-8"},
		{"GET", "/page.css", 200, "text/css; charset=utf-8"},
		{"GET", "/page.js", 200, "text/javascript; charset=utf-8"},
		{"GET", "/icon.svg", 200, "image/svg+xml"},
		{"GET", "/exchanges/1", 200, "application/json"},
		{"GET", "/exchanges/2", 404, "text/plain; charset=utf-8"},
		{"GET", "/exchanges/x", 404, "text/plain; charset=utf-8"},
		{"GET", "/handler.go", 404, "text/plain; charset=utf-8"},
		{"GET", "/%2e%2e/handler.go", 404, "text/plain; charset=utf-8"},
		{"GET", "/clear", 404, "text/plain; charset=utf-8"},
		{"POST", "/", 405, "text/plain; charset=utf-8"},
	} {
		answer := ask(i, r.method, r.target)
		require.Equal(t, r.status, answer.Code, r.target)
		require.Equal(t, r.contentType, answer.Header().Get("Content-Type"), r.target)
		require.Equal(t, policy, answer.Header().Get("Content-Security-Policy"))
		require.Equal(t, "no-store", answer.Header().Get("Cache-Control"))
		require.Equal(t, "nosniff", answer.Header().Get("X-Content-Type-Options"))
		require.Equal(t, "same-origin", answer.Header().Get("Cross-Origin-Resource-Policy"))
	}
}

// TestClear: other pages can't.
func TestClear(t *testing.T) {
	i := New(Options{})
	i.Observe(answered(t, edgetest.Distribution(t), "a", "GET", "/v1/models", nil, exchange.Hit))
	require.Equal(t, 403, ask(i, "POST", "/clear", "Sec-Fetch-Site", "cross-site").Code)
	require.Equal(t, 403, ask(i, "POST", "/clear", "Sec-Fetch-Site", "same-site").Code)
	require.Equal(t, 403, ask(i, "POST", "/clear", "Origin", "http://localhost:3000").Code)
	require.Len(t, numbers(i), 1)
	require.Equal(t, 204, ask(i, "POST", "/clear", "Sec-Fetch-Site", "same-origin").Code)
	require.Empty(t, numbers(i))
}

// TestPageIsItsOwn: every file has a type, and nothing is asked of another server or written as HTML.
func TestPageIsItsOwn(t *testing.T) {
	files, err := fs.ReadDir(page, "page")
	require.NoError(t, err)
	for _, file := range files {
		require.Contains(t, contentTypes, path.Ext(file.Name()))
		text, err := fs.ReadFile(page, "page/"+file.Name())
		require.NoError(t, err)
		plain := strings.ReplaceAll(string(text), "http://www.w3.org/2000/svg", "")
		for _, never := range []string{"http://", "https://", "innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "style="} {
			require.NotContains(t, plain, never, file.Name())
		}
	}
}
