package serve

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/internal/edge"
)

// events is an origin that sends an event at once, and another one to all when it is told to, and doesn't end.
type events struct {
	open   atomic.Int64
	second chan bool
}

func (e *events) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	e.open.Add(1)
	defer e.open.Add(-1)
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("Cache-Control", r.URL.Query().Get("control"))
	send := func(n int) {
		fmt.Fprintf(w, "data: %d\n\n", n)
		_ = http.NewResponseController(w).Flush()
	}
	send(1)
	select {
	case <-e.second:
		send(2)
	case <-r.Context().Done():
	}
	<-r.Context().Done()
}

// listen opens a stream, and reports each event of two.
func listen(ctx context.Context, t *testing.T, url string, got chan<- string) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		t.Error(err)
		return
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		got <- err.Error()
		return
	}
	defer answer.Body.Close()
	event := make([]byte, len("data: 1\n\n"))
	for range 2 {
		if _, err := io.ReadFull(answer.Body, event); err != nil {
			got <- err.Error()
			return
		}
		got <- string(event)
	}
	<-ctx.Done()
}

// TestThousandStreams get each event at once, and leave nothing behind.
func TestThousandStreams(t *testing.T) {
	const streams = 1000
	for _, r := range []struct {
		name     string
		route    edge.Behavior
		path     string
		atOrigin int64
	}{
		{"passed", passedRoute(), "/%d?control=no-store,stale-if-error%%3d0", streams},
		{"cached, one object", cachedRoute(), "", 1},
		{"cached, an object each", cachedRoute(), "/%d?control=max-age%%3d60", streams},
		{"not kept, each asks for its own", cachedRoute(), "/%d?control=no-store,stale-if-error%%3d0", streams},
	} {
		t.Run(r.name, func(t *testing.T) {
			r.route.Origin.ReadTimeout, r.route.Origin.ConnectionTimeout = 120, 120
			origin := &events{second: make(chan bool)}
			s := serveFor(t, origin.ServeHTTP, nil, r.route)
			runtime.GC()
			before := heap()
			ctx, leave := context.WithCancel(t.Context())
			defer leave()
			var callers sync.WaitGroup
			got := make(chan string, streams)
			for i := range streams {
				path := fmt.Sprintf(r.path, i)
				if r.atOrigin == 1 {
					path = "/?control=max-age%3d60"
				}
				callers.Go(func() { listen(ctx, t, s.URL+path, got) })
			}
			wait := func(want string) {
				timeout := time.After(hang)
				for range streams {
					select {
					case event := <-got:
						require.Equal(t, want, event)
					case <-timeout:
						require.FailNow(t, "not all have "+want)
					}
				}
			}
			wait("data: 1\n\n")
			require.Equal(t, r.atOrigin, origin.open.Load())
			close(origin.second)
			wait("data: 2\n\n") // each stream is still open
			runtime.GC()
			require.Less(t, heap()-before, int64(200<<20), "with the callers and the origin, who are in this process too")

			leave()
			callers.Wait()
			require.Eventually(t, func() bool {
				http.DefaultClient.CloseIdleConnections()
				return origin.open.Load() == 0 && s.edge.callers() == 0
			}, hang, 10*time.Millisecond)
			runtime.GC()
			runtime.GC()
			require.Less(t, heap()-before, int64(60<<20))
			memory, disk := s.edge.store.Bytes()
			require.Zero(t, memory+disk, "nothing was complete")
		})
	}
}
