package compare

import (
	"slices"
	"strings"

	"ml-api-accelerator/stacks/internal/edge"
)

// crossings are the shortest paths for each two routes, if the sides have other patterns. It walks through all paths at
// once, character by character, and follows which patterns can still match.
func crossings(before, after *edge.Distribution) []string {
	patterns := slices.Concat(patternsOf(before), patternsOf(after))
	if slices.Equal(patternsOf(before), patternsOf(after)) {
		return nil // a path's route is the same
	}
	filler, _ := fillerOf(before, after)
	var found []string
	queue, seen := []walk{begin(patterns)}, map[string]bool{}
	crossed := map[routes]bool{}
	for len(queue) > 0 && len(seen) < mostStates {
		w := queue[0]
		queue = queue[1:]
		r := routes{w.first(patterns[:len(before.Behaviors)], 0),
			w.first(patterns[len(before.Behaviors):], len(before.Behaviors))}
		path := "/" + w.path
		// A path that CloudFront normalizes may have other routes.
		if !crossed[r] && strings.TrimPrefix(before.Route(path).Path, "/") == r.before &&
			strings.TrimPrefix(after.Route(path).Path, "/") == r.after {
			crossed[r] = true
			found = append(found, path)
		}
		for _, c := range w.next(patterns, filler[0]) {
			if next := w.step(patterns, c); !seen[next.state()] {
				seen[next.state()] = true
				queue = append(queue, next)
			}
		}
	}
	return found
}

// mostStates bounds the walk; patterns that begin differently have about as many as characters.
const mostStates = 5_000

func patternsOf(d *edge.Distribution) []string {
	var patterns []string
	for _, b := range d.Behaviors {
		patterns = append(patterns, strings.TrimPrefix(b.Path, "/"))
	}
	return patterns
}

// walk is a path, without its leading slash, and for each pattern the places in it up to which the path can be matched.
type walk struct {
	path   string
	places [][]int
}

func begin(patterns []string) walk {
	w := walk{places: make([][]int, len(patterns))}
	for i, pattern := range patterns {
		w.places[i] = enter(pattern, nil, 0)
	}
	return w
}

// enter adds a place in a pattern; a * can also be passed. Once there is a *, whatever an earlier place can match it
// matches too.
func enter(pattern string, places []int, place int) []int {
	for ; place < len(pattern) && pattern[place] == '*'; place++ {
		places = append(places[:0], place)
	}
	if slices.Contains(places, place) {
		return places
	}
	return append(places, place)
}

func (w walk) step(patterns []string, c byte) walk {
	next := walk{w.path + string(c), make([][]int, len(patterns))}
	for i, pattern := range patterns {
		for _, place := range w.places[i] {
			switch {
			case place == len(pattern):
			case pattern[place] == '*':
				next.places[i] = enter(pattern, next.places[i], place)
			case pattern[place] == '?' || pattern[place] == c:
				next.places[i] = enter(pattern, next.places[i], place+1)
			}
		}
	}
	return next
}

// next are the characters that make a difference, and one that stands for all others. CloudFront makes one of two
// slashes.
func (w walk) next(patterns []string, filler byte) []byte {
	list := []byte{filler}
	for i, pattern := range patterns {
		for _, place := range w.places[i] {
			if place < len(pattern) && pattern[place] != '*' && pattern[place] != '?' &&
				!slices.Contains(list, pattern[place]) {
				list = append(list, pattern[place])
			}
		}
	}
	if w.path == "" || strings.HasSuffix(w.path, "/") {
		list = slices.DeleteFunc(list, func(c byte) bool { return c == '/' })
	}
	return list
}

// first is the pattern of a side that decides the path, given where the side's begin among all.
func (w walk) first(side []string, from int) string {
	for i, pattern := range side {
		if slices.Contains(w.places[from+i], len(pattern)) {
			return pattern
		}
	}
	panic("the default behavior matches every path")
}

func (w walk) state() string {
	var text strings.Builder
	for _, places := range w.places {
		for _, place := range places {
			text.WriteRune(rune(place))
		}
		text.WriteRune('\U0010FFFF')
	}
	return text.String()
}
