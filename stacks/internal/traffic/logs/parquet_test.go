//go:build parquet

package logs_test

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/parquet-go/parquet-go"
	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/internal/traffic/logs"
	"ml-api-accelerator/stacks/internal/traffic/logs/logstest"
)

// many is a log of text of version 2, with all fields that are asked for, and values of all kinds.
func many(lines int) string {
	var text strings.Builder
	text.WriteString("#Fields: " + strings.Join(logs.Delivered(), " ") + "\n")
	random := rand.New(rand.NewPCG(1, 2))
	for i := range lines {
		status, fbl, lbl, pattern, from, caller := "200", "0.251", "12.5", "/models/*", "-", "caller%3Dalice%26canary%3D1"
		switch random.IntN(4) {
		case 0:
			status, fbl, lbl, pattern, from, caller = "000", "-", "-", "*", "0", "-"
		case 1:
			status = "404"
		}
		fmt.Fprintf(&text, "2026-01-31\t10:%02d:%02d\tFRA56-P%d\t%d\t192.0.2.%d\tGET\td111111abcdef8.cloudfront.net\t/models/%d%%2520a\t%s\t-\tcurl/8%%20x\tq=%d\t-\tMiss\tid%d==\t"+
			"api.example.com\thttps\t%d\t0.%03d\t-\tTLSv1.3\tTLS_AES_128_GCM_SHA256\tMiss\tHTTP/2.0\t-\t-\t%d\t0.001\tMiss\tapplication/json\t%d\t%s\t-\tDE\t%s\t%s\t%s\t%s\n",
			i/60%60, i%60, random.IntN(9), random.IntN(9999), random.IntN(250), random.IntN(500), status, random.IntN(1000), i,
			random.IntN(999), random.IntN(999), random.IntN(60000), random.IntN(9999), from, pattern, fbl, lbl, caller)
	}
	return text.String()
}

// every needs all columns that version 1 has and that are read, but for the times.
var every = logs.Columns{Needed: strings.Fields("x-edge-location sc-bytes c-ip cs-method cs-uri-stem sc-status cs(Referer) cs(User-Agent) cs-uri-query cs(Cookie) " +
	"x-edge-result-type x-host-header cs-protocol cs-bytes x-edge-response-result-type x-edge-detailed-result-type sc-range-start sc-range-end")}

// read are the lines of a file.
func read(t *testing.T, name string, content []byte) ([]logs.Line, []logs.Problem, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	require.NoError(t, os.WriteFile(path, content, 0o600))
	files, err := logs.Find([]string{path})
	require.NoError(t, err)
	var lines []logs.Line
	gaps, err := logs.Read(t.Context(), files, every, func(some []logs.Line) { lines = append(lines, some...) }, func(logs.Progress) {})
	return lines, gaps.Unread, err
}

// typed has numbers in a column, and strings in the others.
func typed(column string, node parquet.Node) func(string) parquet.Node {
	return func(field string) parquet.Node {
		if field == column {
			return node
		}
		return parquet.String()
	}
}

