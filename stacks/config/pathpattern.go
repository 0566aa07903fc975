package config

import (
	"regexp"
	"strings"
)

// normal drops what CloudFront ignores in a path pattern: a leading slash.
func normal(pattern string) string { return strings.TrimPrefix(pattern, "/") }

func checkPattern(r *report, at path, pattern string) {
	if normal(pattern) == "*" {
		r.must(ruleR1, at, "must not be %q: that is the default route, described in api", pattern)
		return
	}
	host, below, found := strings.Cut(normal(pattern), "/")
	for _, odd := range []struct {
		is   bool
		what string
	}{
		{strings.Contains(pattern, "://"), "is a URL, and no path is like it: leave out the scheme and the host"},
		{found && strings.Count(host, ".") > 1 && isDomain(host) && !privateName(host), "begins with the name of a host, which no path does: leave it out"},
		{notNormal.MatchString("/" + normal(pattern)), "never matches: CloudFront compares paths without //, /./ and /../"},
		{strings.Contains(pattern[strings.Index(pattern, "?")+1:], "&") && strings.Contains(pattern, "?"), "has a query string, which CloudFront doesn't compare: ? stands for one character of the path"},
		{strings.Contains(pattern, "**"), "has **, which stands for no more than *: any characters, / as well"},
		{expressionLike.MatchString(pattern), "looks like a regular expression, and isn't one: * stands for any characters, ? for one, and all others for themselves"},
		{strings.Contains(pattern, "/:"), "has /:, which stands for itself: * stands for any characters"},
		{len(below) > 0 && strings.HasSuffix(pattern, "/"), "matches this one path and nothing below it: end it with /*"},
		{len(below) == 0 && found && host != "", "matches this one path and nothing below it: end it with /*"},
	} {
		if odd.is {
			r.warn(ruleR21, at, "%s, got %q", odd.what, pattern)
			return
		}
	}
}

// expressionLike are patterns in which somebody meant a regular expression; most signs of these are refused.
var expressionLike = regexp.MustCompile(`(^|/)\.[*+]|\.\+|\$$`)

// checkModelsPath warns of a pattern that leads no model to the bucket, or only one.
func checkModelsPath(r *report, at path, pattern string) {
	n := len(r.problems)
	checkPattern(r, at, pattern)
	if len(r.problems) == n && pattern != "" && !strings.ContainsAny(pattern, "*?") {
		r.warn(ruleR21, at, "matches this one path: all other models are looked for at the API; end it with /*, got %q", pattern)
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
