package logs

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"

	"ml-api-accelerator/stacks/internal/terminal"
)

// Progress is how far the reading is.
type Progress struct {
	Lines            int
	Read, TotalBytes int64
}

// Read gives the lines of files to use, some at a time, which it must not keep. The lines of an hour, of which CloudFront may deliver
// several files, come in the order of time; within a file they come as they are, which is "not necessarily in chronological order"
// (Standard log file format). It is an error if there is no line.
func Read(ctx context.Context, files []File, use func([]Line), tell func(Progress)) ([]Problem, error) {
	var read atomic.Int64
	p := Progress{}
	for _, f := range files {
		p.TotalBytes += f.Bytes
	}
	counted := func(lines []Line) {
		use(lines)
		p.Lines += len(lines)
		p.Read = read.Load()
		tell(p)
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var problems []Problem
	groups := together(files)
	next := openAll(ctx, groups[0], &read)
	for i := range groups {
		sources := next
		if i+1 < len(groups) {
			next = openAll(ctx, groups[i+1], &read)
		}
		merge(ctx, sources, counted)
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		for _, s := range sources {
			problems = append(problems, s.problems...)
		}
	}
	if p.Lines == 0 {
		return nil, nothing(problems)
	}
	return problems, nil
}

// nothing is the error of files without a line.
func nothing(problems []Problem) error {
	if len(problems) == 0 {
		return errors.New("there are no requests in the logs")
	}
	return fmt.Errorf("none of the logs could be read\n%s", strings.TrimSuffix(List(problems), "\n"))
}

// listed is how many problems a person wants to see.
const listed = 20

// List has a line for each problem, unless there are too many.
func List(problems []Problem) string {
	var list strings.Builder
	for _, p := range problems[:min(listed, len(problems))] {
		fmt.Fprintf(&list, "  %s\n", p)
	}
	if more := len(problems) - listed; more > 0 {
		fmt.Fprintf(&list, "  and %d more\n", more)
	}
	return list.String()
}

func (p Problem) String() string {
	if p.Lines > 0 {
		return terminal.Harmless(fmt.Sprintf("%s: %d %s", p.File, p.Lines, p.Problem))
	}
	return terminal.Harmless(p.File + ": " + p.Problem)
}

func openAll(ctx context.Context, files []File, read *atomic.Int64) []*source {
	var list []*source
	for _, f := range files {
		list = append(list, open(ctx, f, read))
	}
	return list
}
