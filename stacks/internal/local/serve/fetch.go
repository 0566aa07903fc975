package serve

import (
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/andybalholm/brotli"

	"ml-api-accelerator/stacks/internal/edge/compression"
	"ml-api-accelerator/stacks/internal/edge/freshness"
	"ml-api-accelerator/stacks/internal/local/serve/exchange"
	"ml-api-accelerator/stacks/internal/local/serve/store"
)

// flight is one request to the origin for all callers who want its answer (CloudFront Developer Guide, Simultaneous
// requests for the same object (request collapsing)).
type flight struct {
	known chan struct{} // closed when the outcome is there, whose body may still grow
	outcome

	// What it was asked for on, and how the requests of its route are treated there.
	deployment int
	treatment  string

	interim chan interim
	end     context.CancelFunc
	gone    chan struct{} // closed when all callers have left
	mutex   sync.Mutex
	callers int
	cut     bool // the last one was cut off
}

// outcome is what came of a flight.
type outcome struct {
	answer *store.Answer // nil: there is none, and err says why
	err    error
	result exchange.Result
	sent   []exchange.Sent
	keeps  bool // whether the answer is kept once it is complete
	why    string
	// Callers that came before then get the same answer.
	sharedUntil time.Time
}

// board joins the flight for an entry, or begins one. It returns nil if one has just ended: then the entry is another.
func (s *Server) board(c *call, e entry) (f *flight, joined bool) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	key := e.flight(c.Method)
	if f = s.flights[key]; f != nil && c.takes(f.deployment, f.treatment) && f.join() {
		return f, true
	}
	if e.changed(s.store) {
		return nil, false
	}
	f = s.begin(c, e)
	if !c.Decision.Behavior.ForwardsCookies() { // otherwise each caller asks for its own
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

// begin asks the origin in a new goroutine, since the caller who began may leave before the others.
func (s *Server) begin(c *call, e entry) *flight {
	ctx, end := context.WithCancel(context.WithoutCancel(c.r.Context()))
	ended := context.AfterFunc(s.open, end)
	f := &flight{
		known: make(chan struct{}), gone: make(chan struct{}), interim: make(chan interim, 10), end: end, callers: 1,
		deployment: c.on.number, treatment: c.treatment(),
	}
	if e.answer != nil && !e.answer.Body.Use() {
		e.answer = nil
	}
	c.on.users.Add(1)
	s.working.Go(func() {
		defer c.on.users.Done()
		defer ended()
		defer end()
		s.fly(ctx, c, f, e)
	})
	return f
}

// land lets nobody join a flight any more.
func (s *Server) land(f *flight, key string) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if s.flights[key] == f {
		delete(s.flights, key)
	}
}

// join adds a caller, unless all have left and the rest isn't fetched.
func (f *flight) join() bool {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	if f.callers == 0 && !f.goesOn() {
		return false
	}
	f.callers++
	return true
}

// goesOn reports whether a flight that all have left goes on, for the cache. If so, the caller uses its body.
func (f *flight) goesOn() bool {
	select {
	case <-f.known:
		return f.keeps && !f.cut && f.answer.Body.Use()
	default:
		return false
	}
}

// leave is called once by each caller, when it is done with the answer. If the last one was cut off, the flight ends
// and nothing is kept (Request and response behavior for custom origins, Canceled requests).
func (f *flight) leave(caller context.Context) {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	if f.callers--; f.callers > 0 {
		return
	}
	select {
	case <-f.gone: // this caller joined when all others had left
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
	default: // tell will see that all have left
	}
}

// abandon stops the flight if its answer isn't kept.
func (f *flight) abandon() {
	if f.answer == nil {
		return
	}
	if f.answer.Body.Unread(); !f.keeps {
		f.end()
	}
}

// tell hands the outcome to the callers.
func (f *flight) tell(o outcome) {
	f.outcome = o
	close(f.known)
	select {
	case <-f.gone:
		f.abandon()
	default:
	}
}

// wait waits for the outcome, unless the caller leaves. Only the caller who began the flight gets interim answers.
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

