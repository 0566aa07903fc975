// Package replay simulates what a distribution would have done with the requests of access logs: one cache, with the keys and times of
// the model, that never drops anything early.
//
// A log lacks what decides some of it: most headers of the request, and what the origin said of how long its answer may be kept. So there
// are three simulations.
//
//   - Low: who sends a request (address and user agent) is told apart wherever the key has something that the log doesn't show: a header,
//     cookies that aren't logged, the encodings that are taken. The origin forbids to keep its answers (no-store), so they live for the minimum
//     TTL, and errors for what the configuration says. A part of an object serves the same part alone.
//   - Expected: as low, but the origin says nothing, so answers live for the default TTL, and all take the same encodings and get no canary.
//   - High: all send the same, and the origin lets its answers live for the maximum TTL. A part of an object brings all of it.
//
// What CloudFront answers itself never comes to the cache: redirects, methods, and by the log's word what a firewall, a quota or a country
// was in the way of. The log has no keys of callers and no outcome of signatures: one that was refused then (401 where keys are checked, 403
// where signatures are) is refused again, and everybody else counts as known; a signature that isn't in the URL or in logged cookies is
// missing.
//
// Every host counts as the distribution's. What became of a request, its status and its bytes, is what the log says, whatever the
// distribution was then; an answer that is renewed comes whole in low and expected, and costs nothing in high. Requests for one object at
// the same time are answered one after the other.
package replay

import (
	"ml-api-accelerator/stacks/internal/edge"
	"ml-api-accelerator/stacks/internal/logs"
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
	path := l.Path
	if path == "/" && r.d.DefaultRootObject != "" {
		path += r.d.DefaultRootObject // as the model does
	}
	route := r.routes[r.d.Route(path)]
	c := &route.count
	c.Requests++
	c.Bytes += l.Bytes
	counts := countsForRate(l)
	if counts {
		c.Cacheable++
		if l.Result == "Hit" {
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

// countsForRate tells whether a request counts for the rate of hits: "HTTP POST and PUT requests, and errors, are not considered cacheable
// requests" (View CloudFront and edge function metrics, Cache hit rate).
func countsForRate(l *logs.Line) bool {
	return (l.Method == "GET" || l.Method == "HEAD") && l.Status >= 200 && l.Status < 400 && l.Result != "Redirect"
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
