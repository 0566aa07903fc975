package verify

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"
	"unicode"

	"ml-api-accelerator/stacks/config"
	"ml-api-accelerator/stacks/internal/edge"
)

// A body is read for what CloudFront says in its errors, and to its end for CloudFront to keep it; others, so that the server
// doesn't see callers go. A longer one isn't waited for: a model may have gigabytes, and a stream no end.
const (
	maxBody       = 1 << 20
	maxBodyTime   = 5 * time.Second
	maxOthersTime = 500 * time.Millisecond
)

// sender sends requests straight to where an address leads, without a proxy, which would keep answers of its own.
type sender struct {
	client  *http.Client
	timeout time.Duration
	secrets *strings.Replacer
}

// newSender connects to other addresses than those of the URLs if leads says so.
func newSender(o Options, leads func(address string) string) *sender {
	dial := o.Dial
	if dial == nil {
		dial = (&net.Dialer{}).DialContext
	}
	transport := &http.Transport{
		TLSClientConfig: o.TLS, ForceAttemptHTTP2: true,
		// The request is decided as it is sent: without an Accept-Encoding of Go's.
		DisableCompression: true,
		DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			if leads != nil {
				address = leads(address)
			}
			return dial(ctx, network, address)
		},
	}
	stay := func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &sender{&http.Client{Transport: transport, CheckRedirect: stay}, o.Timeout, o.secrets()}
}

// shortest is the length from which on a value that is sent is taken for a secret wherever it comes back.
const shortest = 6

// secrets takes keys and headers out of what a server says.
func (o Options) secrets() *strings.Replacer {
	var pairs []string
	for _, values := range []map[string]string{o.Keys, o.Headers} {
		for _, value := range values {
			_, token, _ := strings.Cut(value, " ") // Bearer TOKEN
			for _, secret := range []string{value, token} {
				if len(secret) >= shortest {
					pairs = append(pairs, secret, "(secret)")
				}
			}
		}
	}
	return strings.NewReplacer(pairs...)
}

func (s *sender) close() { s.client.CloseIdleConnections() }

// failure is that there is no answer.
type failure struct {
	error
	connected bool // whether there was a connection at least
}

// send waits for the first byte as long as the timeout, and then a little for the body: longer if all of it is wanted, or if the
// status is an error's.
func (s *sender) send(ctx context.Context, method, target string, headers map[string]string, all bool) (*Answer, *failure) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	late := fmt.Errorf("no answer within %v", s.timeout)
	timer := time.AfterFunc(s.timeout, func() { cancel(late) })
	defer timer.Stop()
	var watched clock
	ctx = watched.watch(ctx)
	request, err := http.NewRequestWithContext(ctx, method, target, nil)
	if err != nil {
		return nil, &failure{inWords(err), true}
	}
	request.Header.Set("User-Agent", "ml-api-accelerator verify")
	for name, value := range headers {
		request.Header.Set(name, value)
	}
	response, err := s.client.Do(request)
	if cause := context.Cause(ctx); err != nil && cause != nil {
		err = cause
	}
	if err != nil {
		return nil, &failure{inWords(err), watched.isConnected()}
	}
	defer response.Body.Close()
	a := &Answer{Status: response.StatusCode, XCache: s.secrets.Replace(response.Header.Get("X-Cache")), header: response.Header}
	a.came, a.Milliseconds = watched.answer()
	wait := maxOthersTime
	if all || a.Status >= 400 {
		wait = maxBodyTime
	}
	timer.Reset(min(s.timeout, wait))
	text, err := io.ReadAll(io.LimitReader(response.Body, maxBody+1))
	// A server that sees the end of TLS may still end its answer in order, and the connection tell of that first.
	a.body, a.whole = string(text), err == nil && ctx.Err() == nil && len(text) <= maxBody
	return a, nil
}

// CheckURL refuses what is more than a scheme and a host, or less.
func CheckURL(u *url.URL) error {
	if (u.Scheme != "http" && u.Scheme != "https") || u.Hostname() == "" || strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.Fragment != "" || u.User != nil {
		return errors.New("must be a scheme and a host, like https://api.example.com")
	}
	return nil
}

