package questions

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/internal/edge"
	"ml-api-accelerator/stacks/internal/edge/edgetest"
	"ml-api-accelerator/stacks/internal/traffic/logs"
)

// tableName is that of the table in DuckDB.
const tableName = "access_logs"

// asked is what is answered here of the lines of a file, none of which may be left out.
func asked(t *testing.T, d *edge.Distribution, q Question, path string, r Range) Answer {
	t.Helper()
	files, err := logs.Find([]string{path})
	require.NoError(t, err)
	result, err := Run(t.Context(), Job{Files: files, Question: q, Distribution: d, Range: r, Tell: func(logs.Progress) {}})
	require.NoError(t, err)
	require.Empty(t, result.Unread)
	return result.Answer
}

// asking is a range here, and in SQL, where the last day need not be said.
type asking struct {
	name      string
	here, sql Range
}

// all is a time that leaves nothing out, which SQL has to be told.
var all = asking{"all", Range{From: time.Unix(0, 0)}, Range{From: time.Unix(0, 0)}}

// every question, also by caller.
func every() []Question {
	list := All()
	for _, q := range All() {
		if by, can := q.ByCaller(); can {
			list = append(list, by)
		}
	}
	return list
}

// requireSame asks all questions here and in SQL, and returns the answers about the first range.
func requireSame(t *testing.T, path string, ranges ...asking) map[string]Answer {
	t.Helper()
	d, database := edgetest.Distribution(t), newTable()
	database.fill(t, path, func(path string) string { return d.Route(d.Object(path)).Path })
	var queries []string
	for _, r := range ranges {
		for _, q := range every() {
			queries = append(queries, q.SQL(tableName, r.sql))
		}
	}
	first := map[string]Answer{}
	for i, got := range database.ask(t, queries...) {
		r, q := ranges[i/len(every())], every()[i%len(every())]
		var columns []string
		for _, c := range q.columns {
			columns = append(columns, c.Name)
		}
		require.Equal(t, columns, got.Columns, q.Name)
		want := asked(t, d, q, path, r.here)
		if first[q.Name].Rows == nil {
			first[q.Name] = want
		}
		if diff := cmp.Diff(want, got.answer(q)); diff != "" {
			t.Errorf("%s, %s: -here +SQL:\n%s\n%s", q.Name, r.name, diff, queries[i])
		}
	}
	return first
}

// TestExample is the log of CloudFront's guide.
func TestExample(t *testing.T) {
	answers := requireSame(t, "../logs/testdata/example.log", all)
	require.Equal(t, [][]string{{"*", "502", "OriginDnsError", "SEA", "3", "100.00"}}, answers["errors"].Rows)
	require.Equal(t, [][]string{{"*", "3", "3", "100.00"}}, answers["hit-rate"].Rows)
	require.Equal(t, [][]string{{"-", "6", "3876"}}, answers["countries"].Rows)
	require.Equal(t, [][]string{{"(none)", "-", "6", "3", "50.00", "0", "3876", "100.00", "1", "107"}}, answers["callers"].Rows)
	require.Equal(t, [][]string{{"*", "502", "OriginDnsError", "(none)", "3", "50.00"}}, answers["errors --by caller"].Rows)
	require.Equal(t, [][]string{
		{"GET", "/", "2", "0", "103", "107", "107", "-"},
		{"GET", "/favicon.ico", "1", "0", "102", "102", "102", "-"},
		{"GET", "/index.html", "3", "0", "1", "1", "1", "-"},
	}, answers["slowest"].Rows)
}

// TestSamples has every value with every other, and more groups than rows.
func TestSamples(t *testing.T) {
	now := time.Now().Truncate(time.Second)
	day := now.Add(-24 * time.Hour)
	same := func(name string, r Range) asking { return asking{name, r, r} }
	for _, lines := range []int{30, 4000} {
		answers := requireSame(t, sample(t, lines, now), all, asking{"the last day", Range{From: day}, Range{}},
			same("since", Range{From: day.Add(3 * time.Hour)}),
			same("between seconds", Range{From: day.Add(90 * time.Minute), To: now.Add(-7*time.Hour - 13*time.Second)}),
			asking{"the last day, until", Range{From: day, To: now.Add(-7 * time.Hour)}, Range{To: now.Add(-7 * time.Hour)}})
		if lines == 4000 {
			for _, name := range []string{"errors", "slowest", "refused", "limited"} {
				require.Len(t, answers[name].Rows, MaxRows, name)
			}
			require.Len(t, answers["hit-rate"].Rows, 3)
			require.Len(t, answers["callers"].Rows, 11)
			require.Len(t, answers["countries"].Rows, 4)
		}
	}
}

// TestBadValues has SQL answer whatever is in the table.
func TestBadValues(t *testing.T) {
	database := newTable()
	hour := time.Now().UTC().Format(hourLayout)
	for _, value := range []string{"", "-", "garbage", "NaN", "Infinity", "-1", "1e400", "99999999999999999999999999999999999999", "%", "%zz", "\x00", "ü", "'", `"`} {
		values := map[string]string{}
		for _, field := range logs.Delivered() {
			values[field] = value
		}
		database.add(hour, values)
		values["date"], values["time"] = time.Now().UTC().Format(time.DateOnly), time.Now().UTC().Format(time.TimeOnly)
		database.add(hour, values)
		values["cs-method"] = "GET"
		for _, status := range []string{"200", "000", "401", "429", "502"} {
			values["sc-status"] = status
			database.add(hour, values)
		}
		database.add(value, values)
	}
	database.add(hour, nil) // all are NULL
	var queries []string
	for _, q := range every() {
		queries = append(queries, q.SQL(tableName, Range{}), q.SQL(tableName, all.sql))
	}
	for i, got := range database.ask(t, queries...) {
		require.NotEmpty(t, got.Rows, queries[i])
	}
}

// TestRangeInSQL has conditions that Athena evaluates before it reads.
func TestRangeInSQL(t *testing.T) {
	at := func(text string) time.Time {
		at, err := time.Parse(time.RFC3339, text)
		require.NoError(t, err)
		return at
	}
	for _, r := range []struct {
		of   Range
		want string
	}{
		{Range{}, `"hour" >= date_format((current_timestamp - INTERVAL '25' HOUR) AT TIME ZONE 'UTC', '%Y/%m/%d/%H')
    AND "date" || ' ' || "time" >= date_format((current_timestamp - INTERVAL '24' HOUR) AT TIME ZONE 'UTC', '%Y-%m-%d %H:%i:%s')`},
		{Range{From: at("2026-11-24T00:30:00+01:00")}, `"hour" >= '2026/11/23/22'
    AND "date" || ' ' || "time" >= '2026-11-23 23:30:00'`},
		{Range{From: at("2026-11-24T16:00:01Z"), To: at("2026-11-24T23:00:00Z")}, `"hour" >= '2026/11/24/15'
    AND "hour" <= '2026/11/25/23'
    AND "date" || ' ' || "time" >= '2026-11-24 16:00:01'
    AND "date" || ' ' || "time" < '2026-11-24 23:00:00'`},
	} {
		require.Equal(t, r.want, r.of.condition())
		for _, q := range every() {
			sql := q.SQL(`"logs"."access"`, r.of)
			require.Contains(t, sql, "FROM \"logs\".\"access\"\n  WHERE "+r.want+"\n", "%s", q.Name)
			require.NotContains(t, sql, "{", "%s", q.Name)
			require.True(t, strings.HasPrefix(sql, "-- "+q.Title+"."), sql)
		}
	}
}