// TestParquet gives the same lines as the text, however it is written.
func TestParquet(t *testing.T) {
	text := many(3000)
	want, problems, err := read(t, "text", []byte(text))
	require.NoError(t, err)
	require.Empty(t, problems)
	require.Len(t, want, 3000)
	for name, o := range map[string]logstest.Options{
		"as CloudFront's": {},
		"nulls":           {Nulls: true},
		"row groups":      {RowsPerGroup: 700, Nulls: true},
		"small pages":     {PageBytes: 1000, RowsPerGroup: 1000},
		"required":        {Node: func(string) parquet.Node { return parquet.String() }},
		"delta":           {Node: func(string) parquet.Node { return parquet.Encoded(parquet.String(), &parquet.DeltaByteArray) }},
		"gzip": {Node: func(string) parquet.Node {
			return parquet.Compressed(parquet.Optional(parquet.String()), &parquet.Gzip)
		}},
		"zstd":            {Node: func(string) parquet.Node { return parquet.Compressed(parquet.String(), &parquet.Zstd) }},
		"binary":          {Node: func(string) parquet.Node { return parquet.Leaf(parquet.ByteArrayType) }},
		"status as int32": {Node: typed("sc-status", parquet.Int(32))},
		"status as int64": {Node: typed("sc-status", parquet.Leaf(parquet.Int64Type))},
		"bytes as int64":  {Node: typed("sc-bytes", parquet.Int(64))},
		"bytes as uint32": {Node: typed("sc-bytes", parquet.Uint(32))},
		"bytes as double": {Node: typed("sc-bytes", parquet.Leaf(parquet.DoubleType))},
		"time as float":   {Node: typed("time-taken", parquet.Leaf(parquet.FloatType))},
		"origin as double, with nulls": {Nulls: true, Node: func(field string) parquet.Node {
			if strings.HasPrefix(field, "origin-") {
				return parquet.Optional(parquet.Leaf(parquet.DoubleType))
			}
			return parquet.Optional(parquet.String())
		}},
	} {
		t.Run(name, func(t *testing.T) {
			got, problems, err := read(t, "a.parquet", logstest.Parquet(t, text, o))
			require.NoError(t, err)
			require.Empty(t, problems)
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

// TestParquetByItsBeginning needs no name.
func TestParquetByItsBeginning(t *testing.T) {
	lines, problems, err := read(t, "E2EXAMPLE.2026-01-31-10.abc", logstest.Delivered(t, many(3)))
	require.NoError(t, err)
	require.Empty(t, problems)
	require.Len(t, lines, 3)
}

// TestParquetDate reads a date that is one.
func TestParquetDate(t *testing.T) {
	text := "#Fields: " + strings.Join(logs.Delivered(), " ") + "\n" + strings.Replace(strings.SplitAfter(many(1), "\n")[1], "2026-01-31", "20484", 1)
	lines, problems, err := read(t, "a.parquet", logstest.Parquet(t, text, logstest.Options{Node: typed("date", parquet.Date())}))
	require.NoError(t, err)
	require.Empty(t, problems)
	require.Equal(t, time.Date(2026, 1, 31, 10, 0, 0, 0, time.UTC).Unix(), lines[0].Time)
}

func TestParquetProblems(t *testing.T) {
	good := logstest.Parquet(t, many(1000), logstest.Options{RowsPerGroup: 500})
	replaced := func(old, now string) []byte { return logstest.Delivered(t, strings.ReplaceAll(many(4), old, now)) }
	for _, r := range []struct {
		name    string
		content []byte
		lines   int
		problem string
		count   int
	}{
		{"no rows", logstest.Delivered(t, many(0)), 0, "", 0},
		{"nothing", nil, 0, "is no Parquet", 0},
		{"text", []byte(many(1)), 0, "is no Parquet", 0},
		{"cut off", good[:len(good)/2], 0, "is cut off: nothing of it is counted", 0},
		{"its beginning only", good[:4], 0, "is no Parquet", 0},
		{"a long footer", append(bytes.Clone(good[:len(good)-8]), "\xff\xff\xff\xffPAR1"...), 0, "is cut off: nothing of it is counted", 0},
		{"a column less", replaced(" sc-bytes", " x-bytes"), 0, "has no column sc_bytes, which is needed", 0},
		{"other values", replaced("\tGET\t", "\t-\t"), 0, "not in CloudFront's format", 4},
		{"a negative number", logstest.Parquet(t, strings.ReplaceAll(many(4), "id1==\tapi.example.com\thttps\t", "id1==\tapi.example.com\thttps\t-"),
			logstest.Options{Node: typed("cs-bytes", parquet.Int(64))}), 3, "not in CloudFront's format", 1},
		{"a timestamp", logstest.Parquet(t, strings.ReplaceAll(many(1), "10:00:00", "36000"), logstest.Options{Node: typed("time", parquet.Timestamp(parquet.Millisecond))}), 0,
			"has a column time of a type that isn't read: TIMESTAMP(isAdjustedToUTC=true,unit=MILLIS)", 0},
		{"a truth", logstest.Parquet(t, many(0), logstest.Options{Node: typed("sc-bytes", parquet.Leaf(parquet.BooleanType))}), 0,
			"has a column sc_bytes of a type that isn't read: BOOLEAN", 0},
		{"a list", logstest.Parquet(t, many(0), logstest.Options{Node: typed("sc-bytes", parquet.Repeated(parquet.String()))}), 0,
			"has a column sc_bytes of a type that isn't read: STRING", 0},
	} {
		t.Run(r.name, func(t *testing.T) {
			dir := t.TempDir()
			path := filepath.Join(dir, "b.parquet")
			require.NoError(t, os.WriteFile(path, r.content, 0o600))
			require.NoError(t, os.WriteFile(filepath.Join(dir, "a.parquet"), good, 0o600)) // so that something can be read
			files, err := logs.Find([]string{dir})
			require.NoError(t, err)
			lines := 0
			gaps, err := logs.Read(t.Context(), files, every, func(some []logs.Line) { lines += len(some) }, func(logs.Progress) {})
			require.NoError(t, err)
			require.Equal(t, 1000+r.lines, lines)
			var want []logs.Problem
			if r.problem != "" {
				want = []logs.Problem{{File: path, Problem: r.problem, Lines: r.count}}
			}
			require.Equal(t, want, gaps.Unread)
		})
	}
}

// TestParquetIsDamaged has one wrong byte here and there: never a panic and never a wrong line, since pages have
// checksums. Fewer lines are told. Only the name of a column that may be missing can go unseen.
func TestParquetIsDamaged(t *testing.T) {
	needed := func(l logs.Line) logs.Line {
		l.TimeToFirstByte, l.TimeTaken, l.OriginFirstByte, l.OriginLastByte, l.FromOrigin, l.Country, l.Pattern = 0, 0, 0, 0, 0, "", ""
		l.Caller, l.Canary = "", logs.Untold
		return l
	}
	for name, o := range map[string]logstest.Options{
		"delivered": {RowsPerGroup: 40, PageBytes: 500, Nulls: true},
		"plain":     {Node: func(string) parquet.Node { return parquet.Optional(parquet.String()) }, Nulls: true},
	} {
		t.Run(name, func(t *testing.T) {
			good := logstest.Parquet(t, many(60), o)
			want, _, err := read(t, "a.parquet", good)
			require.NoError(t, err)
			random := rand.New(rand.NewPCG(3, 5))
			path := filepath.Join(t.TempDir(), "a.parquet")
			told := 0
			for at := 0; at < len(good); at += 1 + random.IntN(30) {
				bad := bytes.Clone(good)
				bad[at] ^= byte(1 + random.IntN(255))
				require.NoError(t, os.WriteFile(path, bad, 0o600))
				files, err := logs.Find([]string{path})
				require.NoError(t, err)
				var got []logs.Line
				gaps, err := logs.Read(t.Context(), files, every, func(some []logs.Line) { got = append(got, some...) }, func(logs.Progress) {})
				require.LessOrEqual(t, len(got), len(want), "byte %d", at)
				for i := range got {
					require.Equal(t, needed(want[i]), needed(got[i]), "byte %d", at)
				}
				if err != nil || len(gaps.Unread) > 0 {
					told++
				} else {
					require.Len(t, got, len(want), "byte %d", at)
				}
			}
			require.Greater(t, told, 100)
		})
	}
}

// TestParquetCanceled ends at once.
func TestParquetCanceled(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.parquet")
	require.NoError(t, os.WriteFile(path, logstest.Delivered(t, many(20_000)), 0o600))
	files, err := logs.Find([]string{path})
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	got := 0
	_, err = logs.Read(ctx, files, every, func(some []logs.Line) { got += len(some); cancel() }, func(logs.Progress) {})
	require.ErrorIs(t, err, context.Canceled)
	require.Less(t, got, 10_000)
}

// TestParquetMemory reads ten times as much in as much memory.
func TestParquetMemory(t *testing.T) {
	if testing.Short() {
		t.Skip("reads 400,000 lines")
	}
	peak := func(lines int) uint64 {
		path := filepath.Join(t.TempDir(), "a.parquet")
		require.NoError(t, os.WriteFile(path, logstest.Parquet(t, many(lines), logstest.Options{RowsPerGroup: 20_000}), 0o600))
		files, err := logs.Find([]string{path})
		require.NoError(t, err)
		var most uint64
		next := 0
		_, err = logs.Read(t.Context(), files, every, func([]logs.Line) {}, func(p logs.Progress) {
			if p.Lines < next {
				return
			}
			next = p.Lines + 20_000
			var m runtime.MemStats
			runtime.GC()
			runtime.ReadMemStats(&m)
			most = max(most, m.HeapAlloc)
		})
		require.NoError(t, err)
		return most
	}
	few, many := peak(40_000), peak(400_000)
	t.Logf("%d KB for 40,000 lines, %d KB for 400,000", few>>10, many>>10)
	require.Less(t, many, few+4<<20)
}

// TestProgressOfParquet ends with all bytes.
func TestProgressOfParquet(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.parquet")
	require.NoError(t, os.WriteFile(path, logstest.Delivered(t, many(1000)), 0o600))
	files, err := logs.Find([]string{path})
	require.NoError(t, err)
	var last logs.Progress
	_, err = logs.Read(t.Context(), files, every, func([]logs.Line) {}, func(p logs.Progress) { last = p })
	require.NoError(t, err)
	require.Equal(t, 1000, last.Lines)
	require.LessOrEqual(t, last.Read, last.TotalBytes)
	require.Greater(t, last.Read, last.TotalBytes/4)
}
