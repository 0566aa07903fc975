package replay

import (
	"net/http"

	"ml-api-accelerator/stacks/internal/edge/freshness"
)

// What the origin may have said of an answer.
var (
	saysNothing = http.Header{}
	saysNever   = http.Header{"Cache-Control": {"no-store"}}
	saysForever = http.Header{"Cache-Control": {"max-age=2147483647"}}
)

// lifetimes are for how many seconds an answer is served in each simulation.
func (r *route) lifetimes(status int) [bounds]uint32 {
	known := r.lives[status]
	if known == nil {
		kept := status
		if status == http.StatusNotModified {
			kept = http.StatusOK // which it stands for
		}
		known = new([bounds]uint32)
		if kept != 0 {
			nothing := r.life(kept, saysNothing)
			*known = [bounds]uint32{low: min(nothing, r.life(kept, saysNever)), expected: nothing, high: r.life(kept, saysForever)}
		}
		r.lives[status] = known
	}
	return *known
}

func (r *route) life(status int, header http.Header) uint32 {
	return uint32(freshness.Of(freshness.Answer{Status: status, Header: header}, r.b.Bounds(status)).Fresh)
}
