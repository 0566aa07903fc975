//go:build unix

package cli_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// BenchmarkFirstByte waits for the first byte of streams, from an origin and from serve in front of it, in turns. To repeat it:
//
//	go test ./stacks/cli -run '^$' -bench FirstByte -benchtime 2000x
func BenchmarkFirstByte(b *testing.B) {
	origin := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		w.Header().Set("Cache-Control", "max-age=300") // but nothing is kept of a POST
		fmt.Fprint(w, "data: first\n\n")
		_ = http.NewResponseController(w).Flush()
		time.Sleep(5 * time.Millisecond) // long enough to see who waits for the end
		fmt.Fprint(w, "data: last\n\n")
	}))
	defer origin.Close()
	edge := startServe(b, origin.URL)
	for _, request := range []string{"POST /v1/chat/completions", "GET /v1/models/events"} {
		b.Run(request, func(b *testing.B) {
			method, path, _ := strings.Cut(request, " ")
			var direct, served []time.Duration
			for b.Loop() {
				url := fmt.Sprintf("%s?%p=%d", path, b, len(direct)) // each is a new one to the cache
				direct = append(direct, firstByte(b, method, origin.URL+url))
				served = append(served, firstByte(b, method, edge+url))
			}
			b.ReportMetric(0, "ns/op")
			for _, percent := range []int{50, 99} {
				without, with := percentile(direct, percent), percentile(served, percent)
				b.ReportMetric(without, fmt.Sprintf("ms-direct-p%d", percent))
				b.ReportMetric(with, fmt.Sprintf("ms-served-p%d", percent))
				b.ReportMetric(with-without, fmt.Sprintf("ms-later-p%d", percent))
			}
		})
	}
}

func firstByte(b *testing.B, method, url string) time.Duration {
	b.Helper()
	var body io.Reader
	if method == http.MethodPost {
		body = strings.NewReader(`{"stream": true}`)
	}
	r, err := http.NewRequest(method, url, body)
	require.NoError(b, err)
	begun := time.Now()
	answer, err := http.DefaultClient.Do(r)
	require.NoError(b, err)
	defer answer.Body.Close()
	_, err = io.ReadFull(answer.Body, make([]byte, 1))
	took := time.Since(begun)
	require.NoError(b, err)
	_, err = io.Copy(io.Discard, answer.Body) // so that the connection is used again
	require.NoError(b, err, url)
	return took
}

// percentile is in milliseconds.
func percentile(times []time.Duration, percent int) float64 {
	return slices.Sorted(slices.Values(times))[(len(times)-1)*percent/100].Seconds() * 1000
}
