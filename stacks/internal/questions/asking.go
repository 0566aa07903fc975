package questions

import (
	"ml-api-accelerator/stacks/internal/edge"
	"ml-api-accelerator/stacks/internal/logs"
)

// Asking is a question that is being asked, a line at a time.
type Asking struct {
	question Question
	d        *edge.Distribution
	counter  counter
}

// counter is what a question keeps of the lines so far.
type counter interface {
	add(l *logs.Line, route string)
	rows() [][]string
}

// Ask begins to ask. The distribution tells the routes of lines that don't.
func (q Question) Ask(d *edge.Distribution) *Asking {
	return &Asking{question: q, d: d, counter: q.counter()}
}

// Add counts some lines, which it doesn't keep.
func (a *Asking) Add(lines []logs.Line) {
	for i := range lines {
		a.add(&lines[i])
	}
}

func (a *Asking) add(l *logs.Line) {
	route := l.Pattern
	if route == "" {
		route = a.d.Route(a.d.Object(l.Path)).Path
	}
	a.counter.add(l, route)
}

// Answer is what came of the lines so far.
func (a *Asking) Answer() Answer {
	return Answer{Columns: a.question.columns, Rows: a.counter.rows()}
}
