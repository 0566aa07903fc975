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
var refused = Question{
	Name:    "refused",
	Title:   "Who is refused (401, 403): IP address, route, status, by whom and why",
	columns: columns("ip route status answered_by detail", "requests"),
	sql: `
-- {title}.
-- ` + answeredByNote + `
WITH logged AS (
  SELECT
    c_ip AS ip,
    cache_behavior_path_pattern AS route,
    sc_status AS status,
    ` + answeredBySQL + ` AS answered_by,
    x_edge_detailed_result_type AS detail
  FROM {table}
  WHERE {time}
    AND sc_status IN ('401', '403')
)
SELECT ip, route, status, answered_by, detail, count(*) AS requests
FROM logged
GROUP BY ip, route, status, answered_by, detail
ORDER BY requests DESC, ip, route, status, answered_by, detail
LIMIT {rows}`,
	needed: "sc-status " + routeColumns,
	wanted: "c-ip x-edge-detailed-result-type",
	counter: func() counter {
		return requestsBy(5, func(l *logs.Line, route routing) []string {
			if l.Status != http.StatusUnauthorized && l.Status != http.StatusForbidden {
				return nil
			}
			return []string{l.IP, route(l), status(l), answeredBy(l), l.Detail}
		})
	},
}

// limited has the route because a limit may be of one.
var limited = Question{
	Name:    "limited",
	Title:   "Who is over a limit (429): IP address, country, user agent, route and by whom",
	columns: columns("ip country user_agent route answered_by", "requests"),
	sql: `
-- {title}.
-- ` + answeredByNote + `
WITH logged AS (
  SELECT
    c_ip AS ip,
    c_country AS country,
    replace(cs_user_agent, '%20', ' ') AS user_agent,
    cache_behavior_path_pattern AS route,
    ` + answeredBySQL + ` AS answered_by
  FROM {table}
  WHERE {time}
    AND sc_status = '429'
)
SELECT ip, country, user_agent, route, answered_by, count(*) AS requests
FROM logged
GROUP BY ip, country, user_agent, route, answered_by
ORDER BY requests DESC, ip, country, user_agent, route, answered_by
LIMIT {rows}`,
	needed: "sc-status " + routeColumns,
	wanted: "c-ip cs(User-Agent)",
	counter: func() counter {
		return requestsBy(5, func(l *logs.Line, route routing) []string {
			if l.Status != http.StatusTooManyRequests {
				return nil
			}
			return []string{l.IP, l.Country, strings.ReplaceAll(l.UserAgent, "%20", " "), route(l), answeredBy(l)}
		})
	},
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
