package compare

import (
	"slices"
	"strings"

	"ml-api-accelerator/stacks/internal/edge"
)

// sample is a path, and which ones it stands for.
type sample struct{ name, path string }

// routes are the patterns that decide a path before and after.
type routes struct{ before, after string }

// samples are the root, and a path for each two routes, of either side, that decide one. Paths with the same routes are
// treated alike, so no others are needed.
func samples(before, after *edge.Distribution) []sample {
	var found []routes
	paths := map[routes]string{}
	for _, path := range slices.Concat(plainPaths(before), plainPaths(after), crossings(before, after)) {
		r := routes{before.Route(path).Path, after.Route(path).Path}
		if _, known := paths[r]; !known {
			found, paths[r] = append(found, r), path
		}
	}
	list := []sample{{"/", "/"}}
	for _, r := range found {
		if s := (sample{r.name(found, paths[r]), paths[r]}); s != list[0] {
			list = append(list, s)
		}
	}
	return list
}

// name is a pattern if all the paths that it decides, on either side, have these routes, or if both are that pattern.
// Otherwise it is the path itself.
func (r routes) name(all []routes, path string) string {
	if r.before == r.after {
		return r.before
	}
	for _, pattern := range []string{r.after, r.before} {
		others := slices.ContainsFunc(all,
			func(o routes) bool { return o != r && (o.before == pattern || o.after == pattern) })
		if !others {
			return pattern
		}
	}
	return path
}

// plainPaths are one for each behavior that decides one at all.
func plainPaths(d *edge.Distribution) []string {
	var list []string
	filler, longest := fillerOf(d)
	for i := range d.Behaviors {
		b, tries := &d.Behaviors[i], 0
		filled("/"+strings.TrimPrefix(b.Path, "/"), filler, longest, func(path string) bool {
			tries++
			decided := d.Route(path) == b
			if decided {
				list = append(list, path)
			}
			return !decided && tries < mostTries
		})
	}
	return list
}

const mostTries = 10_000

// fillerOf is a character that stands in no pattern, which is the hardest for other patterns to match, and the length
// of the longest pattern.
func fillerOf(sides ...*edge.Distribution) (filler string, longest int) {
	var all strings.Builder
	for _, d := range sides {
		for _, b := range d.Behaviors {
			all.WriteString(b.Path)
			longest = max(longest, len(b.Path))
		}
	}
	for _, c := range "xzqjkvwyu0123456789XZQJKVWYU~" {
		if !strings.ContainsRune(all.String(), c) {
			return string(c), longest
		}
	}
	return "x", longest
}

// filled yields texts that a pattern matches, in which each ? is the filler and each * some of it: few, or more than a
// pattern of the longest length can tell apart. The plainest come first.
func filled(pattern, filler string, longest int, yield func(string) bool) bool {
	before, after, found := strings.Cut(strings.ReplaceAll(pattern, "?", filler), "*")
	if !found {
		return yield(before)
	}
	for _, n := range []int{1, 0, 2, 3, longest + 1} {
		if !filled(after, filler, longest, func(rest string) bool {
			return yield(before + strings.Repeat(filler, n) + rest)
		}) {
			return false
		}
	}
	return true
}
