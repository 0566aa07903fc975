// Package serve is a server that does with requests what a distribution would do: the edge on one machine.
package serve

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"maps"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"ml-api-accelerator/stacks/internal/edge"
	"ml-api-accelerator/stacks/internal/edge/signed"
	"ml-api-accelerator/stacks/internal/serve/exchange"
	"ml-api-accelerator/stacks/internal/serve/store"
)

// Options are what stands behind the edge, and how much it keeps.
type Options struct {
	// The servers that stand for the API and for its failover; nil: nobody does.
	API, Failover *url.URL
	// The folder that stands for the bucket of models; empty: nothing does.
	Models string
	// Secret values of custom headers by the names of the secrets. One that isn't here is sent as (secret NAME).
	Secrets map[string]string
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
	s := &Server{distribution: &any, options: o, origins: origins, store: kept, now: time.Now, flights: map[string]*flight{}}
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

// call is one request that is being answered.
type call struct {
	*exchange.Exchange

	s *Server
	w *writer
	r *http.Request
}

func (s *Server) newCall(w http.ResponseWriter, r *http.Request) *call {
	caller, _ := netip.ParseAddrPort(r.RemoteAddr) // of another network than TCP there is none
	c := &call{s: s, r: r, Exchange: &exchange.Exchange{
		ID: newID(), Begin: s.now(), Method: r.Method, Host: r.Host, Protocol: r.Proto, URL: r.URL, Header: r.Header,
		Caller: caller, TLS: r.TLS, RequestBytes: size(r),
	}}
	c.w = &writer{ResponseWriter: w, call: c}
	c.Decision = s.decide(r, c.Begin, caller.Addr())
	c.observe()
	return c
}

// size is how many bytes a request has, as HTTP/1.1 writes it.
func size(r *http.Request) int64 {
	bytes := len("  \r\nHost: \r\n\r\n") + len(r.Method) + len(r.RequestURI) + len(r.Proto) + len(r.Host)
	for name, values := range r.Header {
		for _, value := range values {
			bytes += len(name) + len(": \r\n") + len(value)
		}
	}
	return int64(bytes) + max(r.ContentLength, 0)
}

// newID is as long as CloudFront's.
func newID() string {
	var random [40]byte
	_, _ = rand.Read(random[:]) // never fails
	var id [56]byte
	base64.URLEncoding.Encode(id[:], random[:])
	return string(id[:])
}

// decide has the distribution decide a request. Its signature may be for the URL as the caller sees it, or for the one of the
// deployed distribution.
func (s *Server) decide(r *http.Request, now time.Time, ip netip.Addr) edge.Decision {
	target := r.RequestURI
	if !strings.HasPrefix(target, "/") {
		target = r.URL.RequestURI()
	}
	scheme := "https"
	if s.options.TLS && r.TLS == nil {
		scheme = "http"
	}
	request := edge.Request{
		Method: r.Method, URL: scheme + "://" + r.Host + target, Headers: flat(r.Header),
		Time: now, IP: ip, Body: r.ContentLength != 0,
	}
	decision := s.distribution.Lookup(request)
	if decision.Signature != signed.Invalid {
		return decision
	}
	for _, base := range []string{"http://" + r.Host, "https://" + s.distribution.Name(), "http://" + s.distribution.Name()} {
		as := request
		as.URL = base + target
		if other := s.distribution.Lookup(as).Signature; other == signed.Valid || other == signed.Expired {
			request.Trusted = other == signed.Valid
			decision = s.distribution.Lookup(request)
			decision.Signature = other
			break
		}
	}
	return decision
}

// flat has one value for each header (RFC 9110, 5.3; RFC 6265, 5.4).
func flat(header http.Header) map[string]string {
	headers := make(map[string]string, len(header))
	for name, values := range header {
		separator := ", "
		if name == "Cookie" {
			separator = "; "
		}
		headers[name] = strings.Join(values, separator)
	}
	return headers
}

// Missing says which origins nothing stands for.
func (s *Server) Missing() []error {
	var missing []error
	for _, id := range slices.Sorted(maps.Keys(s.origins)) {
		if err := s.origins[id].missing; err != nil {
			missing = append(missing, err)
		}
	}
	return missing
}

// Unknown are the secrets that custom headers have and that no value was given for.
func (s *Server) Unknown() []string {
	unknown := map[string]bool{}
	for _, b := range s.distribution.Behaviors {
		for _, value := range b.Origin.CustomHeaders {
			if name, is := secretName(value); is && s.options.Secrets[name] == "" {
				unknown[name] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(unknown))
}

func secretName(value string) (name string, is bool) {
	name, is = strings.CutPrefix(value, "(secret ")
	return strings.TrimSuffix(name, ")"), is && strings.HasSuffix(value, ")")
}
