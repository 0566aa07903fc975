package callers

import (
	"fmt"
	"regexp"
	"strconv"
)

// CanaryEntry is the key under which the store has the share of the callers, in percent, that get the canary.
const CanaryEntry = "canary"

var number = regexp.MustCompile(`^[0-9]{1,3}$`)

// CheckShare holds a share to be a percentage.
func CheckShare(text string) error {
	if percent, err := strconv.Atoi(text); !number.MatchString(text) || err != nil || percent > 100 {
		return fmt.Errorf("percent: must be a whole number from 0 to 100, got %q", text)
	}
	return nil
}

// Share is the percentage that the function makes of what the store has: none of what is no number.
func Share(value string) int {
	if !number.MatchString(value) {
		return 0
	}
	percent, _ := strconv.Atoi(value) // up to three digits
	return min(percent, 100)
}
