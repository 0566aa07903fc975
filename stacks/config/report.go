package config

import (
	"cmp"
	"fmt"
	"reflect"
	"regexp"
	"slices"
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

	at path // Path is rendered from it
}

// Equal reports whether two problems say the same.
func (p Problem) Equal(other Problem) bool {
	p.at, other.at = nil, nil
	return reflect.DeepEqual(p, other)
}

// Environment returns the name of the environment that the problem is about; empty: it is about all of them.
func (p Problem) Environment() string {
	if len(p.at) < 2 || p.at[0] != environments {
		return ""
	}
	return p.at[1].(string)
}

func (p Problem) String() string { return p.Path + ": " + p.Message }

// In says of which file a problem is as well, in a form that terminals and editors can jump to.
func (p Problem) In(file string) string {
	return fmt.Sprintf("%s (%s:%d:%d)", p, file, p.Line, p.Column)
}

// path is a place in the configuration: the names of fields, and the indexes of items, that lead there. It is text only where it is
// shown.
type path []any

// environments is the field that every path into an environment begins with.
const environments = "environments"

func (p path) field(name string) path { return append(slices.Clip(p), name) }

func (p path) index(i int) path { return append(slices.Clip(p), i) }

// key is field for a name that the user chose.
func (p path) key(name string) path { return p.field(name) }

// join returns a place below p, given its path from there.
func (p path) join(below path) path { return append(slices.Clip(p), below...) }

// within reports whether p is the place other or lies below it.
func (p path) within(other path) bool {
	return len(p) >= len(other) && slices.Equal(p[:len(other)], other)
}

func (p path) parent() path { return p[:max(len(p)-1, 0)] }

var plainKey = regexp.MustCompile(`^[A-Za-z0-9_-]+$`)

func (p path) String() string {
	var text strings.Builder
	for i, step := range p {
		switch name, isName := step.(string); {
		case !isName:
			fmt.Fprintf(&text, "[%d]", step)
		case !plainKey.MatchString(name):
			fmt.Fprintf(&text, "[%q]", name)
		case i == 0:
			text.WriteString(name)
		default:
			text.WriteString("." + name)
		}
	}
	return text.String()
}

// report collects the problems of a configuration.
type report struct{ problems []Problem }

func (r *report) add(class Class, rule *Rule, at path, format string, args ...any) {
	r.problems = append(r.problems, Problem{at: at, Rule: rule.ID, Class: class, Message: fmt.Sprintf(format, args...)})
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
	r.problems = slices.DeleteFunc(r.problems, func(p Problem) bool { return !part.within(p.at) && !p.at.within(part) })
	for i, p := range r.problems {
		if p.at.within(part) && len(p.at) > len(part) {
			r.problems[i].at = p.at[len(part):]
		}
	}
}

// addUnlessFollowing adds problems, but none that only follows from one that is known: at the same place,
// below it, or right above it, where something seems to be missing.
func (r *report) addUnlessFollowing(problems []Problem) {
	known := r.withoutTwice()
	r.problems = append(r.problems, slices.DeleteFunc(slices.Clone(problems), func(p Problem) bool {
		return slices.ContainsFunc(known, func(k Problem) bool {
			return p.at.within(k.at) || slices.Equal(k.at.parent(), p.at)
		})
	})...)
}

// addElsewhere adds problems, but none about a place where one is known, or below it.
func (r *report) addElsewhere(problems []Problem) {
	known := r.withoutTwice()
	r.problems = append(r.problems, slices.DeleteFunc(slices.Clone(problems), func(p Problem) bool {
		return slices.ContainsFunc(known, func(k Problem) bool { return p.at.within(k.at) })
	})...)
}

// withoutTwice are the problems from which others follow; of a field that is written twice the last counts.
func (r *report) withoutTwice() []Problem {
	return slices.DeleteFunc(slices.Clone(r.problems), func(p Problem) bool { return p.Rule == ruleS2.ID })
}

// sorted returns the problems by path and message, each once.
func (r *report) sorted() []Problem {
	for i, p := range r.problems {
		r.problems[i].Path = p.at.String()
	}
	slices.SortStableFunc(r.problems, func(a, b Problem) int {
		return cmp.Or(strings.Compare(a.Path, b.Path), strings.Compare(a.Message, b.Message))
	})
	return slices.CompactFunc(r.problems, Problem.Equal)
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
