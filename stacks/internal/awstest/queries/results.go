package queries

import (
	"cmp"
	"strconv"
	"strings"
)

type pageInput struct {
	QueryExecutionID string `json:"QueryExecutionId"`
	MaxResults       *int
	NextToken        string
}

// maxPage is the most that one answer has, the names of the columns included (Athena API Reference, GetQueryResults).
const maxPage = 1000

const tokenPrefix = "row-"

// page answers rows of a query that succeeded (Athena API Reference, GetQueryResults). The first has the names of the columns.
func (q *query) page(input pageInput) (any, error) {
	switch state := cmp.Or(q.State, "QUEUED"); state {
	case "SUCCEEDED":
	case "FAILED":
		return nil, invalid("Query did not finish successfully. Final query state: FAILED")
	case "CANCELLED":
		return nil, invalid("Could not find results")
	default:
		return nil, invalid("Query has not yet finished. Current state: %s", state)
	}
	size := maxPage
	if input.MaxResults != nil {
		size = *input.MaxResults
	}
	if size < 1 || size > maxPage {
		return nil, unfit("maxResults", "value between 1 and 1000")
	}
	rows := q.rows()
	begin := 0
	if input.NextToken != "" {
		text, known := strings.CutPrefix(input.NextToken, tokenPrefix)
		at, err := strconv.Atoi(text)
		if !known || err != nil || at < 0 || at > len(rows) {
			return nil, invalid("Invalid NextToken")
		}
		begin = at
	}
	end := min(begin+size, len(rows))
	answer := map[string]any{"UpdateCount": 0, "ResultSet": map[string]any{
		"Rows": rows[begin:end], "ResultSetMetadata": map[string]any{"ColumnInfo": q.columns()},
	}}
	if end < len(rows) {
		answer["NextToken"] = tokenPrefix + strconv.Itoa(end)
	}
	return answer, nil
}

// datum is a value; NULL has none (Athena API Reference, Datum).
type datum struct {
	VarCharValue *string `json:",omitempty"`
}

type row struct{ Data []datum }

func (q *query) rows() []row {
	var names []string
	for _, c := range q.plan.Columns {
		name, _, _ := strings.Cut(c, " ")
		names = append(names, name)
	}
	rows := []row{newRow(names)}
	for _, values := range q.plan.Rows {
		rows = append(rows, newRow(values))
	}
	return rows
}

func newRow(values []string) row {
	made := row{[]datum{}}
	for _, v := range values {
		if v == Null {
			made.Data = append(made.Data, datum{})
			continue
		}
		made.Data = append(made.Data, datum{&v})
	}
	return made
}

func (q *query) columns() []map[string]any {
	list := []map[string]any{}
	for _, c := range q.plan.Columns {
		name, kind, _ := strings.Cut(c, " ")
		list = append(list, map[string]any{"CatalogName": "hive", "SchemaName": "", "TableName": "", "Name": name, "Label": name,
			"Type": kind, "Nullable": "UNKNOWN", "CaseSensitive": kind == "varchar"})
	}
	return list
}
