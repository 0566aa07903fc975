package logs

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
)

// example is the log of AWS's guide (Standard logging reference, Log file fields).
const example = "testdata/example.log"

// all are the lines of files, and what couldn't be read.
func all(t *testing.T, patterns ...string) ([]Line, []Problem, error) {
	t.Helper()
	files, err := Find(patterns)
	require.NoError(t, err)
	var lines []Line
	gaps, err := Read(t.Context(), files, every, func(some []Line) { lines = append(lines, some...) }, func(Progress) {})
	return lines, gaps.Unread, err
}

// every needs all columns of columnsRead.
var every = Columns{Needed: strings.Fields("cs-method cs-uri-stem cs-uri-query cs(Cookie) sc-status sc-bytes c-ip x-host-header cs-protocol cs(User-Agent) " +
	"cs(Referer) x-edge-result-type x-edge-detailed-result-type sc-range-start sc-range-end cs-bytes x-edge-location")}

func TestExample(t *testing.T) {
	lines, problems, err := all(t, example)
	require.NoError(t, err)
	require.Empty(t, problems)
	require.Len(t, lines, 6)
	const browser = "Mozilla/5.0%20(Windows%20NT%2010.0;%20Win64;%20x64)%20AppleWebKit/537.36%20(KHTML,%20like%20Gecko)%20Chrome/78.0.3904.108%20Safari/537.36"
	want := Line{
		Time: 1576276587, Status: 502, Bytes: 900, SentBytes: 675, Location: "SEA19-C1", IP: "192.0.2.200", Method: "GET", Host: "www.example.com", Protocol: "http", Path: "/favicon.ico",
		UserAgent: browser, Referer: "http://www.example.com/", Result: "Error", Detail: "OriginDnsError", Response: "Error",
		TimeToFirstByte: 102, TimeTaken: 102, OriginFirstByte: Untimed, OriginLastByte: Untimed,
	}
	if diff := cmp.Diff(want, lines[3]); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// file writes a file of a test; one that ends in .gz is packed.
func file(t *testing.T, folder, name, text string) string {
	t.Helper()
	if strings.HasSuffix(name, ".gz") {
		text = string(packed(t, text))
	}
	path := filepath.Join(folder, name)
	require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	return path
}

func packed(t *testing.T, text string) []byte {
	t.Helper()
	var to bytes.Buffer
	w := gzip.NewWriter(&to)
	_, err := w.Write([]byte(text))
	require.NoError(t, err)
	require.NoError(t, w.Close())
	return to.Bytes()
}

// columnsRead are those that are needed, in another order than CloudFront's.
const columnsRead = "#Version: 1.0\n#Fields: time date cs-method cs-uri-stem cs-uri-query cs(Cookie) sc-status sc-bytes c-ip x-host-header cs-protocol " +
	"cs(User-Agent) cs(Referer) x-edge-result-type x-edge-detailed-result-type sc-range-start sc-range-end a-new-one cs-bytes x-edge-location\n"

// line is one for these columns.
func line(clock, path string) string {
	return clock + "\t2026-01-31\tGET\t" + path + "\ta=%2520b\tc=%20d\t206\t9\t2001:db8::1\ta.example.com\thttps\tcurl%208\t-\tHit\tHit\t0\t8\tnew\t7\tFRA56-P1\n"
}

func TestFieldsAreFoundByName(t *testing.T) {
	lines, problems, err := all(t, file(t, t.TempDir(), "a", columnsRead+line("23:59:58", "/a%2520b")))
	require.NoError(t, err)
	require.Empty(t, problems)
	want := []Line{{
		Time: 1769903998, Status: 206, Bytes: 9, SentBytes: 7, Location: "FRA56-P1", IP: "2001:db8::1", Method: "GET", Host: "a.example.com", Protocol: "https", Path: "/a%20b", Query: "a=%20b",
		UserAgent: "curl%208", Cookie: "c= d", Result: "Hit", Detail: "Hit", RangeStart: "0", RangeEnd: "8",
		TimeToFirstByte: Untimed, TimeTaken: Untimed, OriginFirstByte: Untimed, OriginLastByte: Untimed,
	}}
	if diff := cmp.Diff(want, lines); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// TestOptionalFields are what some logs don't have.
func TestOptionalFields(t *testing.T) {
	header := strings.Replace(columnsRead, "\n#Fields: ", "\n#Fields: origin-fbl origin-lbl c-country cache-behavior-path-pattern viewer-request-log-data time-to-first-byte time-taken ", 1)
	lines, problems, err := all(t, file(t, t.TempDir(), "a", header+
		"0.251\t12\tDE\t/models/*\tcaller%3Dalice%26canary%3D1\t0.3\t12.0409\t"+line("10:00:00", "/1")+
		"-\t-\t-\t-\t-\t-\t-\t"+line("10:00:00", "/2")))
	require.NoError(t, err)
	require.Empty(t, problems)
	want := []Line{
		{FromOrigin: Yes, OriginFirstByte: 251, OriginLastByte: 12000, Country: "DE", Pattern: "/models/*", TimeToFirstByte: 300, TimeTaken: 12040, Caller: "alice", Canary: Yes},
		{FromOrigin: No, OriginFirstByte: Untimed, OriginLastByte: Untimed, TimeToFirstByte: Untimed, TimeTaken: Untimed},
	}
	var got []Line
	for _, l := range lines {
		got = append(got, Line{
			FromOrigin: l.FromOrigin, OriginFirstByte: l.OriginFirstByte, OriginLastByte: l.OriginLastByte, Country: l.Country, Pattern: l.Pattern,
			TimeToFirstByte: l.TimeToFirstByte, TimeTaken: l.TimeTaken, Caller: l.Caller, Canary: l.Canary,
		})
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// TestCallers takes what the function at the edge writes, and nothing else, for a caller.
func TestCallers(t *testing.T) {
	for text, want := range map[string]Line{
		"":                                   {},
		"caller=alice":                       {Caller: "alice", Canary: No},
		"caller=alice&canary=1":              {Caller: "alice", Canary: Yes},
		"caller%3Dalice%26canary%3D1":        {Caller: "alice", Canary: Yes},
		"caller%3Dteam-a.ml_2%40example.com": {Caller: "team-a.ml_2@example.com", Canary: No},
		"canary=1":                           {Canary: Yes},
		"canary=0":                           {Canary: No},
		"canary=0&canary=1":                  {Canary: Yes},
		"canary=1&canary=0":                  {Canary: Yes},
		"canary=2":                           {},
		"canary":                             {},
		"v=2&caller=alice&more=x":            {Caller: "alice", Canary: No},
		"caller=alice&caller=bob":            {Caller: "alice", Canary: No},
		"caller=a+b&caller=bob":              {Caller: "bob", Canary: No},
		"caller=":                            {},
		"caller=a%20b":                       {},
		"caller=%25alice":                    {},
		"caller=ä":                           {},
		"caller=alice\x1b[31m":               {},
		"caller%253Dalice":                   {},
		"caller=alice&bad=%zz":               {Caller: "alice", Canary: No},
		"Caller=alice":                       {},
		"mycaller=alice":                     {},
		`{"caller":"alice"}`:                 {},
		"%":                                  {},
	} {
		var got Line
		require.True(t, got.setCaller(text), text)
		require.Equal(t, want, got, text)
	}
}

func TestMilliseconds(t *testing.T) {
	for text, want := range map[string]int32{"0": 0, "0.000": 0, "0.082": 82, "1": 1000, "1.": 1000, "1.5": 1500, "2147483.647": 2147483647, "": Untimed} {
		var got int32
		require.True(t, milliseconds(text, &got), text)
		require.Equal(t, want, got, text)
	}
	for _, text := range []string{".5", ".", "-1", "1e3", "1.2.3", "2147483.648", "99999999999999999999", "1,5", "NaN"} {
		require.False(t, milliseconds(text, new(int32)), text)
	}
}

// TestOrder has files in the order of their hours, whatever they belong to, and the lines of an hour in the order of
// time.
func TestOrder(t *testing.T) {
	dir := t.TempDir()
	file(t, dir, "EA.2026-01-31-11.a.gz", columnsRead+line("11:00:00", "/4"))
	file(t, dir, "EB.2026-01-31-10.a.gz", columnsRead+line("10:00:00", "/1")+line("10:00:02", "/3"))
	file(t, dir, "EA.2026-01-31-10.b", columnsRead+line("10:00:01", "/2"))
	file(t, dir, "EA.2026-01-31-10.c", columnsRead)
	lines, problems, err := all(t, filepath.Join(dir, "*.gz"), filepath.Join(dir, "EA*"))
	require.NoError(t, err)
	require.Empty(t, problems)
	var paths []string
	for _, l := range lines {
		paths = append(paths, l.Path)
	}
	require.Equal(t, []string{"/1", "/2", "/3", "/4"}, paths)
}

// TestTogether has hours apart, and not too many files open.
func TestTogether(t *testing.T) {
	files := []File{{hour: ""}, {hour: ""}, {hour: "10"}, {hour: "10"}, {hour: "11"}}
	for range maxOpen + 1 {
		files = append(files, File{hour: "12"})
	}
	var sizes []int
	for _, group := range together(files) {
		sizes = append(sizes, len(group))
	}
	require.Equal(t, []int{1, 1, 2, 1, maxOpen, 1}, sizes)
}

func TestManyFilesOfAnHour(t *testing.T) {
	dir := t.TempDir()
	for i := range 2*maxOpen + 1 {
		file(t, dir, fmt.Sprintf("E.2026-01-31-10.%d.gz", i), columnsRead+line("10:00:00", "/"))
	}
	lines, _, err := all(t, filepath.Join(dir, "*"))
	require.NoError(t, err)
	require.Len(t, lines, 2*maxOpen+1)
}

func TestProblems(t *testing.T) {
	good := columnsRead + line("10:00:00", "/") + line("10:00:01", "/")
	// So much that it fills several blocks, and doesn't pack well.
	var long strings.Builder
	long.WriteString(columnsRead)
	for i := range 5000 {
		long.WriteString(line("10:00:00", fmt.Sprintf("/%d", i*i*7919)))
	}
	whole := string(packed(t, long.String()))
	for _, r := range []struct {
		name, text string
		lines      int
		problem    string // after the name of the file
		count      int
	}{
		{"fine", good, 2, "", 0},
		{"put together", good + good, 4, "", 0},
		{"packed and put together", string(packed(t, good)) + string(packed(t, good)), 4, "", 0},
		{"other lines", good + "hello\n\n" + line("10:00", "/") + line("10:00:00", "x"), 2, foreignLines, 4},
		{"a column too many", good + strings.ReplaceAll(line("10:00:00", "/"), "\n", "\tx\n"), 2, foreignLines, 1},
		{"no number", good + strings.Replace(line("10:00:00", "/"), "\t206\t9", "\t206\t-", 1), 2, foreignLines, 1},
		{"no status", good + strings.Replace(line("10:00:00", "/"), "\t206", "\t2x6", 1), 2, foreignLines, 1},
		{"hours, minutes and seconds that no day has", good + line("24:00:00", "/") + line("23:60:00", "/") + line("23:59:60", "/") + line("99:99:99", "/") + line("1x:00:00", "/"), 2, foreignLines, 5},
		{"a date that no log has", good + strings.Replace(line("10:00:00", "/"), "2026-", "1969-", 1) + strings.Replace(line("10:00:00", "/"), "2026-", "9999-", 1), 2, foreignLines, 2},
		{"more bytes than there are", good + strings.Replace(line("10:00:00", "/"), "\t9\t2001", "\t9223372036854775807\t2001", 1), 2, foreignLines, 1},
		{"a number with a sign", good + strings.Replace(line("10:00:00", "/"), "\t9\t2001", "\t+9\t2001", 1), 2, foreignLines, 1},
		{"no date", good + strings.Replace(line("10:00:00", "/"), "01-31", "02-31", 1), 2, foreignLines, 1},
		{"lines before their fields", "#Version: 1.0\n" + line("10:00:00", "/") + good, 2, foreignLines, 1},
		{"version 2", strings.TrimPrefix(good, "#Version: 1.0\n"), 2, "", 0},
		{"version 2 with other delimiters", strings.ReplaceAll(strings.TrimPrefix(good, "#Version: 1.0\n"), "\t", ","), 0, foreignLines, 2},
		{"a column less", strings.ReplaceAll(good, " sc-bytes", ""), 0, "has no column sc-bytes, which is needed", 0},
		{"another version", good + "#Version: 2.0\n" + good, 2, `has version "2.0", not 1.0`, 0},
		{"JSON", asJSON(t, good), 2, "", 0},
		{"packed JSON", string(packed(t, asJSON(t, good))), 2, "", 0},
		{"JSON without most fields", `{"date": "2026-01-31", "time": "10:00:00"}` + "\n", 0, noColumns + "s " + strings.Join(every.Needed, ", ") + ", which are needed", 0},
		{"JSON that is something else", `{"a": "b"}` + "\n", 0, notALog, 0},
		{"JSON on several lines", "{\n}\n", 0, severalLines, 0},
		{"JSON in a list", "[\n" + asJSON(t, good) + "]\n", 0, severalLines, 0},
		{"JSON with other lines", asJSON(t, good) + "{\n[]\nnull\nhello\n" + strings.Replace(asJSON(t, good), `"206"`, `["206"]`, 1), 3, foreignLines, 5},
		{"JSON without a value", asJSON(t, good) + strings.ReplaceAll(asJSON(t, good), `"206"`, `null`), 2, foreignLines, 2},
		{"JSON without a last end of line", strings.TrimSuffix(asJSON(t, good), "\n"), 2, "", 0},
		{"one object without an end of line", strings.TrimSuffix(asJSON(t, columnsRead+line("10:00:00", "/")), "\n"), 1, "", 0},
		{"JSON that is cut off", strings.TrimSuffix(asJSON(t, good), "}\n"), 1, cutOff, 0},
		{"Parquet", "PAR1\x15\x04PAR1", 0, isParquet, 0},
		{"plain", strings.Join(strings.SplitAfter(good, "\n")[2:], ""), 0, unnamedFields, 0},
		{"nothing", "", 0, notALog, 0},
		{"cut off", good[:len(good)-1], 1, cutOff, 0},
		{"cut off and packed", whole[:len(whole)/2], -1, cutOff, 0},
		{"cut off before its end", whole[:len(whole)-1], 5000, cutOff, 0},
		{"cut off at once", whole[:5], 0, cutOff, 0},
		{"damaged", whole[:len(whole)-8] + "12345678", 5000, "is damaged: what comes after that isn't counted: gzip: invalid checksum", 0},
		{"too long", good + strings.Repeat("x", 2*lineBytes), 2, tooLong, 0},
	} {
		t.Run(r.name, func(t *testing.T) {
			dir := t.TempDir()
			path := file(t, dir, "b", r.text)
			file(t, dir, "a", good) // so that something can be read
			lines, problems, err := all(t, filepath.Join(dir, "*"))
			require.NoError(t, err)
			if r.lines >= 0 {
				require.Len(t, lines, 2+r.lines)
			} else {
				require.Greater(t, len(lines), 1000)
				require.Less(t, len(lines), 4000)
			}
			var want []Problem
			if r.problem != "" {
				want = []Problem{{path, r.problem, r.count}}
			}
			require.Equal(t, want, problems)
		})
	}
}

func TestNothingToRead(t *testing.T) {
	dir := t.TempDir()
	_, _, err := all(t, file(t, dir, "a", columnsRead))
	require.EqualError(t, err, "there are no requests in the logs")
	path := file(t, dir, "b", "hello\n")
	_, _, err = all(t, path)
	require.EqualError(t, err, "none of the logs could be read\n  "+path+": is no access log of CloudFront")
}

func TestFindRefuses(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.Mkdir(filepath.Join(dir, "folder.gz"), 0o700))
	t.Chdir(dir)
	for pattern, want := range map[string]string{
		"*.gz":       "no file matches",
		"folder.gz":  "the folder has no files, or only hidden ones",
		"gone":       "not found",
		"gone/":      "not found",
		"gone/*.gz":  "no file matches: there is no folder gone",
		"gone/a*/b?": "no file matches: there is no folder gone",
		"gone*/b":    "no file matches",
		"[":          "syntax error in pattern",
	} {
		_, err := Find([]string{pattern})
		require.EqualError(t, err, pattern+": "+want)
	}
}

func TestUnreadable(t *testing.T) {
	dir := t.TempDir()
	good := file(t, dir, "a", columnsRead+line("10:00:00", "/"))
	gaps, err := Read(t.Context(), []File{{Path: good}, {Path: filepath.Join(dir, "gone")}}, every, func([]Line) {}, func(Progress) {})
	require.NoError(t, err)
	require.Equal(t, []Problem{{filepath.Join(dir, "gone"), "can't be read: " + syscall.ENOENT.Error(), 0}}, gaps.Unread)
}

func TestList(t *testing.T) {
	problems := make([]Problem, 22)
	for i := range problems {
		problems[i] = Problem{File: "a.gz", Problem: cutOff}
	}
	line := "  a.gz: is cut off: what comes after that isn't counted\n"
	require.Equal(t, strings.Repeat(line, 20), List(problems[:20]))
	require.Equal(t, strings.Repeat(line, 20)+"  and 2 more\n", List(problems))
}

// TestCanceled ends at once, in the middle of files.
func TestCanceled(t *testing.T) {
	dir := t.TempDir()
	for i := range 3 {
		file(t, dir, fmt.Sprintf("E.2026-01-31-10.%d.gz", i), columnsRead+strings.Repeat(line("10:00:00", "/"), 20000))
	}
	files, err := Find([]string{filepath.Join(dir, "*")})
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	read := 0
	_, err = Read(ctx, files, every, func(lines []Line) { read += len(lines); cancel() }, func(Progress) {})
	require.ErrorIs(t, err, context.Canceled)
	require.Less(t, read, 20000)
}

// TestNamesAreHarmless: whoever names a file says nothing in the program's name.
func TestNamesAreHarmless(t *testing.T) {
	name := file(t, t.TempDir(), "a\nnone of the logs is bad\x1b[2J\u202e.log", "x\n")
	_, _, err := all(t, filepath.Dir(name))
	require.ErrorContains(t, err, `a\nnone of the logs is bad\x1b[2J\u202e.log: is no access log of CloudFront`)
}

// TestColumns takes what there is, and names all that isn't at once.
func TestColumns(t *testing.T) {
	dir := t.TempDir()
	const chosen = "#Fields: date time sc-status cs-uri-stem\n2026-01-31\t10:00:00\t200\t/a\n"
	for i := range 3 {
		file(t, dir, fmt.Sprintf("chosen%d", i), chosen)
	}
	file(t, dir, "whole", columnsRead+line("10:00:00", "/"))
	files, err := Find([]string{dir})
	require.NoError(t, err)
	lines := 0
	read := func(columns Columns) (Gaps, error) {
		lines = 0
		return Read(t.Context(), files, columns, func(some []Line) { lines += len(some) }, func(Progress) {})
	}
	gaps, err := read(Columns{Needed: []string{"cs-uri-stem", "sc-bytes|sc-status"}, Wanted: []string{"x-edge-location", "c-ip", "c-country"}})
	require.NoError(t, err)
	require.Equal(t, 4, lines)
	require.Equal(t, Gaps{Lacking: []string{"c-country", "c-ip", "x-edge-location"}}, gaps)
	require.Equal(t, "some of the logs have no c-country, c-ip, x-edge-location: there they count as empty", gaps.Lack())

	gaps, err = read(Columns{Needed: []string{"sc-status", "c-ip", "sc-bytes"}})
	require.NoError(t, err)
	require.Equal(t, 1, lines)
	require.Len(t, gaps.Unread, 3)
	require.Equal(t, "  "+filepath.Join(dir, "chosen0")+" and 2 more: has no columns c-ip, sc-bytes, which are needed\n", List(gaps.Unread))
	require.Empty(t, gaps.Lack())

	_, _, err = all(t, file(t, t.TempDir(), "a", "#Fields: sc-status c-ip\n200\t-\n"))
	require.ErrorContains(t, err, "has no columns date, time, cs-method, cs-uri-stem,")
}

// TestHits are told by what was said before the first byte: whoever breaks a download off makes an Error of a Hit.
func TestHits(t *testing.T) {
	for l, want := range map[Line]bool{
		{Result: "Error", Response: "Hit"}: true, {Result: "Error", Response: "Miss"}: false, {Result: "Hit", Response: "Hit"}: true,
		{Result: "Hit"}: true, {Result: "Miss"}: false, {Result: "RefreshHit", Response: "RefreshHit"}: false,
	} {
		l.Status, l.Method = 200, "GET"
		require.Equal(t, want, l.IsHit(), "%+v", l)
		require.True(t, l.CountsForRate())
	}
}
