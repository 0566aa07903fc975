// Package logstest makes logs for tests.
package logstest

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// JSON is the log of a text, which names its fields, as version 2 has it: an object for each line, whose values are
// strings.
func JSON(tb testing.TB, text string) string {
	tb.Helper()
	return Objects(tb, text, func(field, value string) (string, any) { return field, value })
}

// Objects has an object for each line of a log, with the names and values that written says. The names of every other
// object are in the opposite order.
func Objects(tb testing.TB, text string, written func(field, value string) (string, any)) string {
	tb.Helper()
	_, text, found := strings.Cut(text, "#Fields: ")
	require.True(tb, found)
	header, text, _ := strings.Cut(text, "\n")
	fields := strings.Fields(header)
	var to strings.Builder
	backwards := false
	for line := range strings.Lines(text) {
		object := map[string]any{}
		for i, value := range strings.Split(strings.TrimSuffix(line, "\n"), "\t") {
			name, value := written(fields[i], value)
			object[name] = value
		}
		names := slices.Sorted(maps.Keys(object))
		if backwards {
			slices.Reverse(names)
		}
		backwards = !backwards
		for i, name := range names {
			member, err := json.Marshal(map[string]any{name: object[name]})
			require.NoError(tb, err)
			to.WriteString(map[bool]string{true: "{", false: ","}[i == 0])
			to.Write(member[1 : len(member)-1])
		}
		to.WriteString("}\n")
	}
	return to.String()
}
