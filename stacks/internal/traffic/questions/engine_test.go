package questions

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/internal/shared/names"
	"ml-api-accelerator/stacks/internal/traffic/logs"
)

// table is what DuckDB is given: all columns are strings, as in Athena.
type table struct {
	Columns []string    `json:"columns"`
	Rows    [][]*string `json:"rows"`
	Queries []string    `json:"queries"`
}

// answered is what came of a query.
type answered struct {
	Syntax  []string    `json:"syntax"`
	Columns []string    `json:"columns"`
	Rows    [][]*string `json:"rows"`
}

// newTable has the columns of the table in Athena.
func newTable() *table {
	t := &table{Columns: []string{names.LogHour}}
	for _, field := range logs.Delivered() {
		t.Columns = append(t.Columns, logs.Column(field))
	}
	return t
}

// add adds a row of values by their fields; one without a value is NULL.
func (t *table) add(hour string, values map[string]string) {
	row := []*string{&hour}
	for _, field := range logs.Delivered() {
		if value, found := values[field]; found {
			row = append(row, &value)
		} else {
			row = append(row, nil)
		}
	}
	t.Rows = append(t.Rows, row)
}

// ask runs queries in DuckDB. It skips where that isn't installed, unless CI=true.
func (t *table) ask(test *testing.T, queries ...string) []answered {
	test.Helper()
	_, err := os.Stat("testdata/node_modules/@duckdb/node-api")
	if err != nil && os.Getenv("CI") != "true" {
		test.Skip(err)
	}
	require.NoError(test, err)
	t.Queries = queries
	in, err := json.Marshal(t)
	require.NoError(test, err)
	var stderr bytes.Buffer
	cmd := exec.CommandContext(test.Context(), "node", "ask.mjs")
	cmd.Dir, cmd.Stdin, cmd.Stderr = "testdata", bytes.NewReader(in), &stderr
	out, err := cmd.Output()
	require.NoError(test, err, stderr.String())
	var answers []answered
	require.NoError(test, json.Unmarshal(out, &answers))
	require.Len(test, answers, len(queries))
	for i, a := range answers {
		require.Empty(test, a.Syntax, "Trino's grammar has no\n%s", queries[i])
	}
	return answers
}

// answer is what SQL answers, as it is written here.
func (a answered) answer(of Question) Answer {
	result := Answer{Columns: of.columns, Rows: [][]string{}}
	for _, row := range a.Rows {
		var cells []string
		for _, cell := range row {
			if cell == nil {
				cells = append(cells, none)
			} else {
				cells = append(cells, *cell)
			}
		}
		result.Rows = append(result.Rows, cells)
	}
	return result
}

// fill reads a log of any fields, without help of the package that is tested. Where it has no route, the table gets the
// model's, as CloudFront would have written it.
func (t *table) fill(test *testing.T, path string, route func(path string) string) {
	test.Helper()
	text, err := os.ReadFile(path)
	require.NoError(test, err)
	var fields []string
	for _, line := range strings.Split(strings.TrimSuffix(string(text), "\n"), "\n") {
		if list, isFields := strings.CutPrefix(line, "#Fields: "); isFields {
			fields = strings.Fields(list)
		}
		if strings.HasPrefix(line, "#") {
			continue
		}
		values := map[string]string{}
		for i, value := range strings.Split(line, "\t") {
			values[fields[i]] = value
		}
		if pattern := values["cache-behavior-path-pattern"]; pattern == "" || pattern == none {
			values["cache-behavior-path-pattern"] = route(values["cs-uri-stem"])
		}
		t.add(strings.ReplaceAll(values["date"], "-", "/")+"/"+values["time"][:2], values)
	}
}
