package config

import (
	"strings"
	"testing"
	"time"
)

// FuzzCovers holds that covers is fast, and that a pattern which covers another matches its words.
func FuzzCovers(f *testing.F) {
	for _, pair := range nasty() {
		f.Add(pair[0], pair[1], "a", "")
	}
	for _, p := range strung("a*?", 3) {
		f.Add(p, "/v1/*", "b", "")
		f.Add("/v1/*a?", p, "ab", "c")
	}
	f.Fuzz(func(t *testing.T, earlier, later, one, other string) {
		if len(earlier) > 255 || len(later) > 255 || len(one)+len(other) > 20 {
			t.Skip("longer than a path pattern may be")
		}
		begin := time.Now()
		covered := covers(earlier, later)
		if took := time.Since(begin); took > 2*time.Second {
			t.Fatalf("covers(%q, %q) took %s", earlier, later, took)
		}
		if !covered {
			return
		}
		for _, word := range sampled(normal(later), one, other) {
			if !globMatches(normal(earlier), word) {
				t.Fatalf("covers(%q, %q), but only the second matches %q", earlier, later, word)
			}
		}
	})
}

// sampled returns words that a pattern matches: its * are replaced by two texts in turn.
func sampled(pattern, one, other string) []string {
	var words []string
	for _, fill := range [][2]string{{"", ""}, {one, one}, {one, other}, {other, one}, {"\x00", ""}, {"\x00\x00", "\x00"}} {
		var word strings.Builder
		for i, c := range []byte(pattern) {
			switch c {
			case '*':
				word.WriteString(fill[i%2])
			case '?':
				word.WriteByte((one + other + "\x00")[0])
			default:
				word.WriteByte(c)
			}
		}
		words = append(words, word.String())
	}
	return words
}
