package config

import "strings"

// normal drops what CloudFront ignores in a path pattern: a leading slash.
func normal(pattern string) string { return strings.TrimPrefix(pattern, "/") }

// covers tells whether every path that the pattern later matches is matched by earlier too.
//
// It decides the inclusion of the two languages. A character that stands in neither pattern is
// the hardest for earlier to match, so ? and * of later only ever have to produce that one;
// what is left to explore is how far the * of later run on.
func covers(earlier, later string) bool {
	p, q := glob(normal(earlier)), normal(later)
	type state struct {
		at  int
		set positions
	}
	start := state{0, p.settle(positions{}.with(0))}
	seen := map[state]bool{start: true}
	for todo := []state{start}; len(todo) > 0; {
		s := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		if s.set == (positions{}) || s.at == len(q) && !s.set.has(len(p)) {
			return false
		}
		if s.at == len(q) {
			continue
		}
		next := []state{{s.at + 1, p.step(s.set, q[s.at])}}
		if q[s.at] == '*' {
			next = []state{{s.at + 1, s.set}, {s.at, p.step(s.set, '?')}}
		}
		for _, n := range next {
			if !seen[n] {
				seen[n] = true
				todo = append(todo, n)
			}
		}
	}
	return true
}

// glob is a pattern as an automaton: position i is reached when p[:i] is matched.
type glob string

// step reads one character; '?' stands for one that is in neither pattern.
func (p glob) step(from positions, c byte) positions {
	var to positions
	for i := range len(p) {
		if !from.has(i) {
			continue
		}
		switch p[i] {
		case '*':
			to = to.with(i)
		case '?', c:
			to = to.with(i + 1)
		}
	}
	return p.settle(to)
}

// settle adds the positions behind a * that matches nothing, and drops those before the last *
// reached: what they accept, the * accepts too.
func (p glob) settle(set positions) positions {
	last := -1
	for i := range len(p) {
		if set.has(i) && p[i] == '*' {
			last = i
			set = set.with(i + 1)
		}
	}
	for i := range max(last, 0) {
		set = set.without(i)
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
