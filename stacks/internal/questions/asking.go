package questions

import (
	"cmp"
	"slices"
	"strings"

	"ml-api-accelerator/stacks/internal/edge"
	"ml-api-accelerator/stacks/internal/logs"
)

// Asking is a question that is being asked, a line at a time.
type Asking struct {
	question Question
	d        *edge.Distribution
	counter  counter
}

// counter is what a question keeps of the lines so far.
type counter interface {
	add(l *logs.Line, route string)
	rows() [][]string
}

// Ask begins to ask. The distribution tells the routes of lines that don't.
func (q Question) Ask(d *edge.Distribution) *Asking {
	return &Asking{question: q, d: d, counter: q.counter()}
}

// Add counts some lines, which it doesn't keep.
func (a *Asking) Add(lines []logs.Line) {
	for i := range lines {
		a.add(&lines[i])
	}
}

func (a *Asking) add(l *logs.Line) {
	route := l.Pattern
	if route == "" {
		route = a.d.Route(a.d.Object(l.Path)).Path
	}
	a.counter.add(l, route)
}

// Answer is what came of the lines so far.
func (a *Asking) Answer() Answer {
	return Answer{Columns: a.question.columns, Rows: a.counter.rows()}
}

// group is what lines that are counted together have in common, in the order of the columns.
type group [6]string

// grouped are the counts of groups.
type grouped[T any] map[group]*T

// of is the count of a group of lines.
func (g grouped[T]) of(values ...string) *T {
	var key group
	for i, v := range values {
		key[i] = known(v)
	}
	count := g[key]
	if count == nil {
		for i := range key {
			key[i] = strings.Clone(key[i]) // a part of what was read would keep all of it
		}
		count = new(T)
		g[key] = count
	}
	return count
}

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
func (g grouped[T]) top(columns int, order func(a, b *T) int, cells func(entry[T]) []string) [][]string {
	list := make([]entry[T], 0, len(g))
	for key, count := range g {
		list = append(list, entry[T]{key, count})
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
