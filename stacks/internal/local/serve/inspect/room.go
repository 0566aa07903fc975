package inspect

import (
	"maps"
	"net/http"
	"slices"
	"strings"
	"unicode/utf8"

	"ml-api-accelerator/stacks/internal/terminal"
)

// What one exchange may take, and one text of it.
const (
	exchangeBytes = 64 << 10
	textBytes     = 2 << 10
	longTextBytes = 16 << 10
)

// room is what is left of an exchange's bytes.
type room int

// header is a name with its value.
type header [2]string

// text copies a text that others wrote, or its beginning, without what would make it look like another one.
func (r *room) text(s string) string {
	if most := textBytes + utf8.UTFMax; len(s) > most {
		s = strings.ToValidUTF8(s[:most], "")
	}
	return r.copy(terminal.Harmless(s), textBytes)
}

// long is for a text of many lines that are harmless already.
func (r *room) long(s string) string { return r.copy(s, longTextBytes) }

func (r *room) copy(s string, most int) string {
	if most = max(min(most, int(*r)), 0); len(s) > most {
		s = strings.ToValidUTF8(s[:most], "") + "…(cut)"
	} else {
		s = strings.Clone(s) // a value of a header keeps the whole header from being collected
	}
	*r -= room(len(s))
	return s
}

func (r *room) headers(h http.Header, keys []string) []header {
	list := make([]header, 0, len(h))
	for _, name := range slices.Sorted(maps.Keys(h)) {
		for _, value := range h[name] {
			if *r <= 0 {
				return append(list, header{"…", "more than is kept"})
			}
			list = append(list, header{r.text(name), r.text(shortenHeader(name, value, keys))})
		}
	}
	return list
}
