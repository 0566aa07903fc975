package terminal

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Harmless returns a text that others wrote, such as a path, a header or the reason of a status, so that it can be printed into a line: a
// terminal obeys nothing in it, it ends no line, and it looks like what it is. What isn't printed as itself is escaped as in Go's
// strings, such as \n, \x1b, \u202e or, for a byte that isn't UTF-8, \xff: control characters, line separators, everything that changes
// the direction of the text or has no width, private use, and spaces other than the usual one. Backslashes stay.
//
// Text with newlines of its own is made harmless line by line; Markdown, HTML and file names need their own quoting besides.
func Harmless(s string) string {
	if !strings.ContainsFunc(s, harmful) { // also if a byte is no UTF-8
		return s
	}
	var b strings.Builder
	for len(s) > 0 {
		r, size := utf8.DecodeRuneInString(s)
		switch {
		case !harmful(r):
			b.WriteString(s[:size])
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\r':
			b.WriteString(`\r`)
		case r == '\t':
			b.WriteString(`\t`)
		case r == utf8.RuneError && size == 1:
			fmt.Fprintf(&b, `\x%02x`, s[0])
		case r == utf8.RuneError: // a replacement character that was sent
			b.WriteString(s[:size])
		case r < 0x80:
			fmt.Fprintf(&b, `\x%02x`, r)
		case r < 0x10000:
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			fmt.Fprintf(&b, `\U%08x`, r)
		}
		s = s[size:]
	}
	return b.String()
}

// harmful reports whether a character isn't printed as itself. Some letters and marks are never seen (Unicode Standard Annex #44,
// Default_Ignorable_Code_Point), and neither is the empty pattern of Braille.
func harmful(r rune) bool {
	return !unicode.IsPrint(r) || r == utf8.RuneError || r == '\u2800' ||
		unicode.In(r, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector)
}
