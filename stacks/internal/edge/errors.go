package edge

import (
	"maps"
	"slices"

	"ml-api-accelerator/stacks/internal/edge/freshness"
)

// Bounds are those of the behavior for answers with a status.
func (b *Behavior) Bounds(status int) freshness.Bounds {
	p := b.CachePolicy
	return freshness.Bounds{MinTTL: p.MinTTL, DefaultTTL: p.DefaultTTL, MaxTTL: p.MaxTTL, ErrorMinTTL: b.errorMinTTL(status)}
}

// errorMinTTL is how many seconds an error of a status is kept at least: as configured, or 10, and 1 from a bucket (Control
// how long CloudFront caches errors).
func (b *Behavior) errorMinTTL(status int) int {
	seconds := freshness.DefaultErrorTTL
	if e, configured := b.errors[status]; configured {
		seconds = e.MinTTL
	}
	if b.Origin.S3 {
		return max(seconds, 1)
	}
	return seconds
}

// keptErrors are the seconds that errors are kept of which the origin says nothing more.
func (b *Behavior) keptErrors() map[int]int {
	seconds := map[int]int{}
	for _, status := range slices.AppendSeq(slices.Clone(freshness.KeptErrors), maps.Keys(b.errors)) {
		seconds[status] = freshness.Of(freshness.Answer{Status: status}, b.Bounds(status)).Fresh
	}
	return seconds
}
