package config

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"sync"
)

// JSONSchema is a JSON Schema (draft 2020-12), as far as the configuration needs one.
type JSONSchema struct {
	Schema      string `json:"$schema,omitempty"`
	Title       string `json:"title,omitempty"`
	Description string `json:"description,omitempty"`
	// A name, or a list of names.
	Type    any `json:"type,omitempty"`
	Default any `json:"default,omitempty"`

	Enum    []any  `json:"enum,omitempty"`
	Pattern string `json:"pattern,omitempty"`
	// What editors say of a text that doesn't match.
	PatternErrorMessage string        `json:"patternErrorMessage,omitempty"`
	MinLength           int           `json:"minLength,omitempty"`
	MaxLength           int           `json:"maxLength,omitempty"`
	Minimum             *float64      `json:"minimum,omitempty"`
	ExclusiveMinimum    *float64      `json:"exclusiveMinimum,omitempty"`
	Maximum             *float64      `json:"maximum,omitempty"`
	AnyOf               []*JSONSchema `json:"anyOf,omitempty"`

	Items    *JSONSchema `json:"items,omitempty"`
	MinItems int         `json:"minItems,omitempty"`

	Properties    map[string]*JSONSchema `json:"properties,omitempty"`
	Required      []string               `json:"required,omitempty"`
	MinProperties int                    `json:"minProperties,omitempty"`
	// What stands under names that the user chooses, and the pattern of these, if there is one.
	Values    *JSONSchema `json:"-"`
	NamesLike string      `json:"-"`

	open  bool     // other fields may stand beside Properties
	order []string // of Properties, as they are declared
	rule  *Rule    // broken by a value that isn't what the schema says
	what  string   // what such a value must do: "be 1 to 3"

	suggested []string // choices that a message may suggest
	instead   string   // what to do where the value has another type
}

// MarshalJSON closes an object to all other fields.
func (s *JSONSchema) MarshalJSON() ([]byte, error) {
	type plain JSONSchema
	all := struct {
		*plain
		ByPattern map[string]*JSONSchema `json:"patternProperties,omitempty"`
		Others    any                    `json:"additionalProperties,omitempty"`
	}{plain: (*plain)(s)}
	switch {
	case s.NamesLike != "":
		all.ByPattern, all.Others = map[string]*JSONSchema{s.NamesLike: s.Values}, false
	case s.Values != nil:
		all.Others = s.Values
	case s.Properties != nil && !s.open:
		all.Others = false
	}
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	err := encoder.Encode(all)
	return text.Bytes(), err
}

// Schema returns the JSON Schema of a cdktf.json: that by which a configuration is validated, put where
// it stands in the file, whose other fields are cdktf's. What it can't express, the rules check.
func Schema() *JSONSchema {
	return &JSONSchema{
		Schema:      "https://json-schema.org/draft/2020-12/schema",
		Title:       "cdktf.json of the ML API accelerator",
		Type:        "object",
		open:        true,
		Description: "Configuration of the ML API accelerator, under context.accelerator.",
		Required:    []string{"context"},
		Properties: map[string]*JSONSchema{"context": {
			Type:       "object",
			open:       true,
			Required:   []string{accelerator},
			Properties: map[string]*JSONSchema{accelerator: configuration()},
		}},
	}
}

// configuration is the schema of what stands under context.accelerator.
var configuration = sync.OnceValue(func() *JSONSchema { return declared(new(Config)).schema })

// between holds a number to a range.
func (s *JSONSchema) between(rule *Rule, r Range) *JSONSchema {
	least, most := float64(r.Min), float64(r.Max)
	s.Minimum, s.Maximum = &least, &most
	return s.must(rule, fmt.Sprintf("be %d to %d", r.Min, r.Max))
}

// atLeast holds a number to a lower limit.
func (s *JSONSchema) atLeast(rule *Rule, n int) {
	least := float64(n)
	s.Minimum = &least
	s.must(rule, fmt.Sprintf("be at least %d", n))
}

