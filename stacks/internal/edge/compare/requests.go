package compare

import (
	"fmt"
	"slices"
	"strings"
)

// Requests are those that are treated differently alike: each of the methods on each of the paths, if it has what is
// in With and hasn't what is in Without.
type Requests struct {
	Methods []string `json:"methods"`
	Paths   []string `json:"paths"` // a route's pattern stands for all paths that have that route
	With    []string `json:"with"`
	Without []string `json:"without"`
	// How many of the ways that were tried it is, if With and Without don't say it all.
	Ways   int `json:"ways"`
	OfWays int `json:"ofWays"`

	common common
}

// common is what tells some requests apart from the others that were tried.
type common struct {
	with, without extras
	ways, of      int
}

const everyRequest = "every request"

// said is the requests of a difference as people read them.
func said(list []Requests) string {
	if list == nil {
		return everyRequest
	}
	var parts []string
	for _, r := range list {
		parts = append(parts, strings.Join(r.Methods, ", ")+" "+strings.Join(r.Paths, ", ")+r.common.String())
	}
	return strings.Join(parts, "; ")
}

// String is empty if the requests are all that were tried.
func (c common) String() string {
	var parts []string
	for i, word := range words {
		switch {
		case c.with[i]:
			parts = append(parts, word.with)
		case c.without[i]:
			parts = append(parts, word.without)
		}
	}
	if c.ways != c.of {
		parts = append(parts, fmt.Sprintf("in %d of %d ways", c.ways, c.of))
	}
	return when(len(parts) > 0, " "+strings.Join(parts, ", "))
}

// names are what JSON calls some extras.
func (e extras) names() []string {
	list := []string{}
	for i, word := range words {
		if e[i] {
			list = append(list, word.name)
		}
	}
	return list
}

// groups are items by a key, in the order of their coming.
type groups[K comparable, V any] []group[K, V]

type group[K comparable, V any] struct {
	key   K
	items []V
}

func (g *groups[K, V]) add(key K, item V) {
	at := slices.IndexFunc(*g, func(one group[K, V]) bool { return one.key == key })
	if at < 0 {
		at = len(*g)
		*g = append(*g, group[K, V]{key: key})
	}
	(*g)[at].items = append((*g)[at].items, item)
}

// describe puts some of the variants in few: what all of a sample and method have in common, and then the
// methods and the samples for which that is the same; nil: they are all.
func describe(list []variant, which []int) []Requests {
	if len(which) == len(list) {
		return nil
	}
	type sampleMethod struct {
		name, method string
		given        bool
	}
	tried := map[sampleMethod][]extras{}
	for _, v := range list {
		of := sampleMethod{v.name, v.method, v.given}
		tried[of] = append(tried[of], v.has)
	}
	var found groups[sampleMethod, extras]
	for _, i := range which {
		found.add(sampleMethod{list[i].name, list[i].method, list[i].given}, list[i].has)
	}
	type alike struct {
		name   string
		given  bool
		common common
	}
	var methods groups[alike, string]
	for _, g := range found {
		methods.add(alike{g.key.name, g.key.given, inCommon(g.items, tried[g.key])}, g.key.method)
	}
	var told []Requests
	for _, g := range methods {
		c := g.key.common
		at := slices.IndexFunc(told, func(r Requests) bool { return r.common == c && slices.Equal(r.Methods, g.items) })
		if at < 0 {
			at = len(told)
			told = append(told, Requests{
				Methods: g.items, With: c.with.names(), Without: c.without.names(), Ways: c.ways, OfWays: c.of, common: c,
			})
		}
		told[at].Paths = append(told[at].Paths, g.key.name)
	}
	return told
}

// inCommon returns which extras all of some requests have and haven't, among all that are tried, and if that isn't all
// that tells them apart from the others, how many they are.
func inCommon(some, tried []extras) common {
	var alike []int // the extras in which all of them are like the first
	for i := range words {
		if !slices.ContainsFunc(some, func(has extras) bool { return has[i] != some[0][i] }) {
			alike = append(alike, i)
		}
	}
	matching := func(alike []int) (n int) {
		for _, has := range tried {
			if !slices.ContainsFunc(alike, func(i int) bool { return has[i] != some[0][i] }) {
				n++
			}
		}
		return n
	}
	all := matching(alike)
	c := common{ways: len(some), of: all}
	for _, i := range slices.Clone(alike) {
		// What the others imply goes without saying: a key in Authorization is one with Authorization.
		others := slices.DeleteFunc(slices.Clone(alike), func(other int) bool { return other == i })
		if matching(others) == all {
			alike = others
			continue
		}
		c.with[i], c.without[i] = some[0][i], !some[0][i]
	}
	return c
}