// fly asks the origin, passes its answer on to the callers, and keeps it.
func (s *Server) fly(ctx context.Context, c *call, f *flight, e entry) {
	if e.answer != nil {
		defer e.answer.Body.Leave()
	}
	result, err := c.ask(f.withInterim(ctx), c.conditions(e), body{})
	if err != nil {
		s.land(f, e.flight(c.Method))
		f.tell(outcome{err: err})
		return
	}
	came, status := s.now(), result.answer.StatusCode
	switch {
	case e.answer != nil && status == http.StatusNotModified:
		s.renew(c, f, e, result, came)
	case e.answer != nil && status >= 500 && servesOnError(e.answer, came):
		s.postpone(c, f, e, result, came)
	default:
		a := s.receive(c, f, e, result, came)
		defer a.Body.Leave()
	}
	result.answer.Body.Close()
	s.land(f, e.flight(c.Method))
	<-f.gone
}

// conditions returns the headers that ask whether a kept answer is still current, unless cookies are forwarded (Request
// and response behavior for custom origins, Conditional requests). A whole answer isn't renewed by a part.
func (c *call) conditions(e entry) http.Header {
	add := http.Header{}
	if e.answer == nil {
		return add
	}
	if e.found == e.whole {
		add["Range"], add["If-Range"] = nil, nil
	}
	if c.Decision.Behavior.ForwardsCookies() || e.answer.Life.Unconditional {
		return add
	}
	if tag := e.answer.Header.Get("Etag"); tag != "" {
		add.Set("If-None-Match", tag)
	}
	if date := e.answer.Header.Get("Last-Modified"); date != "" {
		add.Set("If-Modified-Since", date)
	}
	return add
}

// renew keeps an answer for longer, since the origin says that it is still current (RFC 9111, 3.2).
func (s *Server) renew(c *call, f *flight, e entry, result asked, came time.Time) {
	header := e.answer.Header.Clone()
	header.Del("Age")
	header.Del("Date") // a 304 has its own
	for name, values := range endToEnd(result.answer.Header) {
		if name != "Content-Length" && name != "Content-Encoding" && name != "Content-Range" {
			header[name] = values
		}
	}
	if format := e.answer.Compressed; format != "" {
		compression.Apply(header, format)
	}
	a := c.kept(e.answer.Status, header, e.answer.Body, came)
	a.Compressed = e.answer.Compressed
	s.store.Put(e.found, a)
	f.tell(outcome{
		answer: a, result: exchange.RefreshHit, sent: result.sent,
		keeps: true, why: "the origin says it is still current (304)", sharedUntil: sharedUntil(a),
	})
}

// postpone serves a stale answer since the origin fails. The origin isn't asked again for as long as its error would be
// kept (Serve stale (expired) content).
func (s *Server) postpone(c *call, f *flight, e entry, result asked, came time.Time) {
	a := *e.answer
	a.FailedUntil = came.Add(seconds(c.Decision.Behavior.Bounds(result.answer.StatusCode).ErrorMinTTL))
	s.store.Put(e.found, &a)
	f.tell(outcome{
		answer: &a, result: exchange.RefreshHit, sent: result.sent,
		keeps: true, why: "the origin fails", sharedUntil: a.FailedUntil,
	})
}

// receive passes a new answer on as it comes.
func (s *Server) receive(c *call, f *flight, e entry, result asked, came time.Time) *store.Answer {
	from := result.answer
	a := c.kept(from.StatusCode, endToEnd(from.Header), s.store.NewBody(), came)
	if c.Method != http.MethodHead {
		a.Compressed = c.Decision.Compression(a.Status, a.Header)
	}
	if a.Compressed != "" {
		compression.Apply(a.Header, a.Compressed)
	}
	o := outcome{answer: a, result: exchange.Miss, sent: result.sent, sharedUntil: sharedUntil(a)}
	if a.Status >= 400 {
		o.result = exchange.Error
	}
	o.keeps, o.why = s.keeps(a, from.ContentLength)
	if o.keeps && a.Status == http.StatusPartialContent && e.own == e.whole {
		o.keeps, o.why = false, "the origin sent a part (206) though the whole was asked for"
	}
	if !o.keeps {
		a.Body.Pass()
	}
	if !s.store.Fits(from.ContentLength) {
		o.sharedUntil = time.Time{} // or all would have to wait for the slowest caller
	}
	f.tell(o)

	err := fill(a, from)
	whole := err == nil && a.Body.Whole()
	switch {
	case o.keeps && whole && (c.Method == http.MethodHead || a.Status == http.StatusPartialContent):
		s.store.Put(e.own, a)
	case o.keeps && whole:
		s.store.Put(e.whole, a)
	case e.answer != nil && a.Status < 500:
		s.store.Delete(e.found, e.answer) // it is outdated
	}
	a.Body.Finish(err) // after Put: a caller who has the end already can ask again
	return a
}

