package serve

import (
	"crypto/rand"
	"encoding/base64"
	"net/http"
	"net/netip"
	"strings"

	"ml-api-accelerator/stacks/internal/edge"
	"ml-api-accelerator/stacks/internal/edge/signed"
	"ml-api-accelerator/stacks/internal/local/serve/exchange"
)

// call is one request while it is answered.
type call struct {
	*exchange.Exchange

	s     *Server
	on    *deployment
	w     *writer
	r     *http.Request
	whole bool // whether the caller gets the whole object, whatever ranges it asks for
}

func (s *Server) newCall(w http.ResponseWriter, r *http.Request, on *deployment) *call {
	caller, _ := netip.ParseAddrPort(r.RemoteAddr) // only TCP has one
	if from := on.options.From; from.IsValid() {
		caller = netip.AddrPortFrom(from, caller.Port())
	}
	c := &call{s: s, on: on, r: r, Exchange: &exchange.Exchange{
		ID: newID(), Begin: s.now(), Method: r.Method, Host: r.Host, Protocol: r.Proto, URL: r.URL, Header: r.Header,
		Caller: caller, TLS: r.TLS, RequestBytes: size(r),
		KeyHeaders: on.keyHeaders, LogsCookies: on.distribution.LogsCookies,
	}}
	c.w = &writer{ResponseWriter: w, call: c}
	c.Decision = c.decide()
	c.observe()
	return c
}

// size returns the length of a request in bytes, as HTTP/1.1 would write it.
func size(r *http.Request) int64 {
	bytes := len("  \r\nHost: \r\n\r\n") + len(r.Method) + len(r.RequestURI) + len(r.Proto) + len(r.Host)
	for name, values := range r.Header {
		for _, value := range values {
			bytes += len(name) + len(": \r\n") + len(value)
		}
	}
	return int64(bytes) + max(r.ContentLength, 0)
}

// newID returns an id as long as CloudFront's.
func newID() string {
	var random [40]byte
	_, _ = rand.Read(random[:]) // never fails
	var id [56]byte
	base64.URLEncoding.Encode(id[:], random[:])
	return string(id[:])
}

// decide returns what the distribution does with the request. A signed URL may be signed for this machine's address, or
// for the deployed distribution's.
func (c *call) decide() edge.Decision {
	r, d, o := c.r, c.on.distribution, c.on.options
	target := r.RequestURI
	if !strings.HasPrefix(target, "/") {
		target = r.URL.RequestURI()
	}
	scheme := "https"
	if c.s.options.TLS && r.TLS == nil {
		scheme = "http"
	}
	header := r.Header
	if len(r.TransferEncoding) > 0 { // Go takes it out of the headers, but functions look for it
		header = header.Clone()
		header["Transfer-Encoding"] = r.TransferEncoding
	}
	request := edge.Request{
		Method: r.Method, URL: scheme + "://" + r.Host + target, Headers: flat(header), Values: header,
		Time: c.Begin, IP: c.Caller.Addr(), Body: r.ContentLength != 0, Context: r.Context(), Store: o.Store,
		Country: o.Country,
		// What takes another place or a device to know isn't made here.
		Made: map[string]string{
			"CloudFront-Viewer-Address":      c.Caller.String(),
			"CloudFront-Viewer-Http-Version": strings.TrimPrefix(r.Proto, "HTTP/"),
			"CloudFront-Forwarded-Proto":     scheme,
		},
	}
	request.Limit = func() *edge.Answer { return c.on.firewall.refuse(r, target, c.Caller.Addr(), c.Begin) }
	decision := d.Decide(request)
	request.Limit = nil // it counts once
	if decision.Signature != signed.Invalid {
		return decision
	}
	own := d.Name()
	for _, base := range []string{"http://" + r.Host, "https://" + own, "http://" + own} {
		as := request
		as.URL = base + target
		if other := d.Decide(as).Signature; other == signed.Valid || other == signed.Expired {
			request.Trusted = other == signed.Valid
			decision = d.Decide(request)
			decision.Signature = other
			break
		}
	}
	return decision
}

// flat returns one value for each header (RFC 9110, 5.3; RFC 6265, 5.4).
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

// writer records what the caller gets.
type writer struct {
	http.ResponseWriter

	call    *call
	part    bool // whether what is sent is a part of the object
	stream  bool // whether each write is sent at once
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

// answered records that the answer begins.
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
	_ = w.flusher.Flush() // the next write fails if the caller has left
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
