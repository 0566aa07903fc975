package verify

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"ml-api-accelerator/stacks/internal/edge/freshness"
)

// once judges whether a request that is sent only once stays out of the cache.
func (j *judge) once(a *Answer) {
	if j.Cached == nil || j.decision.Origin == nil {
		return
	}
	if a.isHit() {
		j.fail("expected false, got "+a.XCache, "cached")
		return
	}
	j.judged = true
}

func (j *judge) waitsForHit(first, last *Answer) bool {
	return j.Cached != nil && *j.Cached && !last.isHit() && j.notKept(first, last) == ""
}

// cached judges the answers to a request that was repeated.
func (j *judge) cached(first *Answer, answers []*Answer) {
	last := answers[len(answers)-1]
	j.Second = last
	hit := slices.IndexFunc(answers, (*Answer).isHit)
	switch {
	case j.Cached == nil:
	case last.Error != "":
		j.fail("the second request: "+last.Error, "request")
	case !*j.Cached && hit >= 0:
		j.fail("expected false, got "+answers[hit].XCache, "cached")
	case !*j.Cached || hit >= 0:
		j.judged = true
	default:
		if why := j.notKept(first, last); why != "" {
			j.skip(why, "cached")
			return
		}
		j.fail(fmt.Sprintf("expected true, got %s to %d requests in a row", last.XCache, len(answers)), "cached")
	}
}

// notKept says why CloudFront may have done right not to answer from its cache.
func (j *judge) notKept(first, last *Answer) string {
	bounds := j.decision.Behavior.Bounds(last.Status)
	life := freshness.Of(freshness.Answer{Status: last.Status, Header: last.header, Time: last.came}, bounds)
	_, ours := j.decision.Response.Headers["Cache-Control"]
	said := last.header.Get("Cache-Control")
	switch {
	case last.Status >= 400:
		return fmt.Sprintf("the origin answers %s, and X-Cache doesn't tell whether an error was kept", told(last))
	case ours:
		// It says nothing of what CloudFront does (Add or remove HTTP headers in CloudFront responses with a policy).
		return "the Cache-Control that is added hides what the origin says"
	case time.Duration(life.Fresh)*time.Second <= last.came.Sub(first.came):
		return fmt.Sprintf("such an answer is kept for only %d s (Cache-Control: %s)", life.Fresh, cmp.Or(said, "none"))
	case !first.whole:
		return fmt.Sprintf("the answer wasn't fetched to its end: after %d MiB or %v it is left", maxBody>>20, maxBodyTime)
	}
	return ""
}
