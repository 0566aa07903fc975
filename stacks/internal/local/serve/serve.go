// Package serve is a server that does with requests what a distribution would do: the edge on one machine.
package serve

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"math/big"
	"net"
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

// patience is how long requests may take to end once the server is told to.
const patience = 2 * time.Second

// Run serves what comes to a listener until the context ends. Then it lets requests end, for a moment, and cuts off the rest.
func (s *Server) Run(ctx context.Context, listener net.Listener) error {
	var protocols http.Protocols
	protocols.SetHTTP1(true)
	protocols.SetHTTP2(true)
	protocols.SetUnencryptedHTTP2(true)
	server := &http.Server{Handler: s, Protocols: &protocols, ReadHeaderTimeout: time.Minute}
	ended := make(chan error, 2)
	if s.options.TLS {
		certificate, err := s.selfSigned()
		if err != nil {
			return err
		}
		server.TLSConfig = &tls.Config{Certificates: []tls.Certificate{certificate}, MinVersion: tls.VersionTLS12}
		plain, secure := split(listener)
		go func() { ended <- server.ServeTLS(secure, "", "") }()
		go func() { ended <- server.Serve(plain) }()
	} else {
		go func() { ended <- server.Serve(listener) }()
	}
	select {
	case err := <-ended:
		server.Close()
		return err
	case <-ctx.Done():
	}
	// It has ended in either case: in order, or by force.
	limited, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience)
	defer cancel()
	if err := server.Shutdown(limited); errors.Is(err, context.DeadlineExceeded) {
		server.Close()
	}
	return nil
}

// selfSigned is a certificate for this machine and for the names of the distribution, which nobody trusts.
func (s *Server) selfSigned() (tls.Certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return tls.Certificate{}, err
	}
	now := time.Now()
	template := &x509.Certificate{
		SerialNumber: big.NewInt(now.UnixNano()), NotBefore: now.Add(-time.Hour), NotAfter: now.AddDate(0, 1, 0),
		DNSNames:    append([]string{"localhost", s.distribution.Domain}, s.distribution.Aliases...),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1), net.IPv6loopback},
		KeyUsage:    x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, err
}
