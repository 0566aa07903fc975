// Package freshness says how long CloudFront keeps an answer and may serve it stale.
package freshness

import (
	"net/http"
	"time"

	"ml-api-accelerator/stacks/internal/edge/cachecontrol"
)

// Answer is what matters of an origin's answer for how long it is kept.
type Answer struct {
	Status int
	Header http.Header
	// When it came.
	Time time.Time
}

// Bounds are the limits within which the origin decides, in seconds.
type Bounds struct {
	MinTTL, DefaultTTL, MaxTTL int
	// How long an error with the answer's status is kept at least.
	ErrorMinTTL int
}

// Lifetime is how long an answer is kept, in seconds.
type Lifetime struct {
	// How long it is served without asking the origin.
	Fresh int
	// How long after that it is served while the origin is asked again.
	StaleWhileRevalidate int
	// How long after that it is served if the origin can't be reached or answers with 5xx.
	StaleIfError int
	// How old it was when it came; what a hit says in Age counts from there.
	Age int
	// Whether those who asked for the same while it was fetched get it too, instead of asking the origin themselves.
	Shared bool
	// Whether the origin is asked again as if nothing were kept, without If-None-Match and If-Modified-Since.
	Unconditional bool
}

// Kept tells whether an answer is kept at all, be it only for when the origin fails.
func (l Lifetime) Kept() bool { return l.Fresh > 0 || l.StaleWhileRevalidate > 0 || l.StaleIfError > 0 }

// Of tells how long an answer is kept (Manage how long content stays in the cache; Control how long CloudFront caches
// errors). The TTLs of a cache policy count from when the answer comes, whatever its age.
func Of(answer Answer, bounds Bounds) Lifetime {
	if bounds.MaxTTL == 0 {
		return Lifetime{} // caching is off (Understand cache policies)
	}
	says := read(answer)
	life := Lifetime{Age: says.age}
	switch status := answer.Status; status {
	case http.StatusSwitchingProtocols, http.StatusNotModified:
		return Lifetime{} // the second changes what is kept (RFC 9111, 4.3.4)
	case http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
		// Without Cache-Control they aren't kept (How CloudFront processes HTTP 3xx status codes from your origin).
		if len(says.cacheControl) > 0 {
			life = says.lifetime(bounds)
		}
	default:
		if status < 400 {
			life = says.lifetime(bounds)
		} else {
			life.Fresh = says.errorFreshness(status, bounds)
		}
	}
	life.Shared = life.Fresh > 0 || !says.keepsApart()
	return life
}

// lifetime is how long an answer is kept that is no error.
func (s said) lifetime(bounds Bounds) Lifetime {
	life := Lifetime{Age: s.age, Fresh: max(bounds.MinTTL, bounds.DefaultTTL)}
	variesOnAll := bounds.MinTTL == 0 && s.variesOnAll
	asksAlways := variesOnAll || s.forbids()
	switch {
	case asksAlways:
		life.Fresh = bounds.MinTTL // if that is 0 it is kept only for when the origin fails
	case s.isTimed:
		life.Fresh = max(bounds.MinTTL, min(s.seconds, bounds.MaxTTL))
	}
	life.Unconditional = variesOnAll || life.Fresh == 0 && s.hides()
	// Only stale-if-error keeps CloudFront from serving it when the origin fails (Manage how long content stays in the cache,
	// the warning). After the maximum TTL nothing is left to serve (Serve stale content).
	left := max(bounds.MaxTTL-life.Fresh, 0)
	life.StaleIfError = left
	if seconds, found := s.cacheControl.Seconds("stale-if-error"); found {
		life.StaleIfError = min(seconds, left)
	}
	if seconds, found := s.cacheControl.Seconds("stale-while-revalidate"); found && !asksAlways {
		life.StaleWhileRevalidate = min(seconds, left)
	}
	return life
}

// Omitted are the headers of an answer that aren't kept with it (Cache content based on cookies, Disable caching of Set-Cookie
// headers).
func Omitted(header http.Header) []string { return cachecontrol.Parse(header).Fields("no-cache") }
