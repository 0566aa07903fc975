// Package serve answers requests on one machine as a distribution would at the edge.
package serve

import (
	"bufio"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"math/big"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"sync"
	"time"

	"ml-api-accelerator/stacks/config"
	"ml-api-accelerator/stacks/internal/edge"
	"ml-api-accelerator/stacks/internal/edge/function"
	"ml-api-accelerator/stacks/internal/local/serve/exchange"
	"ml-api-accelerator/stacks/internal/local/serve/store"
)

// Options say what stands behind the edge, and how much it keeps.
type Options struct {
	// The servers that stand for the API, its failover and its canary; nil: none does.
	API, Failover, Canary *url.URL
	// Those that stand for other backends by their names, and with -failover for the second one of each.
	Backends map[string]*url.URL
	// The key value store of functions, with API keys, credentials and the canary's share; nil: it is empty.
	Store function.Store
	// The folder that stands for the bucket of models, and those for other buckets by their names; empty: none does.
	Models  string
	Buckets map[string]string
	// The folder with the files of the page, and what their keys in its bucket begin with; empty: the one in Buckets, if
	// any.
	Web, WebPrefix string
	// Values of secrets by their names, for custom headers. Without its value, one is sent as (secret NAME).
	Secrets map[string]string
	// Where all callers count as coming from; invalid: where they do.
	From netip.Addr
	// The country that all callers are in, as an ISO 3166-1 alpha-2 code; empty: none that is known.
	Country string
	// The web ACL, of which the limits apply. Its lists of addresses are in the distribution.
	Firewall config.Firewall
	// Bytes that the cache keeps in memory and in files.
	MemoryBytes, DiskBytes int64
	// Whether the port takes TLS. Otherwise every request counts as HTTPS, so that nothing is redirected.
	TLS bool
	// Called, if not nil, before a request is looked at, from many goroutines: it may deploy something else.
	Before func()
	// Called, if not nil, when a request has come, when its answer begins and when it has ended, from many goroutines.
	Observe func(*exchange.Exchange)
}

// Server is an http.Handler that answers as the edge. Close removes its files.
type Server struct {
	options  Options // of which those that Deploy takes are the deployment's
	store    *store.Store
	now      func() time.Time
	patience time.Duration // for requests to end, once the server has to

	mutex   sync.Mutex
	current *deployment
	flights map[string]*flight
	open    context.Context // ends with Close
	close   context.CancelFunc
	working sync.WaitGroup // calls and flights
}

// New makes a server of a distribution. It answers to every host.
func New(d *edge.Distribution, o Options) (*Server, error) {
	first, err := newDeployment(d, o)
	if err != nil {
		return nil, err
	}
	kept, err := store.New(o.MemoryBytes, o.DiskBytes)
	if err != nil {
		disconnect(first.origins)
		return nil, err
	}
	first.firewall = newFirewall(o.Firewall, nil)
	s := &Server{
		options: o, store: kept, current: first, now: time.Now, patience: patience, flights: map[string]*flight{},
	}
	s.open, s.close = context.WithCancel(context.Background())
	return s, nil
}

// Close cuts off every request that is still being answered, and empties the cache.
func (s *Server) Close() error {
	s.mutex.Lock()
	s.close()
	s.mutex.Unlock()
	s.working.Wait()
	disconnect(s.deployed().origins)
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
	if s.options.Before != nil {
		s.options.Before()
	}
	on := s.use()
	defer on.users.Done()
	c := s.newCall(w, r.WithContext(ctx), on)
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

// enter reports whether a call may begin: not once the server is closed.
func (s *Server) enter() bool {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if s.open.Err() != nil {
		return false
	}
	s.working.Add(1)
	return true
}

// patience is how long requests may take to end when the server does, and how long a new connection may be silent.
const patience = 2 * time.Second

// Run serves a listener until the context ends. Then it gives requests a moment to end, and cuts off the rest.
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
		plain, secure := split(listener, s.patience)
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
	limited, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.patience)
	defer cancel()
	if err := server.Shutdown(limited); errors.Is(err, context.DeadlineExceeded) {
		server.Close()
	}
	return nil
}

// selfSigned returns a certificate that nobody trusts, for this machine and the names of the distribution.
func (s *Server) selfSigned() (tls.Certificate, error) {
	d := s.deployed().distribution
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return tls.Certificate{}, err
	}
	now := time.Now()
	template := &x509.Certificate{
		SerialNumber: big.NewInt(now.UnixNano()), NotBefore: now.Add(-time.Hour), NotAfter: now.AddDate(0, 1, 0),
		DNSNames:    append([]string{"localhost", d.Domain}, d.Aliases...),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1), net.IPv6loopback},
		KeyUsage:    x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, err
}

// half is a listener for one of the two kinds of connections to a port.
type half struct {
	net.Listener

	taken chan net.Conn
	open  context.Context // ends with the listener
}

// Accept waits for the next connection of its kind.
func (h half) Accept() (net.Conn, error) {
	select {
	case c := <-h.taken:
		return c, nil
	case <-h.open.Done():
		return nil, net.ErrClosed
	}
}

// split separates connections that begin with TLS from others. Both halves end with the listener.
func split(listener net.Listener, patience time.Duration) (plain, secure half) {
	open, end := context.WithCancel(context.Background())
	plain, secure = half{listener, make(chan net.Conn), open}, half{listener, make(chan net.Conn), open}
	go func() {
		defer end()
		for {
			c, err := listener.Accept()
			switch {
			case errors.Is(err, net.ErrClosed):
				return
			case err != nil:
				time.Sleep(10 * time.Millisecond) // too many open files, for now
			default:
				go part(c, plain, secure, patience)
			}
		}
	}()
	return plain, secure
}

// handshake is the first byte of a TLS connection (RFC 8446, 5.1).
const handshake = 22

// part gives a connection to one of the halves. One that stays silent is closed.
func part(c net.Conn, plain, secure half, patience time.Duration) {
	reader := bufio.NewReader(c)
	_ = c.SetReadDeadline(time.Now().Add(patience))
	stop := context.AfterFunc(plain.open, func() { c.Close() })
	first, err := reader.Peek(1)
	stop()
	_ = c.SetReadDeadline(time.Time{})
	if err != nil {
		c.Close()
		return
	}
	to := plain
	if first[0] == handshake {
		to = secure
	}
	select {
	case to.taken <- peeked{c, reader}:
	case <-to.open.Done():
		c.Close()
	}
}

// peeked is a connection whose first bytes are in a reader.
type peeked struct {
	net.Conn

	reader *bufio.Reader
}

func (c peeked) Read(p []byte) (int, error) { return c.reader.Read(p) }
