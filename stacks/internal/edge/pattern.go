package edge

import (
	"path"
	"regexp"
	"strconv"
	"strings"

	"ml-api-accelerator/stacks/internal/shared/cloudfront"
)

// Route is the behavior that decides a path.
func (d *Distribution) Route(path string) *Behavior {
	return &d.Behaviors[d.matching(path)]
}

// Object is the path of the object that a path asks for: / is the default root object, for all methods (Specify a
// default root object).
func (d *Distribution) Object(path string) string {
	if path == "/" {
		return path + d.DefaultRootObject
	}
	return path
}

// route also returns the behaviors that were tried.
func (d *Distribution) route(path string) (*Behavior, []Tried) {
	i := d.matching(path)
	tried := make([]Tried, i+1)
	for j := range tried {
		tried[j] = Tried{Path: d.Behaviors[j].Path, Matches: j == i}
	}
	return &d.Behaviors[i], tried
}

// matching tries the behaviors in their order; the last one, the default, matches everything.
func (d *Distribution) matching(path string) int {
	path = normalized(path)
	for i := range d.Behaviors {
		if d.Behaviors[i].matches(path) {
			return i
		}
	}
	panic("the default behavior matches every path")
}

// matches leaves out the leading slash of both: CloudFront implies that of a pattern (Cache behavior settings, Path
// pattern).
func (b *Behavior) matches(path string) bool {
	return b.Path == "*" || cloudfront.Match(strings.TrimPrefix(b.Path, "/"), path[1:])
}

// normalized is the path that patterns are compared with: without dot segments, repeated slashes and needless encoding.
// The origin gets the path as it was sent (Cache behavior settings, Path normalization; RFC 3986, 6.2.2).
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
