package config

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// checkText holds a text to what Terraform takes as it is, and what a person can see.
func checkText(r *report, at path, text string) (fine bool) {
	for _, sign := range []string{"${", "%{"} {
		if strings.Contains(text, sign) {
			r.must(ruleNoTerraformExpression, at, "must not have %q, which Terraform would evaluate, got %q", sign, text)
			return false
		}
	}
	if i := strings.IndexFunc(text, invisible); i >= 0 {
		sign, _ := utf8.DecodeRuneInString(text[i:])
		r.must(ruleNoInvisibleCharacters, at, "must not have the invisible %U, got %q", sign, text)
		return false
	}
	return true
}

// invisible reports whether a character is never seen, or changes the order in which others are. A variation selector
// before U+FE10 chooses between two forms of the sign before it, as in ✔️.
func invisible(r rune) bool {
	hidden := unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp, unicode.Other_Default_Ignorable_Code_Point,
		unicode.Variation_Selector)
	return hidden && !unicode.Is(unicode.Prepended_Concatenation_Mark, r) && (r < 0xFE00 || r > 0xFE0F)
}

// checkLine holds a text to be one line without space around it.
func checkLine(r *report, at path, text string) {
	switch {
	case !checkText(r, at, text):
	case strings.ContainsFunc(text, unicode.IsControl):
		r.must(ruleNoControlCharacters, at, "must not have control characters, got %q", text)
	case strings.TrimSpace(text) != text:
		r.must(ruleNoSpaceAround, at, "must not begin or end with space, got %q", text)
	}
}
