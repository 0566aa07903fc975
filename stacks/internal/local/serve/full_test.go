package serve

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestTenThousandKeys go through a cache that has room for about two hundred.
func TestTenThousandKeys(t *testing.T) {
	takesSeconds(t)
	const keys, limit, workers = 10_000, 1 << 20, 8
	text := strings.Repeat("x", 4000)
	s := serveFor(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "max-age=60")
		fmt.Fprint(w, r.URL.Path, text)
	}, func(o *Options) { o.MemoryBytes = limit }, patientRoute(cachedRoute()))
	get := func(path string) string {
		w := &answerOf{header: http.Header{}}
		r, _ := http.NewRequest(http.MethodGet, "http://edge.test"+path, nil)
		r.RequestURI = path
		s.edge.ServeHTTP(w, r)
		require.Equal(s, path+text, string(w.text))
		return w.header.Get("X-Cache")
	}
	require.Equal(t, "Miss from cloudfront", get("/popular"))
	var all sync.WaitGroup
	for worker := range workers {
		all.Go(func() {
			for i := worker; i < keys; i += workers {
				if got := get(fmt.Sprintf("/%d", i)); got != "Miss from cloudfront" {
					t.Errorf("/%d: %s", i, got)
				}
				if got := get("/popular"); got != "Hit from cloudfront" {
					t.Errorf("/popular at %d: %s", i, got)
				}
				if memory, _ := s.edge.store.Bytes(); memory > limit {
					t.Errorf("%d bytes are kept", memory)
				}
			}
		})
	}
	all.Wait()
	require.Equal(t, keys+1, s.times())
	memory, disk := s.edge.store.Bytes()
	require.Greater(t, memory, int64(limit*9/10))
	require.Zero(t, disk)

	require.Equal(t, "Miss from cloudfront", get("/0"), "it had to go")
	require.Equal(t, "Hit from cloudfront", get("/0"))
	require.Equal(t, "Hit from cloudfront", get("/popular"))
}

// answerOf is an answer without a connection.
type answerOf struct {
	header http.Header
	status int
	text   []byte
}

func (a *answerOf) Header() http.Header { return a.header }

func (a *answerOf) WriteHeader(status int) { a.status = status }

func (a *answerOf) Write(p []byte) (int, error) {
	a.text = append(a.text, p...)
	return len(p), nil
}

// TestKeptMeanwhile is what happens to a caller who has just found nothing, when the answer comes.
func TestKeptMeanwhile(t *testing.T) {
	s := serveFor(t, counted("Cache-Control: max-age=60"), nil, cachedRoute())
	r, _ := http.NewRequest(http.MethodGet, "http://edge.test/", nil)
	r.RequestURI = "/"
	w := &answerOf{header: http.Header{}}
	c := s.edge.newCall(w, r, s.edge.use())
	defer c.on.users.Done()
	e := c.find()
	require.Equal(t, "200 Miss answer 1", s.says("GET /"))
	require.Eventually(t, func() bool { return s.edge.callers() == 0 && !s.edge.store.Has(e.whole, nil) }, time.Minute, time.Millisecond)
	c.fetch(e)
	require.Equal(t, "answer 1", string(w.text))
	require.Equal(t, "Hit from cloudfront", w.header.Get("X-Cache"))
}
