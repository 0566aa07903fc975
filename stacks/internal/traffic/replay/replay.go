// Package replay simulates what a distribution does with the requests of access logs: one cache, with the keys and
// times of the model, that drops nothing early.
//
// A log lacks some of what decides: most headers of a request, and for how long the origin lets its answer live. So
// there are three simulations. A caller is an address and a user agent.
//
//   - Low: callers differ in every part of the key that the log lacks (headers, cookies that aren't logged, encodings).
//     The origin forbids caching (no-store): an answer lives for the minimum TTL, an error for as long as it is kept at
//     least. A part of an object serves only requests for the same part.
//   - Expected: as low, but the origin says nothing, so an answer lives for the default TTL, all callers take the same
//     encodings, and none gets the canary.
//   - High: callers don't differ, and the origin allows caching for as long as possible: an answer lives for the
//     maximum TTL. A request for a part of an object fetches all of it.
//
// Most hits mean fewest requests to the origin, so the high simulation gives the low bound of those. An answer that is
// renewed costs its bytes again, and none in the high simulation.
//
// What CloudFront answers itself doesn't reach the cache: redirects, wrong methods, and what a firewall, a country or a
// quota stopped by the word of the log, and whom the firewall's lists of addresses refuse now. A log has neither the
// keys of callers nor what became of a signature: a 401 where keys are checked and a 403 where signatures are needed is
// refused again, a request without a signature in its URL or its logged cookies is refused, and all others are let in.
// Every host counts as the distribution's. GUESSES.md of package edge lists what else is taken for granted.
package replay

import (
	"context"
	"slices"
	"strings"
	"sync"
	"time"

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

// Result is what came of the requests of logs, now and with a former distribution.
type Result struct {
	Environment string         `json:"environment"`
	From        time.Time      `json:"from"`
	To          time.Time      `json:"to"`
	Files       int            `json:"files"`
	Now         Report         `json:"now"`
	Before      *Report        `json:"before"` // nil: there is no former distribution
	Unread      []logs.Problem `json:"unread"`
	Lacking     []string       `json:"lacking"` // columns that some of the logs don't have
}

// columns are those without which nothing can be said of a cache: what was asked for, by whom, and what came of it.
var columns = logs.Columns{
	Needed: strings.Fields("cs-method cs-uri-stem cs-uri-query sc-status sc-bytes c-ip cs(User-Agent)"),
	Wanted: strings.Fields("cs-protocol x-host-header cs(Referer) x-edge-response-result-type|x-edge-result-type x-edge-result-type " +
		"x-edge-detailed-result-type sc-range-start sc-range-end"),
}

// reads are the columns of a job.
func (j Job) reads() logs.Columns {
	if j.Usage == nil {
		return columns
	}
	return logs.Columns{Needed: append(slices.Clone(columns.Needed), "x-edge-location", "cs-bytes"),
		Wanted: columns.Wanted}
}

// Job is what is simulated.
type Job struct {
	Files       []logs.File
	Now, Before *edge.Distribution // Before is nil if there is none
	Usage       *Usage             // what is added up meanwhile; nil: nothing
	Tell        func(logs.Progress)
}

// Run simulates the requests of logs.
func Run(ctx context.Context, j Job) (Result, error) {
	now, former, s := New(j.Now), (*Replay)(nil), logs.Span{}
	if j.Before != nil {
		former = New(j.Before)
	}
	gaps, err := logs.Read(ctx, j.Files, j.reads(), func(lines []logs.Line) {
		var both sync.WaitGroup
		if former != nil {
			both.Go(func() { former.Add(lines) })
		}
		now.Add(lines)
		s.Add(lines)
		if j.Usage != nil {
			j.Usage.Add(lines)
		}
		both.Wait()
	}, j.Tell)
	if err != nil {
		return Result{}, err
	}
	result := Result{From: s.From(), To: s.To(), Files: len(j.Files),
		Unread: append([]logs.Problem{}, gaps.Unread...), Lacking: append([]string{}, gaps.Lacking...)}
	if result.Now, err = now.Report(); err != nil {
		return Result{}, err
	}
	if former != nil {
		report, err := former.Report()
		if err != nil {
			return Result{}, err
		}
		result.Before = &report
	}
	return result, nil
}

// Report is what came of a simulation, route by route in the order in which they are tried.
type Report struct {
	Routes []Route `json:"routes"`
	Total  Count   `json:"total"`
}

// Route is what came of the requests of a path.
type Route struct {
	Path string `json:"route"`
	Count
}

// Count is what came of requests. Those that count for the rate of hits are of GET and HEAD and no errors.
type Count struct {
	Requests  int `json:"requests"`
	Refused   int `json:"refused"` // CloudFront answers them itself
	Cacheable int `json:"cacheable"`
	// Of those that count for the rate: by the log, and simulated.
	LoggedHits int    `json:"loggedHits"`
	Hits       Bounds `json:"hits"`

	OriginRequests Bounds `json:"originRequests"`
	Bytes          int64  `json:"bytes"`
	OriginBytes    Bounds `json:"originBytes"`
}

// Bounds are the least and the most that a number can be, and what it is if the origin says nothing about caching.
type Bounds struct {
	Low      int64 `json:"low"`
	Expected int64 `json:"expected"`
	High     int64 `json:"high"`
}

// add counts a request that CloudFront doesn't answer itself, and what was fetched for it.
func (c *Count) add(hits [bounds]bool, fetched [bounds]int64, counts bool) {
	for i, hit := range hits {
		if hit && counts {
			*c.Hits.of(i)++
		}
		// Most hits, fewest requests to the origin.
		if !hit {
			*c.OriginRequests.of(high - i)++
		}
		*c.OriginBytes.of(high - i) += fetched[i]
	}
}

func (b *Bounds) of(simulation int) *int64 {
	return [bounds]*int64{&b.Low, &b.Expected, &b.High}[simulation]
}

// sum adds other requests.
func (c *Count) sum(other Count) {
	c.Requests += other.Requests
	c.Refused += other.Refused
	c.Cacheable += other.Cacheable
	c.LoggedHits += other.LoggedHits
	c.Bytes += other.Bytes
	for _, pair := range [][2]*Bounds{{&c.Hits, &other.Hits}, {&c.OriginRequests, &other.OriginRequests},
		{&c.OriginBytes, &other.OriginBytes}} {
		for i := range bounds {
			*pair[0].of(i) += *pair[1].of(i)
		}
	}
}
