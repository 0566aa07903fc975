// Package inspect is a page on which a person watches requests as the edge on this machine answers them.
package inspect

import (
	"crypto/rand"
	"sync"
	"time"

	"ml-api-accelerator/stacks/internal/local/serve/exchange"
)

// capacity is how many exchanges are kept.
const capacity = 300

// Options are what the page says about where it stands.
type Options struct {
	// Environment that is served.
	Environment string
	// Edge is the URL at which it is served, like http://localhost:8080.
	Edge string
	// KeyHeaders are those that have the keys of callers, which aren't shown, whatever their names.
	KeyHeaders []string
	// Listen is the inspector's own address, as Address tells it: its host is let in beside those of this machine.
	Listen string
}

// Inspector keeps the last exchanges and the hit rates, and shows them.
type Inspector struct {
	options  Options
	pace     pace
	instance string // tells one run from the next: the ids of events begin with it

	mu   sync.Mutex
	ring [capacity]*entry // an exchange is at its number modulo the capacity
	last uint64           // the newest exchange's number; the first is 1
	byID map[string]uint64
	rates
	// Grows with every change; what has changed since a version is what a browser that knows this version lacks.
	version, cleared uint64
	changed          chan struct{} // closed, and replaced, on each change
}

type entry struct {
	id      string
	version uint64
	detail  *detail
	counted bool // in the rate of its route
}

// New makes an inspector that has seen nothing.
func New(o Options) *Inspector {
	return &Inspector{
		options: o, pace: usualPace, instance: rand.Text(), byID: map[string]uint64{}, version: 1, changed: make(chan struct{}),
	}
}

// Observe notes how an exchange stands. It keeps nothing of what it is given, and waits for no browser.
func (i *Inspector) Observe(e *exchange.Exchange) {
	d := newDetail(e, i.options.KeyHeaders)
	i.mu.Lock()
	defer i.mu.Unlock()
	n, known := i.byID[e.ID]
	if !known && !e.End.IsZero() {
		return // it was pushed out or cleared while it was open
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

// detail is an exchange by its number; nil: it is no longer kept.
func (i *Inspector) detail(n uint64) *detail {
	i.mu.Lock()
	defer i.mu.Unlock()
	if e := i.ring[n%capacity]; e != nil && e.detail.N == n {
		return e.detail
	}
	return nil
}

// state is what a browser shows, or what has changed of it.
type state struct {
	Environment string  `json:"environment"`
	Edge        string  `json:"edge"`
	Capacity    int     `json:"capacity"`
	Now         int64   `json:"now"` // milliseconds; a browser's clock may be another
	Rows        []row   `json:"rows"`
	Routes      []route `json:"routes"`
}

// since is what has changed since a version, whether it stands in place of all that was known before, the version it leads to,
// and a channel that is closed when there is more.
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
