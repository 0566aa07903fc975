package serve

import (
	"bufio"
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"maps"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"time"

	"ml-api-accelerator/stacks/internal/edge"
	"ml-api-accelerator/stacks/internal/edge/signed"
	"ml-api-accelerator/stacks/internal/local/serve/exchange"
)

// call is one request that is being answered.
type call struct {
	*exchange.Exchange

	s *Server
	w *writer
	r *http.Request
	// Whether the caller gets all, whatever parts it asks for.
	whole bool
}

func (s *Server) newCall(w http.ResponseWriter, r *http.Request) *call {
	caller, _ := netip.ParseAddrPort(r.RemoteAddr) // of another network than TCP there is none
	c := &call{s: s, r: r, Exchange: &exchange.Exchange{
		ID: newID(), Begin: s.now(), Method: r.Method, Host: r.Host, Protocol: r.Proto, URL: r.URL, Header: r.Header,
		Caller: caller, TLS: r.TLS, RequestBytes: size(r),
	}}
	c.w = &writer{ResponseWriter: w, call: c}
	c.Decision = c.decide()
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
func (c *call) decide() edge.Decision {
	s, r := c.s, c.r
	target := r.RequestURI
	if !strings.HasPrefix(target, "/") {
		target = r.URL.RequestURI()
	}
	scheme := "https"
	if s.options.TLS && r.TLS == nil {
		scheme = "http"
	}
	header := r.Header
	if len(r.TransferEncoding) > 0 { // which Go keeps apart, and functions look for
		header = header.Clone()
		header["Transfer-Encoding"] = r.TransferEncoding
	}
	request := edge.Request{
		Method: r.Method, URL: scheme + "://" + r.Host + target, Headers: flat(header),
		Time: c.Begin, IP: c.Caller.Addr(), Made: c.made(scheme), Context: r.Context(), Body: r.ContentLength != 0, Values: header, Store: s.options.Store,
	}
	if answer := s.firewall.refuse(r, target, c.Caller.Addr(), c.Begin); answer != nil {
		return refused(request, answer)
	}
	decision := s.distribution.Decide(request)
	if decision.Signature != signed.Invalid {
		return decision
	}
	for _, base := range []string{"http://" + r.Host, "https://" + s.distribution.Name(), "http://" + s.distribution.Name()} {
		as := request
		as.URL = base + target
		if other := s.distribution.Decide(as).Signature; other == signed.Valid || other == signed.Expired {
			request.Trusted = other == signed.Valid
			decision = s.distribution.Decide(request)
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

// half is a listener for one kind of the connections that another one takes.
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

// split parts connections that begin with TLS from those that don't. Both halves end with the listener.
func split(listener net.Listener) (plain, secure half) {
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
				time.Sleep(10 * time.Millisecond) // too many files are open, for now
			default:
				go part(c, plain, secure)
			}
		}
	}()
	return plain, secure
}

// handshake is the first byte of a TLS connection (RFC 8446, 5.1).
const handshake = 22

// part gives a connection to one of the halves. One that says nothing for long is closed.
func part(c net.Conn, plain, secure half) {
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

// peeked is a connection of which the beginning has been read.
type peeked struct {
	net.Conn

	reader *bufio.Reader
}

func (c peeked) Read(p []byte) (int, error) { return c.reader.Read(p) }

// writer notes what a caller gets.
type writer struct {
	http.ResponseWriter

	call *call
	// Whether what is sent as a whole is a part of the object.
	part bool
	// Whether each part is sent on at once.
	stream  bool
	flusher *http.ResponseController
}

// Unwrap is for http.ResponseController.
func (w *writer) Unwrap() http.ResponseWriter { return w.ResponseWriter }

func (w *writer) WriteHeader(status int) {
	switch {
	case w.part && status == http.StatusOK:
		status = http.StatusPartialContent
	case w.part && status != http.StatusPartialContent:
		w.Header().Del("Content-Range")
	}
	if status >= 200 {
		w.call.answered(status, w.Header())
	}
	w.ResponseWriter.WriteHeader(status)
}

// answered notes that the answer begins.
func (c *call) answered(status int, header http.Header) {
	c.Answered, c.Status, c.AnswerHeader = c.s.now(), status, header
	c.observe()
}

func (w *writer) Write(p []byte) (int, error) {
	if w.call.Status == 0 {
		w.WriteHeader(http.StatusOK)
	}
	n, err := w.ResponseWriter.Write(p)
	w.call.BodyBytes += int64(n)
	if err == nil && w.stream {
		w.flush()
	}
	return n, err
}

func (w *writer) flush() {
	if w.flusher == nil {
		w.flusher = http.NewResponseController(w.ResponseWriter)
	}
	_ = w.flusher.Flush() // a caller who has left shows in the next write
}

func (c *call) observe() {
	if c.s.options.Observe != nil {
		c.s.options.Observe(c.Exchange)
	}
}

func (c *call) end() {
	c.End = c.s.now()
	c.observe()
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
	for _, o := range s.origins {
		for _, value := range o.from.CustomHeaders {
			if value.Kind == edge.Secret && s.options.Secrets[value.Text] == "" {
				unknown[value.Text] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(unknown))
}
