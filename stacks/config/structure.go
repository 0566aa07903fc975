package config

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/agnivade/levenshtein"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"
)

// structure reports the fields of a configuration that don't exist, are missing or hold the wrong
// type, and mends the tree so that it decodes: it takes them out, or gives them the name they should have.
// What was moved to another name is looked at again there.
func structure(r *report, tree any) {
	for mended := true; mended; {
		pass := &report{}
		mended = mend(pass, tree)
		r.addUnlessFollowing(pass.problems)
	}
}

// mend is one round of structure, and tells whether it gave a field another name.
func mend(r *report, tree any) (renamed bool) {
	for _, leaf := range leaves(violations(tree)) {
		at, value, set := find(tree, leaf.InstanceLocation)
		switch k := leaf.ErrorKind.(type) {
		case *kind.AdditionalProperties:
			for _, name := range slices.Sorted(slices.Values(k.Properties)) {
				renamed = unknown(r, at, value.(map[string]any), name, knownFields(leaf.SchemaURL)) || renamed
			}
		case *kind.Required:
			for _, name := range slices.Sorted(slices.Values(k.Missing)) {
				if _, mended := value.(map[string]any)[name]; !mended {
					r.must("S4", at.field(name), "is required")
				}
			}
		case *kind.Type:
			r.must("S3", at, "must be %s, got %s", article(k.Want[0]), article(k.Got))
			set(nil)
		default:
			panic(fmt.Sprintf("config: no message for %T", k))
		}
	}
	return renamed
}

// unknown reports a field that doesn't exist, and moves its value to the field that was probably meant, if that is free.
func unknown(r *report, at path, object map[string]any, name string, known []string) (moved bool) {
	value := object[name]
	delete(object, name)
	meant := nearest(name, known)
	if meant == "" {
		r.must("S1", at.key(name), "unknown field")
		return false
	}
	r.must("S1", at.key(name), "unknown field (did you mean %s?)", meant)
	if _, taken := object[meant]; taken {
		return false
	}
	object[meant] = value
	return true
}

// nearest returns the choice that a text is a likely misspelling of, or nothing.
func nearest(text string, choices []string) string {
	best, distance := "", 1+len(text)/3
	for _, c := range choices {
		if d := levenshtein.ComputeDistance(strings.ToLower(text), strings.ToLower(c)); d <= distance {
			best, distance = c, d-1
		}
	}
	return best
}

// leaves returns the violations that explain others, unknown fields first, since mending them may
// supply what is missing. Where null is allowed, that it isn't null explains nothing.
func leaves(v *jsonschema.ValidationError) []*jsonschema.ValidationError {
	if v == nil {
		return nil
	}
	if len(v.Causes) == 0 {
		return []*jsonschema.ValidationError{v}
	}
	var all []*jsonschema.ValidationError
	for _, cause := range v.Causes {
		if k, ok := cause.ErrorKind.(*kind.Type); ok && slices.Equal(k.Want, []string{"null"}) {
			continue
		}
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
// setting nil in an object takes the member out.
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
