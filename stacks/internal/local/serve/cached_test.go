package serve

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/internal/edge/policy"
)

// counted answers with the number of the request, and some headers.
func counted(headers ...string) http.HandlerFunc {
	n := 0
	return func(w http.ResponseWriter, r *http.Request) {
		n++
		for _, h := range headers {
			name, value, _ := strings.Cut(h, ": ")
			w.Header().Set(name, value)
		}
		if tag := w.Header().Get("ETag"); tag != "" && r.Header.Get("If-None-Match") == tag {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		fmt.Fprintf(w, "answer %d", n)
	}
}

// TestCache sends a few requests one after the other; "+10s" lets time pass.
func TestCache(t *testing.T) {
	for _, r := range []struct {
		name    string
		answers []string // headers of the origin
		does    []string // request, what is answered
	}{
		{"a hit", []string{"Cache-Control: max-age=60"}, []string{
			"GET /a", "200 Miss answer 1", "GET /a", "200 Hit answer 1", "GET /a?x=1", "200 Miss answer 2", "GET /b", "200 Miss answer 3"}},
		{"until it is too old", []string{"Cache-Control: max-age=60"}, []string{
			"GET /a", "200 Miss answer 1", "+59s", "", "GET /a", "200 Hit answer 1", "+1s", "", "GET /a", "200 Miss answer 2"}},
		{"nothing is said, and the default is 0", nil, []string{"GET /a", "200 Miss answer 1", "GET /a", "200 Miss answer 2"}},
		{"no-store", []string{"Cache-Control: no-store"}, []string{"GET /a", "200 Miss answer 1", "GET /a", "200 Miss answer 2"}},
		{"private", []string{"Cache-Control: private, max-age=60"}, []string{"GET /a", "200 Miss answer 1", "GET /a", "200 Miss answer 2"}},
		{"renewed", []string{"Cache-Control: max-age=60", `ETag: "v1"`}, []string{
			"GET /a", "200 Miss answer 1", "+61s", "", "GET /a", "200 RefreshHit answer 1", "+59s", "", "GET /a", "200 Hit answer 1"}},
		{"asked each time, but not sent again", []string{"Cache-Control: no-cache", `ETag: "v1"`}, []string{
			"GET /a", "200 Miss answer 1", "GET /a", "200 RefreshHit answer 1", "GET /a", "200 RefreshHit answer 1"}},
		{"Vary doesn't count", []string{"Cache-Control: max-age=60", "Vary: Accept-Language"}, []string{
			"GET /a Accept-Language: de", "200 Miss answer 1", "GET /a Accept-Language: fr", "200 Hit answer 1"}},
		{"the caller's Cache-Control doesn't count", []string{"Cache-Control: max-age=60"}, []string{
			"GET /a", "200 Miss answer 1", "GET /a Cache-Control: no-cache", "200 Hit answer 1"}},
		{"HEAD from GET", []string{"Cache-Control: max-age=60"}, []string{"GET /a", "200 Miss answer 1", "HEAD /a", "200 Hit"}},
		{"GET not from HEAD", []string{"Cache-Control: max-age=60"}, []string{
			"HEAD /a", "200 Miss", "HEAD /a", "200 Hit", "GET /a", "200 Miss answer 2", "HEAD /a", "200 Hit"}},
		{"POST is never kept and takes nothing away", []string{"Cache-Control: max-age=60"}, []string{
			"POST /a", "200 Miss answer 1", "GET /a", "200 Miss answer 2", "POST /a", "200 Miss answer 3", "GET /a", "200 Hit answer 2"}},
		{"a range of what is kept", []string{"Cache-Control: max-age=60"}, []string{
			"GET /a", "200 Miss answer 1", "GET /a Range: bytes=0-2", "206 Hit ans", "GET /a Range: bytes=-1", "206 Hit 1", "GET /a Range: bytes=90-", "416 Hit invalid range: failed to overlap"}},
		{"an origin that knows no ranges", []string{"Cache-Control: max-age=60"}, []string{
			"GET /a Range: bytes=0-2", "200 Miss answer 1", "GET /a", "200 Hit answer 1", "GET /a Range: bytes=0-2", "206 Hit ans"}},
		{"a caller who has it", []string{"Cache-Control: max-age=60", `ETag: "v1"`}, []string{
			`GET /a If-None-Match: "v1"`, "304 Miss", `GET /a If-None-Match: W/"v1"`, "304 Hit", `GET /a If-None-Match: "v2"`, "200 Hit answer 1",
			`GET /a If-Match: "v2"`, "412 Hit", `GET /a If-Match: "v1"`, "200 Hit answer 1"}},
	} {
		t.Run(r.name, func(t *testing.T) {
			s := serveFor(t, counted(r.answers...), nil, cachedRoute())
			for i := 0; i < len(r.does); i += 2 {
				if d, err := time.ParseDuration(r.does[i]); err == nil {
					s.wait(d)
					continue
				}
				parts := strings.SplitN(r.does[i], " ", 3)
				require.Equal(t, r.does[i+1], s.says(parts[0]+" "+parts[1], parts[2:]...), "%d: %s", i/2, r.does[i])
			}
		})
	}
}

func TestAge(t *testing.T) {
	s := serveFor(t, counted("Cache-Control: max-age=60"), nil, cachedRoute())
	first, _ := s.do("GET /")
	require.Empty(t, first.Header.Values("Age"))
	s.wait(7 * time.Second)
	second, _ := s.do("GET /")
	require.Equal(t, "7", second.Header.Get("Age"))
	require.Equal(t, first.Header.Get("Date"), second.Header.Get("Date"), "the date is the origin's")
}

func TestStale(t *testing.T) {
	broken := false
	answers := counted("Cache-Control: max-age=10, stale-while-revalidate=10, stale-if-error=100")
	s := serveFor(t, func(w http.ResponseWriter, r *http.Request) {
		if broken {
			http.Error(w, "broken", http.StatusInternalServerError)
			return
		}
		answers(w, r)
	}, nil, cachedRoute())

	require.Equal(t, "200 Miss answer 1", s.says("GET /"))
	s.wait(15 * time.Second)
	require.Equal(t, "200 Hit answer 1", s.says("GET /"), "while it is renewed")
	require.Eventually(t, func() bool { return s.says("GET /") == "200 Hit answer 2" }, time.Minute, 10*time.Millisecond)
	require.Equal(t, 2, s.times())

	broken = true
	s.wait(25 * time.Second)
	require.Equal(t, "200 RefreshHit answer 2", s.says("GET /"), "instead of the error")
	require.Equal(t, 3, s.times())
	s.wait(9 * time.Second)
	require.Equal(t, "200 Hit answer 2", s.says("GET /"), "the origin isn't asked for as long as errors are kept")
	require.Equal(t, 3, s.times())
	s.wait(2 * time.Second)
	require.Equal(t, "200 RefreshHit answer 2", s.says("GET /"))
	require.Equal(t, 4, s.times())
	s.wait(100 * time.Second)
	require.Equal(t, "500 Error broken", s.says("GET /"), "too old")
}

// TestErrorsAreKept for 10 s, which is CloudFront's default.
func TestErrorsAreKept(t *testing.T) {
	for status, kept := range map[int]bool{400: false, 404: true, 429: false, 500: true, 503: true} {
		s := serveFor(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) }, nil, cachedRoute())
		for range 2 {
			require.Equal(t, fmt.Sprintf("%d Error", status), s.says("GET /"))
		}
		require.Equal(t, kept, s.times() == 1, status)
		s.wait(11 * time.Second)
		s.says("GET /")
		require.Equal(t, kept, s.times() == 2, status)
	}
}

