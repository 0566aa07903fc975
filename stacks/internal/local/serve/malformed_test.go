package serve

import (
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/internal/edge"
)

// TestMalformedAnswers are what origins shouldn't answer: each is passed on or becomes a 502, and the server goes on.
func TestMalformedAnswers(t *testing.T) {
	defer log.SetOutput(log.Writer())
	log.SetOutput(io.Discard) // net/http tells of what comes after an answer
	const maxAge = "Cache-Control: max-age=60\r\n"
	for _, r := range []struct {
		name, answer string
		want         string
		again        string // the second time, on a route that caches; empty: it doesn't matter
	}{
		{"a negative length", "HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\nabc", "502 Error", ""},
		{"two lengths", "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd", "502 Error", ""},
		{"one length twice", "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 3\r\n\r\nabc", "200 Miss abc", ""},
		{"more than its length", "HTTP/1.1 200 OK\r\n" + maxAge + "Content-Length: 3\r\n\r\nabcdef", "200 Miss abc", "200 Hit abc"},
		{"a length that is no number", "HTTP/1.1 200 OK\r\nContent-Length: 3x\r\n\r\nabc", "502 Error", ""},
		{"no length", "HTTP/1.0 200 OK\r\n" + maxAge + "\r\nabc", "200 Miss abc", "200 Hit abc"},
		{"a length and chunks", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n", "200 Miss abc", ""},
		{"another encoding", "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\nabc", "502 Error", ""},
		{"a trailer", "HTTP/1.1 200 OK\r\nTrailer: X-Sum\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nX-Sum: 1\r\n\r\n", "200 Miss abc", ""},
		{"204 with a body", "HTTP/1.1 204 No Content\r\n" + maxAge + "Content-Length: 3\r\n\r\nabc", "204 Miss", ""},
		{"304 that nobody asked for", "HTTP/1.1 304 Not Modified\r\n" + maxAge + "Content-Length: 3\r\n\r\nabc", "304 Miss", ""},
		{"206 without a range", "HTTP/1.1 206 Partial Content\r\nContent-Length: 3\r\n\r\nabc", "206 Miss abc", ""},
		{"206 that nobody asked for isn't taken for the whole", "HTTP/1.1 206 Partial Content\r\n" + maxAge + "Content-Range: bytes 0-2/9\r\nContent-Length: 3\r\n\r\nabc", "206 Miss abc", "206 Miss abc"},
		{"101 that nobody asked for", "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n", "502 Error", ""},
		{"many answers before the answer", strings.Repeat("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n", 3) + "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc", "200 Miss abc", ""},
		{"a flood of them", strings.Repeat("HTTP/1.1 103 Early Hints\r\nX: "+strings.Repeat("x", 1000)+"\r\n\r\n", 1000), "502 Error", ""},
		{"a status of two digits", "HTTP/1.1 20 OK\r\n\r\n", "502 Error", ""},
		{"a status below 100", "HTTP/1.1 099 Odd\r\nContent-Length: 3\r\n\r\nabc", "502 Error", ""},
		{"a status that nobody knows", "HTTP/1.1 799 Odd\r\nContent-Length: 3\r\n\r\nabc", "799 Error abc", ""},
		{"a name with a space", "HTTP/1.1 200 OK\r\nX Y: 1\r\nContent-Length: 3\r\n\r\nabc", "200 Miss abc", ""}, // without it
		{"a header without a name", "HTTP/1.1 200 OK\r\n: 1\r\nContent-Length: 3\r\n\r\nabc", "502 Error", ""},
		{"headers of 11 MB", "HTTP/1.1 200 OK\r\nX: " + strings.Repeat("x", 11<<20) + "\r\nContent-Length: 3\r\n\r\nabc", "502 Error", ""},
		{"an Age that is none", "HTTP/1.1 200 OK\r\n" + maxAge + "Age: -99999999999999999999\r\nContent-Length: 3\r\n\r\nabc", "200 Miss abc", "200 Hit abc"},
		{"a max-age beyond all numbers", "HTTP/1.1 200 OK\r\nCache-Control: max-age=99999999999999999999\r\nContent-Length: 3\r\n\r\nabc", "200 Miss abc", "200 Hit abc"},
	} {
		for kind, route := range map[string]edge.Behavior{"cached": cachedRoute(), "passed": passedRoute()} {
			t.Run(r.name+", "+kind, func(t *testing.T) {
				s := serveFor(t, http.NotFound, func(o *Options) {
					o.API = rawServer(t, func(c net.Conn) { fmt.Fprint(c, r.answer) })
				}, patientRoute(route))
				begun, answer := time.Now(), s.says("GET /")
				if strings.HasPrefix(r.want, "502") {
					require.Contains(t, answer, "could not be satisfied")
					answer = answer[:len(r.want)]
				}
				require.Equal(t, r.want, answer)
				require.Less(t, time.Since(begun), time.Minute)
				if r.again != "" && kind == "cached" {
					require.Equal(t, r.again, s.says("GET /"))
				}
				s.says("HEAD /other")
			})
		}
	}
}
