package config

import (
	"regexp"
	"strings"
)

// mostPathText is the most characters of a text or an expression that AWS WAF compares a path with (AWS WAF Developer Guide,
// Quotas; the API Reference's 512 for expressions is not what it keeps to).
const mostPathText = 200

// mostWildcards keeps expressions clear of what AWS WAF refuses: "excessive wildcard repeated patterns", of which it doesn't
// say how many are (AWS WAF Developer Guide, Supported regular expression syntax).
const mostWildcards = 3

// folded is a pattern as it is compared: limits take no notice of case.
func folded(pattern string) string { return strings.ToLower(normal(pattern)) }

// Folded is the limit's path as it is compared with those of others.
func (l Limit) Folded() string { return folded(l.Path) }

// PathMatch is how a limit knows the requests it is for: by the text of their path in lower case, or by an expression.
type PathMatch struct {
	Exactly, Begins, Expression string // one of them
}

// Match returns how to know the requests of the limit's path.
func (l Limit) Match() PathMatch {
	pattern := "/" + folded(l.Path)
	switch begin, wild := strings.CutSuffix(pattern, "*"); {
	case strings.ContainsAny(begin, "*?+"):
		return PathMatch{Expression: expression(pattern)}
	case wild:
		return PathMatch{Begins: begin}
	default:
		return PathMatch{Exactly: pattern}
	}
}

// expression is a pattern as a regular one. Its wildcards also stand for line breaks, which a path can have once it is
// decoded; and a + may have become a space by then.
func expression(pattern string) string {
	text := strings.NewReplacer(`\*`, `[\s\S]*`, `\?`, `[\s\S]`, `\+`, `[ +]`).Replace("^" + regexp.QuoteMeta(pattern) + "$")
	return strings.TrimSuffix(text, `[\s\S]*$`)
}

func (l Limit) check(r *report, at path) {
	match := l.Match()
	text := match.Exactly + match.Begins + match.Expression
	switch {
	case strings.Trim(normal(l.Path), "*") == "":
		r.must(ruleF6, at, "must not be %q: that limit is firewall.requestsPer5Minutes", l.Path)
	case strings.Count(l.Path, "*") > mostWildcards:
		r.must(ruleF6, at, "must have at most %d *, got %d: AWS WAF refuses expressions with many", mostWildcards, strings.Count(l.Path, "*"))
	case len(text) > mostPathText:
		r.must(ruleF6, at, "must make a text or an expression of at most %d characters for AWS WAF, got %d", mostPathText, len(text))
	case notNormal.MatchString("/" + normal(l.Path)):
		r.must(ruleF6, at, "must not have //, /./ or /../, without which paths are compared, got %q", l.Path)
	}
}

var notNormal = regexp.MustCompile(`/(\.{0,2}/|\.{1,2}$)`)
