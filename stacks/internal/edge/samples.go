package edge

import "strings"

// sample is a path that a behavior decides.
type sample struct{ pattern, path string }

// samples are one for each behavior that decides a path at all, and the root.
func (d *Distribution) samples() []sample {
	list := []sample{{"/", "/"}}
	filler, longest := d.filler()
	for i := range d.Behaviors {
		b, tries := &d.Behaviors[i], 0
		filled(b.pattern, filler, longest, func(path string) bool {
			tries++
			decided := d.decides(b, path)
			if decided {
				list = append(list, sample{b.Path, path})
			}
			return !decided && tries < mostTries
		})
	}
	return list
}

const mostTries = 10_000

func (d *Distribution) decides(b *Behavior, path string) bool {
	var decision Decision
	return d.choose(&decision, normalized(path)) == b
}

// filler is a character that stands in no pattern, which is the hardest for other patterns to match, and the length of the
// longest pattern.
func (d *Distribution) filler() (filler string, longest int) {
	var all strings.Builder
	for _, b := range d.Behaviors {
		all.WriteString(b.pattern)
		longest = max(longest, len(b.pattern))
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
