package compare

import (
	"fmt"
	"slices"
	"strings"

	"ml-api-accelerator/stacks/internal/edge"
)

// variant is one of the requests that are tried for a sample.
type variant struct {
	name, method string
	has          int // of the extras, as bits
	request      edge.Request
}

// extras are what a request may have or not.
var extras = []struct{ with, without string }{
	{"with Authorization", "without Authorization"}, {"with Origin", "without Origin"}, {"with a query string", "without a query string"},
	{"with a known key", "without a known key"}, {"in the canary", "outside the canary"},
}

// The extras as bits.
const (
	hasAuthorization = 1 << iota
	hasOrigin
	hasQuery
	hasKey
	inCanary
)

var triedMethods = []string{"GET", "POST", "OPTIONS"}

// variants are the samples of both sides with each method, and with and without each extra.
func variants(before, after *edge.Distribution) []variant {
	var list []variant
	headers := keyHeaders(before, after)
	tried := combinations(before, after, headers)
	for _, s := range samples(before, after) {
		for _, method := range triedMethods {
			for _, has := range tried {
				r := edge.Request{Method: method, URL: s.path, Headers: map[string]string{}, Trusted: true, Canary: has&inCanary != 0}
				if has&hasKey != 0 {
					r.Caller = "alice"
					for _, name := range headers {
						r.Headers[name] = "token"
					}
				}
				if has&hasAuthorization != 0 {
					r.Headers["Authorization"] = "Bearer token"
				}
				if has&hasOrigin != 0 {
					r.Headers["Origin"] = allowedOrigin(after)
				}
				if has&hasOrigin != 0 && method == "OPTIONS" {
					r.Headers["Access-Control-Request-Method"] = "POST" // a preflight
				}
				if has&hasQuery != 0 {
					r.URL += "?query=1"
				}
				list = append(list, variant{s.name, method, has, r})
			}
		}
	}
	return list
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
		list = append(list, variant{name: strings.TrimSpace(r.Method + " " + r.URL), has: -1, request: r})
	}
	return list
}

// describe names some of the variants in few words: what all of a sample and method have in common, and then the methods and the
// samples for which that is the same.
func describe(list []variant, which []int) string {
	if len(which) == len(list) {
		return everyRequest
	}
	type sampleMethod struct{ name, method string }
	has := map[sampleMethod][]int{}
	var keys []sampleMethod
	for _, i := range which {
		key := sampleMethod{list[i].name, list[i].method}
		if has[key] == nil {
			keys = append(keys, key)
		}
		has[key] = append(has[key], list[i].has)
	}
	tried := map[sampleMethod][]int{}
	for _, v := range list {
		key := sampleMethod{v.name, v.method}
		tried[key] = append(tried[key], v.has)
	}
	var methods, samples grouped
	for _, key := range keys {
		methods.add(key.name+"\x00"+inCommon(has[key], tried[key]), key.method)
	}
	for _, g := range methods {
		name, common, _ := strings.Cut(g.key, "\x00")
		samples.add(strings.Join(g.items, ", ")+"\x00"+common, name)
	}
	var parts []string
	for _, g := range samples {
		of, common, _ := strings.Cut(g.key, "\x00")
		parts = append(parts, strings.TrimSpace(of+" "+strings.Join(g.items, ", ")+common))
	}
	return strings.Join(parts, "; ")
}

// grouped are items by a key, in the order of their coming.
type grouped []struct {
	key   string
	items []string
}

func (g *grouped) add(key, item string) {
	for i := range *g {
		if (*g)[i].key == key {
			(*g)[i].items = append((*g)[i].items, item)
			return
		}
	}
	*g = append(*g, struct {
		key   string
		items []string
	}{key, []string{item}})
}

// inCommon says which extras all of some requests have and haven't, among all that are tried; if that isn't all that tells them apart
// from the others, it says how many they are.
func inCommon(has, tried []int) string {
	if has[0] < 0 {
		return ""
	}
	with, without := -1, -1
	for _, h := range has {
		with, without = with&h, without&^h
	}
	alike := func() int {
		n := 0
		for _, h := range tried {
			if h&with == with && h&without == 0 {
				n++
			}
		}
		return n
	}
	with, without = with&(1<<len(extras)-1), without&(1<<len(extras)-1)
	all := alike()
	var parts []string
	for i, extra := range extras {
		bit := 1 << i
		said := extra.with
		if without&bit != 0 {
			said = extra.without
		} else if with&bit == 0 {
			continue
		}
		// What the others imply goes without saying: a key in Authorization is one with Authorization.
		had, hadNot := with, without
		with, without = with&^bit, without&^bit
		if alike() == all {
			continue
		}
		with, without = had, hadNot
		parts = append(parts, said)
	}
	if len(has) != all {
		parts = append(parts, fmt.Sprintf("in %d of %d ways", len(has), all))
	}
	return when(len(parts) > 0, " "+strings.Join(parts, ", "))
}

// combinations are the extras that can be had together: a key in Authorization takes that, and the canary a known caller where the
// callers are known.
func combinations(before, after *edge.Distribution, keyHeaders []string) []int {
	canary := before.HasCanary() || after.HasCanary()
	anybody := before.HasCanary() && !before.ChecksKeys() || after.HasCanary() && !after.ChecksKeys()
	var list []int
	for has := range 1 << len(extras) {
		key, isCanary := has&hasKey != 0, has&inCanary != 0
		switch {
		case key && len(keyHeaders) == 0, isCanary && !canary:
		case key && has&hasAuthorization == 0 && slices.Contains(keyHeaders, "Authorization"):
		case isCanary && !key && !anybody:
		default:
			list = append(list, has)
		}
	}
	return list
}

// keyHeaders are those in which either side looks for keys.
func keyHeaders(before, after *edge.Distribution) []string {
	list := append(before.KeyHeaders(), after.KeyHeaders()...)
	slices.Sort(list)
	return slices.Compact(list)
}
