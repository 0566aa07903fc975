// Package inspect serves a page that shows requests as the edge on this machine answers them.
package inspect

import (
	"crypto/rand"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"ml-api-accelerator/stacks/internal/edge/freshness"
	"ml-api-accelerator/stacks/internal/local/serve/exchange"
	"ml-api-accelerator/stacks/internal/terminal"
)

// capacity is how many exchanges are kept.
const capacity = 300

// Options say what is inspected, and where.
type Options struct {
	Environment string
	Edge        string // URL of the edge, like http://localhost:8080
	Listen      string // the inspector's own address, as Address returns it: its host is let in, beside localhost
}

// Inspector shows the last exchanges, and the hit rates.
type Inspector struct {
	options  Options
	pace     pace
	instance string // differs from run to run: the ids of events begin with it

	mu   sync.Mutex
	ring [capacity]*entry // by number modulo capacity
	last uint64           // number of the newest exchange; the first is 1
	byID map[string]uint64
	rates
	// The version grows with every change. A browser that has one gets what has changed since.
	version, cleared uint64
	changed          chan struct{} // closed, and replaced, on each change
}

type entry struct {
	id      string
	version uint64
	detail  *detail
	counted bool // in the hit rate of its route
}

// New makes an inspector without requests.
func New(o Options) *Inspector {
	return &Inspector{
		options: o, pace: usualPace, instance: rand.Text(), byID: map[string]uint64{}, version: 1,
		changed: make(chan struct{}),
	}
}

// Observe records the state of an exchange. It keeps no reference to it, and waits for no browser.
func (i *Inspector) Observe(e *exchange.Exchange) {
	d := newDetail(e)
	i.mu.Lock()
	defer i.mu.Unlock()
	n, known := i.byID[e.ID]
	if !known && !e.End.IsZero() {
		return // it was evicted or cleared while it was open
	}
	i.change()
	if !known {
		i.last++
		n = i.last
		if old := i.ring[n%capacity]; old != nil {
			delete(i.byID, old.id)
		}
		i.byID[e.ID] = n
	}
	d.N = n
	counted := known && i.ring[n%capacity].counted
	if !counted && !e.Answered.IsZero() {
		i.count(e, i.version)
		counted = true
	}
	i.ring[n%capacity] = &entry{e.ID, i.version, d, counted}
}

// clear forgets all exchanges and rates.
func (i *Inspector) clear() {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.change()
	i.cleared = i.version
	i.ring, i.byID, i.rates = [capacity]*entry{}, map[string]uint64{}, rates{}
}

func (i *Inspector) change() {
	i.version++
	close(i.changed)
	i.changed = make(chan struct{})
}

// detail returns an exchange by its number; nil: it is no longer kept.
func (i *Inspector) detail(n uint64) *detail {
	i.mu.Lock()
	defer i.mu.Unlock()
	if e := i.ring[n%capacity]; e != nil && e.detail.N == n {
		return e.detail
	}
	return nil
}

// state is all that a browser shows, or what has changed of it.
type state struct {
	Environment string  `json:"environment"`
	Edge        string  `json:"edge"`
	Capacity    int     `json:"capacity"`
	Now         int64   `json:"now"` // milliseconds; the browser's clock may differ
	Rows        []row   `json:"rows"`
	Routes      []route `json:"routes"`
}

// since returns what has changed since a version, whether it replaces all that was known before, the version that it
// leads to, and a channel that is closed when there is more.
func (i *Inspector) since(known uint64) (s *state, anew bool, version uint64, changed <-chan struct{}) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if anew = known == 0 || known < i.cleared || known > i.version; anew {
		known = 0
	} else if known == i.version {
		return nil, false, known, i.changed
	}
	s = &state{
		Environment: i.options.Environment, Edge: i.options.Edge, Capacity: capacity, Now: time.Now().UnixMilli(),
		Rows: []row{}, Routes: i.rates.since(known),
	}
	for n := i.last - min(i.last, capacity) + 1; n <= i.last; n++ {
		if e := i.ring[n%capacity]; e != nil && e.version > known {
			s.Rows = append(s.Rows, e.detail.row)
		}
	}
	return s, anew, i.version, i.changed
}

// Limits of an exchange, and of one text in it.
const (
	exchangeBytes = 64 << 10
	textBytes     = 2 << 10
	longTextBytes = 16 << 10
)

// room is how many bytes of an exchange are left.
type room int

// header is a name with its value.
type header [2]string

// text copies a text from outside, cut to its limit and made harmless.
func (r *room) text(s string) string {
	if most := textBytes + utf8.UTFMax; len(s) > most {
		s = strings.ToValidUTF8(s[:most], "")
	}
	return r.copy(terminal.Harmless(s), textBytes)
}

// long copies a text of many lines that is harmless already.
func (r *room) long(s string) string { return r.copy(s, longTextBytes) }

func (r *room) copy(s string, most int) string {
	if most = max(min(most, int(*r)), 0); len(s) > most {
		s = strings.ToValidUTF8(s[:most], "") + "…(cut)"
	} else {
		s = strings.Clone(s) // or the whole header that it is a part of stays in memory
	}
	*r -= room(len(s))
	return s
}

