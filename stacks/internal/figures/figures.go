// Package figures writes numbers as people read them.
package figures

import "fmt"

// Thousands has a comma between thousands, like 1,000.
func Thousands[N int | int64](n N) string {
	text := fmt.Sprint(n)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}
