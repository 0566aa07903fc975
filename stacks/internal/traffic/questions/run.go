package questions

import (
	"context"
	"strings"

	"ml-api-accelerator/stacks/internal/edge"
	"ml-api-accelerator/stacks/internal/traffic/logs"
)

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
