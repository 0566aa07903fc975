package config_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/config"
	"ml-api-accelerator/stacks/config/declare"
	"ml-api-accelerator/stacks/golden"
)

var update = flag.Bool("update", false, "write the tables of README.md anew")

const (
	readme        = "README.md"
	updateCommand = "go test ./stacks/config -update"
)

// TestReadmeTables holds the tables of the README to the types and the rules.
func TestReadmeTables(t *testing.T) {
	text, err := os.ReadFile(readme)
	require.NoError(t, err)
	want := string(text)
	for name, table := range map[string]string{"configuration": configurationTable(t), "rules": rulesTable()} {
		begin, end := "<!-- begin "+name+" -->\n", "<!-- end "+name+" -->"
		before, rest, found := strings.Cut(want, begin)
		require.True(t, found, begin)
		_, after, found := strings.Cut(rest, end)
		require.True(t, found, end)
		want = before + begin + table + end + after
	}
	golden.Equal(t, readme, []byte(want), *update, updateCommand)
}

// configurationTable has a row for every field, an object's own below it. Those of named backends and buckets have
// none where they are the same in api and models.
func configurationTable(t *testing.T) string {
	var table strings.Builder
	table.WriteString("| field | value | default | meaning |\n|---|---|---|---|\n")
	var rows func(prefix string, object *declare.Schema)
	first := map[string]bool{}
	rows = func(prefix string, object *declare.Schema) {
		for _, name := range object.FieldNames() {
			field := object.Properties[name]
			standard := "–"
			if field.Default != nil {
				text, err := json.Marshal(field.Default)
				require.NoError(t, err)
				standard = "`" + string(text) + "`"
			} else if slices.Contains(object.Required, name) {
				standard = "required"
			}
			meaning := fmt.Sprintf("%s` | %s | %s | %s |\n", name, cell(field.Value()), standard, cell(field.Description))
			switch prefix {
			case "api.", "models.":
				first[meaning] = true
			case "backends.NAME.", "buckets.NAME.":
				if first[meaning] {
					continue
				}
			}
			fmt.Fprintf(&table, "| `%s%s", prefix, meaning)
			if inner, suffix := field.Object(); inner != nil {
				rows(strings.TrimPrefix(prefix+name+suffix+".", "environments.NAME."), inner)
			}
		}
	}
	rows("", config.Schema().Properties["context"].Properties["accelerator"])
	return table.String()
}

// cell is a text as a cell of a table takes it.
func cell(text string) string {
	return strings.NewReplacer("|", `\|`, "<", `\<`, "*", `\*`, "_", `\_`).Replace(text)
}

func rulesTable() string {
	var table strings.Builder
	table.WriteString("| rule | class | what must hold | otherwise | source |\n|---|---|---|---|---|\n")
	for _, r := range config.Rules() {
		var classes []string
		for _, c := range r.Classes {
			classes = append(classes, string(c))
		}
		fmt.Fprintf(&table, "| %s | %s | %s | %s | %s |\n", r.ID, strings.Join(classes, ", "), cell(r.Holds), cell(r.Otherwise), r.Source)
	}
	return table.String()
}

// TestSchemaDocumentsEverything: every field that a user can write is explained, in two sentences at most.
func TestSchemaDocumentsEverything(t *testing.T) {
	var documented func(at string, s *declare.Schema)
	documented = func(at string, s *declare.Schema) {
		for name, field := range s.Properties {
			require.NotEmpty(t, field.Description, at+name)
			require.LessOrEqual(t, strings.Count(field.Description+" ", ". "), 2, at+name)
			if inner, _ := field.Object(); inner != nil {
				documented(at+name+".", inner)
			}
		}
	}
	documented("", config.Schema().Properties["context"].Properties["accelerator"])
}
