package replay

import (
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"ml-api-accelerator/stacks/internal/edge"
	"ml-api-accelerator/stacks/internal/traffic/logs"
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
	Lacking     []string       `json:"lacking"` // columns that some of the logs don't have
}

// columns are those without which nothing can be said of a cache: what was asked for, by whom, and what came of it.
var columns = logs.Columns{
	Needed: strings.Fields("cs-method cs-uri-stem cs-uri-query sc-status sc-bytes c-ip cs(User-Agent)"),
	Wanted: strings.Fields("cs-protocol x-host-header cs(Referer) x-edge-response-result-type|x-edge-result-type x-edge-result-type x-edge-detailed-result-type " +
		"sc-range-start sc-range-end"),
}

// reads are the columns of a job.
func (j Job) reads() logs.Columns {
	if j.Usage == nil {
		return columns
	}
	return logs.Columns{Needed: append(slices.Clone(columns.Needed), "x-edge-location", "cs-bytes"), Wanted: columns.Wanted}
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
	gaps, err := logs.Read(ctx, j.Files, j.reads(), func(lines []logs.Line) {
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
	result := Result{From: s.From(), To: s.To(), Files: len(j.Files),
		Unread: append([]logs.Problem{}, gaps.Unread...), Lacking: append([]string{}, gaps.Lacking...)}
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
