package declare

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// Schema is a JSON Schema (draft 2020-12), as far as the configuration needs one.
type Schema struct {
	Schema      string `json:"$schema,omitempty"`
	Title       string `json:"title,omitempty"`
	Description string `json:"description,omitempty"`
	// A name, or a list of names.
	Type    any `json:"type,omitempty"`
	Default any `json:"default,omitempty"`

	Enum    []any  `json:"enum,omitempty"`
	Pattern string `json:"pattern,omitempty"`
	// What editors say of a text that doesn't match.
	PatternErrorMessage string    `json:"patternErrorMessage,omitempty"`
	MinLength           int       `json:"minLength,omitempty"`
	MaxLength           int       `json:"maxLength,omitempty"`
	Minimum             *float64  `json:"minimum,omitempty"`
	ExclusiveMinimum    *float64  `json:"exclusiveMinimum,omitempty"`
	Maximum             *float64  `json:"maximum,omitempty"`
	AnyOf               []*Schema `json:"anyOf,omitempty"`

	Items    *Schema `json:"items,omitempty"`
	MinItems int     `json:"minItems,omitempty"`

	Properties    map[string]*Schema `json:"properties,omitempty"`
	Required      []string           `json:"required,omitempty"`
	MinProperties int                `json:"minProperties,omitempty"`
	// What stands under names that the user chooses, and the pattern of these, if there is one.
	Values    *Schema `json:"-"`
	NamesLike string  `json:"-"`

	// Other fields may stand beside Properties.
	Open bool `json:"-"`
	free bool // an object that holds anything

	order []string // of Properties, as they are declared
	title string   // what one of the objects is called that stand under names: "an environment"
	rule  *Rule    // broken by a value that isn't what the schema says
	what  string   // what such a value must do: "be 1 to 3"

	choices      []string               // that a message may suggest
	explain      func(value any) string // says more of a value that isn't what it must be
	instead      string                 // what to do where the value has another type
	lines        bool                   // the text may have several lines
	confidential bool                   // no message shows the text
}

// MarshalJSON closes an object to all other fields.
func (s *Schema) MarshalJSON() ([]byte, error) {
	type plain Schema
	all := struct {
		*plain
		ByPattern map[string]*Schema `json:"patternProperties,omitempty"`
		Others    any                `json:"additionalProperties,omitempty"`
	}{plain: (*plain)(s)}
	switch {
	case s.NamesLike != "":
		all.ByPattern, all.Others = map[string]*Schema{s.NamesLike: s.Values}, false
	case s.Values != nil:
		all.Others = s.Values
	case s.Properties != nil && !s.Open:
		all.Others = false
	}
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	err := encoder.Encode(all)
	return text.Bytes(), err
}

// Between holds a number to a range.
func (s *Schema) Between(rule *Rule, least, most int) *Schema {
	from, to := float64(least), float64(most)
	s.Minimum, s.Maximum = &from, &to
	return s.Must(rule, "be "+span(least, most))
}

// AtLeast holds a number to a lower limit.
func (s *Schema) AtLeast(rule *Rule, n int) {
	least := float64(n)
	s.Minimum = &least
	s.Must(rule, fmt.Sprintf("be at least %d", n))
}

// Percent holds a number to 0 to 100; positive leaves out 0.
func (s *Schema) Percent(rule *Rule, positive bool) {
	least, most := 0.0, 100.0
	s.Maximum = &most
	if positive {
		s.ExclusiveMinimum = &least
		s.Must(rule, "be over 0 and at most 100")
		return
	}
	s.Minimum = &least
	s.Must(rule, "be 0 to 100")
}

// Port holds a number to the well-known ports that are allowed, or to a range.
func (s *Schema) Port(rule *Rule, known []int, least, most int) *Schema {
	either := &Schema{}
	var names []string
	for _, n := range known {
		either.Enum = append(either.Enum, n)
		names = append(names, fmt.Sprint(n))
	}
	s.AnyOf = []*Schema{either, (&Schema{}).Between(rule, least, most)}
	return s.Must(rule, fmt.Sprintf("be %s or %s", strings.Join(names, ", "), span(least, most)))
}

// Length holds a text to a number of characters. A text that may be left out may be empty.
func (s *Schema) Length(rule *Rule, least, most int) *Schema {
	s.MinLength, s.MaxLength = least, most
	s.rule = rule
	return s
}

// Matches holds a text to a pattern; what says what it must be.
func (s *Schema) Matches(rule *Rule, pattern *regexp.Regexp, what string) *Schema {
	s.Pattern, s.PatternErrorMessage = pattern.String(), "must "+what
	return s.Must(rule, what)
}

// OneOf holds a text to a list of choices.
func (s *Schema) OneOf(rule *Rule, choices ...string) *Schema {
	for _, c := range choices {
		s.Enum = append(s.Enum, c)
	}
	shown := strings.Join(choices, ", ")
	if end, empty := strings.CutSuffix(shown, ", "); empty {
		shown = end + ` or ""`
	}
	return s.Must(rule, "be one of "+shown)
}

// Named is OneOf for a list that is too long to be said: what says what a choice is, and a likely one is suggested.
func (s *Schema) Named(rule *Rule, choices []string, what string) *Schema {
	s.choices = choices
	return s.OneOf(rule, choices...).Must(rule, what)
}

// OneOfOrList holds a text to a list of choices, beside which there may be a list of anything.
func (s *Schema) OneOfOrList(rule *Rule, list string, choices ...string) *Schema {
	text := (&Schema{}).OneOf(rule, choices...)
	s.choices, s.AnyOf = choices, []*Schema{text, {Type: "array"}}
	return s.Must(rule, text.what+", or a list of "+list)
}

