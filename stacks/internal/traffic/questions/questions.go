// Package questions is what people ask of access logs when something is wrong. Each question is defined once and
// executed in two ways, side by side in its file: by Athena (engine version 3, which is Trino) in its table of the
// logs, of which all columns are strings and "-" is none, and here, a line at a time. The tests run both on the same
// lines. They differ in three things: approx_percentile is an approximation, whereas a percentile here is exactly the
// value at the nearest rank; where a log has no route, the one of the model counts here; and NULL for the time of the
// origin is unknown there, since the column may be missing, but the same as "-" here.
package questions

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"ml-api-accelerator/stacks/config/declare"
	"ml-api-accelerator/stacks/internal/edge"
	"ml-api-accelerator/stacks/internal/traffic/logs"
)

// MaxRows is how many rows an answer has at most.
const MaxRows = 25

// Question is one that logs can answer.
type Question struct {
	Name, Title string

	columns []Column
	sql     string // with {table} and {time}
	counter func() counter
	// The fields of a log that counter needs, and those that it wants, as logs.Columns has them. Of those that version
	// 1 never has, only what is asked for itself is told.
	needed, wanted string
}

// routeColumns tell a route.
const routeColumns = "cs-uri-stem|cache-behavior-path-pattern"

// All are the questions, in the order in which help lists them.
func All() []Question {
	return []Question{serverErrors, slowest, hitRate, eachCaller, refused, limited, countries}
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
	return Question{}, fmt.Errorf("query %q: not found%s; there are %s", name, declare.Suggestion(name, Names()),
		strings.Join(Names(), ", "))
}

// SQL asks the question of a table, which is written as given, in Athena's SQL.
func (q Question) SQL(table string, r Range) string {
	text := strings.NewReplacer("{title}", q.Title, "{table}", table, "{time}", r.condition(), "{rows}",
		fmt.Sprint(MaxRows), "{few}", fmt.Sprint(few)).Replace(q.sql)
	return strings.TrimSpace(text) + "\n"
}

// Asking is a question that is being asked, a line at a time.
type Asking struct {
	question Question
	counter  counter
	route    routing
}

// routing tells the route of a line.
type routing func(l *logs.Line) string

// counter is what a question keeps of the lines so far.
type counter interface {
	add(l *logs.Line, route routing)
	rows() [][]string
	incomplete() bool
}

// Ask begins to ask. The distribution tells the routes of lines that don't.
func (q Question) Ask(d *edge.Distribution) *Asking {
	return &Asking{question: q, counter: q.counter(), route: func(l *logs.Line) string {
		if l.Pattern != "" {
			return l.Pattern
		}
		return d.Route(d.Object(l.Path)).Path
	}}
}

// Add counts some lines, which it doesn't keep.
func (a *Asking) Add(lines []logs.Line) {
	for i := range lines {
		a.add(&lines[i])
	}
}

func (a *Asking) add(l *logs.Line) { a.counter.add(l, a.route) }

// Answer is what came of the lines so far.
func (a *Asking) Answer() Answer {
	return Answer{Columns: a.question.columns, Rows: a.counter.rows()}
}

// Answer is a table of at most MaxRows rows. A cell that is "-" or empty has no value.
type Answer struct {
	Columns []Column
	Rows    [][]string
}

// column returns the place of a column; -1: there is none.
func (a Answer) column(name string) int {
	return slices.IndexFunc(a.Columns, func(c Column) bool { return c.Name == name })
}

// NamesNobody reports whether an answer is about callers, of whom none has a name.
func (a Answer) NamesNobody() bool {
	at := a.column("caller")
	return at >= 0 && len(a.Rows) > 0 &&
		!slices.ContainsFunc(a.Rows, func(row []string) bool { return row[at] != noCaller })
}

// Column is a column of an answer, named as in SQL.
type Column struct {
	Name   string
	Number bool // its cells are decimal numbers
}

// columns are those of an answer: first what groups have in common, then their numbers.
func columns(texts, numbers string) []Column {
	var list []Column
	for _, name := range strings.Fields(texts) {
		list = append(list, Column{Name: name})
	}
	for _, name := range strings.Fields(numbers) {
		list = append(list, Column{Name: name, Number: true})
	}
	return list
}

// MarshalJSON has an object for each row, in the order of the columns.
func (a Answer) MarshalJSON() ([]byte, error) {
	var out bytes.Buffer
	out.WriteByte('[')
	for i, row := range a.Rows {
		if i > 0 {
			out.WriteByte(',')
		}
		out.WriteByte('{')
		for j, column := range a.Columns {
			if j > 0 {
				out.WriteByte(',')
			}
			fmt.Fprintf(&out, "%q:", camelCase(column.Name))
			cell, err := column.json(row[j])
			if err != nil {
				return nil, err
			}
			out.Write(cell)
		}
		out.WriteByte('}')
	}
	out.WriteByte(']')
	return out.Bytes(), nil
}

// camelCase is the name in JSON of a column, whose words have _ between them in SQL.
func camelCase(name string) string {
	words := strings.Split(name, "_")
	for i, word := range words[1:] {
		if word == "ms" {
			word = "milliseconds"
		}
		words[i+1] = strings.ToUpper(word[:1]) + word[1:]
	}
	return strings.Join(words, "")
}

