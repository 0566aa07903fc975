package serve

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// running is an edge that runs as the program runs it.
type running struct {
	*testing.T

	server    *Server
	address   string
	interrupt context.CancelFunc
	ended     chan error
}

// run has an edge run before an origin, and lets requests end for as long as it takes if it is patient. After the test
// it is interrupted, if it wasn't before, and nothing is left.
func run(t *testing.T, origin http.Handler, withTLS, patient bool) *running {
	t.Helper()
	noLeaks(t)
	behind := httptest.NewServer(origin)
	t.Cleanup(behind.Close)
	api, err := url.Parse(behind.URL)
	require.NoError(t, err)
	route := patientRoute(cachedRoute())
	passed := patientRoute(passedRoute())
	passed.Path = "/passed/*"
	d := distributionOf(passed, route)
	d.Aliases = []string{"api.example.com"}
	server, err := New(d, Options{API: api, MemoryBytes: 1 << 20, DiskBytes: 1 << 30, TLS: withTLS})
	require.NoError(t, err)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	ctx, interrupt := context.WithCancel(t.Context())
	r := &running{T: t, server: server, address: listener.Addr().String(), interrupt: interrupt, ended: make(chan error, 1)}
	if patient {
		server.patience = 10 * hang // more than any test waits
	}
	go func() { r.ended <- errors.Join(server.Run(ctx, listener), server.Close()) }()
	t.Cleanup(func() {
		interrupt()
		require.NoError(t, soon(t, r.ended))
		_, err := os.Stat(server.store.Dir())
		require.ErrorIs(t, err, os.ErrNotExist)
	})
	return r
}

// ends interrupts it.
func (r *running) ends() {
	r.Helper()
	r.interrupt()
	require.NoError(r, soon(r.T, r.ended))
	r.ended <- nil // for the end of the test
}

// endless sends two megabytes, and doesn't end its answer.
func endless(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "max-age=60")
	_, _ = w.Write(make([]byte, 2<<20))
	_ = http.NewResponseController(w).Flush()
	<-r.Context().Done()
}

// TestInterruptedDownload is cut off after a moment, and its file goes.
func TestInterruptedDownload(t *testing.T) {
	takesSeconds(t)
	for _, path := range []string{"/", "/passed/"} {
		t.Run(path, func(t *testing.T) {
			r := run(t, http.HandlerFunc(endless), false, false)
			answer, err := http.Get("http://" + r.address + path)
			require.NoError(t, err)
			defer answer.Body.Close()
			_, err = io.CopyN(io.Discard, answer.Body, 2<<20)
			require.NoError(t, err)
			cut := make(chan error, 1)
			go func() {
				_, err := io.Copy(io.Discard, answer.Body)
				cut <- err
			}()
			r.ends()
			require.Error(t, soon(t, cut))
		})
	}
}

// TestInterruptedRequest may still be answered.
func TestInterruptedRequest(t *testing.T) {
	came, goOn := make(chan bool), make(chan bool)
	r := run(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		came <- true
		<-goOn
		fmt.Fprint(w, "in time")
	}), false, true)
	text := make(chan string, 1)
	go func() {
		answer, err := http.Get("http://" + r.address)
		if err != nil {
			text <- err.Error()
			return
		}
		defer answer.Body.Close()
		all, _ := io.ReadAll(answer.Body)
		text <- string(all)
	}()
	soon(t, came)
	r.interrupt()
	require.Eventually(t, func() bool {
		c, err := net.Dial("tcp", r.address)
		if err == nil {
			c.Close()
		}
		return err != nil
	}, hang, time.Millisecond, "it takes no more callers")
	close(goOn)
	r.ends()
	require.Equal(t, "in time", soon(t, text))
}

// TestInterruptedIdle ends at once, whoever keeps a connection.
func TestInterruptedIdle(t *testing.T) {
	for name, protocol := range map[string]func(*http.Protocols, bool){
		"HTTP/1.1": (*http.Protocols).SetHTTP1, "HTTP/2": (*http.Protocols).SetUnencryptedHTTP2,
	} {
		t.Run(name, func(t *testing.T) {
			r := run(t, http.NotFoundHandler(), false, true)
			var protocols http.Protocols
			protocol(&protocols, true)
			transport := &http.Transport{Protocols: &protocols}
			defer transport.CloseIdleConnections()
			answer, err := (&http.Client{Transport: transport}).Get("http://" + r.address)
			require.NoError(t, err)
			_, _ = io.Copy(io.Discard, answer.Body)
			answer.Body.Close()
			require.Equal(t, name, strings.TrimSuffix(answer.Proto, ".0"))
			r.ends() // HTTP/2 says goodbye for a second
		})
	}
}

// echo is an origin of a WebSocket, more or less: it sends back what it gets.
func echo(w http.ResponseWriter, r *http.Request) {
	connection, buffered, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return
	}
	defer connection.Close()
	fmt.Fprintf(connection, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: %s\r\n\r\n", r.URL.Query().Get("as"))
	_, _ = io.Copy(connection, buffered)
}

