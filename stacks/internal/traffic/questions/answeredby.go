package questions

import "ml-api-accelerator/stacks/internal/traffic/logs"

// An answer that no origin gave has no time that an origin took. Of version 1, no line has.
const (
	answeredByNote = "answered_by: edge is CloudFront, with its firewall, functions and cache; origin is the backend or the bucket."
	answeredBySQL  = `CASE WHEN origin_fbl = '-' THEN 'edge' WHEN origin_fbl IS NULL THEN '-' ELSE 'origin' END`
)

func answeredBy(l *logs.Line) string {
	switch l.FromOrigin {
	case logs.Yes:
		return "origin"
	case logs.No:
		return "edge"
	}
	return none
}
