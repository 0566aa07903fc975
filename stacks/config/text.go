package config

import (
	"strings"
	"unicode"
)

// checkText holds a text to what Terraform takes as it is.
func checkText(r *report, at path, text string) {
	for _, sign := range []string{"${", "%{"} {
		if strings.Contains(text, sign) {
			r.must(ruleT1, at, "must not have %q, which Terraform would evaluate, got %q", sign, text)
		}
	}
}

// checkLine holds a text to be one line without space around it.
func checkLine(r *report, at path, text string) {
	if strings.ContainsFunc(text, unicode.IsControl) {
		r.must(ruleT2, at, "must not have control characters, got %q", text)
	}
	if strings.TrimSpace(text) != text {
		r.must(ruleT3, at, "must not begin or end with space, got %q", text)
	}
}
