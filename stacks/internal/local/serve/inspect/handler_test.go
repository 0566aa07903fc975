package inspect

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"net/http/httptest"
	"path"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/internal/edge/edgetest"
	"ml-api-accelerator/stacks/internal/local/serve/exchange"
)

func TestAddress(t *testing.T) {
	for flag, want := range map[string]string{
		":8081": "127.0.0.1:8081", "8081": "127.0.0.1:8081", ":0": "127.0.0.1:0", "0.0.0.0:8081": "0.0.0.0:8081", "localhost:80": "localhost:80", "[::1]:8081": "[::1]:8081",
		"[::]:8081": "[::]:8081", "192.168.1.5:8081": "192.168.1.5:8081",
	} {
		address, err := Address(flag)
		require.NoError(t, err, flag)
		require.Equal(t, want, address)
	}
	for _, flag := range []string{"", "localhost", ":", ":http", ":65536", ":-1", ":08", "::1:8081", "-1", "65536"} {
		_, err := Address(flag)
		require.EqualError(t, err, `"`+flag+`": must be a port like 8081, or an address like 0.0.0.0:8081`)
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

// event is one that a browser gets; a comment has neither name nor id.
type event struct {
	name, id string
	state    state
}

// listener is a browser that listens to events.
type listener struct {
	*testing.T
	lines *bufio.Reader
	leave func()
}

// listen is a browser that got the event with an id before.
func listen(t *testing.T, server *served, id string) listener {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, server.URL+"/events", http.NoBody)
	require.NoError(t, err)
	if id != "" {
		request.Header.Set("Last-Event-ID", id)
	}
	answer, err := server.Client().Do(request)
	require.NoError(t, err)
	require.Equal(t, "text/event-stream", answer.Header.Get("Content-Type"))
	return listener{t, bufio.NewReader(answer.Body), func() {
		cancel()
		answer.Body.Close()
	}}
}

// next is the event or the comment that comes next.
func (l listener) next() (e event) {
	l.Helper()
	for {
		line, err := l.lines.ReadString('\n')
		require.NoError(l, err)
		switch name, value, _ := strings.Cut(strings.TrimSpace(line), ":"); {
		case name == "event":
			e.name = strings.TrimSpace(value)
		case name == "id":
			e.id = strings.TrimSpace(value)
		case name == "data":
			require.NoError(l, json.Unmarshal([]byte(value), &e.state))
		case strings.HasPrefix(line, ":"), line == "\n" && e.name != "":
			return e
		}
	}
}

// served is an inspector that browsers listen to.
type served struct {
	*httptest.Server
	came      chan bool      // one for each browser
	listening sync.WaitGroup // browsers that haven't left
}

func serve(t *testing.T, i *Inspector) *served {
	t.Helper()
	s, handler := &served{came: make(chan bool, 100)}, i.Handler()
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.listening.Add(1)
		defer s.listening.Done()
		s.came <- true
		handler.ServeHTTP(w, r)
	}))
	t.Cleanup(s.Close)
	t.Cleanup(s.CloseClientConnections)
	return s
}

// left is closed when all browsers have been left.
func (s *served) left() <-chan struct{} {
	left := make(chan struct{})
	go func() {
		s.listening.Wait()
		close(left)
	}()
	return left
}

// hang is a wait that only a test which hangs reaches, on however busy a machine.
const hang = time.Minute

func soon(t *testing.T, left <-chan struct{}) {
	t.Helper()
	select {
	case <-left:
	case <-time.After(hang):
		t.Fatal("somebody still listens")
	}
}

