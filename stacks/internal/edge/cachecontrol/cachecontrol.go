// Package cachecontrol reads the header Cache-Control of answers (RFC 9111, 5.2). A cache must survive every header
// that an origin sends: of the libraries at hand, github.com/pquerna/cachecontrol drops all that follows a directive it
// can't read ("max-age=a, no-store" may then be kept), and github.com/lestrrat-go/httpcc panics on "max-age=".
package cachecontrol

import (
	"net/http"
	"strconv"
	"strings"
)

// Directives are the arguments of directives by their names in lower case. Of a directive that is there twice the first
// counts (RFC 9111, 4.2.1).
type Directives map[string]string

// MaxSeconds is the longest time that a directive can give, 100 years (CloudFront Developer Guide, Manage how long
// content stays in the cache, Use headers to control cache duration for individual objects).
const MaxSeconds = 100 * 365 * 24 * 60 * 60

// Parse reads all lines of a header.
func Parse(header http.Header) Directives {
	directives := Directives{}
	for _, line := range header.Values("Cache-Control") {
		for _, directive := range split(line) {
			name, argument, _ := strings.Cut(directive, "=")
			name = strings.ToLower(name)
			if _, twice := directives[name]; !twice && name != "" {
				directives[name] = unquote(argument)
			}
		}
	}
	return directives
}

// Has reports whether a directive is there, whatever its argument.
func (d Directives) Has(name string) bool {
	_, found := d[name]
	return found
}

// Seconds is the argument of the first of some directives that is there. One that is no number is 0: caches are
// encouraged to take such an answer for stale (RFC 9111, 4.2.1). One that is too large is the largest (RFC 9111,
// 1.2.2).
func (d Directives) Seconds(names ...string) (seconds int, found bool) {
	for _, name := range names {
		if d.Has(name) {
			seconds, _ := Number(d[name])
			return seconds, true
		}
	}
	return 0, false
}

// Fields are the names of headers that a directive is limited to, such as those of no-cache="Set-Cookie".
func (d Directives) Fields(name string) []string {
	var fields []string
	for field := range strings.SplitSeq(d[name], ",") {
		if field = strings.Trim(field, " \t"); field != "" {
			fields = append(fields, field)
		}
	}
	return fields
}

// Number reads a number of seconds, which has digits and nothing else (RFC 9111, 1.2.2).
func Number(text string) (seconds int, valid bool) {
	if text == "" || strings.Trim(text, "0123456789") != "" {
		return 0, false
	}
	if seconds, err := strconv.Atoi(text); err == nil {
		return min(seconds, MaxSeconds), true
	}
	return MaxSeconds, true
}

// split is a list's items; a comma between quotes separates nothing. A quote that isn't closed is no quote: it must not
// hide what comes after it.
func split(line string) []string {
	var items []string
	begin := 0
	for i := 0; i < len(line); i++ {
		switch line[i] {
		case ',':
			items = append(items, strings.Trim(line[begin:i], " \t"))
			begin = i + 1
		case '"':
			i = max(i, closing(line, i))
		}
	}
	return append(items, strings.Trim(line[begin:], " \t"))
}

// closing is where the quote ends that begins somewhere; -1: it doesn't.
func closing(line string, begin int) int {
	for i := begin + 1; i < len(line); i++ {
		switch line[i] {
		case '"':
			return i
		case '\\':
			i++
		}
	}
	return -1
}

// unquote takes a number in quotes for a number, as recipients ought to (RFC 9111, 5.2).
func unquote(argument string) string {
	end := closing(argument, 0)
	if !strings.HasPrefix(argument, `"`) || end < 0 {
		return argument
	}
	var text strings.Builder
	for i := 1; i < end; i++ {
		if argument[i] == '\\' {
			i++
		}
		text.WriteByte(argument[i])
	}
	return text.String()
}
