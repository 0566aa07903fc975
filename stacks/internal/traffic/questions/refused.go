package questions

import (
	"cmp"
	"net/http"
	"strconv"
	"strings"

	"ml-api-accelerator/stacks/internal/traffic/logs"
)

// refused has the detail because it tells a country that is blocked, or a function that doesn't know a key, from a
// firewall.
var refused = refusedBy(grouping{
	columns: "ip", title: "IP address", sql: "c_ip AS ip", wanted: "c-ip",
	values: func(l *logs.Line) []string { return []string{l.IP} },
})

func refusedBy(g grouping) Question {
	return Question{
		Name:    "refused" + g.asked,
		Title:   "Who is refused (401, 403): " + g.title + ", route, status, by whom and why",
		columns: columns(g.columns+" route status answered_by detail", "requests"),
		sql: g.in(`
-- {title}.
-- ` + answeredByNote + `
WITH logged AS (
  SELECT
    {by sql},
    cache_behavior_path_pattern AS route,
    sc_status AS status,
    ` + answeredBySQL + ` AS answered_by,
    x_edge_detailed_result_type AS detail
  FROM {table}
  WHERE {time}
    AND sc_status IN ('401', '403')
)
SELECT {by}, route, status, answered_by, detail, count(*) AS requests
FROM logged
GROUP BY {by}, route, status, answered_by, detail
ORDER BY requests DESC, {by}, route, status, answered_by, detail
LIMIT {rows}`),
		needed: "sc-status " + routeColumns,
		wanted: "x-edge-detailed-result-type " + g.wanted,
		counter: func() counter {
			return requestsBy(4+g.count(), func(l *logs.Line, route routing) []string {
				if !isRefused(l) {
					return nil
				}
				return append(g.values(l), route(l), status(l), answeredBy(l), l.Detail)
			})
		},
	}
}

func isRefused(l *logs.Line) bool {
	return l.Status == http.StatusUnauthorized || l.Status == http.StatusForbidden
}

// limited has the route because a limit may be of one.
var limited = limitedBy(grouping{
	columns: "ip country user_agent", title: "IP address, country, user agent",
	sql: `c_ip AS ip,
    c_country AS country,
    replace(cs_user_agent, '%20', ' ') AS user_agent`,
	wanted: "c-ip cs(User-Agent)",
	values: func(l *logs.Line) []string {
		return []string{l.IP, l.Country, strings.ReplaceAll(l.UserAgent, "%20", " ")}
	},
})

func limitedBy(g grouping) Question {
	return Question{
		Name:    "limited" + g.asked,
		Title:   "Who is over a limit (429): " + g.title + ", route and by whom",
		columns: columns(g.columns+" route answered_by", "requests"),
		sql: g.in(`
-- {title}.
-- ` + answeredByNote + `
WITH logged AS (
  SELECT
    {by sql},
    cache_behavior_path_pattern AS route,
    ` + answeredBySQL + ` AS answered_by
  FROM {table}
  WHERE {time}
    AND sc_status = '429'
)
SELECT {by}, route, answered_by, count(*) AS requests
FROM logged
GROUP BY {by}, route, answered_by
ORDER BY requests DESC, {by}, route, answered_by
LIMIT {rows}`),
		needed: "sc-status " + routeColumns,
		wanted: g.wanted,
		counter: func() counter {
			return requestsBy(2+g.count(), func(l *logs.Line, route routing) []string {
				if l.Status != http.StatusTooManyRequests {
					return nil
				}
				return append(g.values(l), route(l), answeredBy(l))
			})
		},
	}
}

// countries are in the order of requests: in that of bytes, whoever downloads models would come before all who call the
// API.
var countries = Question{
	Name:    "countries",
	Title:   "Requests, and bytes sent, by country",
	columns: columns("country", "requests bytes"),
	sql: `
-- {title}.
WITH logged AS (
  SELECT
    c_country AS country,
    try_cast(sc_bytes AS bigint) AS sent
  FROM {table}
  WHERE {time}
)
SELECT country, count(*) AS requests, sum(sent) AS bytes
FROM logged
GROUP BY country
ORDER BY requests DESC, bytes DESC, country
LIMIT {rows}`,
	needed:  "sc-bytes",
	wanted:  "c-country",
	counter: func() counter { return countryCounter{newGrouped[traffic]()} },
}

type countryCounter struct{ *grouped[traffic] }

type traffic struct{ requests, bytes int64 }

func (c countryCounter) add(l *logs.Line, _ routing) {
	t := c.of(l.Country)
	t.requests++
	t.bytes += l.Bytes
}

func (c countryCounter) rows() [][]string {
	busiest := func(a, b *traffic) int {
		return cmp.Or(cmp.Compare(b.requests, a.requests), cmp.Compare(b.bytes, a.bytes))
	}
	return c.top(1, busiest, func(e entry[traffic]) []string {
		return []string{strconv.FormatInt(e.count.requests, 10), strconv.FormatInt(e.count.bytes, 10)}
	})
}
