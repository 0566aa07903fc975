// Package replay simulates what a distribution does with the requests of access logs: one cache, with the keys and times of the model, that
// drops nothing early.
//
// A log lacks some of what decides: most headers of a request, and for how long the origin lets its answer live. So there are three
// simulations. A caller is an address and a user agent.
//
//   - Low: callers differ in every part of the key that the log lacks (headers, cookies that aren't logged, encodings). The origin forbids
//     caching (no-store): an answer lives for the minimum TTL, an error for as long as it is kept at least. A part of an object serves the
//     same part alone.
//   - Expected: as low, but the origin says nothing, so that an answer lives for the default TTL, and all callers take the same encodings and
//     none gets the canary.
//   - High: callers don't differ, and the origin allows caching for as long as can be: an answer lives for the maximum TTL. A part of an
//     object brings all of it.
//
// Most hits mean fewest requests to the origin, so the high simulation gives the low bound of those. An answer that is renewed costs its bytes
// again, and none in the high simulation.
//
// What CloudFront answers itself doesn't reach the cache: redirects, wrong methods, and what a firewall, a country or a quota stopped by the
// word of the log. A log has neither the keys of callers nor what became of a signature: a 401 where keys are checked and a 403 where
// signatures are needed is refused again, a request without a signature in its URL or its logged cookies is refused, and all others are let in.
// Every host counts as the distribution's. GUESSES.md of package edge lists what else is taken for granted.
package replay

import (
	"ml-api-accelerator/stacks/internal/edge"
	"ml-api-accelerator/stacks/internal/traffic/logs"
)

// Replay is a simulation that is under way.
type Replay struct {
	d      *edge.Distribution
	routes map[*edge.Behavior]*route
	caches [bounds]*cache
	keys   hasher
}

// The simulations, by their place.
const (
	low = iota
	expected
	high
	bounds
)

// New begins a simulation of a distribution.
func New(d *edge.Distribution) *Replay {
	r := &Replay{d: d, routes: map[*edge.Behavior]*route{}, keys: newHasher()}
	for i := range d.Behaviors {
		r.routes[&d.Behaviors[i]] = newRoute(d, &d.Behaviors[i])
	}
	for i := range r.caches {
		// What has expired counts for the bytes only in high, which needs no caller in its keys.
		r.caches[i] = newCache(i != high)
	}
	return r
}

// Add simulates the requests of some lines.
func (r *Replay) Add(lines []logs.Line) {
	for i := range lines {
		r.add(&lines[i])
	}
}

func (r *Replay) add(l *logs.Line) {
	path := r.d.Object(l.Path)
	route := r.routes[r.d.Route(path)]
	c := &route.count
	c.Requests++
	c.Bytes += l.Bytes
	counts := l.CountsForRate()
	if counts {
		c.Cacheable++
		if l.IsHit() {
			c.LoggedHits++
		}
	}
	verdict := route.decide(l, path)
	if verdict == refused {
		c.Refused++
		return
	}
	hits := [bounds]bool{}
	fetched := [bounds]int64{l.Bytes, l.Bytes, l.Bytes}
	if verdict == cached {
		keys, lives := r.keys.of(route, l, path), route.lifetimes(l.Status)
		for i, cache := range r.caches {
			found := cache.ask(keys[i], lives[i], l.Time)
			hits[i] = found == fresh
			if found == fresh || found == stale && i == high {
				fetched[i] = 0
			}
		}
	}
	c.add(hits, fetched, counts)
}

// Report is what came of the simulation. It is an error if a function does what isn't simulated.
func (r *Replay) Report() (Report, error) {
	var report Report
	for i := range r.d.Behaviors {
		route := r.routes[&r.d.Behaviors[i]]
		if route.err != nil {
			return Report{}, route.err
		}
		report.Routes = append(report.Routes, Route{route.b.Path, route.count})
		report.Total.sum(route.count)
	}
	return report, nil
}
