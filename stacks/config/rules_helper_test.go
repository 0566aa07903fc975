package config_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/config"
)

// row is a change to the smallest configuration, as a JSON merge patch (RFC 7396), or a whole file, which has an
// accelerator. It wants all problems that this makes, but not their messages: these stand in testdata/messages.golden.
type row struct {
	name, patch string
	want        []config.Problem
}

// smallest is a configuration in which every field is needed.
const smallest = `{
	"name": "demo",
	"state": {"bucket": "demo-state", "region": "us-east-1"},
	"environments": {"dev": {"region": "us-east-1", "api": {"domainName": "backend.example.com"}}}
}`

// inDev makes rows about a whole configuration of rows about its environment dev.
func inDev(rows ...row) []row {
	for i, r := range rows {
		rows[i].patch = `{"environments": {"dev": ` + r.patch + `}}`
		rows[i].want = slices.Clone(r.want)
		for j, p := range r.want {
			rows[i].want[j].Path = strings.TrimSuffix("environments.dev."+p.Path, ".")
		}
	}
	return rows
}

func is(problems ...config.Problem) []config.Problem { return problems }

func hard(rule, path string) config.Problem {
	return config.Problem{Path: path, Rule: rule, Class: config.Hard}
}

func quota(rule, path string) config.Problem {
	return config.Problem{Path: path, Rule: rule, Class: config.Quota}
}

func warning(rule, path string) config.Problem {
	return config.Problem{Path: path, Rule: rule, Class: config.Warning}
}

// file returns the cdktf.json of a row.
func (r row) file(t testing.TB) []byte {
	t.Helper()
	if strings.Contains(r.patch, `"accelerator":`) {
		return []byte(r.patch)
	}
	return wrap(merge(decoded(t, smallest), decoded(t, r.patch)))
}

// wrap puts a configuration where a cdktf.json has it.
func wrap(accelerator any) []byte {
	data, err := json.Marshal(map[string]any{"context": map[string]any{"accelerator": accelerator}})
	if err != nil {
		panic(err)
	}
	return data
}

func decoded(t testing.TB, text string) (v any) {
	t.Helper()
	require.NoError(t, json.Unmarshal([]byte(text), &v), text)
	return v
}

// merge applies a JSON merge patch.
func merge(target, patch any) any {
	changes, isObject := patch.(map[string]any)
	if !isObject {
		return patch
	}
	object, isObject := target.(map[string]any)
	if !isObject {
		object = map[string]any{}
	}
	for name, change := range changes {
		if change == nil {
			delete(object, name)
		} else {
			object[name] = merge(object[name], change)
		}
	}
	return object
}

// merged returns a change and then another in one; what is null must stand in the first.
func merged(first, second string) string {
	var a, b any
	if err := errors.Join(json.Unmarshal([]byte(first), &a), json.Unmarshal([]byte(second), &b)); err != nil {
		panic(err)
	}
	data, err := json.Marshal(merge(a, b))
	if err != nil {
		panic(err)
	}
	return string(data)
}

// problems returns all that Parse says of a file but of placeholders, which rows are full of: what is wrong, then the warnings.
func problems(t testing.TB, file []byte) []config.Problem {
	return butPlaceholders(allProblems(t, file))
}

func butPlaceholders(problems []config.Problem) (rest []config.Problem) {
	for _, p := range problems {
		if p.Rule != "O3" {
			rest = append(rest, p)
		}
	}
	return rest
}

func allProblems(t testing.TB, file []byte) []config.Problem {
	t.Helper()
	_, warnings, err := config.Parse("cdktf.json", file)
	invalid := &config.Invalid{}
	if err != nil {
		require.True(t, errors.As(err, &invalid), "%v", err)
	}
	all := slices.Concat(invalid.Problems, warnings)
	for i := range all {
		all[i].Line, all[i].Column = 0, 0 // TestProblemsHaveAPlace looks at these
	}
	return all
}

// takes is a cache on the default route.
func takes(at string) config.Problem { return warning("R25", at) }

// text returns a JSON string of n characters.
func text(n int) string { return `"` + strings.Repeat("x", n) + `"` }

// list returns a JSON array of n items, made by a format with the number of the item.
func list(n int, format string) string { return "[" + items(n, format) + "]" }

// object returns a JSON object of n members, made by a format with the number of the member.
func object(n int, format string) string { return "{" + items(n, format) + "}" }

func items(n int, format string) string {
	all := make([]string, n)
	for i := range all {
		all[i] = fmt.Sprintf(format, i)
	}
	return strings.Join(all, ",")
}