// TestOneRequestForAll holds the origin's answer back until all callers wait for it.
func TestOneRequestForAll(t *testing.T) {
	for control, shared := range map[string]bool{"max-age=60": true, "no-store": false, "no-cache": false} {
		const callers = 20
		came, goOn := make(chan bool, callers), make(chan bool)
		s := serveFor(t, func(w http.ResponseWriter, _ *http.Request) {
			came <- true
			<-goOn
			w.Header().Set("Cache-Control", control)
			fmt.Fprint(w, "one for all")
		}, nil, cachedRoute())
		results := make(chan string, callers)
		go func() { results <- s.says("GET /") }()
		<-came
		for range callers - 1 {
			go func() { results <- s.says("GET /") }()
		}
		require.Eventually(t, func() bool { return s.edge.callers() == callers }, time.Minute, time.Millisecond)
		require.Equal(t, 1, s.times())
		close(goOn)
		count := map[string]int{}
		for range callers {
			count[<-results]++
		}
		if shared {
			require.Equal(t, map[string]int{"200 Miss one for all": 1, "200 Hit one for all": callers - 1}, count)
			require.Equal(t, 1, s.times())
		} else {
			require.Equal(t, map[string]int{"200 Miss one for all": callers}, count)
			require.Equal(t, callers, s.times())
		}
	}
}

