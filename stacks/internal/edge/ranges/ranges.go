// Package ranges reads the header Range as CloudFront does: what isn't as it wants it asks for the whole object
// (CloudFront Developer Guide, How CloudFront processes partial requests for an object).
package ranges

import (
	"errors"
	"math"
	"strconv"
	"strings"
)

// Ranges are the parts of an object that a request asks for, in the order of the header.
type Ranges []spec

// spec is like 0-499, 500- or, for the last bytes, -500: then first is negative.
type spec struct{ first, last int64 }

// Span is a part of an object, with its last byte.
type Span struct{ First, Last int64 }

// IsBytes reports whether a header asks for bytes. An origin may know other units.
func IsBytes(header string) bool {
	unit, _, found := strings.Cut(header, "=")
	return found && strings.EqualFold(strings.TrimSpace(unit), "bytes")
}

// Parse reads a header. It isn't ok if it asks for something else than bytes, or if one of the parts is none, or if
// they don't ascend or do overlap, as far as that is known without the object's size.
func Parse(header string) (r Ranges, ok bool) {
	if !IsBytes(header) {
		return nil, false
	}
	_, list, _ := strings.Cut(header, "=")
	for text := range strings.SplitSeq(list, ",") {
		if text = strings.Trim(text, " \t"); text == "" {
			continue // a list may have empty elements (RFC 9110, 5.6.1.2)
		}
		s, ok := parse(text)
		if !ok {
			return nil, false
		}
		if len(r) > 0 && !r[len(r)-1].before(s) {
			return nil, false
		}
		r = append(r, s)
	}
	return r, len(r) > 0
}

func parse(text string) (s spec, ok bool) {
	first, last, found := strings.Cut(text, "-")
	if !found {
		return s, false
	}
	start, hasStart := number(first)
	end, hasEnd := number(last)
	switch {
	case hasStart && last == "":
		return spec{start, math.MaxInt64}, true
	case hasStart && hasEnd:
		return spec{start, end}, start <= end
	case first == "" && hasEnd:
		return spec{-1, end}, true
	}
	return s, false
}

// before reports whether another part can come after this one. The last bytes can only end a list.
func (s spec) before(next spec) bool { return s.first >= 0 && (next.first < 0 || s.last < next.first) }

// Of are the parts of an object of a size, of which there may be none. They aren't ok if the whole is to be answered:
// the last bytes overlap what comes before them.
func (r Ranges) Of(size int64) (spans []Span, ok bool) {
	for i, s := range r {
		if s.first < 0 {
			s.first, s.last = max(size-s.last, 0), size-1
			if i > 0 && s.first <= r[i-1].last {
				return nil, false
			}
		}
		if s.last = min(s.last, size-1); s.first <= s.last {
			spans = append(spans, Span{s.first, s.last})
		}
	}
	return spans, true
}

// number reads digits. What is too large for a number is as good as the largest.
func number(text string) (n int64, ok bool) {
	if strings.Trim(text, "0123456789") != "" {
		return 0, false
	}
	n, err := strconv.ParseInt(text, 10, 64)
	return n, err == nil || errors.Is(err, strconv.ErrRange)
}
