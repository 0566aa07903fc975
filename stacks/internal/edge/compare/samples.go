package compare

import (
	"slices"
	"strings"

	"ml-api-accelerator/stacks/internal/edge"
)

// sample is a path that a behavior decides.
type sample struct{ pattern, path string }

// samples are the root, and for both sides a path for each behavior that decides one at all.
func samples(before, after *edge.Distribution) []sample {
	list := []sample{{"/", "/"}}
	for _, s := range append(samplesOf(before), samplesOf(after)...) {
		if !slices.Contains(list, s) {
			list = append(list, s)
		}
	}
	return list
}

func samplesOf(d *edge.Distribution) []sample {
	var list []sample
	filler, longest := fillerOf(d)
	for i := range d.Behaviors {
		b, tries := &d.Behaviors[i], 0
		filled("/"+strings.TrimPrefix(b.Path, "/"), filler, longest, func(path string) bool {
			tries++
			decided := d.Route(path) == b
			if decided {
				list = append(list, sample{b.Path, path})
			}
			return !decided && tries < mostTries
		})
	}
	return list
}

const mostTries = 10_000

// fillerOf is a character that stands in no pattern, which is the hardest for other patterns to match, and the length of the
// longest pattern.
func fillerOf(d *edge.Distribution) (filler string, longest int) {
	var all strings.Builder
	for _, b := range d.Behaviors {
		all.WriteString(b.Path)
		longest = max(longest, len(b.Path))
	}
	for _, c := range "xzqjkvwyu0123456789XZQJKVWYU~" {
		if !strings.ContainsRune(all.String(), c) {
			return string(c), longest
		}
	}
	return "x", longest
}

// filled yields texts that a pattern matches, in which each ? is the filler and each * some of it: few, or more than a pattern
// of the longest length can tell apart. The plainest come first.
func filled(pattern, filler string, longest int, yield func(string) bool) bool {
	before, after, found := strings.Cut(strings.ReplaceAll(pattern, "?", filler), "*")
	if !found {
		return yield(before)
	}
	for _, n := range []int{1, 0, 2, 3, longest + 1} {
		if !filled(after, filler, longest, func(rest string) bool { return yield(before + strings.Repeat(filler, n) + rest) }) {
			return false
		}
	}
	return true
}
