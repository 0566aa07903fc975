package config

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestCovers(t *testing.T) {
	for _, r := range []struct {
		earlier, later string
		want           bool
	}{
		{"/v1/*", "/v1/models", true},
		{"/v1/models", "/v1/*", false},
		{"/v1/*", "/v1", false},
		{"/v1/*", "/v1/", true},
		{"/v1*", "/v1", true},
		{"/a", "a", true},
		{"a", "/a", true},
		{"*/a", "/*/a", true},
		{"/*.json", "*.json", true},
		{"//a", "/a", false},
		{"/a", "/A", false},
		{"/a", "/b", false},
		{"/a?", "/a*", false},
		{"/a*", "/a?", true},
		{"/a?*", "/a*", false},
		{"/a*?", "/a?*", false}, // both match the same, which is not seen,
		{"/a?*", "/a*?", false},
		{"/a**", "/a*", true},
		{"/a*", "/a**", true},
		{"/a??*", "/a?*?", false},
		{"/a?", "/a?", true},
		{"/a?", "/a??", false},
		{"/?", "/a", true},
		{"/a", "/?", false},
		{"/*a*", "/*ba*", true},
		{"/*ba*", "/*a*", false},
		{"/*a?b*", "/*aab*", true},
		{"/*a?b*", "/*a*b*", false},
		{"/*.jpg", "/images/*.jpg", true},
		{"/images/*.jpg", "/*.jpg", false},
		{"/$.*", "/$.a", true},
		{"/.*", "/ab", false},
		{"/*", "/", true},
		{"/?", "/", false},
		{"/", "/", true},
		{"/", "/a", false},
		{strings.Repeat("?", 255), strings.Repeat("a", 255), true},
		{strings.Repeat("a", 255), strings.Repeat("a", 255), true},
		{strings.Repeat("a", 254) + "?", strings.Repeat("a", 254) + "*", false},
	} {
		require.Equal(t, r.want, covers(r.earlier, r.later), "%q covers %q", r.earlier, r.later)
	}
}

// TestCoversIsRightWhereItSaysYes looks for a path that the later of two patterns matches and the earlier doesn't.
func TestCoversIsRightWhereItSaysYes(t *testing.T) {
	patterns, paths := strung("ab*?", 3), strung("abc", 5)
	for _, earlier := range patterns {
		for _, later := range patterns {
			if !covers(earlier, later) {
				continue
			}
			for _, path := range paths {
				require.False(t, covers(later, path) && !covers(earlier, path), "covers(%q, %q), but only the second matches %q", earlier, later, path)
			}
		}
	}
}

func FuzzCovers(f *testing.F) {
	f.Add("/"+strings.Repeat("é", 130), "/é*")
	f.Add(strings.Repeat("*a", 127), strings.Repeat("a", 255))
	f.Fuzz(func(t *testing.T, earlier, later string) {
		if covers(earlier, later) {
			require.True(t, covers("*", later))
			require.True(t, covers(earlier, strings.NewReplacer("*", "x", "?", "y").Replace(later)), "a path that %q matches", later)
		}
	})
}

// strung returns all strings of up to n characters of an alphabet.
func strung(alphabet string, n int) []string {
	all := []string{""}
	for from := 0; n > 0; n-- {
		to := len(all)
		for _, s := range all[from:to] {
			for _, c := range alphabet {
				all = append(all, s+string(c))
			}
		}
		from = to
	}
	return all
}
