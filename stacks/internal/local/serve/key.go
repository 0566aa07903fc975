package serve

import (
	"maps"
	"net/http"
	"slices"
	"strings"

	"ml-api-accelerator/stacks/internal/edge"
	"ml-api-accelerator/stacks/internal/local/serve/store"
)

// keyOf is a cache key as a text: two requests have the same one if they can have the same answer.
func keyOf(k edge.Key) string {
	var b strings.Builder
	b.Grow(len(k.Path) + len(k.Query) + 64)
	part := func(texts ...string) {
		for _, text := range texts {
			b.WriteString(text)
			b.WriteByte(0) // is in no URL and no header
		}
	}
	part(k.Method, k.Path, k.Query)
	part(k.Encodings...)
	part("")
	for _, name := range slices.Sorted(maps.Keys(k.Headers)) {
		value := k.Headers[name]
		part(name, string('0'+rune(value.Kind)), value.Text)
	}
	part("")
	for _, name := range slices.Sorted(maps.Keys(k.Cookies)) {
		part(name, k.Cookies[name])
	}
	return b.String()
}

// entry is where a request's answer is kept or may be.
type entry struct {
	// The key of the whole answer, which serves every request, and the key of one that only serves a request like this one: a HEAD,
	// or one for the same range under the same condition.
	whole, own string
	// What was found, and under which of them; nil: nothing was.
	answer *store.Answer
	found  string
}

// find looks for an answer. Whoever finds one leaves its body afterwards.
func (c *call) find() entry {
	base := keyOf(c.Decision.Cache.Key)
	e := entry{whole: base, own: base}
	header, condition := c.Decision.Range()
	if c.Method == http.MethodHead {
		e.own += "HEAD"
	} else if header != "" {
		e.own += "range " + header
	}
	part := e.own
	if condition != "" {
		e.own += "\x00if " + condition
	}
	for _, e.found = range []string{e.whole, part, e.own} {
		e.answer = c.s.store.Get(e.found)
		if e.answer == nil {
			continue
		}
		if e.found != part || part == e.own || meets(e.answer.Header, condition) {
			return e
		}
		e.answer.Body.Leave() // it is a part of another version
		e.answer = nil
	}
	return e
}

// meets reports whether an answer is of the version that If-Range names (RFC 9110, 13.1.5).
func meets(header http.Header, condition string) bool {
	if strings.HasPrefix(condition, `"`) {
		return header.Get("Etag") == condition
	}
	date, err := http.ParseTime(condition)
	modified, none := http.ParseTime(header.Get("Last-Modified"))
	return err == nil && none == nil && date.Equal(modified)
}

// changed tells whether another answer would be found now.
func (e entry) changed(s *store.Store) bool {
	if e.found == e.own && e.own != e.whole && !s.Has(e.whole, nil) {
		return true
	}
	return !s.Has(e.found, e.answer)
}

// flight is the key of those who can share what the origin is asked for. If there is a whole answer to renew, nobody asks for a range.
func (e entry) flight(method string) string {
	if e.answer != nil && e.found == e.whole && method != http.MethodHead {
		return e.whole
	}
	return e.own
}
