package edge

import (
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

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

// TestFirstMatch compares the route with another way to find it: the first pattern that, as a regular expression,
// matches.
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
		path := normalized("/" + word("ab/", 6))
		for range random.IntN(6) {
			pattern := word("/ab*?", 5)
			d.Behaviors = append(d.Behaviors, Behavior{Path: pattern})
			expression := strings.NewReplacer(`\*`, ".*", `\?`, ".").Replace(regexp.QuoteMeta(strings.TrimPrefix(pattern, "/")))
			if !found && regexp.MustCompile("^/"+expression+"$").MatchString(path) {
				want, found = pattern, true
			}
		}
		d.Behaviors = append(d.Behaviors, Behavior{Path: "*"})
		require.Equal(t, want, d.Route(path).Path, "%q by %v", path, d.Behaviors)
	}
}
