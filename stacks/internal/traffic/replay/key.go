package replay

import (
	"hash/maphash"
	"maps"
	"net/http"
	"slices"
	"strconv"

	"ml-api-accelerator/stacks/internal/edge"
	"ml-api-accelerator/stacks/internal/edge/policy"
	"ml-api-accelerator/stacks/internal/traffic/logs"
)

// hasher makes keys.
type hasher struct{ hash *maphash.Hash }

func newHasher() hasher { return hasher{new(maphash.Hash)} }

// part adds texts, each of which ends where no text can go on.
func (h hasher) part(texts ...string) {
	for _, text := range texts {
		_, _ = h.hash.WriteString(text) // never fails
		_ = h.hash.WriteByte(0)
	}
}

// of are a request's keys in each simulation.
func (h hasher) of(r *route, l *logs.Line, path string) (list [bounds]keys) {
	h.hash.Reset()
	h.known(r, l, path)
	shared := h.hash.Sum64()
	h.part(l.IP, l.UserAgent)
	callers := h.hash.Sum64()
	hidden := r.hidesHeaders || r.hidesCookies && l.Cookie == ""
	for i := range list {
		switch list[i].whole = shared; {
		case i == high:
		case hidden, i == low && r.hidesFew:
			list[i].whole = callers
		}
		list[i].own = h.own(list[i].whole, l, i)
	}
	return list
}

// known is what a line shows of the key.
func (h hasher) known(r *route, l *logs.Line, path string) {
	method := ""
	if l.Method == http.MethodOptions {
		method = l.Method
	}
	p := r.b.CachePolicy
	h.part(method, path, policy.Query(r.b.Unsigned(l.Query), p.Query, policy.Selection{}))
	for _, value := range r.headers {
		h.part(value(l))
	}
	if !r.hidesCookies || l.Cookie == "" {
		return
	}
	cookies := edge.ParseCookies(l.Cookie)
	for _, name := range slices.Sorted(maps.Keys(cookies)) {
		if r.b.KeyHasCookie(name) {
			h.part(name, cookies[name])
		}
	}
}

// own is where the answer to a HEAD or a part of an object is kept.
func (h hasher) own(whole uint64, l *logs.Line, simulation int) uint64 {
	switch {
	case l.Method == http.MethodHead:
		h.hash.Reset()
		h.part(http.MethodHead)
	case l.Status == 206 && simulation != high:
		h.hash.Reset()
		h.part(l.RangeStart, l.RangeEnd)
		if l.RangeStart == "" { // which part isn't known, so it serves nobody else
			h.part(l.IP, strconv.FormatInt(l.Time, 10))
		}
	default:
		return 0
	}
	return whole ^ h.hash.Sum64()
}
