// Package format writes numbers, sizes and Markdown as people read them.
package format

import (
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"

	"ml-api-accelerator/stacks/internal/terminal"
)

// Thousands returns a number with a comma between thousands, like 1,000.
func Thousands[N int | int64](n N) string { return Grouped(fmt.Sprint(n)) }

// Count returns how many things there are, like 1 file or 1,000 files.
func Count[N int | int64](n N, thing string) string {
	if n != 1 {
		thing += "s"
	}
	return Thousands(n) + " " + thing
}

// Wrap breaks a text into lines of a width, as far as its words let it. The first has a margin, the others another one.
func Wrap(text, first, others string, width int) string {
	var out strings.Builder
	line, words := first, 0
	for word := range strings.FieldsSeq(text) {
		if words > 0 && utf8.RuneCountInString(line)+1+utf8.RuneCountInString(word) > width {
			out.WriteString(line + "\n")
			line, words = others, 0
		}
		if words > 0 {
			line += " "
		}
		line += word
		words++
	}
	return out.String() + line
}

// Grouped returns a decimal number with a comma between thousands, like 1,000.5; another text stays as it is.
func Grouped(number string) string {
	parts := decimal.FindStringSubmatch(number)
	if parts == nil {
		return number
	}
	sign, whole, rest := parts[1], parts[2], parts[3]
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + "," + whole[i:]
	}
	return sign + whole + rest
}

var decimal = regexp.MustCompile(`^(-?)([0-9]+)((?:\.[0-9]*)?)$`)

// Bytes returns a size of three digits or so, like 12.3 MB.
func Bytes(bytes int64) string {
	n, unit := float64(bytes), 0
	for n >= 999.5 && unit < len(units)-1 {
		n, unit = n/1000, unit+1
	}
	if unit == 0 || n >= 99.95 {
		return fmt.Sprintf("%.0f %s", n, units[unit])
	}
	return fmt.Sprintf("%.1f %s", n, units[unit])
}

var units = [...]string{"B", "KB", "MB", "GB", "TB"}

// codeEscapes are for what ends a span of code or a cell, and for a backslash that would take an escape from what is
// after it.
var codeEscapes = strings.NewReplacer("`", "'", `\|`, `\x5c\|`, "|", `\|`)

// MarkdownCode returns Markdown that shows texts as they are, a line each, in a cell of a table. Whatever they say,
// they are no link, no HTML, and mention nobody.
func MarkdownCode(texts ...string) string {
	lines := make([]string, len(texts))
	for i, text := range texts {
		if text != "" { // a span can't be empty
			lines[i] = "`" + codeEscapes.Replace(terminal.Harmless(text)) + "`"
		}
	}
	return strings.Join(lines, "<br>")
}

var plain = regexp.MustCompile(`^[A-Za-z0-9 ,-]*$`)

// MarkdownText returns Markdown that shows a text as it is, and as code if Markdown could see more in it.
func MarkdownText(text string) string {
	if plain.MatchString(text) {
		return text
	}
	return MarkdownCode(text)
}
