package config_test

import (
	"encoding/json"
	"maps"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/config"
	"ml-api-accelerator/stacks/config/declare"
)

// everything is the configuration in which every field is used.
const everything = "../testdata/everything.json"

// TestEverythingUsesEveryField holds that each field stands somewhere in it with another value than its default:
// what the snapshots, the plans and the deployments of it don't see, no test sees.
func TestEverythingUsesEveryField(t *testing.T) {
	whole := readJSON(t, everything).(map[string]any)["context"].(map[string]any)["accelerator"]
	// What named backends and buckets have is the same section, and made by the same constructs, as in api and models.
	first := map[string][]any{".environments.models": buckets(whole, "buckets"), ".environments.web": buckets(whole, "models", "buckets")}
	same := map[string]string{".environments.api": ".environments.backends", ".environments.models": ".environments.buckets"}
	var uses func(at string, s *declare.Schema, values []any)
	uses = func(at string, s *declare.Schema, values []any) {
		object, _ := s.Object()
		if object == nil {
			for _, v := range values {
				if !isDefault(t, s, v) {
					return
				}
			}
			t.Errorf("%s stands nowhere in %s with another value than its default: add it to an environment there", at, everything)
			return
		}
		objects := held(values, s, object)
		if named, again := same[at]; again {
			first[named] = objects
		}
		if len(objects) == 0 {
			t.Errorf("%s stands nowhere in %s", at, everything)
			return
		}
		for _, name := range object.FieldNames() {
			var inner []any
			for _, o := range append(objects, first[at]...) {
				if v, ok := o.(map[string]any)[name]; ok {
					inner = append(inner, v)
				}
			}
			uses(at+"."+name, object.Properties[name], inner)
		}
	}
	uses("", config.Schema().Properties["context"].Properties["accelerator"], []any{whole})
}

// buckets are the sections of buckets, of all environments, that stand in some fields.
func buckets(whole any, in ...string) (all []any) {
	for _, e := range whole.(map[string]any)["environments"].(map[string]any) {
		for _, field := range in {
			section, _ := e.(map[string]any)[field].(map[string]any)
			if field == "models" && section != nil {
				all = append(all, section)
				continue
			}
			all = slices.AppendSeq(all, maps.Values(section))
		}
	}
	return all
}

// held returns the objects in the values of a field: these themselves, or what they list or name.
func held(values []any, s, object *declare.Schema) []any {
	if s == object {
		return values
	}
	var all []any
	for _, v := range values {
		switch v := v.(type) {
		case []any:
			all = append(all, v...)
		case map[string]any:
			for _, member := range v {
				all = append(all, member)
			}
		}
	}
	return all
}

func isDefault(t *testing.T, s *declare.Schema, value any) bool {
	t.Helper()
	standard, err := json.Marshal(s.Default)
	require.NoError(t, err)
	got, err := json.Marshal(value)
	require.NoError(t, err)
	switch string(got) {
	case string(standard), `""`, "0", "[]", "{}":
		return true
	case "false":
		return s.Default == nil
	}
	return false
}
