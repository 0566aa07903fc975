package serve

import (
	"bufio"
	"context"
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
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/internal/edge"
)

// rawServer answers each connection with what a function writes into it.
func rawServer(t *testing.T, answer func(net.Conn)) *url.URL {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { listener.Close() })
	go func() {
		for {
			c, err := listener.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				_, _ = http.ReadRequest(bufio.NewReader(c))
				answer(c)
			}()
		}
	}()
	return &url.URL{Scheme: "http", Host: listener.Addr().String()}
}

// closedPort is where nobody listens. A port that was free a moment ago may be the next server's.
var closedPort = &url.URL{Scheme: "http", Host: "127.0.0.1:1"}

func hangs(c net.Conn) { _, _ = io.Copy(io.Discard, c) }

// TestBrokenOrigins are what CloudFront answers for an origin that doesn't, on a route that caches and on one that
// doesn't.
func TestBrokenOrigins(t *testing.T) {
	takesSeconds(t)
	for _, r := range []struct {
		name   string
		origin *url.URL
		want   string
	}{
		{"nobody listens", closedPort, "502 Error"},
		{"hangs", rawServer(t, hangs), "504 Error"},
		{"closes", rawServer(t, func(net.Conn) {}), "502 Error"},
		{"resets", rawServer(t, func(c net.Conn) { _ = c.(*net.TCPConn).SetLinger(0) }), "502 Error"},
		{"isn't HTTP", rawServer(t, func(c net.Conn) { fmt.Fprint(c, "SSH-2.0-OpenSSH_9.2\r\n") }), "502 Error"},
		{"has a wrong header", rawServer(t, func(c net.Conn) { fmt.Fprint(c, "HTTP/1.1 200 OK\r\nno colon\r\n\r\n") }), "502 Error"},
		{"nobody stands for it", nil, "502 Error"},
	} {
		for kind, route := range map[string]edge.Behavior{"cached": cachedRoute(), "passed": passedRoute()} {
			t.Run(r.name+", "+kind, func(t *testing.T) {
				s := serveFor(t, http.NotFound, func(o *Options) { o.API = r.origin }, route)
				for _, request := range []string{"GET /", "POST /"} {
					answer := s.says(request)
					require.True(t, strings.HasPrefix(answer, r.want), answer)
					require.Contains(t, answer, "could not be satisfied")
				}
			})
		}
	}
}

// TestBreaksOff cuts off the caller too, who must not take a part for the whole; and keeps nothing.
func TestBreaksOff(t *testing.T) {
	takesSeconds(t)
	for kind, route := range map[string]edge.Behavior{"cached": cachedRoute(), "passed": passedRoute()} {
		for name, origin := range map[string]func(net.Conn){
			"with a length": func(c net.Conn) {
				fmt.Fprint(c, "HTTP/1.1 200 OK\r\nCache-Control: max-age=60\r\nContent-Length: 100\r\n\r\nhalf")
			},
			"in chunks": func(c net.Conn) {
				fmt.Fprint(c, "HTTP/1.1 200 OK\r\nCache-Control: max-age=60\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n")
			},
			"and is silent": func(c net.Conn) {
				fmt.Fprint(c, "HTTP/1.1 200 OK\r\nCache-Control: max-age=60\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n")
				hangs(c)
			},
		} {
			t.Run(kind+", "+name, func(t *testing.T) {
				s := serveFor(t, http.NotFound, func(o *Options) { o.API = rawServer(t, origin) }, route)
				for range 2 {
					answer, err := http.Get(s.URL)
					require.NoError(t, err)
					text, err := io.ReadAll(answer.Body)
					answer.Body.Close()
					require.Error(t, err)
					require.Equal(t, "half", string(text))
					require.Equal(t, "Miss from cloudfront", answer.Header.Get("X-Cache"))
				}
			})
		}
	}
}

