package questions

import (
	"context"

	"ml-api-accelerator/stacks/internal/edge"
	"ml-api-accelerator/stacks/internal/logs"
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
	Unread     []logs.Problem
}

// Run asks files.
func Run(ctx context.Context, j Job) (Result, error) {
	asking, r := j.Question.Ask(j.Distribution), Result{Files: len(j.Files)}
	var err error
	r.Unread, err = logs.Read(ctx, j.Files, func(lines []logs.Line) {
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
	r.Answer = asking.Answer()
	return r, nil
}

// Heading says what was asked.
func (r Result) Heading() string {
	if r.Asked.Lines == 0 {
		return "none of that time, of " + logs.Heading(r.All.Lines, r.Files, r.All.From(), r.All.To())
	}
	return logs.Heading(r.Asked.Lines, r.Files, r.Asked.From(), r.Asked.To())
}
