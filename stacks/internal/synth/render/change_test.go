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

// TestLongEveryChange changes one value of a configuration after the other, and compares what a cache filled from the
// unchanged one gives with what cdktf writes.
func TestLongEveryChange(t *testing.T) {
	longtest.Only(t, "renders hundreds of configurations")
	for fixture, atLeast := range map[string]int{fixtures[0]: 100, fixtures[1]: 20} {
		base := load(t, fixture)
		k, count := emptyCache(t), 0
		base.rendered(t, k, Options{}, counting(t, &count))
		all := changes(t, fixture)
		require.Greater(t, len(all), atLeast, "too few valid changes of %s", fixture)
		for _, what := range slices.Sorted(maps.Keys(all)) {
			changed := all[what]
			require.Equal(t, changed.direct(t), changed.rendered(t, k, Options{}, counting(t, &count)), "%s: %s", fixture, what)
		}
		t.Logf("%s: %d changes, %d stacks made", fixture, len(all), count)
	}
}

// changes returns valid configurations that differ from a file in one value, by what was changed, or removed if it
// can't be changed. Of values that differ only in their place in a list, one is enough.
func changes(t *testing.T, file string) map[string]configuration {
	t.Helper()
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	var document any
	require.NoError(t, json.Unmarshal(text, &document))
	all := map[string]configuration{}
	try := func(what string) {
		if _, done := all[what]; done {
			return
		}
		text, err := json.Marshal(document)
		require.NoError(t, err)
		if c, warnings, err := config.Parse(file, text); err == nil {
			all[what] = configuration{c, warnings}
		}
	}
	walk("", document, func(path string, value any, set func(any), remove func()) {
		what := index.ReplaceAllString(path, "[]")
		for _, other := range others(value) {
			set(other)
			try(what)
		}
		if _, done := all[what]; !done && remove != nil {
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
