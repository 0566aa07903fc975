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
