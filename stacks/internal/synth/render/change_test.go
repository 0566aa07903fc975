package render

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/config"
	"ml-api-accelerator/stacks/internal/shared/longtest"
)

// TestLongEveryChange changes one value of an environment after the other, and compares what a cache filled from the
// unchanged configuration gives with what cdktf writes. Environments change side by side, since each costs a synthesis.
func TestLongEveryChange(t *testing.T) {
	longtest.Only(t, "renders hundreds of configurations")
	for fixture, atLeast := range map[string]int{fixtures[0]: 100, fixtures[1]: 20} {
		base := load(t, fixture)
		k, count := emptyCache(t), 0
		base.rendered(t, k, Options{}, counting(t, &count))
		text, err := os.ReadFile(fixture)
		require.NoError(t, err)
		done := 0
		check := func(what []string, changed configuration) {
			done += len(what)
			require.Equal(t, changed.direct(t), changed.rendered(t, k, Options{}, counting(t, &count)), "%s: %s", fixture, what)
		}
		eachOutside(t, text, check)
		eachInEnvironments(t, text, check)
		require.Greater(t, done, atLeast, "too few valid changes of %s", fixture)
		t.Logf("%s: %d changes, %d stacks made", fixture, done, count)
	}
}

// object is a JSON object.
type object = map[string]any

// decode returns the whole of a cdktf.json, and what it has of this program and its environments, to be changed.
func decode(t *testing.T, text []byte) (document, accelerator, environments object) {
	t.Helper()
	require.NoError(t, json.Unmarshal(text, &document))
	accelerator = document["context"].(object)["accelerator"].(object)
	return document, accelerator, accelerator["environments"].(object)
}

// parse returns a configuration if it is valid.
func parse(t *testing.T, document object) (configuration, bool) {
	t.Helper()
	c, warnings, err := config.Parse("cdktf.json", encode(t, document))
	return configuration{c, warnings}, err == nil
}

func encode(t *testing.T, value any) []byte {
	t.Helper()
	text, err := json.Marshal(value)
	require.NoError(t, err)
	return text
}

// eachOutside checks every change outside of the environments, which concerns all of them.
func eachOutside(t *testing.T, text []byte, check func(what []string, changed configuration)) {
	t.Helper()
	whole, outside, environments := decode(t, text)
	delete(outside, "environments")
	valid := func(part object) bool {
		part["environments"] = environments
		defer delete(part, "environments")
		whole["context"] = object{"accelerator": part}
		_, ok := parse(t, whole)
		return ok
	}
	for _, c := range changes(t, "", outside, valid) {
		c.part["environments"] = environments
		whole["context"] = object{"accelerator": c.part}
		changed, _ := parse(t, whole)
		check([]string{c.what}, changed)
	}
}

// eachInEnvironments checks every change in an environment beside one in each other that still has some, and beside an
// environment that stays as it is from when it has none.
func eachInEnvironments(t *testing.T, text []byte, check func(what []string, changed configuration)) {
	t.Helper()
	whole, accelerator, all := decode(t, text)
	left, company := map[string][]change{}, ""
	for name, e := range all {
		left[name] = changes(t, "."+name, e.(object), func(e object) bool {
			accelerator["environments"] = object{name: e}
			_, ok := parse(t, whole)
			return ok
		})
		if company == "" || len(left[name]) < len(left[company]) {
			company = name
		}
	}
	for {
		maps.DeleteFunc(left, func(_ string, changes []change) bool { return len(changes) == 0 })
		if len(left) == 0 {
			return
		}
		environments := object{company: all[company]}
		for name := range left {
			environments[name] = all[name]
		}
		accelerator["environments"] = environments
		var what []string
		var changed configuration
		for _, name := range slices.Sorted(maps.Keys(left)) {
			next := left[name][0]
			environments[name] = next.part
			if c, ok := parse(t, whole); ok {
				what, changed, left[name] = append(what, next.what), c, left[name][1:]
			} else { // it collides with another environment's: it waits for the next time
				environments[name] = all[name]
			}
		}
		require.NotEmpty(t, what, "changes that collide with an unchanged environment")
		check(what, changed)
	}
}

// change is a part of a configuration in which a value is another, or is removed if it can't be.
type change struct {
	what string
	part object
}

// changes returns the valid changes of a part. Of values that differ only in their place in a list, one is enough.
func changes(t *testing.T, path string, part object, valid func(part object) bool) (all []change) {
	t.Helper()
	done := map[string]bool{}
	try := func(what string) {
		if done[what] || !valid(part) {
			return
		}
		done[what] = true
		var copied object
		require.NoError(t, json.Unmarshal(encode(t, part), &copied))
		all = append(all, change{what, copied})
	}
	walk(path, part, func(path string, value any, set func(any), remove func()) {
		what := index.ReplaceAllString(path, "[]")
		for _, other := range others(value) {
			set(other)
			try(what)
		}
		if !done[what] && remove != nil {
			remove()
			try(what)
		}
		set(value)
	})
	return all
}

var index = regexp.MustCompile(`\[\d+\]`)

// walk visits every value below one, with how to set it to another, and how to remove it from its object.
func walk(path string, value any, visit func(path string, value any, set func(any), remove func())) {
	switch value := value.(type) {
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(value)) {
			path, member := path+"."+key, value[key]
			visit(path, member, func(other any) { value[key] = other }, func() { delete(value, key) })
			walk(path, member, visit)
		}
	case []any:
		for i, element := range value {
			path := fmt.Sprintf("%s[%d]", path, i)
			visit(path, element, func(other any) { value[i] = other }, nil)
			walk(path, element, visit)
		}
	}
}

// choices are values of fields that take only some.
var choices = []string{
	"all", "none", "read", "api", "models", "identity", "control", "us-west-2", "us-east-1", "PriceClass_100", "http3",
	"TLSv1.2_2018", "blacklist", "/other/*", "other.example.com", "https://other.example.com", "10.0.0.0/8", "2001:db8:9::/48",
	"DELETE", "US", "222233334444", "/health",
}

// others returns values that may be valid in place of one.
func others(value any) (others []any) {
	switch value := value.(type) {
	case bool:
		return []any{!value}
	case float64:
		return []any{value + 1, value - 1, value * 2, value / 2}
	case string:
		others = []any{value + "x", "x" + value, strings.Replace(value, "111122223333", "444455556666", 1), strings.Replace(value, "1234", "5678", 1)}
		for _, choice := range choices {
			others = append(others, choice)
		}
		return slices.DeleteFunc(others, func(other any) bool { return other == value })
	case []any:
		others = []any{[]any{}}
		if len(value) > 1 {
			reversed := slices.Clone(value)
			slices.Reverse(reversed)
			others = []any{reversed, value[1:], []any{}}
		}
		return others
	}
	return nil
}