// percent holds a number to 0 to 100; positive leaves out 0.
func (s *JSONSchema) percent(rule *Rule, positive bool) {
	least, most := 0.0, 100.0
	s.Maximum = &most
	if positive {
		s.ExclusiveMinimum = &least
		s.must(rule, "be over 0 and at most 100")
		return
	}
	s.Minimum = &least
	s.must(rule, "be 0 to 100")
}

// port holds a number to the well-known ports that are allowed, or to a range.
func (s *JSONSchema) port(rule *Rule, known []int, r Range) *JSONSchema {
	either := &JSONSchema{}
	var names []string
	for _, n := range known {
		either.Enum = append(either.Enum, n)
		names = append(names, fmt.Sprint(n))
	}
	s.AnyOf = []*JSONSchema{either, (&JSONSchema{}).between(rule, r)}
	return s.must(rule, fmt.Sprintf("be %s or %d to %d", strings.Join(names, ", "), r.Min, r.Max))
}

// length holds a text to a number of characters. A text that may be left out may be empty.
func (s *JSONSchema) length(rule *Rule, r Range) *JSONSchema {
	s.MinLength, s.MaxLength = r.Min, r.Max
	s.rule = rule
	return s
}

// matches holds a text to a pattern; what says what it must be.
func (s *JSONSchema) matches(rule *Rule, pattern *regexp.Regexp, what string) {
	s.Pattern, s.PatternErrorMessage = pattern.String(), "must "+what
	s.must(rule, what)
}

// oneOf holds a text to a list of choices.
func (s *JSONSchema) oneOf(rule *Rule, choices ...string) *JSONSchema {
	for _, c := range choices {
		s.Enum = append(s.Enum, c)
	}
	return s.must(rule, "be one of "+strings.Join(choices, ", "))
}

// named is oneOf for a list that is too long to be said: what says what a choice is, and a likely one is suggested.
func (s *JSONSchema) named(rule *Rule, choices []string, what string) {
	s.suggested = choices
	s.oneOf(rule, choices...).must(rule, what)
}

// filled holds a list, or an object under names that the user chooses, to have something in it.
func (s *JSONSchema) filled(rule *Rule) *JSONSchema {
	if s.Items != nil {
		s.MinItems = 1
	} else {
		s.MinProperties = 1
	}
	s.rule = rule
	return s
}

// namesMatch holds the names that the user chooses to a pattern; what says what one must be.
func (s *JSONSchema) namesMatch(rule *Rule, pattern *regexp.Regexp, what string) *JSONSchema {
	s.NamesLike = pattern.String()
	return s.must(rule, what)
}

func (s *JSONSchema) must(rule *Rule, what string) *JSONSchema {
	s.rule, s.what = rule, what
	return s
}

// allowEmpty lets a text be empty, which is as if it were left out.
func (s *JSONSchema) allowEmpty() {
	if s.Enum != nil {
		s.Enum = append(s.Enum, "")
	}
	if s.Pattern != "" {
		s.Pattern = "^$|" + s.Pattern
	}
	s.MinLength = 0
}

// at returns the schema of what lies at a place below an object; nil: there is no such place.
func (s *JSONSchema) at(place path) *JSONSchema {
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

// takes reports whether a value has the type of a field.
func (s *JSONSchema) takes(value any) bool {
	switch value := value.(type) {
	case map[string]any:
		return s.Properties != nil || s.Values != nil
	case []any:
		return s.Items != nil
	case string:
		return s.Type == "string"
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
func (s *JSONSchema) FieldNames() []string { return s.order }

// Object returns the schema of the objects that a field holds, and how their place follows that of the field in a path.
func (s *JSONSchema) Object() (object *JSONSchema, suffix string) {
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
func (s *JSONSchema) Value() string {
	switch {
	case s.Items != nil && s.Items.Properties != nil:
		return "list of objects"
	case s.Items != nil:
		return "list of " + s.Items.Value()
	case s.Values != nil && s.Values.Properties != nil:
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
func (s *JSONSchema) limits() string {
	verb, about, _ := strings.Cut(s.what, " ")
	switch {
	case verb == "be":
		return ", " + about
	case verb == "have":
		return " with " + about
	case verb != "":
		return " that must " + s.what
	case s.MaxLength > 0:
		return " of " + Range{s.MinLength, s.MaxLength}.String() + " characters"
	}
	return ""
}
