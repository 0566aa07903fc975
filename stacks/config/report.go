package config

import (
	"cmp"
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"
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

// path is a place in the configuration: the names of fields, and the indexes of items, that lead there. It is text only
// where it is shown.
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

func (p path) equal(other path) bool { return slices.Equal(p, other) }

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
			return p.at.within(k.at) || k.at.parent().equal(p.at)
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
	return slices.DeleteFunc(slices.Clone(r.problems), func(p Problem) bool { return p.Rule == ruleFieldOnce.ID })
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

// forbidden reports a value of the right type that isn't what its field must hold.
func forbidden(r *report, at path, s *JSONSchema, violation jsonschema.ErrorKind, value any) {
	switch violation.(type) {
	case *kind.MinLength, *kind.MaxLength:
		r.must(s.rule, at, "must have %s characters, got %d", Range{s.MinLength, s.MaxLength}, utf8.RuneCountInString(value.(string)))
	case *kind.MinItems, *kind.MinProperties:
		r.must(s.rule, at, "must not be empty")
	case *kind.Enum:
		r.must(s.rule, at, "must %s, got %s%s", s.what, quoted(value), didYouMean(value, s.suggested))
	case *kind.Pattern, *kind.Minimum, *kind.Maximum, *kind.ExclusiveMinimum, *kind.AnyOf:
		r.must(s.rule, at, "must %s, got %s", s.what, quoted(value))
	default:
		panic(fmt.Sprintf("config: no message for %T", violation))
	}
}

// wrongType says what a field wants, what it got instead, and what to write. It returns the value that was meant as
// well; nil: it isn't clear.
func wrongType(at path, s *JSONSchema, value any) (message string, meant any) {
	wants := wanted(s)
	if value == nil {
		return "must be " + wants + ", got null: leave it out, or give it a value", nil
	}
	text, isText := value.(string)
	is, isBool := value.(bool)
	number, isNumber := value.(json.Number)
	got, write := quoted(value), ""
	if isText && (s.Properties != nil || s.Values != nil || s.Items != nil && s.Items.Type != "string") {
		got = "a text" // it may be a secret
	}
	switch {
	case s.Properties != nil || s.Values != nil:
		if s.instead != "" {
			return "must be " + wants + ", got " + got + ": " + s.instead, nil
		}
		switch _, canEnable := s.Properties["enabled"]; {
		case isBool && canEnable:
			write, meant = fmt.Sprintf(`{"enabled": %t}`, is), map[string]any{"enabled": is}
		case isBool && is && s.Properties != nil && len(s.Required) == 0:
			write, meant = "{}", map[string]any{}
		case isBool && !is:
			return "must be " + wants + ", got false: leave it out", nil
		}
	case s.Items != nil:
		if _, isObject := value.(map[string]any); isObject && s.Items.takes(value) {
			write, meant = "[{…}]", []any{value}
		} else if s.Items.takes(value) {
			write, meant = "["+got+"]", []any{value}
		}
	case s.Type == "string":
		if (isNumber || isBool) && s.Enum == nil {
			write, meant = strconv.Quote(got), got
		}
	case s.Type == "boolean":
		switch strings.ToLower(text) {
		case "true", "yes", "on":
			write, meant = "true", true
		case "false", "no", "off":
			write, meant = "false", false
		}
	case isText && json.Valid([]byte(text)) && s.takes(json.Number(text)):
		write, meant = text, json.Number(text)
	case isText:
		name, _ := at[len(at)-1].(string)
		if lasts, ok := seconds(text); ok && strings.HasSuffix(name, "Seconds") {
			wants, write, meant = "seconds as a number", lasts, json.Number(lasts)
		}
	case isNumber && strings.HasSuffix(at.String(), "ercent"):
		if f, _ := number.Float64(); f > 0 && f < 1 {
			got += fmt.Sprintf(" (%d means %[1]d %%)", int(math.Ceil(f*100)))
		}
	}
	if write != "" {
		write = ": write " + write
	}
	return "must be " + wants + ", got " + got + write, meant
}

// wanted says in words what type a field has.
func wanted(s *JSONSchema) string {
	switch {
	case s.Properties != nil, s.Values != nil:
		return "an object"
	case s.Items != nil:
		return "a list"
	case s.Type == "string":
		return "a text"
	case s.Type == "boolean":
		return "true or false"
	case s.Type == "number":
		return "a number"
	case s.Minimum != nil && s.Maximum != nil:
		return fmt.Sprintf("a whole number from %.0f to %.0f", *s.Minimum, *s.Maximum)
	}
	return "a whole number"
}

// seconds returns how many a text like 1h or 7d means.
func seconds(text string) (string, bool) {
	unit := time.Duration(1)
	if days, isDays := strings.CutSuffix(text, "d"); isDays {
		text, unit = days+"h", 24
	}
	d, err := time.ParseDuration(strings.ReplaceAll(text, " ", ""))
	return strconv.FormatInt(int64(unit*d/time.Second), 10), err == nil
}

// quoted is a value as a message shows it.
func quoted(value any) string {
	switch value := value.(type) {
	case string:
		if looksSecret(value) {
			return "something that isn't shown, since it looks like a secret"
		}
		return strconv.Quote(value)
	case map[string]any:
		return "an object"
	case []any:
		return "a list"
	}
	return fmt.Sprint(value)
}
