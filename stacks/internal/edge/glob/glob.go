// Package glob compares texts with patterns as CloudFront does.
package glob

import "strings"

// Match tells whether a pattern matches a whole text: * stands for any number of characters, ? for exactly one, and case counts
// (CloudFront Developer Guide, Cache behavior settings, Path pattern).
func Match(pattern, text string) bool {
	star, back := -1, 0
	p, t := 0, 0
	for t < len(text) {
		switch {
		case p < len(pattern) && pattern[p] == '*':
			star, back = p, t
			p++
		case p < len(pattern) && (pattern[p] == '?' || pattern[p] == text[t]):
			p, t = p+1, t+1
		case star >= 0:
			back++
			p, t = star+1, back
		default:
			return false
		}
	}
	return strings.Trim(pattern[p:], "*") == ""
}