// callers is how many wait for an origin.
func (s *Server) callers() int {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	n := 0
	for _, f := range s.flights {
		f.mutex.Lock()
		n += f.callers
		f.mutex.Unlock()
	}
	return n
}

// TestJoinedHalfway has a caller come when half of an answer has been sent: it gets that half at once.
func TestJoinedHalfway(t *testing.T) {
	goOn := make(chan bool)
	s := serveFor(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Cache-Control", "max-age=60")
		fmt.Fprint(w, "first ")
		_ = http.NewResponseController(w).Flush()
		<-goOn
		fmt.Fprint(w, "second")
	}, nil, cachedRoute())
	for range 2 {
		answer, err := http.Get(s.URL)
		require.NoError(t, err)
		defer answer.Body.Close()
		part := make([]byte, 6)
		_, err = io.ReadFull(answer.Body, part)
		require.NoError(t, err)
		require.Equal(t, "first ", string(part))
		defer func() {
			rest, err := io.ReadAll(answer.Body)
			require.NoError(t, err)
			require.Equal(t, "second", string(rest))
		}()
	}
	close(goOn)
}

// TestJoinedAfterOthersLeft has a caller come when the only one before has left with a 304, and the rest is still
// coming.
func TestJoinedAfterOthersLeft(t *testing.T) {
	goOn := make(chan bool)
	s := serveFor(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Cache-Control", "max-age=60")
		w.Header().Set("ETag", `"v1"`)
		w.Header().Set("Content-Length", "12")
		fmt.Fprint(w, "first ")
		_ = http.NewResponseController(w).Flush()
		<-goOn
		fmt.Fprint(w, "second")
	}, nil, cachedRoute())
	require.Equal(t, "304 Miss", s.says("GET /a", `If-None-Match: "v1"`))
	require.Eventually(t, func() bool { return s.edge.callers() == 0 }, time.Minute, time.Millisecond)
	joined := make(chan string, 1)
	go func() { joined <- s.says("GET /a") }()
	require.Eventually(t, func() bool { return s.edge.callers() == 1 }, hang, time.Millisecond)
	close(goOn)
	require.Equal(t, "200 Hit first second", soon(t, joined))
	require.Equal(t, 1, s.times())
}

// TestKey has two answers for two values of a header in the key.
func TestKey(t *testing.T) {
	route := cachedRoute()
	route.CachePolicy.Headers = listed("Authorization")
	s := serveFor(t, counted("Cache-Control: max-age=60"), nil, route)
	require.Equal(t, "200 Miss answer 1", s.says("GET /", "Authorization: Bearer a"))
	require.Equal(t, "200 Miss answer 2", s.says("GET /", "Authorization: Bearer b"))
	require.Equal(t, "200 Hit answer 1", s.says("GET /", "Authorization: Bearer a"))
	require.Equal(t, "200 Miss answer 3", s.says("GET /"))
}

// TestCachedPart keeps a 206 for the same range, and nothing else.
func TestCachedPart(t *testing.T) {
	s := serveFor(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "max-age=60")
		http.ServeContent(w, r, "", time.Time{}, strings.NewReader("0123456789"))
	}, nil, cachedRoute())
	require.Equal(t, "206 Miss 234", s.says("GET /", "Range: bytes=2-4"))
	require.Equal(t, "206 Hit 234", s.says("GET /", "Range: bytes=2-4"))
	require.Equal(t, "206 Miss 23", s.says("GET /", "Range: bytes=2-3"))
	require.Equal(t, "200 Miss 0123456789", s.says("GET /"))
	require.Equal(t, "206 Hit 567", s.says("GET /", "Range: bytes=5-7"))
	require.Equal(t, 3, s.times())
}

func listed(names ...string) policy.Selection {
	return policy.Selection{Behavior: "whitelist", Names: names}
}
