package questions

import (
	"strconv"

	"ml-api-accelerator/stacks/internal/traffic/logs"
)

// requestCounter counts requests by what they have in common.
type requestCounter struct {
	*grouped[int]
	columns int
	values  func(l *logs.Line, route routing) []string // nil: it doesn't count
}

func requestsBy(columns int, values func(l *logs.Line, route routing) []string) counter {
	return requestCounter{newGrouped[int](), columns, values}
}

func (c requestCounter) add(l *logs.Line, route routing) {
	if values := c.values(l, route); values != nil {
		*c.of(values...)++
	}
}

func (c requestCounter) rows() [][]string {
	return c.top(c.columns, most, func(e entry[int]) []string { return []string{strconv.Itoa(*e.count)} })
}
