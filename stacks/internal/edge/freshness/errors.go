package freshness

import "slices"

// The errors that CloudFront keeps, and those that it keeps only if the origin says how long (CloudFront Developer Guide, How
// CloudFront processes HTTP 4xx and 5xx status codes from your origin).
var (
	KeptErrors     = []int{404, 414, 500, 501, 502, 503, 504}
	keptIfSaid     = []int{400, 403, 405, 412, 415}
	keptUnlessSaid = []int{404, 410, 414, 501} // Control how long CloudFront caches errors
)

// DefaultErrorTTL is how many seconds they are kept at least where nothing is said (Control how long CloudFront caches errors).
const DefaultErrorTTL = 10

func (s said) errorFreshness(status int, bounds Bounds) int {
	switch {
	case slices.Contains(keptIfSaid, status) && !s.byCacheControl:
		return 0
	case !slices.Contains(KeptErrors, status) && !slices.Contains(keptIfSaid, status):
		return 0
	case s.forbids() && slices.Contains(keptUnlessSaid, status):
		return 0
	}
	return max(bounds.ErrorMinTTL, min(s.seconds, bounds.MaxTTL))
}
