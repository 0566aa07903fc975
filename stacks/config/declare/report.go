package declare

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
	Hard    Class = "hard"    // it can't work
	Quota   Class = "quota"   // it is over a limit that can be raised
	Warning Class = "warning" // it works, and is probably not meant
)

// Source is where a rule comes from, such as a page of documentation.
type Source string

// Ours is the source of rules that nobody else makes.
const Ours Source = "this project"

// Rule is one thing that must hold of a configuration.
type Rule struct {
	ID string
	// What must hold.
	Holds string
	// What happens otherwise; empty where the configuration would mean nothing.
	Otherwise string
	Source    Source
	// What breaking it is: one class, or several for a rule of several parts.
	Classes []Class
}

// The rules that a file has to keep before its configuration can be looked at.
var (
	ruleJSON = &Rule{"S0", "the file is JSON in UTF-8, with the configuration where it belongs", "", Ours, []Class{Hard}}

	ruleKnownField    = &Rule{"S1", "every field is one that exists", "", Ours, []Class{Hard}}
	ruleFieldOnce     = &Rule{"S2", "no field is written twice", "", Ours, []Class{Hard}}
	ruleFieldType     = &Rule{"S3", "every field has a value of its type", "", Ours, []Class{Hard}}
	ruleRequiredField = &Rule{"S4", "every required field is there", "", Ours, []Class{Hard}}
)

// Rules returns the rules of this package, in the order of their ids.
func Rules() []*Rule {
	return []*Rule{ruleJSON, ruleKnownField, ruleFieldOnce, ruleFieldType, ruleRequiredField}
}

// Problem is one thing wrong with a configuration.
type Problem struct {
	// Path as the user typed it, from the beginning of the configuration.
	Path string `json:"path"`
	// Id of the rule that is broken.
	Rule  string `json:"rule"`
	Class Class  `json:"class"`
	// What must hold, and what was found.
	Message string `json:"message"`
	// Where it stands in the file, both from 1.
	Line   int `json:"line"`
	Column int `json:"column"`

	At Path `json:"-"` // Path is rendered from it
}

// Equal reports whether two problems say the same.
func (p Problem) Equal(other Problem) bool {
	p.At, other.At = nil, nil
	return reflect.DeepEqual(p, other)
}

func (p Problem) String() string { return p.Path + ": " + p.Message }

// In says of which file a problem is as well, in a form that terminals and editors can jump to.
func (p Problem) In(file string) string {
	return fmt.Sprintf("%s (%s:%d:%d)", p, file, p.Line, p.Column)
}

// Path is a place in a configuration: the names of fields, and the indexes of items, that lead there. It is text only
// where it is shown.
type Path []any

// Field returns the place of a member of an object.
func (p Path) Field(name string) Path { return append(slices.Clip(p), name) }

// Index returns the place of an item of a list.
func (p Path) Index(i int) Path { return append(slices.Clip(p), i) }

// Join returns a place below p, given its path from there.
func (p Path) Join(below Path) Path { return append(slices.Clip(p), below...) }

// Parent returns the place of the object or list that p is in.
func (p Path) Parent() Path { return p[:max(len(p)-1, 0)] }

// Within reports whether p is the place other or lies below it.
func (p Path) Within(other Path) bool {
	return len(p) >= len(other) && slices.Equal(p[:len(other)], other)
}

// Equal reports whether two paths lead to the same place.
func (p Path) Equal(other Path) bool { return slices.Equal(p, other) }

var plainName = regexp.MustCompile(`^[A-Za-z0-9_-]+$`)

func (p Path) String() string {
	var text strings.Builder
	for i, step := range p {
		switch name, isName := step.(string); {
		case !isName:
			fmt.Fprintf(&text, "[%d]", step)
		case !plainName.MatchString(name):
			fmt.Fprintf(&text, "[%q]", name)
		case i == 0:
			text.WriteString(name)
		default:
			text.WriteString("." + name)
		}
	}
	return text.String()
}

// Report collects the problems of a configuration.
type Report struct {
	Problems []Problem
	// The most that was held to each limit that can be raised, by the name of the limit.
	Most map[string]int
}

// Count notes how much is held to a limit.
func (r *Report) Count(limit string, n int) {
	if r.Most == nil {
		r.Most = map[string]int{}
	}
	r.Most[limit] = max(r.Most[limit], n)
}

// Add reports that a rule is broken. The format says what must hold, and what was found.
func (r *Report) Add(class Class, rule *Rule, at Path, format string, args ...any) {
	r.Problems = append(r.Problems, Problem{At: at, Rule: rule.ID, Class: class, Message: fmt.Sprintf(format, args...)})
}

// Must adds a problem of the class Hard.
func (r *Report) Must(rule *Rule, at Path, format string, args ...any) {
	r.Add(Hard, rule, at, format, args...)
}

// Warn adds a problem of the class Warning.
func (r *Report) Warn(rule *Rule, at Path, format string, args ...any) {
	r.Add(Warning, rule, at, format, args...)
}

// keepBelow drops the problems of other parts of the file, and makes the paths relative to one part.
func (r *Report) keepBelow(part Path) {
	r.Problems = slices.DeleteFunc(r.Problems, func(p Problem) bool { return !part.Within(p.At) && !p.At.Within(part) })
	for i, p := range r.Problems {
		if p.At.Within(part) && len(p.At) > len(part) {
			r.Problems[i].At = p.At[len(part):]
		}
	}
}

// addUnless adds the problems that none of those known so far explains.
func (r *Report) addUnless(explains func(known, p Problem) bool, problems []Problem) {
	known := slices.DeleteFunc(slices.Clone(r.Problems), func(p Problem) bool {
		return p.Rule == ruleFieldOnce.ID // of a field that is written twice the last counts
	})
	for _, p := range problems {
		if !slices.ContainsFunc(known, func(k Problem) bool { return explains(k, p) }) {
			r.Problems = append(r.Problems, p)
		}
	}
}

// covers reports whether a problem is about the place of a known one, or a place below that.
func covers(known, p Problem) bool { return p.At.Within(known.At) }

// precedes reports whether a problem only follows from a known one: it is covered, or right above it, where something
// seems to be missing.
func precedes(known, p Problem) bool { return covers(known, p) || known.At.Parent().Equal(p.At) }

// sorted returns the problems by path and message, each once.
func (r *Report) sorted() []Problem {
	for i, p := range r.Problems {
		r.Problems[i].Path = p.At.String()
	}
	slices.SortStableFunc(r.Problems, func(a, b Problem) int {
		return cmp.Or(strings.Compare(a.Path, b.Path), strings.Compare(a.Message, b.Message))
	})
	return slices.CompactFunc(r.Problems, Problem.Equal)
}
