// Package markdown writes what GitHub shows.
package markdown

import (
	"regexp"
	"strings"

	"ml-api-accelerator/stacks/internal/terminal"
)

// codeEscapes are for what ends a span of code or a cell, and for a backslash that would take an escape from what is after it.
var codeEscapes = strings.NewReplacer("`", "'", `\|`, `\x5c\|`, "|", `\|`)

// Code returns Markdown that shows texts as they are, a line each, in a cell of a table. Whatever they say, they are no link, no HTML,
// and mention nobody.
func Code(texts ...string) string {
	lines := make([]string, len(texts))
	for i, text := range texts {
		if text != "" { // a span can't be empty
			lines[i] = "`" + codeEscapes.Replace(terminal.Harmless(text)) + "`"
		}
	}
	return strings.Join(lines, "<br>")
}

var plain = regexp.MustCompile(`^[A-Za-z0-9 ,-]*$`)

// Text returns Markdown that shows a text as it is, and as code if Markdown could see more in it.
func Text(text string) string {
	if plain.MatchString(text) {
		return text
	}
	return Code(text)
}
