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

// Bytes is a size of three digits or so, like 12.3 MB.
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
