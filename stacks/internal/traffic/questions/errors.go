package questions

import (
	"cmp"
	"fmt"
	"strconv"

	"ml-api-accelerator/stacks/internal/traffic/logs"
)

// serverErrors has the share for a place of its own: a backend that fails everywhere fails a hundred places by half,
// not each by a hundredth of a half. That a caller left before there was an answer (000) is no error, but a request.
var serverErrors = Question{
	Name:    "errors",
	Title:   "Errors (5xx) by route, status, detail and edge location",
	columns: columns("route status detail location", "requests share_percent"),
	sql: `
-- {title}. share_percent: of all requests of that route at that location.
WITH logged AS (
  SELECT
    cache_behavior_path_pattern AS route,
    sc_status AS status,
    x_edge_detailed_result_type AS detail,
    substr(x_edge_location, 1, 3) AS location
  FROM {table}
  WHERE {time}
),
counted AS (
  SELECT route, status, detail, location,
    count(*) AS requests,
    sum(count(*)) OVER (PARTITION BY route, location) AS of_all
  FROM logged
  GROUP BY route, status, detail, location
)
SELECT route, status, detail, location, requests,
  CAST(round(100e0 * requests / of_all, 2) AS decimal(5, 2)) AS share_percent
FROM counted
WHERE try_cast(status AS integer) BETWEEN 500 AND 599
ORDER BY requests DESC, route, status, detail, location
LIMIT {rows}`,
	needed:  "sc-status " + routeColumns,
	wanted:  "x-edge-detailed-result-type x-edge-location",
	counter: func() counter { return &errorCounter{newGrouped[int](), newGrouped[int]()} },
}

// errorCounter has all requests by route and location, too.
type errorCounter struct{ errors, all *grouped[int] }

func (c *errorCounter) add(l *logs.Line, route routing) {
	taken := route(l)
	*c.all.of(taken, l.Airport())++
	if l.Status >= 500 && l.Status <= 599 {
		*c.errors.of(taken, status(l), l.Detail, l.Airport())++
	}
}

func (c *errorCounter) rows() [][]string {
	return c.errors.top(4, most, func(e entry[int]) []string {
		return []string{strconv.Itoa(*e.count), percent(*e.count, max(*e.count, *c.all.of(e.group[0], e.group[3])))}
	})
}

func (c *errorCounter) incomplete() bool { return c.errors.forgot || c.all.forgot }

// most is the order of counts that has the highest first.
func most(a, b *int) int { return cmp.Compare(*b, *a) }

// status is written as the log has it.
func status(l *logs.Line) string { return fmt.Sprintf("%03d", l.Status) }