func (c Column) json(cell string) ([]byte, error) {
	status, err := strconv.Atoi(cell)
	switch {
	case cell == none || cell == "" || c.Name == "caller" && cell == noCaller:
		return []byte("null"), nil
	case c.Number:
		return json.Marshal(json.Number(cell))
	case c.Name == "status" && err == nil: // 000 is that there was no answer
		return json.Marshal(status)
	}
	return json.Marshal(cell)
}

// percent is a share of a whole, to hundredths, rounded as SQL rounds.
func percent(part, whole int) string {
	if whole == 0 {
		return none
	}
	return fmt.Sprintf("%.2f", math.Floor(100*(100*float64(part)/float64(whole))+0.5)/100)
}

// An answer that no origin gave has no time that an origin took. Of version 1, no line has.
const (
	answeredByNote = "answered_by: edge is CloudFront, with its firewall, functions and cache; " +
		"origin is the backend or the bucket."
	answeredBySQL = `CASE WHEN origin_fbl = '-' THEN 'edge' WHEN origin_fbl IS NULL THEN '-' ELSE 'origin' END`
)

func answeredBy(l *logs.Line) string {
	switch l.FromOrigin {
	case logs.Yes:
		return "origin"
	case logs.No:
		return "edge"
	}
	return none
}

// Job is a question for files.
type Job struct {
	Files        []logs.File
	Question     Question
	Distribution *edge.Distribution // the routes of lines that have none
	Range        Range
	Tell         func(logs.Progress)
}

// Result is what came of it.
type Result struct {
	Answer Answer
	// All lines that could be read, and those of the time that was asked about.
	All, Asked logs.Span
	Files      int
	logs.Gaps
	Incomplete bool // whether rare rows may be missing, or have counted too little
}

// Run asks files.
func Run(ctx context.Context, j Job) (Result, error) {
	asking, r := j.Question.Ask(j.Distribution), Result{Files: len(j.Files)}
	var err error
	columns := logs.Columns{Needed: strings.Fields(j.Question.needed), Wanted: strings.Fields(j.Question.wanted)}
	r.Gaps, err = logs.Read(ctx, j.Files, columns, func(lines []logs.Line) {
		r.All.Add(lines)
		for i := range lines {
			if j.Range.Covers(&lines[i]) {
				r.Asked.AddLine(&lines[i])
				asking.add(&lines[i])
			}
		}
	}, j.Tell)
	if err != nil {
		return Result{}, err
	}
	r.Answer, r.Incomplete = asking.Answer(), asking.counter.incomplete()
	return r, nil
}

// Heading says what was asked.
func (r Result) Heading() string {
	if r.Asked.Lines == 0 {
		return "none of that time, of " + logs.Heading(r.All.Lines, r.Files, r.All.From(), r.All.To())
	}
	return logs.Heading(r.Asked.Lines, r.Files, r.Asked.From(), r.Asked.To())
}

// Range is a time, of which To is no part. Without From, Athena is asked of the last 24 hours, and files have no first
// second; without To it is open.
type Range struct{ From, To time.Time }

// Covers reports whether a line is of that time.
func (r Range) Covers(l *logs.Line) bool {
	return (r.From.IsZero() || l.Time >= r.From.Unix()) && (r.To.IsZero() || l.Time < r.To.Unix())
}

// How the partition and the line write a time, here and in Trino's date_format.
const (
	hourLayout, hourFormat     = "2006/01/02/15", "%Y/%m/%d/%H"
	secondLayout, secondFormat = time.DateTime, "%Y-%m-%d %H:%i:%s"
)

// late is how long after a request CloudFront may deliver its line (Standard logging reference, Timing of log file
// delivery). The guide doesn't say whether the folder of version 2 is the hour of the requests or of their delivery
// (Configure standard logging (v2), Partitioning).
const late = 24 * time.Hour

// condition has the hours first, by which Athena knows at planning which partitions to read: from the one before, since
// a file may be of the hour of its requests, and a line is of the second when its answer ended, to the last one in
// which a line may be delivered. Both conditions are of literals and of what a planner makes a literal of.
func (r Range) condition() string {
	from, hour := lastHours("24", secondFormat), lastHours("25", hourFormat)
	if !r.From.IsZero() {
		from, hour = literal(r.From, secondLayout), literal(r.From.Add(-time.Hour), hourLayout)
	}
	conditions := []string{`"hour" >= ` + hour}
	if !r.To.IsZero() {
		conditions = append(conditions, `"hour" <= `+literal(r.To.Add(late), hourLayout))
	}
	conditions = append(conditions, `"date" || ' ' || "time" >= `+from)
	if !r.To.IsZero() {
		conditions = append(conditions, `"date" || ' ' || "time" < `+literal(r.To, secondLayout))
	}
	return strings.Join(conditions, "\n    AND ")
}

func literal(t time.Time, layout string) string { return "'" + t.UTC().Format(layout) + "'" }

// lastHours is a time some hours ago, in UTC whatever the session's time zone is.
func lastHours(hours, format string) string {
	return "date_format((current_timestamp - INTERVAL '" + hours + "' HOUR) AT TIME ZONE 'UTC', '" + format + "')"
}
