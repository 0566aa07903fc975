package questions

import (
	"cmp"
	"slices"
	"strings"
)

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
