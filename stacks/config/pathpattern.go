package config

import "strings"

// normal drops what CloudFront ignores in a path pattern: a leading slash.
func normal(pattern string) string { return strings.TrimPrefix(pattern, "/") }

func checkPattern(r *report, at path, pattern string) {
	if normal(pattern) == "*" {
		r.must(ruleR1, at, "must not be %q: that is the default route, described in api", pattern)
	}
}

// covers tells that every path which the pattern later matches is matched by earlier as well: earlier is
// matched against the text of later, whose * only a * matches and whose ? only a ? or *. Where it says
// yes it is right; patterns such as a*?b and a?*b, which match the same, it takes for different.
func covers(earlier, later string) bool {
	pattern, text := []rune(normal(earlier)), []rune(normal(later))
	i, retry, from := 0, -1, 0 // the place in the pattern; that of its last *, and where that * ends in the text
	for j := 0; j < len(text); {
		switch {
		case i < len(pattern) && pattern[i] == '*':
			retry, from = i, j
			i++
		case i < len(pattern) && (pattern[i] == text[j] || pattern[i] == '?' && text[j] != '*'):
			i, j = i+1, j+1
		case retry >= 0:
			from++
			i, j = retry+1, from
		default:
			return false
		}
	}
	return strings.Trim(string(pattern[i:]), "*") == ""
}