// isTextOrList reports whether a list of texts may stand in the place of a text.
func (s *Schema) isTextOrList() bool {
	types, _ := s.Type.([]string)
	return slices.Equal(types, []string{"string", "array"})
}

// Explain says more of some values that aren't what a text must be, whatever their type. It begins with the sign that
// follows the value in the message, and stands in place of a suggestion.
func (s *Schema) Explain(explain func(value any) string) { s.explain = explain }

// Instead says what to do where somebody writes a value of another type than an object, or fields that it doesn't have.
// NAME in it stands for such a field.
func (s *Schema) Instead(what string) { s.instead = what }

// Filled holds a list, or an object under names that the user chooses, to have something in it.
func (s *Schema) Filled(rule *Rule) *Schema {
	if s.Items != nil {
		s.MinItems = 1
	} else {
		s.MinProperties = 1
	}
	s.rule = rule
	return s
}

// NamesMatch holds the names that the user chooses to a pattern; what says what one must be.
func (s *Schema) NamesMatch(rule *Rule, pattern *regexp.Regexp, what string) *Schema {
	s.NamesLike = pattern.String()
	return s.Must(rule, what)
}

// Must says which rule a wrong value breaks, and what a value must do: "be 1 to 3".
func (s *Schema) Must(rule *Rule, what string) *Schema {
	s.rule, s.what = rule, what
	return s
}

// allowEmpty lets a text be empty, which is as if it were left out.
func (s *Schema) allowEmpty() {
	if s.Enum != nil {
		s.Enum = append(s.Enum, "")
	}
	if s.Pattern != "" {
		s.Pattern = "^$|" + s.Pattern
	}
	s.MinLength = 0
}

// at returns the schema of what lies at a place below an object; nil: there is no such place.
func (s *Schema) at(place Path) *Schema {
	for _, step := range place {
		if s == nil {
			return nil
		}
		if name, isName := step.(string); !isName {
			s = s.Items
		} else if s.Values != nil {
			s = s.Values
		} else {
			s = s.Properties[name]
		}
	}
	return s
}

// items returns the field of a configuration that has its items, such as environments, and their schema.
func (s *Schema) items() (holder string, item *Schema) {
	for name, field := range s.Properties {
		if field.Values != nil && field.Values.title != "" {
			return name, field.Values
		}
	}
	return "", nil
}

// hasRequired reports whether an object has any of the fields that it must have.
func (s *Schema) hasRequired(object map[string]any) bool {
	return slices.ContainsFunc(s.Required, func(name string) bool { return object[name] != nil })
}

// hint says more of a text that isn't what it must be, or nothing.
func (s *Schema) hint(value any) string {
	if s.explain != nil {
		if more := s.explain(value); more != "" {
			return more
		}
	}
	text, _ := value.(string)
	for _, choice := range s.Enum {
		if name, _ := choice.(string); strings.EqualFold(name, text) {
			return " (did you mean " + name + "?)"
		}
	}
	return Suggestion(text, s.choices)
}

// takes reports whether a value has the type of a field.
func (s *Schema) takes(value any) bool {
	switch value := value.(type) {
	case map[string]any:
		return s.Properties != nil || s.Values != nil || s.free
	case []any:
		return s.Items != nil
	case string:
		return s.Type == "string" || s.isTextOrList()
	case bool:
		return s.Type == "boolean"
	case json.Number:
		_, notWhole := value.Int64()
		_, notNumber := value.Float64()
		return s.Type == "number" && notNumber == nil || s.Type == "integer" && notWhole == nil
	}
	return false
}

// FieldNames returns the names of the fields of an object, in the order they are declared.
func (s *Schema) FieldNames() []string { return s.order }

// Object returns the schema of the objects that a field holds, and how their place follows that of the field in a path.
func (s *Schema) Object() (object *Schema, suffix string) {
	switch {
	case s.Items != nil && s.Items.Properties != nil:
		return s.Items, "[]"
	case s.Values != nil && s.Values.Properties != nil:
		return s.Values, ".NAME"
	case s.Properties != nil:
		return s, ""
	}
	return nil, ""
}

// Value says in words what a field holds.
func (s *Schema) Value() string {
	switch {
	case s.Items != nil && s.Items.Properties != nil:
		return "list of objects"
	case s.isTextOrList() && s.AnyOf != nil: // which say it
		return "text" + s.limits()
	case s.isTextOrList():
		return "text" + s.limits() + ", or list of such"
	case s.Items != nil:
		return "list of " + s.Items.Value()
	case s.Values != nil && (s.Values.Properties != nil || s.Values.free):
		return "objects by name"
	case s.Values != nil:
		return "texts by name"
	case s.Properties != nil:
		return "object"
	case s.Type == "string":
		return "text" + s.limits()
	}
	return fmt.Sprint(s.Type) + s.limits()
}

// limits are those of a value, in words.
func (s *Schema) limits() string {
	verb, about, _ := strings.Cut(s.what, " ")
	switch {
	case verb == "be":
		return ", " + about
	case verb == "have":
		return " with " + about
	case verb != "":
		return " that must " + s.what
	case s.MaxLength > 0:
		return " of " + s.characters()
	}
	return ""
}

// characters says how many a text may have.
func (s *Schema) characters() string {
	if s.MinLength == 0 {
		return fmt.Sprintf("at most %d characters", s.MaxLength)
	}
	return span(s.MinLength, s.MaxLength) + " characters"
}

func span(least, most int) string {
	if most == least+1 {
		return fmt.Sprintf("%d or %d", least, most)
	}
	return fmt.Sprintf("%d to %d", least, most)
}
