package questions

import (
	"cmp"
	"strconv"

	"ml-api-accelerator/stacks/internal/traffic/logs"
)

// hitRate counts as replay does and as logs.Line tells: neither POST nor errors count, nor what was redirected. A hit
// is one before the first byte; whether it was redirected is no different after the last.
var hitRate = Question{
	Name:    "hit-rate",
	Title:   "Hit rate by route: cache hits among GET and HEAD requests that were no errors",
	columns: columns("route", "requests hits hit_percent"),
	sql: `
-- {title}.
-- By the result before the first byte: that after the last is an error if a caller left during a download.
WITH logged AS (
  SELECT
    cache_behavior_path_pattern AS route,
    coalesce(nullif(x_edge_response_result_type, '-'), x_edge_result_type) AS result
  FROM {table}
  WHERE {time}
    AND cs_method IN ('GET', 'HEAD')
    AND try_cast(sc_status AS integer) BETWEEN 200 AND 399
    AND x_edge_result_type <> 'Redirect'
),
counted AS (
  SELECT route, count(*) AS requests, count_if(result = 'Hit') AS hits
  FROM logged
  GROUP BY route
)
SELECT route, requests, hits,
  CAST(round(100e0 * hits / requests, 2) AS decimal(5, 2)) AS hit_percent
FROM counted
ORDER BY requests DESC, route
LIMIT {rows}`,
	needed:  "cs-method sc-status x-edge-response-result-type|x-edge-result-type " + routeColumns,
	wanted:  "x-edge-result-type",
	counter: func() counter { return hitCounter{newGrouped[hits]()} },
}

type hitCounter struct{ *grouped[hits] }

type hits struct{ requests, hits int }

func (c hitCounter) add(l *logs.Line, route routing) {
	if l.CountsForRate() {
		c.of(route(l)).add(l)
	}
}

func (h *hits) add(l *logs.Line) {
	h.requests++
	if l.IsHit() {
		h.hits++
	}
}

func (c hitCounter) rows() [][]string {
	busiest := func(a, b *hits) int { return cmp.Compare(b.requests, a.requests) }
	return c.top(1, busiest, func(e entry[hits]) []string {
		return []string{strconv.Itoa(e.count.requests), strconv.Itoa(e.count.hits),
			percent(e.count.hits, e.count.requests)}
	})
}
