package questions

import (
	"cmp"
	"fmt"
	"strconv"

	"ml-api-accelerator/stacks/internal/traffic/logs"
)

// serverErrors has the share for a place of its own: a backend that fails everywhere fails a hundred places by half,
// not each by a hundredth of a half. That a caller left before there was an answer (000) is no error, but a request.
var serverErrors = errorsBy(grouping{
	columns: "location", title: "edge location", share: "at that location",
	sql: "substr(x_edge_location, 1, 3) AS location", wanted: "x-edge-location",
	values: func(l *logs.Line) []string { return []string{l.Airport()} },
})

func errorsBy(g grouping) Question {
	return Question{
		Name:    "errors" + g.asked,
		Title:   "Errors (5xx) by route, status, detail and " + g.title,
		columns: columns("route status detail "+g.columns, "requests share_percent"),
		sql: g.in(`
-- {title}. share_percent: of all requests of that route {share}.
WITH logged AS (
  SELECT
    cache_behavior_path_pattern AS route,
    sc_status AS status,
    x_edge_detailed_result_type AS detail,
    {by sql}
  FROM {table}
  WHERE {time}
),
counted AS (
  SELECT route, status, detail, {by},
    count(*) AS requests,
    sum(count(*)) OVER (PARTITION BY route, {by}) AS of_all
  FROM logged
  GROUP BY route, status, detail, {by}
)
SELECT route, status, detail, {by}, requests,
  CAST(round(100e0 * requests / of_all, 2) AS decimal(5, 2)) AS share_percent
FROM counted
WHERE try_cast(status AS integer) BETWEEN 500 AND 599
ORDER BY requests DESC, route, status, detail, {by}
LIMIT {rows}`),
		needed:  "sc-status " + routeColumns,
		wanted:  "x-edge-detailed-result-type " + g.wanted,
		counter: func() counter { return &errorCounter{newGrouped[int](), newGrouped[int](), g.values} },
	}
}

// errorCounter has all requests by route and what else is told apart, too.
type errorCounter struct {
	errors, all *grouped[int]
	values      func(l *logs.Line) []string
}

func (c *errorCounter) add(l *logs.Line, route routing) {
	taken, by := route(l), c.values(l)[0]
	*c.all.of(taken, by)++
	if isError(l) {
		*c.errors.of(taken, status(l), l.Detail, by)++
	}
}

func (c *errorCounter) rows() [][]string {
	return c.errors.top(4, most, func(e entry[int]) []string {
		return []string{strconv.Itoa(*e.count), percent(*e.count, max(*e.count, *c.all.of(e.group[0], e.group[3])))}
	})
}

func (c *errorCounter) incomplete() bool { return c.errors.forgot || c.all.forgot }

func isError(l *logs.Line) bool { return l.Status >= 500 && l.Status <= 599 }

// most is the order of counts that has the highest first.
func most(a, b *int) int { return cmp.Compare(*b, *a) }

// status is written as the log has it.
func status(l *logs.Line) string { return fmt.Sprintf("%03d", l.Status) }
