package edge

import (
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestPathPattern has the examples of the CloudFront Developer Guide, Cache behavior settings, Path pattern.
func TestPathPattern(t *testing.T) {
	for _, r := range []struct {
		pattern, path string
		want          bool
	}{
		{"images/*.jpg", "/images/sample.gif", false},
		{"images/*", "/images/sample.gif", true},
		{"*.gif", "/images/sample.gif", true},
		{"/images/*.jpg", "/images/a.jpg", true},
		{"/*product.jpg", "/product.jpg", true},
		{"*product.jpg", "/product.jpg", true},
		{"images/*.jpg", "/images/product1/a.jpg", true},
		{"images/product1", "/images/product1/a.jpg", false},
		{"*.jpg", "/a/b/c.jpg", true},
		{"a*.jpg", "/apple.jpg", true},
		{"a*.jpg", "/appalachian_trail_2012_05_21.jpg", true},
		{"a*.jpg", "/abra/cadabra/magic.jpg", true},
		{"a*.jpg", "/b/apple.jpg", false},
		{"a??.jpg", "/ant.jpg", true},
		{"a??.jpg", "/abe.jpg", true},
		{"a??.jpg", "/able.jpg", false},
		{"*.doc*", "/a.doc", true},
		{"*.doc*", "/a.docx", true},
		{"*.doc?", "/a.doc", false},
		{"*.doc?", "/a.docm", true},
		{"*.jpg", "/LOGO.JPG", false},
		{"*", "/", true},
		{"/", "/", true},
		{"/v1", "/v1/", false},
		{"a?*b", "/axb", true},
		{"a?*b", "/ab", false},
	} {
		require.Equal(t, r.want, glob(rooted(r.pattern), r.path), "%q and %q", r.pattern, r.path)
	}
}

// TestNormalized: the first rows are the guide's (Cache behavior settings, Path normalization), the others RFC 3986's.
func TestNormalized(t *testing.T) {
	for _, r := range []struct{ sent, want string }{
		{"/a/b", "/a/b"},
		{"/a/b/..", "/a/"},
		{"//a//b", "/a/b"},
		{"/a/./b", "/a/b"},
		{"/a/b/.", "/a/b/"},
		{"/a/b/", "/a/b/"},
		{"/a//", "/a/"},
		{"/..", "/"},
		{"//", "/"},
		{"/../a", "/a"},
		{"/mid/content=5/../6", "/mid/6"},
		{"/a/.hidden", "/a/.hidden"},
		{"/a/..hidden/", "/a/..hidden/"},
		{"/%7Efred/%61%41", "/~fred/aA"},
		{"/a/%2e%2E/b", "/b"},
		{"/a%2fb", "/a%2Fb"},
		{"/a%2", "/a%2"},
		{"/a%zz", "/a%zz"},
		{"/100%25", "/100%25"},
	} {
		require.Equal(t, r.want, normalized(r.sent), r.sent)
	}
}

// TestFirstMatch compares the route with another way to find it: the first pattern that, as a regular expression, matches.
func TestFirstMatch(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	word := func(alphabet string, length int) string {
		var text strings.Builder
		for range random.IntN(length) {
			text.WriteByte(alphabet[random.IntN(len(alphabet))])
		}
		return text.String()
	}
	for range 20_000 {
		var d Distribution
		want, found := "*", false
		path := "/" + word("ab/", 6)
		for range random.IntN(6) {
			pattern := word("/ab*?", 5)
			d.Behaviors = append(d.Behaviors, Behavior{Path: pattern, pattern: rooted(pattern)})
			expression := strings.NewReplacer(`\*`, ".*", `\?`, ".").Replace(regexp.QuoteMeta(strings.TrimPrefix(pattern, "/")))
			if !found && regexp.MustCompile("^/"+expression+"$").MatchString(path) {
				want, found = pattern, true
			}
		}
		d.Behaviors = append(d.Behaviors, Behavior{Path: "*"})
		var decision Decision
		require.Equal(t, want, d.choose(&decision, path).Path, "%q by %v", path, decision.Tried)
	}
}
