package inspect

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/internal/edge"
	"ml-api-accelerator/stacks/internal/edge/edgetest"
	"ml-api-accelerator/stacks/internal/local/serve/exchange"
)

// numbers are those of the exchanges that are kept.
func numbers(i *Inspector) []uint64 {
	s, _, _, _ := i.since(0)
	list := []uint64{}
	for _, r := range s.Rows {
		list = append(list, r.N)
	}
	return list
}

func TestOldExchangesArePushedOut(t *testing.T) {
	i, d := New(Options{}), edgetest.Distribution(t)
	oldest := answered(t, d, "oldest", "GET", "/v1/chat", nil, exchange.Miss)
	i.Observe(oldest)
	for n := range capacity {
		i.Observe(answered(t, d, fmt.Sprint(n), "GET", "/v1/chat", nil, exchange.Miss))
	}
	require.Len(t, numbers(i), capacity)
	require.Equal(t, uint64(2), numbers(i)[0])
	require.Len(t, i.byID, capacity)
	require.Nil(t, i.detail(0))
	require.Nil(t, i.detail(1))
	require.Equal(t, uint64(2), i.detail(2).N)
	require.Nil(t, i.detail(capacity+2))

	i.Observe(ended(oldest)) // was open all the time
	require.Len(t, numbers(i), capacity)
	require.Equal(t, uint64(capacity+1), numbers(i)[capacity-1])
	require.Equal(t, capacity+1, i.series[0].requests)
}

// TestObserveCopies: the caller changes what it handed over.
func TestObserveCopies(t *testing.T) {
	i, d := New(Options{}), edgetest.Distribution(t)
	e := missed(t, d, "a", "/v1/models", http.Header{"Authorization": {"Bearer abcdefgh"}})
	i.Observe(e)
	before := marshal(t, i.detail(1))
	e.Header["Authorization"][0], e.Sent[0].Header["Authorization"] = "changed", []string{"changed"}
	e.AnswerHeader.Set("X-Cache", "changed")
	e.URL.Path, e.Sent[0].URL, e.Status = "/changed", "changed", 500
	e.Decision.Origin.URL, e.Decision.Origin.Headers["Authorization"], e.Decision.Tried[0].Path = "changed", edge.Plain("changed"), "changed"
	require.Equal(t, before, marshal(t, i.detail(1)))
	i.Observe(e)
	require.NotEqual(t, before, marshal(t, i.detail(1)))
}

func TestAnExchangeIsBounded(t *testing.T) {
	huge := strings.Repeat("é", 1<<20)
	many := http.Header{}
	for n := range 1 << 16 {
		many.Set(fmt.Sprintf("X-%d", n), "a")
	}
	for name, header := range map[string]http.Header{"huge": {"X-A": {huge}}, "many": many} {
		e := missed(t, edgetest.Distribution(t), "a", "/v1/models?"+huge, header)
		e.AnswerHeader, e.Why = header, huge
		for range 10_000 {
			e.Sent = append(e.Sent, e.Sent[0])
		}
		require.Less(t, len(marshal(t, newDetail(e))), 4*exchangeBytes, name)
	}
	require.Len(t, shortenURL(huge), searchedBytes) // and no more is looked at
	d := newDetail(missed(t, edgetest.Distribution(t), "a", "/v1/chat", http.Header{"X-A": {huge}}))
	require.Equal(t, header{"X-A", strings.Repeat("é", textBytes/2) + "…(cut)"}, d.Header[0])
}

// TestDetailIsHarmless shows what others sent as it is, and never as something else.
func TestDetailIsHarmless(t *testing.T) {
	evil := "a\x1b[2J\u202eb\u200b\nc"
	e := missed(t, edgetest.Distribution(t), "a", "/v1/models?limit=5", http.Header{"X-A": {evil}})
	e.Host, e.Method, e.Why, e.AnswerHeader, e.Sent[0].Error = evil, evil, evil, http.Header{"X-B": {evil}}, evil
	e.Decision = edgetest.Distribution(t).Decide(edge.Request{URL: "/v1/chat?" + evil, Headers: map[string]string{"X-A": evil}})
	d := newDetail(e)
	for _, shown := range []string{d.Host, d.Method, d.Why, d.AnswerHeader[0][1], d.Header[0][1], d.Sent[0].Error} {
		require.Equal(t, `a\x1b[2J\u202eb\u200b\nc`, shown)
	}
	require.Contains(t, d.Decision, `X-A: a\x1b[2J\u202eb\u200b\nc`)
	require.NotContains(t, d.Verdict+d.Decision, "\x1b")
}

func TestDetail(t *testing.T) {
	e := missed(t, edgetest.Distribution(t), "a", "/v1/models?limit=5", http.Header{"Origin": {"https://app.example.com"}})
	d := newDetail(e)
	require.Nil(t, d.Took)
	d = newDetail(ended(e))
	require.InDelta(t, 42, *d.Took, 0.1)
	require.InDelta(t, 12, *d.First, 0.1)
	require.Equal(t, "goes to api as https://inference.example.com/v1/models?limit=5, cached for 60 s, or from 0 to 300 s as the origin says", d.Verdict)
	require.True(t, strings.HasPrefix(d.Decision, "route   /v1/models*\n        not /v1/embeddings*\n"), d.Decision)
	require.Equal(t, "TLS 1.3", d.TLS)
	require.Equal(t, []header{
		{"fresh", "for 60 s, without asking the origin"}, {"stale-while-revalidate", "no"},
		{"stale-if-error", "for 4 min after it was fresh, if the origin fails"},
	}, d.Lifetime)
	require.Equal(t, []header{{"Origin", "https://app.example.com"}}, d.Header)
	require.Equal(t, []header{{"Content-Type", "application/json"}, {"X-Cache", "Miss from cloudfront"}}, d.AnswerHeader)
	require.Len(t, d.Sent, 1)
	require.InDelta(t, 11, d.Sent[0].Took, 0.1)
	require.Empty(t, newDetail(answered(t, edgetest.Distribution(t), "a", "POST", "/v1/chat", nil, exchange.Miss)).Lifetime)
}

