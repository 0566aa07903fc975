package replay

import "fmt"

// share is a percentage, of which nearly all isn't all, and hardly any isn't none.
func share(percent float64) string {
	switch {
	case percent > 0 && percent < 0.1:
		return "<0.1"
	case percent > 99.9 && percent < 100:
		return ">99.9"
	case percent > 0 && percent < 1, percent > 99 && percent < 100:
		return fmt.Sprintf("%.1f", percent)
	}
	return fmt.Sprintf("%.0f", percent)
}
