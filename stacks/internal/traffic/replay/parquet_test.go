//go:build parquet

package replay_test

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/internal/edge/edgetest"
	"ml-api-accelerator/stacks/internal/traffic/logs"
	"ml-api-accelerator/stacks/internal/traffic/logs/logstest"
	"ml-api-accelerator/stacks/internal/traffic/replay"
)

// asParquet is a packed log as version 2 has it.
func asParquet(tb testing.TB, packed []byte) []byte {
	tb.Helper()
	r, err := gzip.NewReader(bytes.NewReader(packed))
	require.NoError(tb, err)
	text, err := io.ReadAll(r)
	require.NoError(tb, err)
	return logstest.Delivered(tb, string(text))
}

// TestParquet gives what the same requests as text give.
func TestParquet(t *testing.T) {
	asText, asColumns := map[string][]byte{}, map[string][]byte{}
	for i := range 4 {
		name, log := fmt.Sprintf("E2EXAMPLE.2026-01-31-%d.%d", 10+i%2, i), written(t, 2000, 10+i%2)
		asText[name+".gz"], asColumns[name+".parquet"] = log, asParquet(t, log)
	}
	simulated := func(files map[string][]byte) (replay.Result, string) {
		usage := replay.NewUsage()
		result, err := replay.Run(t.Context(), replay.Job{Files: found(t, files), Now: edgetest.Distribution(t), Usage: usage, Tell: func(logs.Progress) {}})
		require.NoError(t, err)
		month, err := usage.Infracost()
		require.NoError(t, err)
		return result, month
	}
	want, month := simulated(asText)
	require.Equal(t, 8000, want.Now.Total.Requests)
	got, gotMonth := simulated(asColumns)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	require.Equal(t, month, gotMonth)
}

// BenchmarkParquet reads and simulates what BenchmarkRun does as text.
func BenchmarkParquet(b *testing.B) {
	const files, lines = 8, 25_000
	columns := map[string][]byte{}
	for i := range files {
		columns[fmt.Sprintf("E2EXAMPLE.2026-01-31-%02d.%d.parquet", 10+i%2, i)] = asParquet(b, written(b, lines, 10+i%2))
	}
	list, d := found(b, columns), edgetest.Distribution(b)
	b.ReportAllocs()
	for b.Loop() {
		result, err := replay.Run(b.Context(), replay.Job{Files: list, Now: d, Tell: func(logs.Progress) {}})
		require.NoError(b, err)
		require.Equal(b, files*lines, result.Now.Total.Requests)
	}
	b.ReportMetric(float64(files*lines*b.N)/b.Elapsed().Seconds(), "lines/s")
}