// upgrade opens a WebSocket.
func upgrade(t *testing.T, address, query string) (net.Conn, *bufio.Reader, *http.Response) {
	t.Helper()
	connection, err := net.Dial("tcp", address)
	require.NoError(t, err)
	t.Cleanup(func() { connection.Close() })
	require.NoError(t, connection.SetDeadline(time.Now().Add(hang)))
	fmt.Fprintf(connection, "GET /passed/?%s HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n", query)
	reader := bufio.NewReader(connection)
	answer, err := http.ReadResponse(reader, nil)
	require.NoError(t, err)
	return connection, reader, answer
}

// TestInterruptedWebSocket is cut off, though http.Server knows nothing of it any more.
func TestInterruptedWebSocket(t *testing.T) {
	r := run(t, http.HandlerFunc(echo), false, false)
	connection, reader, answer := upgrade(t, r.address, "as=websocket")
	require.Equal(t, 101, answer.StatusCode)
	fmt.Fprintln(connection, "hello")
	line, err := reader.ReadString('\n')
	require.NoError(t, err)
	require.Equal(t, "hello\n", line)
	r.ends()
	_, err = reader.ReadByte()
	require.ErrorIs(t, err, io.EOF)
}

// TestOtherUpgrade than the caller asks for is no answer.
func TestOtherUpgrade(t *testing.T) {
	r := run(t, http.HandlerFunc(echo), false, false)
	_, _, answer := upgrade(t, r.address, "as=other")
	require.Equal(t, 502, answer.StatusCode)
}

// TestListenerFails is an error, not an end in order.
func TestListenerFails(t *testing.T) {
	for _, withTLS := range []bool{false, true} {
		noLeaks(t)
		server, err := New(distributionOf(cachedRoute()), Options{TLS: withTLS})
		require.NoError(t, err)
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		require.NoError(t, err)
		listener.Close()
		require.ErrorIs(t, server.Run(t.Context(), listener), net.ErrClosed)
		require.NoError(t, server.Close())
	}
}

// TestAfterClose nobody is answered.
func TestAfterClose(t *testing.T) {
	server, err := New(distributionOf(cachedRoute()), Options{})
	require.NoError(t, err)
	require.NoError(t, server.Close())
	require.PanicsWithValue(t, http.ErrAbortHandler, func() {
		server.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodTrace, "/", nil))
	})
}

// TestTLS takes HTTPS and HTTP at one port, and speaks HTTP/2 to those who know it.
func TestTLS(t *testing.T) {
	r := run(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "hello") }), true, true)
	silent, err := net.Dial("tcp", r.address)
	require.NoError(t, err)
	defer silent.Close()

	var certificate *x509.Certificate
	for protocol, next := range map[string][]string{"HTTP/1.1": nil, "HTTP/2.0": {"h2", "http/1.1"}} {
		transport := &http.Transport{ForceAttemptHTTP2: next != nil, TLSClientConfig: &tls.Config{InsecureSkipVerify: true, NextProtos: next}} //nolint:gosec // it is its own authority
		answer, err := (&http.Client{Transport: transport}).Get("https://" + r.address)
		require.NoError(t, err)
		text, err := io.ReadAll(answer.Body)
		require.NoError(t, err)
		answer.Body.Close()
		transport.CloseIdleConnections()
		require.Equal(t, "hello", string(text))
		require.Equal(t, protocol, answer.Proto)
		certificate = answer.TLS.PeerCertificates[0]
	}
	for _, name := range []string{"localhost", "127.0.0.1", "::1", "d111111abcdef8.cloudfront.net", "api.example.com"} {
		require.NoError(t, certificate.VerifyHostname(name))
	}
	require.Error(t, certificate.VerifyHostname("example.org"))

	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	for method, status := range map[string]int{"GET": 301, "HEAD": 301, "POST": 307, "PUT": 307, "DELETE": 307} {
		request, err := http.NewRequest(method, "http://"+r.address+"/a%2Fb?x=1&y=%20", nil)
		require.NoError(t, err)
		answer, err := client.Do(request)
		require.NoError(t, err)
		answer.Body.Close()
		require.Equal(t, status, answer.StatusCode, method)
		require.Equal(t, "https://"+r.address+"/a%2Fb?x=1&y=%20", answer.Header.Get("Location"))
		require.Equal(t, "Redirect from cloudfront", answer.Header.Get("X-Cache"))
	}
	http.DefaultClient.CloseIdleConnections()
	r.ends() // the silent one doesn't hold it up
}

// TestSilentCaller is sent away after a moment, and so is one that speaks neither HTTP nor TLS.
func TestSilentCaller(t *testing.T) {
	r := run(t, http.NotFoundHandler(), true, false)
	for _, says := range []string{"", "\x16\x00\x00\x00\x00\x00", "\x00\x01 is not a request\r\n\r\n"} {
		c, err := net.Dial("tcp", r.address)
		require.NoError(t, err)
		defer c.Close()
		fmt.Fprint(c, says)
		require.NoError(t, c.SetReadDeadline(time.Now().Add(hang)))
		_, err = io.Copy(io.Discard, c)
		var timeout net.Error
		require.False(t, errors.As(err, &timeout) && timeout.Timeout(), "%q: %v", says, err)
	}
}
