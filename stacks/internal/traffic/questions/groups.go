package questions

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"strings"

	"ml-api-accelerator/stacks/internal/traffic/logs"
)

// group is what lines that are counted together have in common, in the order of the columns.
type group [6]string

// grouped are the counts of groups.
type grouped[T any] struct {
	counts map[group]*counted[T]
	came   int // groups so far
	forgot bool
}

// counted is the count of a group, of how many lines, and which one it was to come.
type counted[T any] struct {
	lines, came int
	count       T
}

func newGrouped[T any]() *grouped[T] { return &grouped[T]{counts: map[group]*counted[T]{}} }

// of is the count of a group, to which a line is added.
func (g *grouped[T]) of(values ...string) *T {
	var key group
	for i, v := range values {
		key[i] = known(v)
	}
	c := g.counts[key]
	if c == nil {
		if len(g.counts) == 2*maxGroups {
			g.forget()
		}
		for i := range key {
			key[i] = strings.Clone(key[i]) // a part of what was read would keep all of it
		}
		g.came++
		c = &counted[T]{came: g.came}
		g.counts[key] = c
	}
	c.lines++
	return &c.count
}

// maxGroups is how many groups are always kept, and half of how many there are at most: a caller can ask for a million
// paths.
const maxGroups = 50_000

// forget leaves the groups with the most lines, and of equals the first.
func (g *grouped[T]) forget() {
	g.forgot = true
	order := func(a, b *counted[T]) int { return cmp.Or(cmp.Compare(b.lines, a.lines), cmp.Compare(a.came, b.came)) }
	last := slices.SortedFunc(maps.Values(g.counts), order)[maxGroups-1]
	maps.DeleteFunc(g.counts, func(_ group, c *counted[T]) bool { return order(c, last) > 0 })
}

// incomplete reports whether rare groups may be missing, or have counted too little.
func (g *grouped[T]) incomplete() bool { return g.forgot }

// known is a value as the log has it.
func known(value string) string {
	if value == "" {
		return none
	}
	return value
}

// none stands for a value that the log doesn't have.
const none = "-"

// entry is a group with its count.
type entry[T any] struct {
	group group
	count *T
}

// top are the rows of the first groups in an order, and of equals in the order of their values.
func (g *grouped[T]) top(columns int, order func(a, b *T) int, cells func(entry[T]) []string) [][]string {
	list := make([]entry[T], 0, len(g.counts))
	for key, c := range g.counts {
		list = append(list, entry[T]{key, &c.count})
	}
	slices.SortFunc(list, func(a, b entry[T]) int {
		return cmp.Or(order(a.count, b.count), slices.Compare(a.group[:], b.group[:]))
	})
	rows := [][]string{}
	for _, e := range list[:min(MaxRows, len(list))] {
		rows = append(rows, append(slices.Clone(e.group[:columns]), cells(e)...))
	}
	return rows
}

// histogram is how often each number of milliseconds came.
type histogram map[int32]int

// add counts a time, unless the log doesn't have it.
func (h *histogram) add(ms int32) {
	if ms == logs.Untimed {
		return
	}
	if *h == nil {
		*h = histogram{}
	}
	(*h)[ms]++
}

// percentile is the least time that a share of all aren't above (the nearest rank); logs.Untimed: there is none.
func (h histogram) percentile(percent int) int32 {
	total := 0
	for _, n := range h {
		total += n
	}
	rank := (percent*total + 99) / 100
	for _, ms := range slices.Sorted(maps.Keys(h)) {
		if rank -= h[ms]; rank <= 0 {
			return ms
		}
	}
	return logs.Untimed
}

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
