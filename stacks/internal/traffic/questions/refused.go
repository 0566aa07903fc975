package questions

import (
	"net/http"

	"ml-api-accelerator/stacks/internal/traffic/logs"
)

// refused has the detail because it tells a country that is blocked, or a function that doesn't know a key, from a firewall.
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