// locate makes the URL of a request. One that names a host asks for that host, at the address of --url, as curl does with
// --connect-to: the DNS leads to the distribution later, or elsewhere, and CloudFront tells distributions apart by the name
// that is asked for (CloudFront Developer Guide, Use custom URLs by adding alternate domain names).
func (v *verifier) locate(p *plan, e config.Expectation, r edge.Request) {
	sent, err := url.Parse(p.decision.Request.URL)
	if err != nil {
		p.why = "not sent: " + errors.Unwrap(err).Error()
		return
	}
	_, target := e.MethodAndURL()
	absolute := !strings.HasPrefix(target, "/")
	plain := absolute && sent.Scheme == "http"
	switch {
	case plain && v.URL.Scheme == "http" && p.decision.Answer != nil && p.decision.Answer.Reason == "redirect":
		p.why = "not sent: without TLS, --url counts as HTTPS and redirects nothing"
		return
	case !plain || v.URL.Scheme == "http":
		sent.Scheme = v.URL.Scheme
	}
	if hosted := withoutHost(r.Headers); !absolute && len(hosted) == len(r.Headers) {
		sent.Host = v.URL.Host
	}
	p.secrets = len(r.Headers) > len(merged(nil, e.Headers))
	at, _ := v.place()
	switch {
	case !v.owns(sent):
		p.why = fmt.Sprintf("not sent: %s is neither an alias nor the host of --url or --connect-to; whoever owns it would answer, and read the keys", sent.Host)
		return
	case p.secrets && sent.Scheme == "http" && !isPrivate(at):
		p.why = "not sent: everyone on the way to " + at + " would read the keys and headers; --url must be https"
		return
	}
	p.headers = withoutHost(r.Headers)
	p.own = sent.Scheme == v.URL.Scheme && sent.Host == v.URL.Host
	p.url = sent.String()
}

// owns reports whether a URL leads to the distribution, and to nobody else: all customers of CloudFront share its addresses, and
// whose distribution answers is up to the name. Names with other characters than ASCII's are mapped before they are asked for.
func (v *verifier) owns(u *url.URL) bool {
	if u.User != nil || strings.ContainsFunc(u.Host, func(r rune) bool { return r > unicode.MaxASCII }) {
		return false
	}
	host, at := strings.ToLower(u.Hostname()), strings.ToLower(v.URL.Hostname())
	usual := u.Port() == "" || u.Port() == map[string]string{"http": "80", "https": "443"}[u.Scheme]
	if !usual && u.Port() != v.URL.Port() {
		return false
	}
	to, _ := v.place()
	return host == at || host == strings.ToLower(to) || v.by.HasAlias(host)
}

// isPrivate reports whether only this machine or a private network is between here and a host. A name without a dot isn't in
// the DNS of the Internet.
func isPrivate(host string) bool {
	if ip, err := netip.ParseAddr(host); err == nil {
		return ip.IsLoopback() || ip.IsPrivate()
	}
	return !strings.Contains(host, ".")
}

// address is where connections for a host and port go: all to the distribution, whatever the host. A port of its own takes both
// HTTPS and HTTP, as that of serve --tls does.
func (o Options) address(requested string) string {
	host, port := o.place()
	_, usual, _ := net.SplitHostPort(requested)
	if port == "" || port == "443" && usual == "80" {
		port = usual
	}
	return net.JoinHostPort(host, port)
}

// place is where the distribution is; without a port it is that of the scheme.
func (o Options) place() (host, port string) {
	if o.ConnectTo == "" {
		return o.URL.Hostname(), o.URL.Port()
	}
	if host, port, err := net.SplitHostPort(o.ConnectTo); err == nil {
		return host, port
	}
	return strings.Trim(o.ConnectTo, "[]"), ""
}

// Answer is what is kept of one.
type Answer struct {
	Status int    `json:"status"`
	XCache string `json:"xCache"`
	// From the request, on a connection that is there, to the first byte of the answer.
	Milliseconds float64 `json:"firstByteMilliseconds"`
	// Why there is no answer.
	Error string `json:"error,omitempty"`

	header http.Header
	body   string // its beginning
	whole  bool   // whether that is all of it
	came   time.Time
}

// isHit tells whether the cache had the answer (CloudFront Developer Guide, Access logs, x-edge-result-type).
func (a *Answer) isHit() bool {
	result := a.result()
	return result == "hit" || result == "refreshhit"
}

// result is the first word of X-Cache, in lower case; empty: CloudFront wrote none.
func (a *Answer) result() string {
	word, found := strings.CutSuffix(a.XCache, " from cloudfront")
	if !found {
		return ""
	}
	return strings.ToLower(word)
}

// answerer is who gave an answer, as far as can be told.
type answerer int

const (
	unclear answerer = iota
	cloudFront
	anOrigin
)

// by reads it from the answer. CloudFront marks an origin's error like its own, and writes itself as the Server where the origin
// doesn't name one; no page of the Developer Guide tells them apart. Its own have one of these bodies.
func (a *Answer) by() answerer {
	switch a.result() {
	case "hit", "refreshhit", "miss":
		return anOrigin
	case "error":
	default: // a redirect, or what a function answers
		return cloudFront
	}
	switch {
	case a.header.Get("Server") != "CloudFront":
		return anOrigin
	case a.body == "":
		return unclear // to HEAD
	case strings.Contains(a.body, "Generated by cloudfront"), isSignatureError(a.body):
		return cloudFront
	}
	return anOrigin
}

// isSignatureError knows the XML in which signatures are refused from that of S3, which names its host, too.
func isSignatureError(body string) bool {
	return strings.Contains(body, "<Error><Code>") && !strings.Contains(body, "<HostId>")
}
