package replay_test

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/internal/edge"
	"ml-api-accelerator/stacks/internal/edge/edgetest"
	"ml-api-accelerator/stacks/internal/shared/longtest"
	"ml-api-accelerator/stacks/internal/traffic/logs"
	"ml-api-accelerator/stacks/internal/traffic/logs/logstest"
	"ml-api-accelerator/stacks/internal/traffic/replay"
)

const userAgent = "Mozilla/5.0%20(Windows%20NT%2010.0;%20Win64;%20x64)%20AppleWebKit/537.36%20(KHTML,%20like%20Gecko)%20Chrome/78.0.3904.108%20Safari/537.36"

// written is a packed log of an hour, in CloudFront's format: reading and writing, of some objects and callers.
func written(tb testing.TB, lines, hour int) []byte {
	tb.Helper()
	var to bytes.Buffer
	w := gzip.NewWriter(&to)
	_, _ = w.Write([]byte(logs.Header)) // a buffer takes everything
	random := rand.New(rand.NewPCG(1, uint64(hour)))
	for i := range lines {
		method, path, query, status := "GET", "/v1/models", fmt.Sprintf("limit=%d", random.IntN(100)), 200
		switch random.IntN(4) {
		case 0:
			method, path, query = "POST", "/v1/chat/completions", "-"
		case 1:
			path, query = fmt.Sprintf("/models/llama-%d.gguf", random.IntN(1000)), "-"
		case 2:
			path, query, status = "/v1/embeddings", "-", 404
		}
		second := i * 3600 / lines
		fmt.Fprintf(w, "2026-01-31\t%02d:%02d:%02d\tFRA56-P%d\t%d\t192.0.2.%d\t%s\td111111abcdef8.cloudfront.net\t%s\t%d\t-\t%s\t%s\t-\tMiss\t%016x%016x==\t"+
			"api.example.com\thttps\t%d\t0.%03d\t-\tTLSv1.3\tTLS_AES_128_GCM_SHA256\tMiss\tHTTP/2.0\t-\t-\t%d\t0.001\tMiss\tapplication/json\t%d\t-\t-\n",
			hour, second/60%60, second%60, random.IntN(9), random.IntN(9999), random.IntN(250), method, path, status, userAgent, query,
			random.Uint64(), random.Uint64(), random.IntN(999), random.IntN(999), random.IntN(60000), random.IntN(9999))
	}
	require.NoError(tb, w.Close())
	return to.Bytes()
}

// delivered is a packed log as version 2 has it.
func delivered(tb testing.TB, packed []byte) []byte {
	tb.Helper()
	r, err := gzip.NewReader(bytes.NewReader(packed))
	require.NoError(tb, err)
	text, err := io.ReadAll(r)
	require.NoError(tb, err)
	var to bytes.Buffer
	w := gzip.NewWriter(&to)
	_, err = io.WriteString(w, logstest.JSON(tb, string(text)))
	require.NoError(tb, err)
	require.NoError(tb, w.Close())
	return to.Bytes()
}

// TestVersion2 gives what the same requests as text give.
func TestVersion2(t *testing.T) {
	asText, asJSON := map[string][]byte{}, map[string][]byte{}
	for i := range 4 {
		name, log := fmt.Sprintf("E2EXAMPLE.2026-01-31-%d.%d.gz", 10+i%2, i), written(t, 2000, 10+i%2)
		asText[name], asJSON[name] = log, delivered(t, log)
	}
	simulated := func(files map[string][]byte) (replay.Result, string) {
		usage := replay.NewUsage()
		result, err := replay.Run(t.Context(), replay.Job{
			Files: found(t, files), Now: edgetest.Distribution(t), Usage: usage, Tell: func(logs.Progress) {},
		})
		require.NoError(t, err)
		month, err := usage.Infracost()
		require.NoError(t, err)
		return result, month
	}
	want, month := simulated(asText)
	require.Equal(t, 8000, want.Now.Total.Requests)
	got, gotMonth := simulated(asJSON)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	require.Equal(t, month, gotMonth)
}

// found writes files of a folder and finds them.
func found(tb testing.TB, files map[string][]byte) []logs.File {
	tb.Helper()
	dir := tb.TempDir()
	for name, text := range files {
		require.NoError(tb, os.WriteFile(filepath.Join(dir, name), text, 0o600))
	}
	list, err := logs.Find([]string{filepath.Join(dir, "*")})
	require.NoError(tb, err)
	return list
}

// BenchmarkRun reads and simulates eight files of two hours.
func BenchmarkRun(b *testing.B) {
	const files, lines = 8, 25_000
	packed, asJSON := map[string][]byte{}, map[string][]byte{}
	for i := range files {
		name := fmt.Sprintf("E2EXAMPLE.2026-01-31-%02d.%d.gz", 10+i%2, i)
		packed[name] = written(b, lines, 10+i%2)
		asJSON[name] = delivered(b, packed[name])
	}
	list := found(b, packed)
	b.Run("JSON", func(b *testing.B) {
		list, d := found(b, asJSON), edgetest.Distribution(b)
		b.ReportAllocs()
		for b.Loop() {
			result, err := replay.Run(b.Context(), replay.Job{Files: list, Now: d, Tell: func(logs.Progress) {}})
			require.NoError(b, err)
			require.Equal(b, files*lines, result.Now.Total.Requests)
		}
		b.ReportMetric(float64(files*lines*b.N)/b.Elapsed().Seconds(), "lines/s")
	})
	for name, d := range map[string]*edge.Distribution{"routes": edgetest.Distribution(b), "callers": edgetest.Callers(b)} {
		for _, both := range []bool{false, true} {
			before, suffix := (*edge.Distribution)(nil), ""
			if both {
				before, suffix = d, " and before"
			}
			b.Run(name+suffix, func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					result, err := replay.Run(b.Context(), replay.Job{Files: list, Now: d, Before: before, Tell: func(logs.Progress) {}})
					require.NoError(b, err)
					require.Equal(b, files*lines, result.Now.Total.Requests)
				}
				b.ReportMetric(float64(files*lines*b.N)/b.Elapsed().Seconds(), "lines/s")
			})
		}
	}
}

// TestLongMemory reads two million lines in as much memory as a tenth of them.
func TestLongMemory(t *testing.T) {
	longtest.Only(t, "reads two million lines")
	const lines = 20_000
	packed := written(t, lines, 10)
	peak := func(times int) uint64 {
		list := found(t, map[string][]byte{"E2EXAMPLE.2026-01-31-10.a.gz": bytes.Repeat(packed, times)})
		var most uint64
		runtime.GC()
		next := 0
		result, err := replay.Run(t.Context(), replay.Job{Files: list, Now: edgetest.Distribution(t), Usage: replay.NewUsage(), Tell: func(p logs.Progress) {
			if p.Lines < next {
				return
			}
			next = p.Lines + 5*lines
			var m runtime.MemStats
			runtime.GC()
			runtime.ReadMemStats(&m)
			most = max(most, m.HeapAlloc)
		}})
		require.NoError(t, err)
		require.Equal(t, times*lines, result.Now.Total.Requests)
		return most
	}
	few, many := peak(10), peak(100)
	t.Logf("%d KB for %d lines, %d KB for %d", few>>10, 10*lines, many>>10, 100*lines)
	require.Less(t, many, few+2<<20)
}
