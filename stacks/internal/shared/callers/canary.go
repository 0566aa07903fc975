package callers

import (
	"fmt"
	"regexp"
	"strconv"
)

// CanaryEntry is the key under which the store has the share of the callers, in percent, that get the canary.
const CanaryEntry = "canary"

// percentage is what the function takes for one.
var percentage = regexp.MustCompile(`^([0-9]{1,2}|100)$`)

// CheckShare holds a share to be a percentage.
func CheckShare(text string) error {
	if !percentage.MatchString(text) {
		return fmt.Errorf("percent: must be a whole number from 0 to 100, got %q", text)
	}
	return nil
}

// Share is the percentage that the function makes of what the store has: none of what isn't one.
func Share(value string) int {
	if !percentage.MatchString(value) {
		return 0
	}
	percent, _ := strconv.Atoi(value) // up to three digits
	return percent
}