// fill copies the body of an answer as it comes.
func fill(a *store.Answer, from *http.Response) error {
	to, end := io.Writer(a.Body), func() error { return nil }
	switch a.Compressed {
	case "br":
		w := brotli.NewWriterLevel(a.Body, brotli.DefaultCompression)
		to, end = w, w.Close
	case "gzip":
		w := gzip.NewWriter(a.Body)
		to, end = w, w.Close
	}
	size, err := io.Copy(to, from.Body)
	if err != nil && size != from.ContentLength { // callers may leave once they have all of it
		return err
	}
	return end()
}

// sharedUntil returns until when callers that join get this answer; the zero time if each has to ask for its own.
func sharedUntil(a *store.Answer) time.Time {
	if !a.Life.Shared {
		return time.Time{}
	}
	return a.Came.Add(seconds(a.Life.Fresh))
}

// kept returns an answer for the cache.
func (c *call) kept(status int, header http.Header, body *store.Body, came time.Time) *store.Answer {
	if header.Get("Date") == "" {
		header.Set("Date", came.UTC().Format(http.TimeFormat)) // RFC 9110, 6.6.1
	}
	life := freshness.Of(freshness.Answer{Status: status, Header: header, Time: came}, c.Decision.Behavior.Bounds(status))
	return &store.Answer{
		Status: status, Header: header, Body: body, Came: came, Life: life, Omitted: freshness.Omitted(header),
		Deployment: c.on.number, Treatment: c.treatment(),
	}
}

var errTooLong = errors.New("it is larger than the cache (--cache-size)")

// keeps reports whether an answer is kept, and why.
func (s *Server) keeps(a *store.Answer, length int64) (bool, string) {
	life := a.Life
	control := strings.Join(a.Header.Values("Cache-Control"), ", ")
	switch {
	case !s.store.Fits(length):
		return false, errTooLong.Error()
	case !life.Kept() && control != "":
		return false, "Cache-Control: " + control
	case !life.Kept():
		return false, fmt.Sprintf("a %d isn't kept", a.Status)
	case control != "":
		return true, "Cache-Control: " + control
	}
	return true, "the origin sends no Cache-Control"
}

func fresh(a *store.Answer, now time.Time) bool {
	return now.Before(a.Came.Add(seconds(a.Life.Fresh)))
}

// servesMeanwhile reports whether a stale answer is served while the origin is asked for a new one.
func servesMeanwhile(a *store.Answer, now time.Time) bool {
	return now.Before(a.Came.Add(seconds(a.Life.Fresh + a.Life.StaleWhileRevalidate)))
}

// servesOnError reports whether a stale answer is served if the origin fails.
func servesOnError(a *store.Answer, now time.Time) bool {
	return a.Status < 400 && now.Before(a.Came.Add(seconds(a.Life.Fresh+a.Life.StaleIfError)))
}

func seconds(n int) time.Duration { return time.Duration(n) * time.Second }

// hopByHop are the headers of a connection, not of an answer (RFC 9110, 7.6.1).
var hopByHop = []string{
	"Connection", "Keep-Alive", "Proxy-Authenticate", "Proxy-Connection", "Te", "Trailer", "Transfer-Encoding", "Upgrade",
}

func endToEnd(header http.Header) http.Header {
	header = header.Clone()
	for _, names := range header.Values("Connection") {
		for name := range strings.SplitSeq(names, ",") {
			header.Del(strings.TrimSpace(name))
		}
	}
	for name := range header {
		if slices.Contains(hopByHop, name) {
			delete(header, name)
		}
	}
	return header
}
