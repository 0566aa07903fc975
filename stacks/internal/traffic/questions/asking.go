package questions

import (
	"ml-api-accelerator/stacks/internal/edge"
	"ml-api-accelerator/stacks/internal/traffic/logs"
)

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
