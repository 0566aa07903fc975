// Package constraint checks input against the constraints of AWS's APIs, and says what breaks them as AWS does. Only
// those stand in lists that a configuration could break: what the stacks write as literals is in no list.
package constraint

import (
	"fmt"
	"regexp"
	"strings"
)

// Constraint is one of an API: the place of a value, where * is any item of a list, and what is wrong with one.
type Constraint struct {
	at    string
	wrong func(value any) string
}

// Broken returns the constraints that something at a place breaks.
func Broken(value map[string]any, at string, constraints []Constraint) []string {
	var broken []string
	for _, c := range constraints {
		visit(value, at, strings.Split(c.at, "."), func(at string, value any) {
			if wrong := c.wrong(value); wrong != "" {
				broken = append(broken, Unsatisfied(value, at, wrong))
			}
		})
	}
	return broken
}

// Unsatisfied says what a value at a place must do.
func Unsatisfied(value any, at, must string) string {
	return fmt.Sprintf("Value '%v' at '%s' failed to satisfy constraint: Member must %s", value, at, must)
}

// Say says what is broken; there is something.
func Say(broken []string) string {
	errors := "errors"
	if len(broken) == 1 {
		errors = "error"
	}
	return fmt.Sprintf("%d validation %s detected: %s", len(broken), errors, strings.Join(broken, "; "))
}

// visit calls see for each value at a place below another, with the place as AWS writes it.
func visit(value any, at string, steps []string, see func(at string, value any)) {
	switch below := value.(type) {
	case nil: // left out
	case []any:
		if len(steps) > 0 {
			for i, item := range below {
				visit(item, fmt.Sprintf("%s.%d.member", at, i+1), steps[1:], see)
			}
			return
		}
		see(at, value)
	case map[string]any:
		name := strings.ToUpper(steps[0][:1]) + steps[0][1:]
		visit(below[name], strings.TrimPrefix(at+"."+steps[0], "."), steps[1:], see)
	default:
		see(at, value)
	}
}

// Like wants a text to match a pattern.
func Like(at, pattern string) Constraint {
	expression := regexp.MustCompile(pattern)
	return Constraint{at, func(value any) string {
		if text, _ := value.(string); expression.MatchString(text) {
			return ""
		}
		return "satisfy regular expression pattern: " + pattern
	}}
}

// Within wants a number to be in a range.
func Within(at string, least, most float64) Constraint {
	return Constraint{at, func(value any) string {
		switch n, _ := value.(float64); {
		case n < least:
			return fmt.Sprintf("have value greater than or equal to %.0f", least)
		case n > most:
			return fmt.Sprintf("have value less than or equal to %.0f", most)
		}
		return ""
	}}
}

// Size wants a text or a list to have a length.
func Size(at string, least, most int) Constraint {
	return Constraint{at, func(value any) string {
		n := len([]rune(fmt.Sprint(value)))
		if list, ok := value.([]any); ok {
			n = len(list)
		}
		switch {
		case n < least:
			return fmt.Sprintf("have length greater than or equal to %d", least)
		case n > most:
			return fmt.Sprintf("have length less than or equal to %d", most)
		}
		return ""
	}}
}