func (r *room) headers(h http.Header, keys, secrets []string) []header {
	list := make([]header, 0, len(h))
	for _, name := range slices.Sorted(maps.Keys(h)) {
		for _, value := range h[name] {
			if *r <= 0 {
				return append(list, header{"…", "more than is kept"})
			}
			shown := "(secret)"
			if !slices.ContainsFunc(secrets, func(secret string) bool { return strings.EqualFold(secret, name) }) {
				shown = shortenHeader(name, value, keys)
			}
			list = append(list, header{r.text(name), r.text(shown)})
		}
	}
	return list
}

// lifetime returns how long an answer stays in the cache, in words.
func lifetime(e *exchange.Exchange) []header {
	if l := e.Lifetime; e.Stored || l != (freshness.Lifetime{}) {
		return []header{
			{"fresh", orElse(l.Fresh, "for %s, without asking the origin", "never: the origin is asked each time")},
			{"stale-while-revalidate", orElse(l.StaleWhileRevalidate, "then for %s, while the origin is asked again", "no")},
			{"stale-if-error", orElse(l.StaleIfError, "for %s after it was fresh, if the origin fails", "no")},
		}
	}
	return []header{}
}

func orElse(seconds int, format, none string) string {
	if seconds == 0 {
		return none
	}
	return fmt.Sprintf(format, words(seconds))
}

// words returns a time in its two greatest units.
func words(seconds int) string {
	if seconds < 120 {
		return fmt.Sprintf("%d s", seconds)
	}
	var parts []string
	for _, unit := range []struct {
		seconds int
		name    string
	}{{24 * 60 * 60, "days"}, {60 * 60, "h"}, {60, "min"}, {1, "s"}} {
		if count := seconds / unit.seconds; count == 1 && unit.name == "days" {
			parts = append(parts, "1 day")
		} else if count > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", count, unit.name))
		}
		seconds %= unit.seconds
	}
	return strings.Join(parts[:min(len(parts), 2)], " ")
}

// A rate is over the last requests of a route, and its course is kept for a while.
const (
	rateRequests = 100
	rateWindow   = 10 * time.Minute
	rateRoutes   = 100
)

// rates are the hit rates of the routes, in the order in which the routes were first met.
type rates struct {
	series []*series
}

type series struct {
	route    string
	version  uint64
	requests int    // all of the route
	outcomes []bool // hit or not, of the last that could have been one
	points   []point
}

// point is a rate that holds from a time on.
type point struct {
	At   int64   `json:"at"` // milliseconds since 1970, whole seconds
	Rate float64 `json:"rate"`

	version uint64
}

// route is the rate of one route, with the points that are new.
type route struct {
	Route    string  `json:"route"`
	Requests int     `json:"requests"`
	Hits     int     `json:"hits"`
	Of       int     `json:"of"` // 0: none could have been a hit
	Points   []point `json:"points"`
}

// count adds a request to the rate of its route. What CloudFront doesn't call cacheable doesn't count: methods whose
// answers aren't kept, and errors (CloudFront Developer Guide, Types of metrics for CloudFront, Cache hit rate). An
// answer that the origin has confirmed comes from the cache.
func (r *rates) count(e *exchange.Exchange, version uint64) {
	s := r.of(e.Decision.Route)
	if s == nil {
		return
	}
	s.requests++
	s.version = version
	if !looksUp(e) || e.Result == exchange.Error {
		return
	}
	if len(s.outcomes) == rateRequests {
		s.outcomes = append(s.outcomes[:0], s.outcomes[1:]...)
	}
	s.outcomes = append(s.outcomes, e.Result == exchange.Hit || e.Result == exchange.RefreshHit)
	s.add(point{e.Answered.Truncate(time.Second).UnixMilli(), float64(s.hits()) / float64(len(s.outcomes)), version})
}

// of returns the series of a route; nil: there is none.
func (r *rates) of(route string) *series {
	for _, s := range r.series {
		if s.route == route {
			return s
		}
	}
	if route == "" || len(r.series) == rateRoutes {
		return nil
	}
	r.series = append(r.series, &series{route: route})
	return r.series[len(r.series)-1]
}

func (s *series) hits() int {
	hits := 0
	for _, hit := range s.outcomes {
		if hit {
			hits++
		}
	}
	return hits
}

// add keeps one point per second, and the last one before the window, since a rate holds until the next.
func (s *series) add(p point) {
	if last := len(s.points) - 1; last >= 0 && s.points[last].At >= p.At {
		p.At = s.points[last].At
		s.points[last] = p
		return
	}
	s.points = append(s.points, p)
	old := 0
	for old+1 < len(s.points) && s.points[old+1].At <= p.At-rateWindow.Milliseconds() {
		old++
	}
	s.points = append(s.points[:0], s.points[old:]...)
}

// since returns what has changed since a version.
func (r *rates) since(known uint64) []route {
	list := []route{}
	for _, s := range r.series {
		if s.version <= known {
			continue
		}
		changed := route{s.route, s.requests, s.hits(), len(s.outcomes), []point{}}
		for _, p := range s.points {
			if p.version > known {
				changed.Points = append(changed.Points, p)
			}
		}
		list = append(list, changed)
	}
	return list
}
