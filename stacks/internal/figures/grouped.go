package figures

import (
	"strconv"
	"strings"
)

// Grouped is a decimal number with a comma between thousands, like 1,000.5; another text stays as it is.
func Grouped(number string) string {
	whole, _, _ := strings.Cut(number, ".")
	n, err := strconv.ParseInt(whole, 10, 64)
	if err != nil {
		return number
	}
	return Thousands(n) + number[len(whole):]
}
