package serve

import (
	"context"
	"sync"
	"time"

	"ml-api-accelerator/stacks/internal/local/serve/exchange"
	"ml-api-accelerator/stacks/internal/local/serve/store"
)

// flight is one request to the origin, for all callers who want its answer meanwhile (CloudFront Developer Guide, Simultaneous
// requests for the same object (request collapsing)).
type flight struct {
	// Closed when the outcome is known, whose body may still be growing.
	known chan struct{}
	outcome

	interim chan interim
	end     context.CancelFunc
	gone    chan struct{} // closed when all callers have left
	mutex   sync.Mutex
	callers int
	cut     bool // the last one was cut off
}

// outcome is what a flight brings.
type outcome struct {
	answer *store.Answer // nil: the flight was ended, and err says why
	err    error
	result exchange.Result
	sent   []exchange.Sent
	// Whether the answer is kept once it is complete, and why or why not.
	keeps bool
	why   string
	// Who came before then may have it too.
	sharedUntil time.Time
}

// board joins the flight for an entry, or begins one that asks the origin. If one has just ended there is none, but another entry.
func (s *Server) board(c *call, e entry) (f *flight, joined bool) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	key := e.flight(c.Method)
	if f = s.flights[key]; f != nil && f.join() {
		return f, true
	}
	if e.changed(s.store) {
		return nil, false
	}
	f = s.begin(c, e)
	if !c.Decision.Behavior.ForwardsCookies() { // then each asks for its own
		s.flights[key] = f
	}
	return f, false
}

// alone begins a flight that nobody can join.
func (s *Server) alone(c *call, e entry) *flight {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return s.begin(c, e)
}

// begin asks the origin in a goroutine of its own, since the caller for whom it asks may leave before the others.
func (s *Server) begin(c *call, e entry) *flight {
	c.Decision.Complete() // before the other goroutine reads it
	ctx, end := context.WithCancel(context.WithoutCancel(c.r.Context()))
	ended := context.AfterFunc(s.open, end)
	f := &flight{known: make(chan struct{}), gone: make(chan struct{}), interim: make(chan interim, 10), end: end, callers: 1}
	if e.answer != nil && !e.answer.Body.Use() {
		e.answer = nil
	}
	s.working.Go(func() {
		defer ended()
		defer end()
		s.fly(ctx, c, f, e)
	})
	return f
}

// land takes a flight out of those that can be joined.
func (s *Server) land(f *flight, key string) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if s.flights[key] == f {
		delete(s.flights, key)
	}
}

// join adds a caller, unless nobody waits any more and the rest isn't fetched.
func (f *flight) join() bool {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	if f.callers == 0 && !f.goesOn() {
		return false
	}
	f.callers++
	return true
}

// goesOn tells whether a flight that all have left still fetches what is kept. Whoever joins then uses the body, which leave ends.
func (f *flight) goesOn() bool {
	select {
	case <-f.known:
		return f.keeps && !f.cut && f.answer.Body.Use()
	default:
		return false
	}
}

// leave is what each caller does once, when it needs the answer no more. If the last one was cut off, the flight ends: what a
// caller doesn't wait for isn't kept (Request and response behavior for custom origins, Canceled requests).
func (f *flight) leave(caller context.Context) {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	if f.callers--; f.callers > 0 {
		return
	}
	select {
	case <-f.gone: // it was joined when all had left
		f.answer.Body.Leave()
		return
	default:
	}
	close(f.gone)
	if caller.Err() != nil {
		f.cut = true
		f.end()
	}
	select {
	case <-f.known:
		f.abandon()
	default: // it will see that all have gone
	}
}

// abandon lets go of what nobody waits for, and what can't be kept.
func (f *flight) abandon() {
	if f.answer == nil {
		return
	}
	if f.answer.Body.Unread(); !f.keeps {
		f.end()
	}
}

// tell lets the callers have the outcome.
func (f *flight) tell(o outcome) {
	f.outcome = o
	close(f.known)
	select {
	case <-f.gone:
		f.abandon()
	default:
	}
}

// wait waits for the outcome, unless the caller leaves before. The one for whom the origin is asked gets what comes before the answer.
func (f *flight) wait(c *call, joined bool) error {
	before := f.interim
	if joined {
		before = nil
	}
	for {
		select {
		case i := <-before:
			c.passOn(i)
		case <-f.known:
			return f.err
		case <-c.r.Context().Done():
			return context.Cause(c.r.Context())
		}
	}
}
