package questions

import (
	"maps"
	"slices"

	"ml-api-accelerator/stacks/internal/traffic/logs"
)

// histogram is how often each number of milliseconds came.
type histogram map[int32]int

// add counts a time, unless the log doesn't have it.
func (h *histogram) add(ms int32) {
	if ms == logs.Untimed {
		return
	}
	if *h == nil {
		*h = histogram{}
	}
	(*h)[ms]++
}

// percentile is the least time that a share of all aren't above (the nearest rank); logs.Untimed: there is none.
func (h histogram) percentile(percent int) int32 {
	total := 0
	for _, n := range h {
		total += n
	}
	rank := (percent*total + 99) / 100
	for _, ms := range slices.Sorted(maps.Keys(h)) {
		if rank -= h[ms]; rank <= 0 {
			return ms
		}
	}
	return logs.Untimed
}
