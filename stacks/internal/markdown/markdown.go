// Package markdown writes what GitHub shows.
package markdown

import "strings"

// Code shows texts as they are, a line each, in a cell of a table.
func Code(texts ...string) string {
	lines := make([]string, len(texts))
	for i, text := range texts {
		lines[i] = "`" + strings.NewReplacer("`", "'", "|", `\|`).Replace(text) + "`"
	}
	return strings.Join(lines, "<br>")
}
