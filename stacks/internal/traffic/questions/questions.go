// Package questions is what people ask of access logs when something is wrong. Each question is defined once and executed in two ways, side by
// side in its file: by Athena (engine version 3, which is Trino) in its table of the logs, of which all columns are strings and "-" is none, and
// here, a line at a time. The tests run both on the same lines. They differ in three things: approx_percentile is an approximation, whereas a
// percentile here is exactly the value at the nearest rank; where a log has no route, the one of the model counts here; and NULL for the time
// of the origin is unknown there, since the column may be missing, but the same as "-" here.
package questions

import (
	"fmt"
	"strings"

	"ml-api-accelerator/stacks/config"
)

// MaxRows is how many rows an answer has at most.
const MaxRows = 25

// Question is one that logs can answer.
type Question struct {
	Name, Title string

	columns []Column
	sql     string // with {table} and {time}
	counter func() counter
	// The fields of a log that counter needs, and those that it wants, as logs.Columns has them. Of those that version 1 never has, only
	// what is asked for itself is told.
	needed, wanted string
}

// routeColumns tell a route.
const routeColumns = "cs-uri-stem|cache-behavior-path-pattern"

// All are the questions, in the order in which help lists them.
func All() []Question {
	return []Question{serverErrors, slowest, hitRate, refused, limited, countries}
}

// Names are those of all questions.
func Names() []string {
	var names []string
	for _, q := range All() {
		names = append(names, q.Name)
	}
	return names
}

// Find returns a question by its name, and an error that suggests another where there is none.
func Find(name string) (Question, error) {
	for _, q := range All() {
		if q.Name == name {
			return q, nil
		}
	}
	return Question{}, fmt.Errorf("query %q: not found%s; there are %s", name, config.Suggestion(name, Names()), strings.Join(Names(), ", "))
}

// SQL asks the question of a table, which is written as given, in Athena's SQL.
func (q Question) SQL(table string, r Range) string {
	text := strings.NewReplacer("{title}", q.Title, "{table}", table, "{time}", r.condition(), "{rows}", fmt.Sprint(MaxRows), "{few}", fmt.Sprint(few)).Replace(q.sql)
	return strings.TrimSpace(text) + "\n"
}
