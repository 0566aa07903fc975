package logs

import (
	"container/heap"
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
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
		return fmt.Sprintf("%s: %d %s", p.File, p.Lines, p.Problem)
	}
	return p.File + ": " + p.Problem
}

func openAll(ctx context.Context, files []File, read *atomic.Int64) []*source {
	var list []*source
	for _, f := range files {
		list = append(list, open(ctx, f, read))
	}
	return list
}

// head is the lines of a source that come next.
type head struct {
	source *source
	lines  []Line
}

// advance gets more lines if there are none; false: the source has ended.
func (h *head) advance(ctx context.Context) bool {
	if len(h.lines) > 0 {
		return true
	}
	select {
	case lines, more := <-h.source.batches:
		h.lines = lines
		return more
	case <-ctx.Done():
		return false
	}
}

// heads have the one with the earliest line first.
type heads []head

func (h heads) Len() int           { return len(h) }
func (h heads) Less(i, j int) bool { return h[i].lines[0].Time < h[j].lines[0].Time }
func (h heads) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }
func (h *heads) Push(x any)        { *h = append(*h, x.(head)) }
func (h *heads) Pop() any {
	last := (*h)[len(*h)-1]
	*h = (*h)[:len(*h)-1]
	return last
}

// merge puts the lines of sources in order.
func merge(ctx context.Context, sources []*source, use func([]Line)) {
	var open heads
	for _, s := range sources {
		if h := (head{source: s}); h.advance(ctx) {
			open = append(open, h)
		}
	}
	heap.Init(&open)
	batch := make([]Line, 0, 512)
	for len(open) > 1 {
		first := &open[0]
		batch = append(batch, first.lines[0])
		if len(batch) == cap(batch) {
			use(batch)
			batch = batch[:0]
		}
		if first.lines = first.lines[1:]; first.advance(ctx) {
			heap.Fix(&open, 0)
		} else {
			heap.Pop(&open)
		}
	}
	if len(batch) > 0 {
		use(batch)
	}
	for len(open) == 1 && open[0].advance(ctx) {
		use(open[0].lines)
		open[0].lines = nil
	}
}
