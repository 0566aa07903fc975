package config

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// checkText holds every text and every name below v to what Terraform and AWS take as it is.
func checkText(r *report, at path, v any) {
	switch v := v.(type) {
	case string:
		checkString(r, at, v)
	case []any:
		for i, item := range v {
			checkText(r, at.index(i), item)
		}
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(v)) {
			checkString(r, at.key(name), name)
			checkText(r, at.key(name), v[name])
		}
	}
}

var publicKeyPath = regexp.MustCompile(`\.models\.signers\[\d+\]\.publicKey$`)

func checkString(r *report, at path, s string) {
	for _, sign := range []string{"${", "%{"} {
		if strings.Contains(s, sign) {
			r.must("T1", at, "must not have %q, which Terraform would evaluate, got %q", sign, s)
		}
	}
	if publicKeyPath.MatchString(string(at)) {
		return // the lines of a PEM; that rule R11 parses it leaves nothing else in it
	}
	if strings.ContainsFunc(s, unicode.IsControl) {
		r.must("T2", at, "must not have control characters, got %q", s)
	}
	if strings.TrimSpace(s) != s {
		r.must("T3", at, "must not begin or end with space, got %q", s)
	}
}
