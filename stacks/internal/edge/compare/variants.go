package compare

import (
	"cmp"
	"slices"
	"strings"

	"ml-api-accelerator/stacks/internal/edge"
)

// variant is one of the requests that are tried for a sample, or one that was given.
type variant struct {
	name, method string
	given        bool
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

// words are how people read that a request has an extra, and that it hasn't, and what JSON calls it.
var words = [...]struct{ with, without, name string }{
	authorization: {"with Authorization", "without Authorization", "authorization"},
	origin:        {"with Origin", "without Origin", "origin"},
	query:         {"with a query string", "without a query string", "query"},
	key:           {"with a known key", "without a known key", "apiKey"},
	canary:        {"in the canary", "outside the canary", "canary"},
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
				list = append(list, variant{name: s.name, method: method, has: has, request: r})
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
		list = append(list, variant{name: r.URL, method: cmp.Or(r.Method, "GET"), given: true, request: r})
	}
	return list
}
