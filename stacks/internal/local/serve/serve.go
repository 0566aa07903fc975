// Package serve is a server that does with requests what a distribution would do: the edge on one machine.
package serve

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"sync"
	"time"

	"ml-api-accelerator/stacks/config"
	"ml-api-accelerator/stacks/internal/edge"
	"ml-api-accelerator/stacks/internal/edge/function"
	"ml-api-accelerator/stacks/internal/local/serve/exchange"
	"ml-api-accelerator/stacks/internal/local/serve/store"
)

// Options are what stands behind the edge, and how much it keeps.
type Options struct {
	// The servers that stand for the API, for its failover and for its canary; nil: nobody does.
	API, Failover, Canary *url.URL
	// What functions look up: the keys of callers, and the canary's share. Nil: no key is known, and nobody gets the canary.
	Store function.Store
	// The folder that stands for the bucket of models; empty: nothing does.
	Models string
	// Secret values of custom headers by the names of the secrets. One that isn't here is sent as (secret NAME).
	Secrets map[string]string
	// The web ACL, whose limits and lists of addresses hold; one that isn't enabled has none.
	Firewall config.Firewall
	// Bytes that are kept in memory and in files.
	MemoryBytes, DiskBytes int64
	// Whether what comes without TLS counts as HTTP; otherwise it counts as HTTPS, so that nothing is redirected.
	TLS bool
	// Sees each exchange when it has come, when its answer begins and when it has ended, from many goroutines; nil: nobody does.
	Observe func(*exchange.Exchange)
}

// Server is an http.Handler. Close removes its files.
type Server struct {
	distribution *edge.Distribution
	options      Options
	origins      map[string]*origin // by their ids in the distribution
	store        *store.Store
	firewall     *firewall
	now          func() time.Time

	mutex   sync.Mutex
	flights map[string]*flight
	open    context.Context // ends with Close
	close   context.CancelFunc
	working sync.WaitGroup // calls and flights
}

// New makes a server of a distribution, whose every host it answers to.
func New(d *edge.Distribution, o Options) (*Server, error) {
	for status, e := range d.Errors {
		if e.ResponsePage != "" {
			return nil, fmt.Errorf("the page for errors %d, %s: pages for errors can't be served here", status, e.ResponsePage)
		}
	}
	origins, err := connect(d, o)
	if err != nil {
		return nil, err
	}
	kept, err := store.New(o.MemoryBytes, o.DiskBytes)
	if err != nil {
		disconnect(origins)
		return nil, err
	}
	any := *d
	any.AnyHost = true
	s := &Server{distribution: &any, options: o, origins: origins, store: kept, firewall: newFirewall(o.Firewall), now: time.Now, flights: map[string]*flight{}}
	s.open, s.close = context.WithCancel(context.Background())
	return s, nil
}

// Close cuts off what is still being answered or fetched, and removes all that is kept.
func (s *Server) Close() error {
	s.mutex.Lock()
	s.close()
	s.mutex.Unlock()
	s.working.Wait()
	disconnect(s.origins)
	return s.store.Close()
}

func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !s.enter() {
		panic(http.ErrAbortHandler)
	}
	defer s.working.Done()
	// A connection that became a WebSocket isn't closed by http.Server.
	ctx, end := context.WithCancel(r.Context())
	defer end()
	defer context.AfterFunc(s.open, end)()
	c := s.newCall(w, r.WithContext(ctx))
	defer c.end()
	switch d := &c.Decision; {
	case d.Answer != nil:
		c.refuse()
	case d.Cache.Lookup:
		c.fromCache()
	default:
		c.pass()
	}
}

// enter lets a call in, unless the server is closed.
func (s *Server) enter() bool {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if s.open.Err() != nil {
		return false
	}
	s.working.Add(1)
	return true
}
