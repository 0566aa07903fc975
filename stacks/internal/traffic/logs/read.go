package logs

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"

	"ml-api-accelerator/stacks/internal/terminal"
)

// Progress is how far the reading is.
type Progress struct {
	Lines            int
	Read, TotalBytes int64
}

// Gaps are what logs lack: what couldn't be read, and wanted columns that some files don't have.
type Gaps struct {
	Unread  []Problem
	Lacking []string
}

// Read gives the lines of files to use, some at a time, which it must not keep. The lines of an hour, of which CloudFront may deliver
// several files, come in the order of time; within a file they come as they are, which is "not necessarily in chronological order"
// (Standard log file format). It is an error if there is no line.
func Read(ctx context.Context, files []File, columns Columns, use func([]Line), tell func(Progress)) (Gaps, error) {
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
	var gaps Gaps
	groups := together(files)
	next := openAll(ctx, groups[0], columns, &read)
	for i := range groups {
		sources := next
		if i+1 < len(groups) {
			next = openAll(ctx, groups[i+1], columns, &read)
		}
		merge(ctx, sources, counted)
		if err := ctx.Err(); err != nil {
			return Gaps{}, err
		}
		for _, s := range sources {
			gaps.Unread = append(gaps.Unread, s.problems...)
			gaps.Lacking = append(gaps.Lacking, s.lacking...)
		}
		slices.Sort(gaps.Lacking)
		gaps.Lacking = slices.Compact(gaps.Lacking)
	}
	if p.Lines == 0 {
		return Gaps{}, nothing(gaps.Unread)
	}
	return gaps, nil
}

// Lack says what columns are lacking; empty: none.
func (g Gaps) Lack() string {
	if len(g.Lacking) == 0 {
		return ""
	}
	return fmt.Sprintf("some of the logs have no %s: there they count as empty", strings.Join(g.Lacking, ", "))
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

// List has a line for each problem, unless there are too many. Files that lack the same columns have one.
func List(problems []Problem) string {
	var list strings.Builder
	problems = joined(problems)
	for _, p := range problems[:min(listed, len(problems))] {
		fmt.Fprintf(&list, "  %s\n", p)
	}
	if more := len(problems) - listed; more > 0 {
		fmt.Fprintf(&list, "  and %d more\n", more)
	}
	return list.String()
}

// joined makes one problem of those of files that lack the same columns.
func joined(problems []Problem) []Problem {
	var list []Problem
	files, at := map[string]int{}, map[string]int{}
	for _, p := range problems {
		if strings.HasPrefix(p.Problem, noColumns) {
			if files[p.Problem]++; files[p.Problem] > 1 {
				continue
			}
			at[p.Problem] = len(list)
		}
		list = append(list, p)
	}
	for problem, n := range files {
		if n > 1 {
			list[at[problem]].File += fmt.Sprintf(" and %d more", n-1)
		}
	}
	return list
}

func (p Problem) String() string {
	if p.Lines > 0 {
		return terminal.Harmless(fmt.Sprintf("%s: %d %s", p.File, p.Lines, p.Problem))
	}
	return terminal.Harmless(p.File + ": " + p.Problem)
}

func openAll(ctx context.Context, files []File, columns Columns, read *atomic.Int64) []*source {
	var list []*source
	for _, f := range files {
		list = append(list, open(ctx, f, columns, read))
	}
	return list
}
