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

// Run simulates the requests of logs.
func Run(ctx context.Context, files []logs.File, d, before *edge.Distribution, tell func(logs.Progress)) (Result, error) {
	now, former, s := New(d), (*Replay)(nil), span{}
	if before != nil {
		former = New(before)
	}
	unread, err := logs.Read(ctx, files, func(lines []logs.Line) {
		var both sync.WaitGroup
		if former != nil {
			both.Go(func() { former.Add(lines) })
		}
		now.Add(lines)
		s.add(lines)
		both.Wait()
	}, tell)
	if err != nil {
		return Result{}, err
	}
	result := Result{From: time.Unix(s.from, 0).UTC(), To: time.Unix(s.to, 0).UTC(), Files: len(files), Unread: append([]logs.Problem{}, unread...)}
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

// span is the first and the last second of lines.
type span struct{ from, to int64 }

func (s *span) add(lines []logs.Line) {
	for i := range lines {
		if t := lines[i].Time; s.from == 0 || t < s.from {
			s.from = t
		}
		s.to = max(s.to, lines[i].Time)
	}
}
