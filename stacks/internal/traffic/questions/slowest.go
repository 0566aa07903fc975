package questions

import (
	"cmp"
	"strconv"

	"ml-api-accelerator/stacks/internal/traffic/logs"
)

// few are so few answers that their percentiles say little: such paths come last.
const few = 10

// slowest is about how long callers wait until an answer begins: how long a stream or a download goes on after that is
// no sign of a slow backend. It leaves out what is fast because it isn't done: redirects and 4xx, such as the many 429
// of one caller. It also leaves out WebSockets, which are logged when they close. Who left before an answer began
// waited for a time that nobody knows the end of.
var slowest = Question{
	Name:    "slowest",
	Title:   "Slowest paths: time to the first byte, and the origin's part of it",
	columns: columns("method path", "requests gone p50_ms p95_ms max_ms origin_p95_ms"),
	sql: `
-- {title}.
-- Without WebSockets, redirects and 4xx. gone: callers who left before an answer began, who count for nothing else.
-- Paths with fewer than {few} answers come last.
WITH logged AS (
  SELECT
    cs_method AS method,
    coalesce(try(url_decode(replace(cs_uri_stem, '+', '%2B'))), cs_uri_stem) AS path,
    try_cast(sc_status AS integer) AS status,
    CAST(floor(1000 * try_cast(time_to_first_byte AS decimal(15, 6))) AS bigint) AS first_byte_ms,
    CAST(floor(1000 * try_cast(origin_fbl AS decimal(15, 6))) AS bigint) AS origin_ms
  FROM {table}
  WHERE {time}
    AND cs_protocol NOT IN ('ws', 'wss')
    AND x_edge_result_type <> 'Redirect'
),
counted AS (
  SELECT method, path,
    count_if(status <> 0) AS requests,
    count_if(status = 0) AS gone,
    approx_percentile(CASE WHEN status <> 0 THEN first_byte_ms END, 0.5) AS p50_ms,
    approx_percentile(CASE WHEN status <> 0 THEN first_byte_ms END, 0.95) AS p95_ms,
    max(CASE WHEN status <> 0 THEN first_byte_ms END) AS max_ms,
    approx_percentile(CASE WHEN status <> 0 THEN origin_ms END, 0.95) AS origin_p95_ms
  FROM logged
  WHERE status = 0 OR status BETWEEN 200 AND 399 OR status BETWEEN 500 AND 599
  GROUP BY method, path
)
SELECT method, path, requests, gone, p50_ms, p95_ms, max_ms, origin_p95_ms
FROM counted
ORDER BY requests >= {few} DESC, p95_ms DESC NULLS LAST, requests DESC, gone DESC, method, path
LIMIT {rows}`,
	needed:  "cs-method cs-uri-stem sc-status time-to-first-byte",
	wanted:  "cs-protocol x-edge-result-type",
	counter: func() counter { return slowestCounter{newGrouped[waits]()} },
}

type slowestCounter struct{ *grouped[waits] }

// waits are how long callers of a path waited.
type waits struct {
	requests, gone    int
	firstByte, origin histogram
	p95               int32
}

func (c slowestCounter) add(l *logs.Line, _ routing) {
	switch {
	case takesTime(l):
		w := c.of(l.Method, l.Path)
		w.requests++
		w.firstByte.add(l.TimeToFirstByte)
		w.origin.add(l.OriginFirstByte)
	case l.Status == 0 && !passedOver(l):
		c.of(l.Method, l.Path).gone++
	}
}

// takesTime reports whether the time to the first byte of an answer says how fast somebody works.
func takesTime(l *logs.Line) bool {
	return (l.Status >= 200 && l.Status <= 399 || isError(l)) && !passedOver(l)
}

func passedOver(l *logs.Line) bool { return l.IsWebSocket() || l.Result == "Redirect" }

func (c slowestCounter) rows() [][]string {
	for _, w := range c.counts {
		w.count.p95 = w.count.firstByte.percentile(95)
	}
	return c.top(2, slower, func(e entry[waits]) []string {
		w := e.count
		return []string{strconv.Itoa(w.requests), strconv.Itoa(w.gone), milliseconds(w.firstByte.percentile(50)),
			milliseconds(w.p95),
			milliseconds(w.firstByte.percentile(100)), milliseconds(w.origin.percentile(95))}
	})
}

// slower is the order of paths that has the slowest first.
func slower(a, b *waits) int {
	rank := func(w *waits) int { return min(w.requests, few) / few }
	return cmp.Or(cmp.Compare(rank(b), rank(a)), cmp.Compare(b.p95, a.p95), cmp.Compare(b.requests, a.requests),
		cmp.Compare(b.gone, a.gone))
}

func milliseconds(ms int32) string {
	if ms == logs.Untimed {
		return none
	}
	return strconv.Itoa(int(ms))
}