func TestEvents(t *testing.T) {
	i, d := New(Options{Environment: "dev", Edge: "http://localhost:8080"}), edgetest.Distribution(t)
	server := serve(t, i)
	browser := listen(t, server, "")
	e := browser.next()
	require.Equal(t, "state", e.name)
	require.Equal(t, "dev", e.state.Environment)
	require.Empty(t, e.state.Rows)

	a := answered(t, d, "a", "GET", "/v1/models", nil, exchange.Hit)
	i.Observe(a)
	e = browser.next()
	require.Equal(t, "update", e.name)
	require.Equal(t, "/v1/models", e.state.Rows[0].URL)
	require.Nil(t, e.state.Rows[0].Took)
	browser.leave()

	// It comes back and gets what it lacks.
	i.Observe(ended(a))
	browser = listen(t, server, e.id)
	later := browser.next()
	require.Equal(t, "update", later.name)
	require.NotNil(t, later.state.Rows[0].Took)
	require.Empty(t, later.state.Routes)
	browser.leave()

	// An id of another run, and none.
	for _, id := range []string{strings.Replace(later.id, i.instance, "other", 1), "nonsense", i.instance + "-x"} {
		browser = listen(t, server, id)
		require.Equal(t, "state", browser.next().name, id)
		browser.leave()
	}
	browser = listen(t, server, later.id)
	i.clear()
	require.Equal(t, "state", browser.next().name)
	browser.leave()
	soon(t, server.left())
}

// buffered is an answer whose body is read while it is written.
type buffered struct {
	*httptest.ResponseRecorder
	mutex sync.Mutex
}

func (b *buffered) Write(p []byte) (int, error) {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	return b.ResponseRecorder.Write(p)
}

func (b *buffered) Flush() {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	b.ResponseRecorder.Flush()
}

// heard is what a browser gets from an inspector, by a clock of its own.
func heard(t *testing.T, i *Inspector) (text func() string) {
	t.Helper()
	w := &buffered{ResponseRecorder: httptest.NewRecorder()}
	go i.serveEvents(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/events", http.NoBody))
	return func() string {
		synctest.Wait()
		w.mutex.Lock()
		defer w.mutex.Unlock()
		defer w.Body.Reset()
		return w.Body.String()
	}
}

func TestHeartbeat(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		text := heard(t, New(Options{}))
		require.Contains(t, text(), "event: state")
		time.Sleep(2 * usualPace.heartbeat)
		require.Equal(t, ":\n\n:\n\n", text())
	})
}

// TestChangesAreOneEvent: a flood doesn't become as many events.
func TestChangesAreOneEvent(t *testing.T) {
	d := edgetest.Distribution(t)
	synctest.Test(t, func(t *testing.T) {
		i := New(Options{})
		text := heard(t, i)
		require.Contains(t, text(), "event: state")
		for n := range 50 {
			i.Observe(answered(t, d, fmt.Sprint(n), "GET", "/v1/models", nil, exchange.Hit))
		}
		require.Empty(t, text())
		time.Sleep(usualPace.pause)
		got := text()
		require.Equal(t, 1, strings.Count(got, "event: "))
		require.Equal(t, 50, strings.Count(got, `{"n":`))
	})
}

// TestSlowBrowser: one that takes nothing keeps nobody waiting, and is left.
func TestSlowBrowser(t *testing.T) {
	d := edgetest.Distribution(t)
	e := answered(t, d, "", "GET", "/v1/models?"+strings.Repeat("a", textBytes), nil, exchange.Hit)
	for name, patience := range map[string]time.Duration{"keeps nobody waiting": 10 * hang, "is left": 100 * time.Millisecond} {
		t.Run(name, func(t *testing.T) {
			i := New(Options{})
			i.pace.pause, i.pace.patience = time.Millisecond, patience
			server := serve(t, i)
			for range 10 {
				connection, err := net.Dial("tcp", server.Listener.Addr().String())
				require.NoError(t, err)
				t.Cleanup(func() { _ = connection.Close() })
				_, err = fmt.Fprint(connection, "GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n")
				require.NoError(t, err)
				<-server.came
			}
			observe := func(n int) {
				e.ID = fmt.Sprint(n)
				i.Observe(e)
			}
			for n := range 3 * capacity {
				observe(n)
			}
			require.Len(t, numbers(i), capacity)
			if patience > hang {
				return
			}
			end, left := time.Now().Add(hang), server.left()
			for n := 0; ; n++ {
				select {
				case <-left:
					return
				default:
					require.True(t, time.Now().Before(end), "somebody still listens")
					observe(n)
				}
			}
		})
	}
}
