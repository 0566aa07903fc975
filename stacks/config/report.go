package config

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
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
	// Where it stands in the file, both from 1.
	Line   int `json:"line"`
	Column int `json:"column"`
}

func (p Problem) String() string { return p.Path + ": " + p.Message }

// In says of which file a problem is as well, in a form that terminals and editors can jump to.
func (p Problem) In(file string) string {
	return fmt.Sprintf("%s (%s:%d:%d)", p, file, p.Line, p.Column)
}

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

// join returns a place below p, given its path from there.
func (p path) join(below path) path {
	if below == "" || below[0] == '[' {
		return p + below
	}
	return p.field(string(below))
}

// within tells whether p is the place other or lies below it.
func (p path) within(other path) bool {
	rest, ok := strings.CutPrefix(string(p), string(other))
	return ok && (rest == "" || rest[0] == '.' || rest[0] == '[')
}

func (p path) parent() path { return p[:max(strings.LastIndexAny(string(p), ".["), 0)] }

// report collects the problems of a configuration.
type report struct{ problems []Problem }

func (r *report) add(class Class, rule *Rule, at path, format string, args ...any) {
	r.problems = append(r.problems, Problem{Path: string(at), Rule: rule.ID, Class: class, Message: fmt.Sprintf(format, args...)})
}

func (r *report) must(rule *Rule, at path, format string, args ...any) {
	r.add(Hard, rule, at, format, args...)
}

func (r *report) warn(rule *Rule, at path, format string, args ...any) {
	r.add(Warning, rule, at, format, args...)
}

// overQuota holds a number to a quota that the field raisedBy of quotas raises; with none it can't be raised here.
func (r *report) overQuota(rule *Rule, at path, n, quota int, unit, raisedBy string) {
	if n <= quota {
		return
	}
	hint := ""
	if raisedBy != "" {
		hint = "; if AWS raised this quota for you, say so in quotas." + raisedBy
	}
	r.add(Quota, rule, at, "must be at most %d%s, got %d%s", quota, unit, n, hint)
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
	known := r.withoutTwice()
	r.problems = append(r.problems, slices.DeleteFunc(slices.Clone(problems), func(p Problem) bool {
		return slices.ContainsFunc(known, func(k Problem) bool {
			return path(p.Path).within(path(k.Path)) || path(k.Path).parent() == path(p.Path)
		})
	})...)
}

// addElsewhere adds problems, but none about a place where one is known, or below it.
func (r *report) addElsewhere(problems []Problem) {
	known := r.withoutTwice()
	r.problems = append(r.problems, slices.DeleteFunc(slices.Clone(problems), func(p Problem) bool {
		return slices.ContainsFunc(known, func(k Problem) bool { return path(p.Path).within(path(k.Path)) })
	})...)
}

// withoutTwice are the problems from which others follow; of a field that is written twice the last counts.
func (r *report) withoutTwice() []Problem {
	return slices.DeleteFunc(slices.Clone(r.problems), func(p Problem) bool { return p.Rule == ruleS2.ID })
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
