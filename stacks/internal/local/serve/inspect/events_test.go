package inspect

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/internal/edge/edgetest"
	"ml-api-accelerator/stacks/internal/local/serve/exchange"
)

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
func listen(t *testing.T, server *httptest.Server, id string) listener {
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

func serve(t *testing.T, i *Inspector) *httptest.Server {
	t.Helper()
	server := httptest.NewServer(i.Handler())
	t.Cleanup(server.Close)
	t.Cleanup(server.CloseClientConnections)
	return server
}

// noneLeft waits until as many goroutines run as before.
func noneLeft(t *testing.T, before int) {
	t.Helper()
	for end := time.Now().Add(time.Minute); runtime.NumGoroutine() > before; time.Sleep(time.Millisecond) {
		require.True(t, time.Now().Before(end), "some still run")
	}
}

func TestEvents(t *testing.T) {
	i, d := New(Options{Environment: "dev", Edge: "http://localhost:8080"}), edgetest.Distribution(t)
	server := serve(t, i)
	before := runtime.NumGoroutine()
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
	server.Client().CloseIdleConnections()
	noneLeft(t, before)
}

func TestHeartbeat(t *testing.T) {
	i := New(Options{})
	i.pace.heartbeat = 10 * time.Millisecond
	browser := listen(t, serve(t, i), "")
	defer browser.leave()
	require.Equal(t, "state", browser.next().name)
	require.Empty(t, browser.next().name)
	require.Empty(t, browser.next().name)
}

// TestChangesAreOneEvent: a flood doesn't become as many events.
func TestChangesAreOneEvent(t *testing.T) {
	i, d := New(Options{}), edgetest.Distribution(t)
	i.pace.pause = 300 * time.Millisecond
	browser := listen(t, serve(t, i), "")
	defer browser.leave()
	browser.next()
	for n := range 50 {
		i.Observe(answered(t, d, fmt.Sprint(n), "GET", "/v1/models", nil, exchange.Hit))
	}
	require.Len(t, browser.next().state.Rows, 50)
}

// TestSlowBrowser: one that takes nothing keeps nobody waiting, and is left.
func TestSlowBrowser(t *testing.T) {
	i, d := New(Options{}), edgetest.Distribution(t)
	i.pace.pause, i.pace.patience = time.Millisecond, 3*time.Second
	server := serve(t, i)
	before := runtime.NumGoroutine()
	for range 10 {
		connection, err := net.Dial("tcp", server.Listener.Addr().String())
		require.NoError(t, err)
		t.Cleanup(func() { _ = connection.Close() })
		_, err = fmt.Fprint(connection, "GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n")
		require.NoError(t, err)
	}
	require.Eventually(t, func() bool { return runtime.NumGoroutine() >= before+10 }, time.Minute, time.Millisecond)
	e := answered(t, d, "", "GET", "/v1/models?"+strings.Repeat("a", textBytes), nil, exchange.Hit)
	var longest time.Duration
	for n, end := 0, time.Now().Add(time.Minute); runtime.NumGoroutine() > before; n++ {
		require.True(t, time.Now().Before(end), "somebody still waits")
		e.ID = fmt.Sprint(n)
		began := time.Now()
		i.Observe(e)
		longest = max(longest, time.Since(began))
	}
	require.Less(t, longest, 2*time.Second)
	require.Len(t, numbers(i), capacity)
}
