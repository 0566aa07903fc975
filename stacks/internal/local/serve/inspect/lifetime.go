package inspect

import (
	"fmt"
	"strings"

	"ml-api-accelerator/stacks/internal/edge/freshness"
	"ml-api-accelerator/stacks/internal/local/serve/exchange"
)

// lifetime says how long an answer that was kept lives.
func lifetime(e *exchange.Exchange) []header {
	if l := e.Lifetime; e.Stored || l != (freshness.Lifetime{}) {
		return []header{
			{"fresh", orElse(l.Fresh, "for %s, without asking the origin", "never: the origin is asked each time")},
			{"stale-while-revalidate", orElse(l.StaleWhileRevalidate, "then for %s, while the origin is asked again", "no")},
			{"stale-if-error", orElse(l.StaleIfError, "for %s after it was fresh, if the origin fails", "no")},
		}
	}
	return []header{}
}

func orElse(seconds int, format, none string) string {
	if seconds == 0 {
		return none
	}
	return fmt.Sprintf(format, words(seconds))
}

// words is a time in its two greatest units.
func words(seconds int) string {
	if seconds < 120 {
		return fmt.Sprintf("%d s", seconds)
	}
	var parts []string
	for _, unit := range []struct {
		seconds int
		name    string
	}{{24 * 60 * 60, "days"}, {60 * 60, "h"}, {60, "min"}, {1, "s"}} {
		if count := seconds / unit.seconds; count == 1 && unit.name == "days" {
			parts = append(parts, "1 day")
		} else if count > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", count, unit.name))
		}
		seconds %= unit.seconds
	}
	return strings.Join(parts[:min(len(parts), 2)], " ")
}
