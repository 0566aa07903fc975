package questions

import (
	"cmp"
	"strconv"
	"strings"

	"ml-api-accelerator/stacks/internal/traffic/logs"
)

// noCaller stands for the caller of a request without one: no name has a parenthesis.
const noCaller = "(none)"

// What the function at the edge wrote about a caller, as a table has it. That without a canary whoever has a name gets
// none, and that the first of two names counts, is as logs.Line has it.
const (
	writtenSQL = `'&' || coalesce(try(url_decode(replace(viewer_request_log_data, '+', '%2B'))), ` +
		`viewer_request_log_data) || '&'`
	callerSQL = `coalesce(nullif(regexp_extract(` + writtenSQL + `, '&caller=([A-Za-z0-9._@-]+)&', 1), ''), '` +
		noCaller + `')`
)

func caller(l *logs.Line) string { return cmp.Or(l.Caller, noCaller) }

// version is which version of the backend a request is for, before the cache is asked.
func version(l *logs.Line) string {
	switch l.Canary {
	case logs.Yes:
		return "canary"
	case logs.No:
		return "stable"
	}
	return none
}

// eachCaller counts as errors, refused, hit-rate and slowest do. A caller has two rows where the canary's share has
// changed.
var eachCaller = Question{
	Name:    "callers",
	Title:   "Who used what, and how it went: caller with a key, and version of the backend",
	columns: columns("caller version", "requests errors error_percent refused bytes hit_percent p50_ms p95_ms"),
	sql: `
-- {title}.
-- Without a caller: routes that need no key, buckets, and who was refused for want of one.
-- errors: 5xx; refused: 401 and 403; hits among GET and HEAD without errors; time to the first byte of an answer.
WITH logged AS (
  SELECT
    ` + writtenSQL + ` AS written,
    ` + callerSQL + ` AS caller,
    cs_method AS method,
    cs_protocol AS protocol,
    try_cast(sc_status AS integer) AS status,
    try_cast(sc_bytes AS bigint) AS sent,
    x_edge_result_type AS ended,
    coalesce(nullif(x_edge_response_result_type, '-'), x_edge_result_type) AS result,
    CAST(floor(1000 * try_cast(time_to_first_byte AS decimal(15, 6))) AS bigint) AS first_byte_ms
  FROM {table}
  WHERE {time}
),
judged AS (
  SELECT caller, status, sent, result,
    CASE
      WHEN strpos(written, '&canary=1&') > 0 THEN 'canary'
      WHEN strpos(written, '&canary=0&') > 0 OR caller <> '` + noCaller + `' THEN 'stable'
      ELSE '-'
    END AS version,
    method IN ('GET', 'HEAD') AND status BETWEEN 200 AND 399 AND ended <> 'Redirect' AS for_rate,
    CASE
      WHEN protocol NOT IN ('ws', 'wss') AND ended <> 'Redirect'
        AND (status BETWEEN 200 AND 399 OR status BETWEEN 500 AND 599) THEN first_byte_ms
    END AS first_byte_ms
  FROM logged
),
counted AS (
  SELECT caller, version,
    count(*) AS requests,
    count_if(status BETWEEN 500 AND 599) AS errors,
    count_if(status IN (401, 403)) AS refused,
    sum(sent) AS bytes,
    count_if(for_rate) AS for_rate,
    count_if(for_rate AND result = 'Hit') AS hits,
    approx_percentile(first_byte_ms, 0.5) AS p50_ms,
    approx_percentile(first_byte_ms, 0.95) AS p95_ms
  FROM judged
  GROUP BY caller, version
)
SELECT caller, version, requests, errors,
  CAST(round(100e0 * errors / requests, 2) AS decimal(5, 2)) AS error_percent,
  refused, bytes,
  CAST(round(100e0 * hits / nullif(for_rate, 0), 2) AS decimal(5, 2)) AS hit_percent,
  p50_ms, p95_ms
FROM counted
ORDER BY requests DESC, caller, version
LIMIT {rows}`,
	needed:  "cs-method sc-status sc-bytes x-edge-response-result-type|x-edge-result-type",
	wanted:  "cs-protocol time-to-first-byte x-edge-result-type " + logs.CallerField,
	counter: func() counter { return callerCounter{newGrouped[usage]()} },
}

type callerCounter struct{ *grouped[usage] }

// usage is what a caller used.
type usage struct {
	requests, errors, refused int
	bytes                     int64
	hits                      hits
	firstByte                 histogram
}

func (c callerCounter) add(l *logs.Line, _ routing) {
	u := c.of(caller(l), version(l))
	u.requests++
	u.bytes += l.Bytes
	switch {
	case isError(l):
		u.errors++
	case isRefused(l):
		u.refused++
	}
	if l.CountsForRate() {
		u.hits.add(l)
	}
	if takesTime(l) {
		u.firstByte.add(l.TimeToFirstByte)
	}
}

func (c callerCounter) rows() [][]string {
	busiest := func(a, b *usage) int { return cmp.Compare(b.requests, a.requests) }
	return c.top(2, busiest, func(e entry[usage]) []string {
		u := e.count
		return []string{strconv.Itoa(u.requests), strconv.Itoa(u.errors), percent(u.errors, u.requests),
			strconv.Itoa(u.refused), strconv.FormatInt(u.bytes, 10), percent(u.hits.hits, u.hits.requests),
			milliseconds(u.firstByte.percentile(50)), milliseconds(u.firstByte.percentile(95))}
	})
}

// grouping is what a question tells apart beside the rest: columns, as a table and as a line have them.
type grouping struct {
	asked          string // after the name of the question
	columns, title string
	share          string // what errors are a share of, beside the requests of their route
	sql            string // of the columns, in a SELECT of the table
	wanted         string
	values         func(l *logs.Line) []string
}

var byCaller = grouping{
	asked: " --by caller", columns: "caller", title: "caller", share: "by that caller", sql: callerSQL + " AS caller",
	wanted: logs.CallerField,
	values: func(l *logs.Line) []string { return []string{caller(l)} },
}

func (g grouping) count() int { return len(strings.Fields(g.columns)) }

// in puts the columns into the SQL of a question.
func (g grouping) in(sql string) string {
	return strings.NewReplacer("{by}", strings.Join(strings.Fields(g.columns), ", "), "{by sql}", g.sql,
		"{share}", g.share).Replace(sql)
}

// ByCaller returns the question by caller, and whether it can be asked so.
func (q Question) ByCaller() (Question, bool) {
	by, found := map[string]func(grouping) Question{"errors": errorsBy, "refused": refusedBy, "limited": limitedBy}[q.Name]
	if !found {
		return q, false
	}
	return by(byCaller), true
}

// NamedByCaller are the names of the questions that can be asked by caller.
func NamedByCaller() []string {
	var names []string
	for _, q := range All() {
		if _, can := q.ByCaller(); can {
			names = append(names, q.Name)
		}
	}
	return names
}