// TestSlowCaller isn't the origin's fault, a silent origin is.
func TestSlowCaller(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		origin, sends := io.Pipe()
		go func() { _, _ = sends.Write([]byte("first second")) }() // and no more
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil)
		require.NoError(t, err)
		transport := roundTripper(func(r *http.Request) (*http.Response, error) {
			context.AfterFunc(r.Context(), func() { sends.CloseWithError(r.Context().Err()) })
			return &http.Response{StatusCode: http.StatusOK, Body: origin}, nil
		})
		answer, err := try(transport, r, time.Second)
		require.NoError(t, err)
		text := make([]byte, 6)
		for _, want := range []string{"first ", "second"} {
			time.Sleep(time.Hour) // by the clock of the bubble
			_, err = io.ReadFull(answer.Body, text)
			require.NoError(t, err)
			require.Equal(t, want, string(text))
		}
		begun := time.Now()
		_, err = answer.Body.Read(text)
		require.ErrorIs(t, err, errSlow)
		require.Equal(t, time.Second, time.Since(begun))
		require.NoError(t, answer.Body.Close())
	})
}

// TestTriesAgain connects as often as it may, and sends what only reads again when it isn't answered in time.
func TestTriesAgain(t *testing.T) {
	takesSeconds(t)
	route := passedRoute()
	route.Origin.ConnectionAttempts = 3
	for request, want := range map[string]int{"GET /": 3, "HEAD /": 3, "POST /": 1, "OPTIONS /": 1} {
		s := serveFor(t, func(_ http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body) // or it doesn't notice that the edge has left
			<-r.Context().Done()
		}, nil, route)
		answer, _ := s.do(request)
		require.Equal(t, 504, answer.StatusCode)
		require.Equal(t, want, s.times(), request)
	}
}

// TestFailover asks the second origin if the first answers with one of the statuses or can't be reached, and it stands
// in for it.
func TestFailover(t *testing.T) {
	second := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "second") }))
	defer second.Close()
	secondURL, err := url.Parse(second.URL)
	require.NoError(t, err)
	for _, r := range []struct {
		name   string
		status int
		origin *url.URL
		second *url.URL
		want   string
	}{
		{"a status of the group", 503, nil, secondURL, "200 Miss second"},
		{"another status", 404, nil, secondURL, "404 Error first"},
		{"can't be reached", 0, closedPort, secondURL, "200 Miss second"},
		{"hangs", 0, rawServer(t, hangs), secondURL, "200 Miss second"},
		{"nobody stands for the second", 503, nil, nil, "503 Error first"},
	} {
		for kind, route := range map[string]edge.Behavior{"cached": cachedRoute(), "passed": passedRoute()} {
			t.Run(r.name+", "+kind, func(t *testing.T) {
				route.AllowedMethods, route.CachedMethods = readMethods, readMethods
				failover := apiOrigin()
				failover.ID, failover.Domain = "api-failover", "standby.example.com"
				route.Failover = &edge.Failover{Origin: failover, On: []int{500, 503, 504}}
				s := serveFor(t, func(w http.ResponseWriter, _ *http.Request) {
					w.WriteHeader(r.status)
					fmt.Fprint(w, "first")
				}, func(o *Options) {
					o.Failover = r.second
					if r.origin != nil {
						o.API = r.origin
					}
				}, route)
				require.Equal(t, r.want, s.says("GET /"))
			})
		}
	}
}

// TestOriginReceives what the model says, and nothing of the caller's that it doesn't.
func TestOriginReceives(t *testing.T) {
	route := passedRoute()
	route.Origin.CustomHeaders = map[string]edge.Value{"X-Origin-Verify": {Kind: edge.Secret, Text: "verify"}, "X-Other": {Kind: edge.Secret, Text: "other"}}
	route.Origin.Path = "/base"
	var got *http.Request
	s := serveFor(t, func(_ http.ResponseWriter, r *http.Request) {
		got = r.Clone(context.Background())
		text, _ := io.ReadAll(r.Body)
		got.Body = io.NopCloser(strings.NewReader(string(text)))
	}, func(o *Options) { o.Secrets = map[string]string{"verify": "abc"} }, route)

	s.do("POST /v1/a%2Fb//c?x=1&y=%20", "Authorization: Bearer k", "X-Origin-Verify: forged", "Cookie: a=1; b=2", "X-Forwarded-For: 192.0.2.1",
		"Proxy-Authorization: x", "Te: trailers", "X-Real-Ip: 192.0.2.2", "Accept-Encoding: zstd")
	require.Equal(t, "/base/v1/a%2Fb//c?x=1&y=%20", got.RequestURI)
	require.Equal(t, s.origin.Listener.Addr().String(), got.Host)
	text, err := io.ReadAll(got.Body)
	require.NoError(t, err)
	require.Equal(t, "what is sent", string(text))
	id := got.Header.Get("X-Amz-Cf-Id")
	require.Len(t, id, 56)
	got.Header.Del("X-Amz-Cf-Id")
	require.Equal(t, http.Header{
		"Accept-Encoding": {"zstd"}, "Authorization": {"Bearer k"}, "Content-Length": {"12"}, "Cookie": {"a=1; b=2"},
		"User-Agent": {"Go-http-client/1.1"}, "Via": {edge.Via}, "X-Forwarded-For": {"192.0.2.1,127.0.0.1"},
		"X-Origin-Verify": {"abc"}, "X-Other": {"(secret other)"},
	}, got.Header)
	require.Equal(t, []string{"other"}, s.edge.Unknown())
}

