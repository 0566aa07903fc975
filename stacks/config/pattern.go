package config

import (
	"math/bits"
	"slices"
	"strings"
)

// normal drops what CloudFront ignores in a path pattern: a leading slash.
func normal(pattern string) string { return strings.TrimPrefix(pattern, "/") }

// covers tells whether every path that the pattern later matches is matched by earlier too.
//
// It decides the inclusion of the two languages. A character that stands in neither pattern is
// the hardest for earlier to match, so ? and * of later only ever have to produce that one;
// what is left to explore is how far the * of later run on. Of the sets of positions that earlier
// may be in by then only the hardest are kept. Should that still take too many steps, as only patterns
// made for it do, the answer is no.
func covers(earlier, later string) bool {
	p := newGlob(normal(earlier))
	front := []positions{positions{}.with(0)}
	for _, c := range []byte(sorted(normal(later))) {
		if c == '*' {
			front = p.run(front)
		} else {
			front = p.read(front, c)
		}
		if front[0] == (positions{}) || p.steps > mostSteps {
			return false
		}
	}
	end := positions{}.with(len(p.pattern))
	return !slices.ContainsFunc(front, func(set positions) bool { return !p.implies(end, set) })
}

const mostSteps = 2_000_000

// sorted writes the wildcards that follow each other in one way, the ? first and then one *.
func sorted(pattern string) string {
	var text strings.Builder
	for rest := pattern; rest != ""; {
		run := rest[:len(rest)-len(strings.TrimLeft(rest, "*?"))]
		text.WriteString(strings.Repeat("?", strings.Count(run, "?")))
		if strings.Contains(run, "*") {
			text.WriteByte('*')
		}
		rest = rest[len(run):]
		literal := rest[:strings.IndexAny(rest+"*", "*?")]
		text.WriteString(literal)
		rest = rest[len(literal):]
	}
	return text.String()
}

// glob is a pattern as an automaton: position i is reached when pattern[:i] is matched.
type glob struct {
	pattern string
	// For each position those from which nothing is accepted that isn't accepted from it too.
	below []positions
	steps int
}

func newGlob(text string) *glob {
	p := &glob{pattern: sorted(text)}
	end := len(p.pattern)
	p.below = make([]positions, end+2)
	p.below[end] = positions{}.with(end)
	for j := end - 1; j >= 0; j-- {
		star := p.pattern[j] == '*'
		for i := end; i >= 0; i-- {
			if star && (p.below[j+1].has(i) || i < end && p.below[j].has(i+1)) ||
				i < end && p.pattern[i] != '*' && (p.pattern[j] == '?' || p.pattern[j] == p.pattern[i]) && p.below[j+1].has(i+1) {
				p.below[j] = p.below[j].with(i)
			}
		}
	}
	return p
}

// read returns what is reached by one character; '?' stands for one that is in neither pattern.
func (p *glob) read(front []positions, c byte) []positions {
	var next []positions
	for _, set := range front {
		next = p.add(next, p.step(set, c))
	}
	return next
}

// run returns what is reached by any number of characters that are in neither pattern.
func (p *glob) run(front []positions) []positions {
	for todo := front; len(todo) > 0 && p.steps <= mostSteps; {
		next := p.step(todo[0], '?')
		todo = todo[1:]
		if !slices.ContainsFunc(front, func(known positions) bool { return p.implies(known, next) }) {
			front = p.add(front, next)
			todo = append(slices.Clone(todo), next)
		}
	}
	return front
}

// add keeps, of some sets and one more, the hardest: those that no other one implies.
func (p *glob) add(sets []positions, set positions) []positions {
	if slices.ContainsFunc(sets, func(known positions) bool { return p.implies(known, set) }) {
		return sets
	}
	hardest := []positions{set}
	for _, known := range sets {
		if !p.implies(set, known) {
			hardest = append(hardest, known)
		}
	}
	return hardest
}

// implies tells whether all that is accepted from a is surely accepted from b.
func (p *glob) implies(a, b positions) bool {
	p.steps++
	var below positions
	for i := range b.all {
		below = below.union(p.below[i])
	}
	return a.union(below) == below
}

func (p *glob) step(from positions, c byte) positions {
	var to positions
	for i := range from.all {
		if i < len(p.pattern) && p.pattern[i] == '*' {
			to = to.with(i)
			i++ // no other * follows
		}
		if i < len(p.pattern) && (p.pattern[i] == '?' || p.pattern[i] == c) {
			to = to.with(i + 1)
		}
	}
	return p.needed(to)
}

// needed drops the positions from which nothing is accepted that isn't accepted from another one too.
func (p *glob) needed(set positions) positions {
	for i := range set.all {
		for j := range set.all {
			if i != j && p.below[j].has(i) {
				set = set.without(i)
				break
			}
		}
	}
	return set
}

// positions is a set of the positions 0 to 255.
type positions [4]uint64

func (s positions) has(i int) bool { return s[i/64]&(1<<(i%64)) != 0 }

func (s positions) with(i int) positions {
	s[i/64] |= 1 << (i % 64)
	return s
}

func (s positions) without(i int) positions {
	s[i/64] &^= 1 << (i % 64)
	return s
}

func (s positions) union(other positions) positions {
	for i := range s {
		s[i] |= other[i]
	}
	return s
}

// all yields the positions in order.
func (s positions) all(yield func(int) bool) {
	for i, word := range s {
		for ; word != 0; word &= word - 1 {
			if !yield(i*64 + bits.TrailingZeros64(word)) {
				return
			}
		}
	}
}
