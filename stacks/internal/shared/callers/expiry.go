package callers

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// ParseExpiry reads when a key is to expire: a day, at the end of which (UTC) it does, or a number of days from now.
func ParseExpiry(text string, now time.Time) (time.Time, error) {
	if count, isDays := strings.CutSuffix(text, "d"); isDays {
		if days, err := strconv.Atoi(count); err == nil && days >= 1 && days <= maxDays {
			return now.Add(time.Duration(days) * 24 * time.Hour).Truncate(time.Second), nil
		}
	}
	day, err := time.Parse(time.DateOnly, text)
	if err != nil {
		return time.Time{}, fmt.Errorf("must be a day like %s, or a number of days up to %d, like 90d, got %q", now.AddDate(0, 3, 0).Format(time.DateOnly), maxDays, text)
	}
	end := day.AddDate(0, 0, 1).Add(-time.Second)
	if !end.After(now) {
		return time.Time{}, fmt.Errorf("must not be in the past (it is %s in UTC), got %q", now.UTC().Format(time.DateOnly), text)
	}
	return end, nil
}

// maxDays is ten years: a key for longer is one that never expires.
const maxDays = 3650