// TestCachedOriginReceives neither the caller's cookies nor its name where no policy passes them on.
func TestCachedOriginReceives(t *testing.T) {
	var got http.Header
	route := cachedRoute()
	route.CachePolicy.Headers = listed("Authorization", "X-Tenant")
	s := serveFor(t, func(_ http.ResponseWriter, r *http.Request) { got = r.Header.Clone() }, nil, route)
	s.do("GET /", "Authorization: Bearer k", "Cookie: a=1", "User-Agent: someone", "If-None-Match: x", "X-Other: y")
	got.Del("X-Amz-Cf-Id")
	require.Equal(t, http.Header{
		"Authorization": {"Bearer k"}, "User-Agent": {"Amazon CloudFront"},
		"Via": {edge.Via}, "X-Forwarded-For": {"127.0.0.1"},
	}, got)
}

// TestAdvice: an origin that doesn't answer is no dead end.
func TestAdvice(t *testing.T) {
	for _, r := range []struct {
		origin *url.URL
		want   string
	}{
		{closedPort, "dial tcp 127.0.0.1:1: connect: connection refused: start that server, or name another one with --api"},
		{rawServer(t, hangs), "net/http: timeout awaiting response headers: the edge waits 1 s for an answer (readTimeoutSeconds)"},
		{nil, "no server stands for api: name one with --api"},
	} {
		s := serveFor(t, http.NotFound, func(o *Options) { o.API = r.origin }, passedRoute())
		s.do("POST /")
		require.Eventually(t, func() bool { return s.ended() == 1 }, hang, time.Millisecond)
		require.Equal(t, r.want, s.exchanges[0].Sent[0].Error)
		require.Equal(t, r.want, s.exchanges[0].Why)
	}
}

func TestUnreached(t *testing.T) {
	require.True(t, unreached(&failure{502, &url.Error{Err: &net.OpError{Op: "dial", Err: errors.New("refused")}}}))
	require.False(t, unreached(&failure{502, io.ErrUnexpectedEOF}))
}

// TestOriginsOfOthers asks the server that stands for a load balancer or a function, whose name AWS chooses: it sees its
// own name as the host, and no signature, which only AWS can make.
func TestOriginsOfOthers(t *testing.T) {
	for name, authorization := range map[string]string{"inside": "Bearer x", "serverless": "", "public": "Bearer x"} {
		text, err := os.ReadFile("../../../testdata/everything-" + name + ".tf.json")
		require.NoError(t, err)
		d, err := edge.Parse(text)
		require.NoError(t, err)
		d.AnyHost = true
		got := make(chan *http.Request, 1)
		s := serveDistribution(t, d, func(_ http.ResponseWriter, r *http.Request) { got <- r }, nil)
		r, err := http.NewRequest(http.MethodGet, s.URL+"/v1/models", nil)
		require.NoError(t, err)
		r.Header.Set("Authorization", "Bearer x")
		answer, err := http.DefaultClient.Do(r)
		require.NoError(t, err)
		require.NoError(t, answer.Body.Close())
		require.Equal(t, http.StatusOK, answer.StatusCode, name)
		asked := <-got
		require.Equal(t, strings.TrimPrefix(s.origin.URL, "http://"), asked.Host, name)
		require.Equal(t, authorization, asked.Header.Get("Authorization"), name)
	}
}
