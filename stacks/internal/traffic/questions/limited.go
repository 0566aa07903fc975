package questions

import (
	"net/http"
	"strings"

	"ml-api-accelerator/stacks/internal/traffic/logs"
)

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