func TestWords(t *testing.T) {
	for seconds, want := range map[int]string{
		0: "0 s", 1: "1 s", 119: "119 s", 120: "2 min", 3600: "1 h", 3725: "1 h 2 min", 86400: "1 day", 90061: "1 day 1 h", 31536000: "365 days",
	} {
		require.Equal(t, want, words(seconds))
	}
}

func TestRates(t *testing.T) {
	i, d := New(Options{}), edgetest.Distribution(t)
	start := time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)
	observe := func(second int, method, path string, result exchange.Result) {
		e := answered(t, d, fmt.Sprint(i.last), method, path, nil, result)
		e.Answered = start.Add(time.Duration(second) * time.Second)
		i.Observe(e)
		i.Observe(ended(e)) // counts once
	}
	observe(0, "GET", "/v1/models", exchange.Miss)
	observe(0, "GET", "/v1/models", exchange.Hit)
	observe(1, "GET", "/v1/models", exchange.RefreshHit)
	observe(1, "GET", "/v1/models", exchange.Error)              // not cacheable
	observe(1, "POST", "/v1/embeddings", exchange.Miss)          // neither
	observe(2, "GET", "https://www.example.com", exchange.Error) // none of the distribution's
	s, _, _, _ := i.since(0)
	text, err := json.Marshal(s.Routes)
	require.NoError(t, err)
	require.JSONEq(t, `[
		{"route": "/v1/models*", "requests": 4, "hits": 2, "of": 3, "points": [{"at": 1893456000000, "rate": 0.5}, {"at": 1893456001000, "rate": 0.6666666666666666}]},
		{"route": "/v1/embeddings*", "requests": 1, "hits": 0, "of": 0, "points": []}
	]`, string(text))

	// The last hundred make the rate, and points are kept ten minutes, with the one that still holds at their beginning.
	for n := range 150 {
		observe(10+10*n, "GET", "/v1/models", exchange.Hit)
	}
	s, _, _, _ = i.since(0)
	models := s.Routes[0]
	require.Equal(t, []int{154, 100, 100}, []int{models.Requests, models.Hits, models.Of})
	last := models.Points[len(models.Points)-1].At
	require.Equal(t, []int64{last - 600_000, last - 590_000}, []int64{models.Points[0].At, models.Points[1].At})

	for n := range 2 * rateRoutes {
		e := answered(t, d, fmt.Sprint("r", n), "GET", "/v1/chat", nil, exchange.Miss)
		e.Decision.Route = fmt.Sprint(n)
		i.Observe(e)
	}
	require.Len(t, i.series, rateRoutes)
}

// TestSince: a browser gets what it lacks, and nothing else.
func TestSince(t *testing.T) {
	i, d := New(Options{}), edgetest.Distribution(t)
	a := answered(t, d, "a", "GET", "/v1/models", nil, exchange.Miss)
	i.Observe(a)
	s, anew, one, _ := i.since(0)
	require.True(t, anew)
	require.Len(t, s.Rows, 1)
	s, _, same, changed := i.since(one)
	require.Nil(t, s)
	require.Equal(t, one, same)
	b := answered(t, d, "b", "GET", "/v1/models", nil, exchange.Hit)
	b.Answered = a.Answered.Add(time.Second)
	i.Observe(b)
	<-changed
	s, anew, two, _ := i.since(one)
	require.False(t, anew)
	require.Equal(t, []uint64{2}, []uint64{s.Rows[0].N})
	require.Len(t, s.Routes[0].Points, 1)
	i.Observe(ended(a))
	s, _, three, _ := i.since(two)
	require.Equal(t, []uint64{1}, []uint64{s.Rows[0].N})
	require.Empty(t, s.Routes)

	i.clear()
	s, anew, _, _ = i.since(three)
	require.True(t, anew)
	require.Empty(t, s.Rows)
	require.Empty(t, s.Routes)
	i.Observe(ended(b)) // was open
	require.Empty(t, numbers(i))
	_, anew, _, _ = i.since(i.version + 1)
	require.True(t, anew)
}

// TestObserveFromManySides is for the race detector too.
func TestObserveFromManySides(t *testing.T) {
	i, d := New(Options{}), edgetest.Distribution(t)
	var group sync.WaitGroup
	for side := range 8 {
		group.Go(func() {
			for n := range 100 {
				e := missed(t, d, fmt.Sprint(side, " ", n), "/v1/models", http.Header{"Accept": {"*/*"}})
				i.Observe(e)
				i.Observe(ended(e))
				i.since(0)
			}
		})
	}
	group.Wait()
	require.Len(t, numbers(i), capacity)
	require.Equal(t, 800, i.series[0].requests)
}

// TestWaiting shows a request for which the origin hasn't answered, and counts it once it has.
func TestWaiting(t *testing.T) {
	i, e := New(Options{}), missed(t, edgetest.Distribution(t), "a", "/v1/models", nil)
	status, result, begun := e.Status, e.Result, e.Answered
	e.Status, e.Result, e.Answered = 0, "", time.Time{}
	i.Observe(e)
	require.Nil(t, i.detail(1).First)
	require.Zero(t, i.detail(1).Status)
	require.Empty(t, i.series)
	e.Status, e.Result, e.Answered = status, result, begun
	i.Observe(e)
	i.Observe(ended(e))
	require.NotNil(t, i.detail(1).First)
	require.Equal(t, 1, i.series[0].requests)
}
