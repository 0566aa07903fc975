package config

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Class says how bad a problem is.
type Class string

// The three classes of rules.
const (
	Hard    Class = "hard"    // AWS always refuses it, or the system can't work
	Quota   Class = "quota"   // over a default quota; quotas raises it where it can be raised
	Warning Class = "warning" // legal, probably not meant
)

// Problem is one thing wrong with a configuration.
type Problem struct {
	// Path as the user typed it, below context.accelerator.
	Path string `json:"path"`
	// Id of the rule that is broken.
	Rule string `json:"rule"`
	// Whether it stops the synthesis.
	Class Class `json:"class"`
	// What must hold, and what was found.
	Message string `json:"message"`
}

func (p Problem) String() string { return p.Path + ": " + p.Message }

// path is a place in the configuration.
type path string

func (p path) field(name string) path {
	if p == "" {
		return path(name)
	}
	return p + "." + path(name)
}

func (p path) index(i int) path { return p + path("["+strconv.Itoa(i)+"]") }

var plainKey = regexp.MustCompile(`^[A-Za-z0-9_-]+$`)

// key is like field, for a name that the user chose.
func (p path) key(name string) path {
	if plainKey.MatchString(name) {
		return p.field(name)
	}
	return p + path("["+strconv.Quote(name)+"]")
}

// within tells whether p is the place other or lies below it.
func (p path) within(other path) bool {
	rest, ok := strings.CutPrefix(string(p), string(other))
	return ok && (rest == "" || rest[0] == '.' || rest[0] == '[')
}

func (p path) parent() path { return p[:max(strings.LastIndexAny(string(p), ".["), 0)] }

// report collects the problems of a configuration.
type report struct{ problems []Problem }

func (r *report) add(class Class, rule string, at path, format string, args ...any) {
	if !slices.ContainsFunc(Rules, func(known Rule) bool { return known.ID == rule }) {
		panic("config: no rule " + rule)
	}
	r.problems = append(r.problems, Problem{string(at), rule, class, fmt.Sprintf(format, args...)})
}

func (r *report) must(rule string, at path, format string, args ...any) {
	r.add(Hard, rule, at, format, args...)
}

func (r *report) warn(rule string, at path, format string, args ...any) {
	r.add(Warning, rule, at, format, args...)
}

// within holds a number to a hard limit.
func (r *report) within(rule string, at path, l Limit, n int) {
	if !l.holds(n) {
		r.must(rule, at, "must be %s, got %d", l, n)
	}
}

// length holds a text to a hard limit of characters.
func (r *report) length(rule string, at path, l Limit, s string) {
	if n := utf8.RuneCountInString(s); !l.holds(n) {
		r.must(rule, at, "must have %s characters, got %d", l, n)
	}
}

// atLeast holds a number to a hard lower limit.
func (r *report) atLeast(rule string, at path, n, least int) {
	if n < least {
		r.must(rule, at, "must be at least %d, got %d", least, n)
	}
}

// atMost holds a number to a quota that the field raisedBy raises; with none it can't be raised here.
func (r *report) atMost(rule string, at path, n, quota int, unit, raisedBy string) {
	if n <= quota {
		return
	}
	hint := ""
	if raisedBy != "" {
		hint = fmt.Sprintf("; if AWS raised this quota for you, say so in %s", raisedBy)
	}
	r.add(Quota, rule, at, "must be at most %d%s, got %d%s", quota, unit, n, hint)
}

// oneOf holds a text to a list of choices.
func (r *report) oneOf(rule string, at path, choices []string, got string) bool {
	if slices.Contains(choices, got) {
		return true
	}
	r.must(rule, at, "must be one of %s, got %q", strings.Join(choices, ", "), got)
	return false
}

// keepBelow drops the problems of other parts of the file, and makes the paths relative to one part.
func (r *report) keepBelow(part path) {
	r.problems = slices.DeleteFunc(r.problems, func(p Problem) bool { return !part.within(path(p.Path)) && !path(p.Path).within(part) })
	for i := range r.problems {
		r.problems[i].Path = strings.TrimPrefix(r.problems[i].Path, string(part)+".")
	}
}

// addUnlessFollowing adds problems, but none that only follows from one that is known: at the same place,
// below it, or right above it, where something seems to be missing.
func (r *report) addUnlessFollowing(problems []Problem) {
	known := slices.DeleteFunc(slices.Clone(r.problems), func(k Problem) bool { return k.Rule == "S2" })
	for _, p := range problems {
		follows := slices.ContainsFunc(known, func(k Problem) bool {
			return path(p.Path).within(path(k.Path)) || path(k.Path).parent() == path(p.Path)
		})
		if !follows {
			r.problems = append(r.problems, p)
		}
	}
}

// sorted returns the problems by path and message, each once.
func (r *report) sorted() []Problem {
	slices.SortStableFunc(r.problems, func(a, b Problem) int {
		return cmp.Or(strings.Compare(a.Path, b.Path), strings.Compare(a.Message, b.Message))
	})
	return slices.Compact(r.problems)
}

// repeated returns the indexes of the items that an earlier one equals once both are folded.
func repeated(items []string, fold func(string) string) []int {
	var again []int
	seen := map[string]bool{}
	for i, item := range items {
		if seen[fold(item)] {
			again = append(again, i)
		}
		seen[fold(item)] = true
	}
	return again
}

// exactly folds nothing.
func exactly(s string) string { return s }
