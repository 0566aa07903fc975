package questions

import (
	"cmp"
	"strconv"

	"ml-api-accelerator/stacks/internal/traffic/logs"
)

// countries are in the order of requests: in that of bytes, whoever downloads models would come before all who call the API.
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
