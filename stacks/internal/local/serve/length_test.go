package serve

import (
	"bufio"
	"fmt"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/internal/edge/edgetest"
)

// TestTooLong is answered without a look at keys or the origin, and ends the connection.
func TestTooLong(t *testing.T) {
	s := serveDistribution(t, edgetest.Callers(t), telling("api"), func(o *Options) { o.Store = known("alice") })
	var many strings.Builder
	for i := range 30_000 {
		fmt.Fprintf(&many, "X-%d: %d\r\n", i, i)
	}
	for request, want := range map[string]int{
		"GET /v1/models?" + strings.Repeat("a", 8192) + " HTTP/1.1\r\nHost: a\r\n\r\n":                                            http.StatusRequestURITooLong,
		"GET /v1/models?" + strings.Repeat("a&", 400_000) + " HTTP/1.1\r\nHost: a\r\n\r\n":                                        http.StatusRequestURITooLong,
		"GET /v1/models HTTP/1.1\r\nHost: a\r\nCookie: " + strings.Repeat("a=1; ", 8000) + "\r\n\r\n":                             494,
		"POST /v1/chat HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n" + many.String() + "\r\n":                               494,
		"GET /v1/models HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer key-alice\r\nX: " + strings.Repeat("a", 32_000) + "\r\n\r\n": http.StatusOK,
	} {
		c, err := net.Dial("tcp", strings.TrimPrefix(s.URL, "http://"))
		require.NoError(t, err)
		defer c.Close()
		_, err = c.Write([]byte(request))
		require.NoError(t, err)
		answer, err := http.ReadResponse(bufio.NewReader(c), nil)
		require.NoError(t, err)
		answer.Body.Close()
		require.Equal(t, want, answer.StatusCode, request[:30])
		require.Equal(t, want != http.StatusOK, answer.Close, request[:30])
	}
	require.Equal(t, 1, s.times())
}
