package compare

import (
	"fmt"
	"slices"
	"strings"

	"ml-api-accelerator/stacks/internal/edge"
)

// variant is one of the requests that are tried for a sample, or one that was given, which has no method here.
type variant struct {
	name, method string
	has          extras
	request      edge.Request
}

// extras are what a request has, of what it may have or not.
type extras [len(words)]bool

// The places in extras.
const (
	authorization = iota
	origin
	query
	key
	canary
)

// words are how people read that a request has an extra, and that it hasn't.
var words = [...]struct{ with, without string }{
	authorization: {"with Authorization", "without Authorization"},
	origin:        {"with Origin", "without Origin"},
	query:         {"with a query string", "without a query string"},
	key:           {"with a known key", "without a known key"},
	canary:        {"in the canary", "outside the canary"},
}

var triedMethods = []string{"GET", "POST", "OPTIONS"}

// variants are the samples of both sides with each method, and with and without each extra.
func variants(before, after *edge.Distribution) []variant {
	var list []variant
	headers := keyHeaders(before, after)
	tried := combinations(before, after, headers)
	for _, s := range samples(before, after) {
		for _, method := range triedMethods {
			for _, has := range tried {
				r := edge.Request{Method: method, URL: s.path, Headers: map[string]string{}, Trusted: true,
					Canary: has[canary]}
				if has[key] {
					r.Caller = "alice"
					for _, name := range headers {
						r.Headers[name] = "token"
					}
				}
				if has[authorization] {
					r.Headers["Authorization"] = "Bearer token"
				}
				if has[origin] {
					r.Headers["Origin"] = allowedOrigin(after)
				}
				if has[origin] && method == "OPTIONS" {
					r.Headers["Access-Control-Request-Method"] = "POST" // a preflight
				}
				if has[query] {
					r.URL += "?query=1"
				}
				list = append(list, variant{s.name, method, has, r})
			}
		}
	}
	return list
}

// combinations are the extras that can be had together: a key in Authorization takes that, and the canary a known
// caller where the callers are known.
func combinations(before, after *edge.Distribution, keyHeaders []string) []extras {
	list := []extras{{}}
	for i := range words {
		for _, has := range list {
			has[i] = true
			list = append(list, has)
		}
	}
	hasCanary := before.HasCanary() || after.HasCanary()
	anybody := before.HasCanary() && !before.ChecksKeys() || after.HasCanary() && !after.ChecksKeys()
	return slices.DeleteFunc(list, func(has extras) bool {
		return has[key] && len(keyHeaders) == 0 ||
			has[key] && !has[authorization] && slices.Contains(keyHeaders, "Authorization") ||
			has[canary] && (!hasCanary || !has[key] && !anybody)
	})
}

// keyHeaders are those in which either side looks for keys.
func keyHeaders(before, after *edge.Distribution) []string {
	list := append(before.KeyHeaders(), after.KeyHeaders()...)
	slices.Sort(list)
	return slices.Compact(list)
}

// allowedOrigin is one that the distribution lets read its answers, if there is one.
func allowedOrigin(d *edge.Distribution) string {
	for _, b := range d.Behaviors {
		if c := b.ResponseHeadersPolicy.CORS; c != nil && len(c.Origins) > 0 && !strings.Contains(c.Origins[0], "*") {
			return c.Origins[0]
		}
	}
	return "https://example.com"
}

func asGiven(requests []edge.Request) []variant {
	var list []variant
	for _, r := range requests {
		r.Trusted = true
		list = append(list, variant{name: strings.TrimSpace(r.Method + " " + r.URL), request: r})
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

// describe names some of the variants in few words: what all of a sample and method have in common, and then the
// methods and the samples for which that is the same.
func describe(list []variant, which []int) string {
	if len(which) == len(list) {
		return everyRequest
	}
	type sampleMethod struct{ name, method string }
	tried := map[sampleMethod][]extras{}
	for _, v := range list {
		of := sampleMethod{v.name, v.method}
		tried[of] = append(tried[of], v.has)
	}
	var found groups[sampleMethod, extras]
	for _, i := range which {
		found.add(sampleMethod{list[i].name, list[i].method}, list[i].has)
	}
	type alike struct{ what, common string }
	var methods, samples groups[alike, string]
	for _, g := range found {
		methods.add(alike{g.key.name, inCommon(g.items, tried[g.key])}, g.key.method)
	}
	for _, g := range methods {
		samples.add(alike{strings.Join(g.items, ", "), g.key.common}, g.key.what)
	}
	var parts []string
	for _, g := range samples {
		parts = append(parts, strings.TrimSpace(g.key.what+" "+strings.Join(g.items, ", ")+g.key.common))
	}
	return strings.Join(parts, "; ")
}

// inCommon says which extras all of some requests have and haven't, among all that are tried; if that isn't all that
// tells them apart from the others, it says how many they are.
func inCommon(some, tried []extras) string {
	var common []int // the extras in which all of them are like the first
	for i := range words {
		if !slices.ContainsFunc(some, func(has extras) bool { return has[i] != some[0][i] }) {
			common = append(common, i)
		}
	}
	matching := func(common []int) (n int) {
		for _, has := range tried {
			if !slices.ContainsFunc(common, func(i int) bool { return has[i] != some[0][i] }) {
				n++
			}
		}
		return n
	}
	all := matching(common)
	var parts []string
	for _, i := range slices.Clone(common) {
		// What the others imply goes without saying: a key in Authorization is one with Authorization.
		others := slices.DeleteFunc(slices.Clone(common), func(other int) bool { return other == i })
		switch {
		case matching(others) == all:
			common = others
		case some[0][i]:
			parts = append(parts, words[i].with)
		default:
			parts = append(parts, words[i].without)
		}
	}
	if len(some) != all {
		parts = append(parts, fmt.Sprintf("in %d of %d ways", len(some), all))
	}
	return when(len(parts) > 0, " "+strings.Join(parts, ", "))
}
