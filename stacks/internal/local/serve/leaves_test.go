package serve

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/internal/edge"
)

// halfOrigin is one that sends the first half of its answer, and the second when it is told to.
type halfOrigin struct {
	came, goOn, gone chan bool
	before           bool // it waits before it sends anything
}

func newHalfOrigin() *halfOrigin {
	return &halfOrigin{came: make(chan bool, 100), goOn: make(chan bool), gone: make(chan bool, 100)}
}

func (h *halfOrigin) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	wait := func() bool {
		select {
		case <-h.goOn:
			return true
		case <-r.Context().Done():
			h.gone <- true
			return false
		}
	}
	h.came <- true
	if h.before && !wait() {
		return
	}
	w.Header().Set("Cache-Control", "max-age=60")
	fmt.Fprint(w, "first ")
	_ = http.NewResponseController(w).Flush()
	if wait() {
		fmt.Fprint(w, "second")
	}
}

// begin sends a request that can be broken off, and reports whether its answer began, and then its text.
func (s *standIn) begin() (began chan bool, text chan string, leave context.CancelFunc) {
	began, text = make(chan bool, 1), make(chan string, 1)
	ctx, leave := context.WithCancel(s.Context())
	go func() {
		r, _ := http.NewRequestWithContext(ctx, http.MethodGet, s.URL, nil)
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			text <- "nothing"
			return
		}
		defer answer.Body.Close()
		all := make([]byte, len("first "))
		_, err = io.ReadFull(answer.Body, all)
		began <- true
		if err == nil {
			var rest []byte
			rest, err = io.ReadAll(answer.Body)
			all = append(all, rest...)
		}
		if err != nil {
			all = append(all, "…"...)
		}
		text <- string(all)
	}()
	return began, text, leave
}

func soon[T any](t *testing.T, c <-chan T) T {
	t.Helper()
	select {
	case got := <-c:
		return got
	case <-time.After(hang):
		require.FailNow(t, "nothing happens")
		panic("unreachable")
	}
}

func patientRoute(b edge.Behavior) edge.Behavior {
	b.Origin.ReadTimeout = 30
	return b
}

// TestLeavesHalfway ends what is fetched for nobody, which isn't kept (Request and response behavior for custom
// origins, Canceled requests).
func TestLeavesHalfway(t *testing.T) {
	for kind, route := range map[string]edge.Behavior{"cached": cachedRoute(), "passed": passedRoute()} {
		t.Run(kind, func(t *testing.T) {
			origin := newHalfOrigin()
			s := serveFor(t, origin.ServeHTTP, nil, patientRoute(route))
			began, text, leave := s.begin()
			soon(t, began)
			leave()
			soon(t, origin.gone)
			require.Equal(t, "first …", soon(t, text))
			require.Eventually(t, func() bool { return s.edge.callers() == 0 && s.ended() == 1 }, time.Minute, time.Millisecond)
			close(origin.goOn)
			require.Equal(t, "200 Miss first second", s.says("GET /"))
			require.Equal(t, 2, s.times())
		})
	}
}

// TestOneOfTwoLeaves: the other one gets everything, whoever came first, and it is kept.
func TestOneOfTwoLeaves(t *testing.T) {
	for _, before := range []bool{false, true} {
		for leaver := range 2 {
			t.Run(fmt.Sprintf("number %d, before the answer: %t", leaver, before), func(t *testing.T) {
				origin := newHalfOrigin()
				origin.before = before
				s := serveFor(t, origin.ServeHTTP, nil, patientRoute(cachedRoute()))
				var began [2]chan bool
				var text [2]chan string
				var leave [2]context.CancelFunc
				for i := range 2 {
					began[i], text[i], leave[i] = s.begin()
					defer leave[i]()
					require.Eventually(t, func() bool { return s.edge.callers() == i+1 }, time.Minute, time.Millisecond)
					if !before {
						soon(t, began[i])
					}
				}
				soon(t, origin.came)
				leave[leaver]()
				require.Eventually(t, func() bool { return s.edge.callers() == 1 }, time.Minute, time.Millisecond)
				close(origin.goOn)
				require.Equal(t, "first second", soon(t, text[1-leaver]))
				require.Equal(t, "200 Hit first second", s.says("GET /"))
				require.Equal(t, 1, s.times())
				require.Empty(t, origin.gone)
			})
		}
	}
}

// TestAllLeaveBefore the origin has answered, which is then asked no more.
func TestAllLeaveBefore(t *testing.T) {
	for _, callers := range []int{1, 20} {
		origin := newHalfOrigin()
		origin.before = true
		s := serveFor(t, origin.ServeHTTP, nil, patientRoute(cachedRoute()))
		leave, text := make([]context.CancelFunc, callers), make([]chan string, callers)
		for i := range callers {
			_, text[i], leave[i] = s.begin()
		}
		require.Eventually(t, func() bool { return s.edge.callers() == callers }, time.Minute, time.Millisecond)
		soon(t, origin.came)
		for i := range callers {
			require.Empty(t, origin.gone)
			leave[i]()
			require.Equal(t, "nothing", soon(t, text[i]))
		}
		soon(t, origin.gone)
		close(origin.goOn)
		require.Equal(t, "200 Miss first second", s.says("GET /"))
		require.Equal(t, 2, s.times())
	}
}

// TestLeavesStreamThatIsNotKept, after it has become longer than what is held for its caller.
func TestLeavesStreamThatIsNotKept(t *testing.T) {
	gone := make(chan bool, 1)
	s := serveFor(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "no-store, stale-if-error=0")
		for r.Context().Err() == nil {
			fmt.Fprint(w, strings.Repeat("x", 10_000))
		}
		gone <- true
	}, nil, patientRoute(cachedRoute()))
	answer, err := http.Get(s.URL)
	require.NoError(t, err)
	_, err = io.CopyN(io.Discard, answer.Body, 10<<20)
	require.NoError(t, err)
	answer.Body.Close()
	soon(t, gone)
}

// TestHasItAlready and so doesn't wait for what the origin takes long to send, and what isn't kept.
func TestHasItAlready(t *testing.T) {
	gone := make(chan bool, 1)
	s := serveFor(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "no-store, stale-if-error=0")
		w.Header().Set("Content-Length", "1000000000")
		w.Header().Set("ETag", `"v1"`)
		_ = http.NewResponseController(w).Flush()
		<-r.Context().Done()
		gone <- true
	}, nil, patientRoute(cachedRoute()))
	require.Equal(t, "304 Miss", s.says("GET /", `If-None-Match: "v1"`))
	soon(t, gone)
}

// ended is how many exchanges have.
func (s *standIn) ended() int {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return len(s.exchanges)
}
