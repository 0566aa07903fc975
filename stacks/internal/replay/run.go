package replay

import (
	"context"
	"sync"
	"time"

	"ml-api-accelerator/stacks/internal/edge"
	"ml-api-accelerator/stacks/internal/logs"
)

// Result is what came of the requests of logs, now and with a former distribution.
type Result struct {
	Environment string         `json:"environment"`
	From        time.Time      `json:"from"`
	To          time.Time      `json:"to"`
	Files       int            `json:"files"`
	Now         Report         `json:"now"`
	Before      *Report        `json:"before,omitempty"` // nil: there is no former distribution
	Unread      []logs.Problem `json:"unread"`
}

// Job is what is simulated.
type Job struct {
	Files       []logs.File
	Now, Before *edge.Distribution // Before is nil if there is none
	Usage       *Usage             // what is added up meanwhile; nil: nothing
	Tell        func(logs.Progress)
}

// Run simulates the requests of logs.
func Run(ctx context.Context, j Job) (Result, error) {
	now, former, s := New(j.Now), (*Replay)(nil), logs.Span{}
	if j.Before != nil {
		former = New(j.Before)
	}
	unread, err := logs.Read(ctx, j.Files, func(lines []logs.Line) {
		var both sync.WaitGroup
		if former != nil {
			both.Go(func() { former.Add(lines) })
		}
		now.Add(lines)
		s.Add(lines)
		if j.Usage != nil {
			j.Usage.Add(lines)
		}
		both.Wait()
	}, j.Tell)
	if err != nil {
		return Result{}, err
	}
	result := Result{From: s.From(), To: s.To(), Files: len(j.Files), Unread: append([]logs.Problem{}, unread...)}
	if result.Now, err = now.Report(); err != nil {
		return Result{}, err
	}
	if former != nil {
		report, err := former.Report()
		if err != nil {
			return Result{}, err
		}
		result.Before = &report
	}
	return result, nil
}
