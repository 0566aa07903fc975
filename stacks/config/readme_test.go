package config_test

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/invopop/jsonschema"
	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/config"
)

var update = flag.Bool("update", false, "write the tables of the README anew")

const readme = "../../README.md"

// TestReadmeTables holds the tables of the README to the types and the rules.
// After a change that is meant: go test ./stacks/config -update
func TestReadmeTables(t *testing.T) {
	text, err := os.ReadFile(readme)
	require.NoError(t, err)
	want := string(text)
	for name, table := range map[string]string{"configuration": configurationTable(), "rules": rulesTable()} {
		begin, end := "<!-- begin "+name+" -->\n", "<!-- end "+name+" -->"
		before, rest, found := strings.Cut(want, begin)
		require.True(t, found, begin)
		_, after, found := strings.Cut(rest, end)
		require.True(t, found, end)
		want = before + begin + table + end + after
	}
	if *update {
		require.NoError(t, os.WriteFile(readme, []byte(want), 0o644))
		return
	}
	require.Equal(t, want, string(text), "the README's tables are out of date: go test ./stacks/config -update")
}

// configurationTable has a row for every field, an object's own below it.
func configurationTable() string {
	schema := config.Schema()
	var table strings.Builder
	table.WriteString("| field | type | default | meaning |\n|---|---|---|---|\n")
	var rows func(prefix, object string)
	rows = func(prefix, object string) {
		s := schema.Definitions[object]
		for p := s.Properties.Oldest(); p != nil; p = p.Next() {
			field := p.Value
			kind, inner, path := describe(field)
			standard := "–"
			if field.Default != nil {
				standard = fmt.Sprintf("`%s`", strings.ReplaceAll(fmt.Sprintf("%#v", field.Default), "[]string", ""))
			} else if slices.Contains(s.Required, p.Key) {
				standard = "required"
			}
			fmt.Fprintf(&table, "| `%s%s` | %s | %s | %s |\n", prefix, p.Key, kind, standard, strings.NewReplacer("|", `\|`, "<", `\<`, "*", `\*`).Replace(field.Description))
			if inner != "" {
				rows(strings.TrimPrefix(prefix+p.Key+path, "environments.NAME."), inner)
			}
		}
	}
	rows("", "Config")
	return table.String()
}

// describe names the type of a field, and for an object its definition and what follows the field in a path.
func describe(s *jsonschema.Schema) (kind, object, path string) {
	if len(s.OneOf) > 0 {
		s = s.OneOf[0]
	}
	name := func(s *jsonschema.Schema) string { return strings.TrimPrefix(s.Ref, "#/$defs/") }
	switch {
	case s.Ref != "":
		return "object", name(s), "."
	case s.Type == "array" && s.Items.Ref != "":
		return "list of objects", name(s.Items), "[]."
	case s.Type == "array":
		return "list of " + s.Items.Type + "s", "", ""
	case s.AdditionalProperties != nil && s.AdditionalProperties.Ref != "":
		return "objects by name", name(s.AdditionalProperties), ".NAME."
	case s.AdditionalProperties != nil:
		return "strings by name", "", ""
	}
	if s.Minimum != "" && s.Maximum != "" {
		return fmt.Sprintf("%s, %s to %s", s.Type, s.Minimum, s.Maximum), "", ""
	}
	return s.Type, "", ""
}

func rulesTable() string {
	var table strings.Builder
	table.WriteString("| rule | class | what must hold | otherwise | source |\n|---|---|---|---|---|\n")
	for _, r := range config.Rules {
		var classes []string
		for _, c := range r.Classes {
			classes = append(classes, string(c))
		}
		fmt.Fprintf(&table, "| %s | %s | %s | %s | %s |\n", r.ID, strings.Join(classes, ", "), r.Holds, r.Otherwise, r.Source)
	}
	return table.String()
}

// TestSchemaDocumentsEverything holds every type and field that a user can write to be explained.
func TestSchemaDocumentsEverything(t *testing.T) {
	schema := config.Schema()
	require.NotEmpty(t, schema.Description)
	for name, object := range schema.Definitions {
		require.NotEmpty(t, object.Description, name)
		for p := object.Properties.Oldest(); p != nil; p = p.Next() {
			require.NotEmpty(t, p.Value.Description, "%s.%s", name, p.Key)
		}
	}
}
