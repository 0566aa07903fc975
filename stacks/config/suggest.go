package config

import (
	"strings"

	"github.com/agnivade/levenshtein"
)

// nearest returns the choice that a text is a likely misspelling of, or nothing. One of two letters may only differ in case.
func nearest(text string, choices []string) string {
	best, distance := "", 1+len(text)/3
	if len(text) < 3 {
		distance = 0
	}
	for _, c := range choices {
		if d := levenshtein.ComputeDistance(strings.ToLower(text), strings.ToLower(c)); d <= distance {
			best, distance = c, d-1
		}
	}
	return best
}

// didYouMean is a hint at the choice that a value is a likely misspelling of, or nothing.
func didYouMean(value any, choices []string) string {
	text, _ := value.(string)
	if near := nearest(text, choices); near != "" {
		return " (did you mean " + near + "?)"
	}
	return ""
}
