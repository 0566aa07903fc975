package config

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"sync"
	"unicode/utf8"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"
)

// structure holds a tree to the schema. It mends the tree so that it decodes: it takes out what doesn't exist
// or has the wrong type, or gives it the name it should have, and what was moved is looked at again there.
// What is wrong in itself is reported to r; what is a value that a rule forbids, to values.
func structure(r, values *report, tree any) {
	for mended := true; mended; {
		pass := &report{}
		*values = report{}
		mended = mend(pass, values, tree)
		r.addUnlessFollowing(pass.problems)
	}
}

// mend is one round of structure, and tells whether it gave a field another name.
func mend(r, values *report, tree any) (renamed bool) {
	for _, leaf := range leaves(violations(tree)) {
		steps := leaf.InstanceLocation
		at, value, set := find(tree, steps)
		schema := configuration().at(steps)
		switch k := leaf.ErrorKind.(type) {
		case *kind.AdditionalProperties:
			for _, name := range slices.Sorted(slices.Values(k.Properties)) {
				if schema.NamesLike != "" {
					values.must(schema.rule, at.key(name), "must %s, got %q", schema.what, name)
					value.(map[string]any)[name] = nil // the schema did not look into it, so it may not decode
					continue
				}
				renamed = unknown(r, at, value.(map[string]any), name, schema.FieldNames()) || renamed
			}
		case *kind.Required:
			for _, name := range slices.Sorted(slices.Values(k.Missing)) {
				if _, mended := value.(map[string]any)[name]; !mended {
					r.must(ruleS4, at.field(name), "is required")
				}
			}
		case *kind.Type:
			r.must(ruleS3, at, "must be %s, got %s", article(k.Want[len(k.Want)-1]), article(k.Got))
			set(nil)
		default:
			forbidden(values, at, schema, leaf.ErrorKind, value)
		}
	}
	return renamed
}

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

// quoted is a value as a message shows it.
func quoted(value any) string {
	if text, ok := value.(string); ok {
		if looksSecret(text) {
			return "something that isn't shown, since it looks like a secret"
		}
		return strconv.Quote(text)
	}
	return fmt.Sprint(value)
}

// unknown reports a field that doesn't exist, and moves its value to the field that was probably meant, if that is free.
func unknown(r *report, at path, object map[string]any, name string, known []string) (moved bool) {
	value := object[name]
	delete(object, name)
	field := meant(name, known)
	if field == "" {
		hint := ""
		if place := elsewhere(name); place != "" {
			hint = " (there is " + string(place) + ")"
		}
		r.must(ruleS1, at.key(name), "unknown field%s", hint)
		return false
	}
	r.must(ruleS1, at.key(name), "unknown field (did you mean %s?)", field)
	if _, taken := object[field]; taken {
		return false
	}
	object[field] = value
	return true
}

const schemaURL = "file:///configuration.json"

var compiled = sync.OnceValue(func() *jsonschema.Schema {
	data, err := json.Marshal(configuration())
	if err != nil {
		panic(err)
	}
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	if err != nil {
		panic(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource(schemaURL, document); err != nil {
		panic(err)
	}
	return c.MustCompile(schemaURL)
})

func violations(tree any) *jsonschema.ValidationError {
	var found *jsonschema.ValidationError
	errors.As(compiled().Validate(tree), &found)
	return found
}

// leaves returns the violations that explain others, unknown fields first, since mending them may
// supply what is missing.
func leaves(v *jsonschema.ValidationError) []*jsonschema.ValidationError {
	if v == nil {
		return nil
	}
	if _, choice := v.ErrorKind.(*kind.AnyOf); choice || len(v.Causes) == 0 {
		return []*jsonschema.ValidationError{v}
	}
	var all []*jsonschema.ValidationError
	for _, cause := range v.Causes {
		all = append(all, leaves(cause)...)
	}
	slices.SortStableFunc(all, func(a, b *jsonschema.ValidationError) int { return rank(a) - rank(b) })
	return all
}

func rank(v *jsonschema.ValidationError) int {
	if _, unknown := v.ErrorKind.(*kind.AdditionalProperties); unknown {
		return 0
	}
	return 1
}

// find returns the place, the value and a setter of what lies at the given steps below the root of a tree;
// setting nil takes the member of an object out, and leaves an empty object of a list's item.
func find(root any, steps []string) (at path, value any, set func(any)) {
	value, set = root, func(any) {}
	for _, step := range steps {
		switch holder := value.(type) {
		case map[string]any:
			at, value = at.key(step), holder[step]
			set = func(v any) {
				if holder[step] = v; v == nil {
					delete(holder, step)
				}
			}
		case []any:
			i, _ := strconv.Atoi(step)
			at, value = at.index(i), holder[i]
			set = func(v any) { holder[i] = v }
		}
	}
	return at, value, set
}

// article names a JSON type in a sentence.
func article(jsonType string) string {
	switch jsonType {
	case "null":
		return "null"
	case "object", "array", "integer":
		return "an " + jsonType
	default:
		return "a " + jsonType
	}
}
