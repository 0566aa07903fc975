// Package compare tells for which requests two versions of a distribution differ.
package compare

import (
	"maps"
	"reflect"
	"slices"

	"ml-api-accelerator/stacks/internal/edge"
)

// Difference is which requests are treated differently, and how: what was said before and what is said after, in the
// same order.
type Difference struct {
	Environment string     `json:"environment"`
	Requests    []Requests `json:"requests"` // null: every request
	Before      []string   `json:"before"`
	After       []string   `json:"after"`
}

// Compare tells for whom something changes between two versions of the environments: which of the given requests, and
// of those of the samples, are treated differently.
func Compare(before, after map[string]*edge.Distribution, given map[string][]edge.Request) []Difference {
	var list []Difference
	for _, name := range either(before, after) {
		switch {
		case before[name] == nil:
			list = append(list, row(name, nil, []change{{absent, served}}))
		case after[name] == nil:
			list = append(list, row(name, nil, []change{{served, absent}}))
		case !reflect.DeepEqual(before[name], after[name]):
			list = append(list, compare(name, before[name], after[name], given[name])...)
		}
	}
	return list
}

// either returns the keys of both maps in order.
func either[M ~map[string]V, V any](before, after M) []string {
	list := slices.AppendSeq(slices.Collect(maps.Keys(before)), maps.Keys(after))
	slices.Sort(list)
	return slices.Compact(list)
}

const (
	absent = "no such environment"
	served = "served"
)

func compare(name string, before, after *edge.Distribution, given []edge.Request) []Difference {
	var list []Difference
	if changes := differing(settings(before), settings(after)); len(changes) > 0 {
		list = append(list, row(name, nil, changes))
	}
	tried := append(variants(before, after), asGiven(given)...)
	compared := newComparison(before, after)
	var changes, codes ledger
	for i, v := range tried {
		was, is := before.Decide(v.request), after.Decide(v.request)
		changes.add(i, compared.differently(was, is))
		if was.Function != nil && is.Function != nil {
			codes.add(i, code(was.Function.Function, is.Function.Function))
		}
	}
	if len(changes.order) == 0 && len(list) == 0 {
		changes = codes
	}
	return append(list, changes.rows(name, tried)...)
}

// ledger is which of the tried requests a change is for.
type ledger struct {
	who   map[change][]int
	order []change
}

func (c *ledger) add(request int, changes []change) {
	if c.who == nil {
		c.who = map[change][]int{}
	}
	for _, one := range changes {
		if c.who[one] == nil {
			c.order = append(c.order, one)
		}
		c.who[one] = append(c.who[one], request)
	}
}

// rows have what changes for the same requests together.
func (c *ledger) rows(name string, tried []variant) []Difference {
	var list []Difference
	order := slices.Clone(c.order)
	for len(order) > 0 {
		who := c.who[order[0]]
		same := func(one change) bool { return slices.Equal(c.who[one], who) }
		var together []change
		for _, one := range order {
			if same(one) {
				together = append(together, one)
			}
		}
		list = append(list, row(name, describe(tried, who), together))
		order = slices.DeleteFunc(order, same)
	}
	return list
}

func row(name string, requests []Requests, changes []change) Difference {
	d := Difference{Environment: name, Requests: requests}
	for _, c := range changes {
		d.Before, d.After = append(d.Before, c.before), append(d.After, c.after)
	}
	return d
}
