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
		{"/a*?", "/a?*", true},
		{"/a?*", "/a*?", true},
		{"/a**", "/a*", true},
		{"/a*", "/a**", true},
		{"/a??*", "/a?*?", true},
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

// TestCoversAgreesWithMatching compares with the sets of words that match. The longest word that is
// needed to tell two patterns apart is found by replacing each * of one by as many characters as the
// other pattern is long, and one more; c is the character that stands in neither.
func TestCoversAgreesWithMatching(t *testing.T) {
	const longestPattern, longestWord = 4, 7
	patterns := strung("ab*?", longestPattern)
	words := strung("abc", longestWord)
	matched := make([]bitset, len(patterns))
	for i, p := range patterns {
		matched[i] = make(bitset, len(words)/64+1)
		for j, w := range words {
			if globMatches(p, w) {
				matched[i][j/64] |= 1 << (j % 64)
			}
		}
	}
	for i, earlier := range patterns {
		for j, later := range patterns {
			if want := matched[i].contains(matched[j]); covers(earlier, later) != want {
				t.Errorf("covers(%q, %q) = %v, want %v", earlier, later, !want, want)
			}
		}
	}
}

// TestCoversAfterAPrefix puts the same letters before two patterns, which changes nothing, up to where the
// parts of a set of positions meet.
func TestCoversAfterAPrefix(t *testing.T) {
	patterns := strung("ab*?", 2)
	for _, length := range []int{63, 127, 191} {
		prefix := strings.Repeat("x", length)
		for _, earlier := range patterns {
			for _, later := range patterns {
				want := covers("x"+earlier, "x"+later)
				require.Equal(t, want, covers(prefix+earlier, prefix+later), "%d x and %q, %q", length, earlier, later)
			}
		}
	}
}

// bitset is a set of words by their numbers.
type bitset []uint64

func (s bitset) contains(other bitset) bool {
	for i := range s {
		if other[i]&^s[i] != 0 {
			return false
		}
	}
	return true
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

// globMatches is the meaning of a pattern, without its optional slash.
func globMatches(pattern, word string) bool {
	star, back := -1, 0
	p, w := 0, 0
	for w < len(word) {
		switch {
		case p < len(pattern) && pattern[p] == '*':
			star, back = p, w
			p++
		case p < len(pattern) && (pattern[p] == '?' || pattern[p] == word[w]):
			p, w = p+1, w+1
		case star >= 0:
			back++
			p, w = star+1, back
		default:
			return false
		}
	}
	return strings.Trim(pattern[p:], "*") == ""
}

// nasty returns pairs of long patterns that need many steps to compare.
func nasty() [][2]string {
	pieces := []string{"*a?", "*a", "?*", "a?", "*a*b", "*a?a??a"}
	var pairs [][2]string
	for _, p := range pieces {
		for _, q := range pieces {
			long, other := strings.Repeat(p, 254/len(p)), strings.Repeat(q, 254/len(q))
			pairs = append(pairs, [2]string{long, other}, [2]string{long + "*", other}, [2]string{"*" + strings.TrimLeft(long, "*"), other})
		}
	}
	for _, n := range []int{20, 100} {
		window := strings.Repeat("?", n)
		for _, q := range []string{"*a", "*a?"} {
			later := strings.Repeat(q, (254-n)/len(q)) + window
			pairs = append(pairs,
				[2]string{"*a" + window, later},
				[2]string{"*a" + window + "*", later},
				[2]string{"*a" + window + "a*", later},
				[2]string{"*a" + window[1:] + "?a" + window[:n/2] + "b*", later + "*"},
				[2]string{"*" + strings.Repeat("a?", n/2), later},
				[2]string{"*?" + strings.Repeat("?a", n/2), later})
		}
	}
	return pairs
}
