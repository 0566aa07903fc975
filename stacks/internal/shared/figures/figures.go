// Package figures writes numbers as people read them.
package figures

import (
	"fmt"
	"regexp"
)

// Thousands has a comma between thousands, like 1,000.
func Thousands[N int | int64](n N) string { return Grouped(fmt.Sprint(n)) }

// Grouped is a decimal number with a comma between thousands, like 1,000.5; another text stays as it is.
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
