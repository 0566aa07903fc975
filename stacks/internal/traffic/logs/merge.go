package logs

import (
	"container/heap"
	"context"
)

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
