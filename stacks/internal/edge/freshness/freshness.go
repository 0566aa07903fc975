// Package freshness says how long CloudFront keeps an answer and may serve it stale.
package freshness

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Answer is what matters of an origin's answer for how long it is kept.
type Answer struct {
	Status int
	Header http.Header
	// When it came; Expires counts from there.
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
}

// The errors that CloudFront keeps, and those that it keeps only if the origin says how long (CloudFront Developer Guide, How
// CloudFront processes HTTP 4xx and 5xx status codes from your origin).
var (
	KeptErrors     = []int{404, 414, 500, 501, 502, 503, 504}
	keptIfSaid     = []int{400, 403, 405, 412, 415}
	keptUnlessSaid = []int{404, 410, 414, 501} // Control how long CloudFront caches errors
)

// DefaultErrorTTL is how many seconds they are kept at least where nothing is said (Control how long CloudFront caches errors).
const DefaultErrorTTL = 10

const year = 365 * 24 * 60 * 60 // seconds

// Of tells how long an answer is kept (Manage how long content stays in the cache; Control how long CloudFront caches
// errors).
func Of(answer Answer, bounds Bounds) Lifetime {
	if bounds.MaxTTL == 0 {
		return Lifetime{} // caching is off (Understand cache policies)
	}
	cache := parseCacheControl(answer.Header.Values("Cache-Control"))
	said, isSaid := cache.seconds("s-maxage", "max-age")
	if answer.Status >= 400 {
		return Lifetime{Fresh: errorFreshness(answer, bounds, cache, said, isSaid)}
	}
	if !isSaid {
		said, isSaid = expires(answer)
	}
	fresh := max(bounds.MinTTL, bounds.DefaultTTL)
	switch {
	case cache.forbids(), answer.Header.Get("Vary") == "*":
		// With a minimum TTL of 0 it is kept only for when the origin fails.
		fresh = bounds.MinTTL
	case isSaid:
		fresh = max(bounds.MinTTL, min(said, bounds.MaxTTL))
	case answer.Status == 307 || answer.Status == 308:
		if len(cache) == 0 {
			return Lifetime{} // How CloudFront processes HTTP 3xx status codes from your origin
		}
	}
	life := Lifetime{Fresh: fresh, StaleIfError: bounds.MaxTTL}
	life.StaleWhileRevalidate, _ = cache.seconds("stale-while-revalidate")
	if seconds, found := cache.seconds("stale-if-error"); found {
		life.StaleIfError = seconds
	}
	// After the maximum TTL nothing is left to serve (Serve stale content).
	left := max(bounds.MaxTTL-fresh, 0)
	life.StaleWhileRevalidate, life.StaleIfError = min(life.StaleWhileRevalidate, left), min(life.StaleIfError, left)
	return life
}

func errorFreshness(answer Answer, bounds Bounds, cache cacheControl, said int, isSaid bool) int {
	switch {
	case slices.Contains(keptIfSaid, answer.Status) && !isSaid:
		return 0
	case !slices.Contains(KeptErrors, answer.Status) && !slices.Contains(keptIfSaid, answer.Status):
		return 0
	case cache.forbids() && slices.Contains(keptUnlessSaid, answer.Status):
		return 0
	case !isSaid:
		said, _ = expires(answer)
	}
	return max(bounds.ErrorMinTTL, min(said, bounds.MaxTTL))
}

// expires is how many seconds after the answer its Expires is.
func expires(answer Answer) (seconds int, found bool) {
	text := answer.Header.Get("Expires")
	if text == "" {
		return 0, false
	}
	date, err := http.ParseTime(text)
	if err != nil {
		return 0, true // in the past (RFC 9111, 5.3)
	}
	return max(int(date.Sub(answer.Time)/time.Second), 0), true
}

// cacheControl are the directives of a Cache-Control header, in lower case.
type cacheControl map[string]string

func parseCacheControl(values []string) cacheControl {
	cache := cacheControl{}
	for _, value := range values {
		for directive := range strings.SplitSeq(value, ",") {
			name, argument, _ := strings.Cut(strings.TrimSpace(directive), "=")
			if name != "" {
				cache[strings.ToLower(name)] = strings.Trim(argument, `"`)
			}
		}
	}
	return cache
}

// seconds is the value of the first of some directives that is there.
func (c cacheControl) seconds(names ...string) (int, bool) {
	for _, name := range names {
		if seconds, err := strconv.Atoi(c[name]); err == nil && seconds >= 0 {
			return min(seconds, 100*year), true
		}
	}
	return 0, false
}

// forbids tells whether the answer isn't to be kept. no-cache="Set-Cookie" keeps only that header out (Cache content based
// on cookies).
func (c cacheControl) forbids() bool {
	_, noStore := c["no-store"]
	_, private := c["private"]
	fields, noCache := c["no-cache"]
	return noStore || private || noCache && fields == ""
}
