package compare

import (
	"fmt"
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
				if has&hasAuthorization != 0 {
					r.Headers["Authorization"] = "Bearer token"
				}
				if has&hasKey != 0 {
					r.Caller = "alice"
					for _, name := range headers {
						r.Headers[name] = "Bearer token"[:len("Bearer token")]
					}
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
	var methods, samples grouped
	for _, key := range keys {
		methods.add(key.name+"\x00"+inCommon(has[key]), key.method)
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

// inCommon says which extras all of some requests have and haven't; if that isn't all that tells them apart from the others, it
// says how many they are.
func inCommon(has []int) string {
	with, without := -1, -1
	for _, h := range has {
		with, without = with&h, without&^h
	}
	if has[0] < 0 {
		return ""
	}
	var parts []string
	free := 0
	for i, extra := range extras {
		switch bit := 1 << i; {
		case with&bit != 0:
			parts = append(parts, "with "+extra)
		case without&bit != 0:
			parts = append(parts, "without "+extra)
		default:
			free++
		}
	}
	if len(has) != 1<<free {
		parts = append(parts, fmt.Sprintf("in %d of %d ways", len(has), 1<<free))
	}
	return when(len(parts) > 0, " "+strings.Join(parts, ", "))
}
