package edge

import (
	"path"
	"regexp"
	"strconv"
	"strings"
)

// glob tells whether a pattern matches a text: * stands for any number of characters, ? for exactly one, and case counts
// (CloudFront Developer Guide, Cache behavior settings, Path pattern).
func glob(pattern, text string) bool {
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

// rooted gives a path pattern the leading slash that CloudFront implies (Path pattern).
func rooted(pattern string) string { return "/" + strings.TrimPrefix(pattern, "/") }

// normalized is the path that patterns are compared with: without dot segments, repeated slashes and needless encoding. The
// origin gets the path as it was sent (Cache behavior settings, Path normalization; RFC 3986, 6.2.2).
func normalized(sent string) string {
	if !strings.Contains(sent, "//") && !strings.Contains(sent, "/.") && !strings.Contains(sent, "%") {
		return sent
	}
	decoded := encoded.ReplaceAllStringFunc(sent, decodeUnreserved)
	clean := path.Clean(decoded)
	if last := path.Base(decoded + "x"); clean != "/" && (last == "x" || last == ".x" || last == "..x") {
		return clean + "/" // a directory keeps its slash
	}
	return clean
}

var encoded = regexp.MustCompile("%[0-9A-Fa-f]{2}")

// decodeUnreserved decodes a character that needn't be encoded, and writes the code of another one in capitals.
func decodeUnreserved(code string) string {
	c, _ := strconv.ParseUint(code[1:], 16, 8)
	if strings.IndexByte("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~", byte(c)) >= 0 {
		return string(rune(c))
	}
	return strings.ToUpper(code)
}
