package verify

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strings"
	"sync"
	"syscall"
	"time"

	"ml-api-accelerator/stacks/internal/shared/optional"
)

// A body is read to its end so that CloudFront keeps it, and for the text of CloudFront's errors; other bodies only so
// that the server doesn't see its callers leave. A model may have gigabytes, and a stream no end.
const (
	maxBody       = 1 << 20
	maxBodyTime   = 5 * time.Second
	maxOthersTime = 500 * time.Millisecond
)

// sender sends requests without a proxy, which might have a cache.
type sender struct {
	client  *http.Client
	timeout time.Duration
	secrets *strings.Replacer
}

// newSender makes a sender that connects to the addresses that leads returns; nil: to those of the URLs.
func newSender(o Options, leads func(address string) string) *sender {
	dial := o.Dial
	if dial == nil {
		dial = (&net.Dialer{}).DialContext
	}
	transport := &http.Transport{
		TLSClientConfig: o.TLS, ForceAttemptHTTP2: true,
		DisableCompression: true, // no Accept-Encoding of Go's, which wasn't decided on
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

// shortest is the length from which a key or header that comes back is taken for a secret.
const shortest = 6

// secrets replaces keys and headers in what a server says.
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

// failure is why there is no answer.
type failure struct {
	error
	connected bool // whether there was a connection
}

// send waits for the first byte until the timeout, then a little for the body: longer for all of it, or an error's.
func (s *sender) send(
	ctx context.Context, method, target string, headers map[string]string, all bool,
) (*Answer, *failure) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	late := fmt.Errorf("no answer within %v (--timeout)", s.timeout)
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
	xCache := s.secrets.Replace(response.Header.Get("X-Cache"))
	a := &Answer{Status: response.StatusCode, XCache: xCache, header: response.Header}
	a.came, a.Milliseconds = watched.answer()
	wait := maxOthersTime
	if all || a.Status >= 400 {
		wait = maxBodyTime
	}
	timer.Reset(min(s.timeout, wait))
	text, err := io.ReadAll(io.LimitReader(response.Body, maxBody+1))
	// Also look at the context: when it ends, the answer may seem complete.
	a.body, a.whole = string(text), err == nil && ctx.Err() == nil && len(text) <= maxBody
	return a, nil
}

// address returns where to connect for a host and port: always to the distribution. An unusual port takes both HTTPS
// and HTTP, as that of serve --tls does.
func (o Options) address(requested string) string {
	host, port := o.place()
	_, usual, _ := net.SplitHostPort(requested)
	if port == "" || port == "443" && usual == "80" {
		port = usual
	}
	return net.JoinHostPort(host, port)
}

// place returns where the distribution is; no port: the one of the scheme.
func (o Options) place() (host, port string) {
	if o.ConnectTo == "" {
		return o.URL.Hostname(), o.URL.Port()
	}
	if host, port, err := net.SplitHostPort(o.ConnectTo); err == nil {
		return host, port
	}
	return strings.Trim(o.ConnectTo, "[]"), ""
}

// clock records the times of a request. The goroutines of the connection set them.
type clock struct {
	mutex                 sync.Mutex
	connected, sent, came time.Time
}

func (c *clock) watch(ctx context.Context) context.Context {
	note := func(when *time.Time) {
		c.mutex.Lock()
		defer c.mutex.Unlock()
		*when = time.Now()
	}
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GotConn:              func(httptrace.GotConnInfo) { note(&c.connected) },
		WroteRequest:         func(httptrace.WroteRequestInfo) { note(&c.sent) },
		GotFirstResponseByte: func() { note(&c.came) },
	})
}

// isConnected reports whether there was a connection.
func (c *clock) isConnected() bool {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	return !c.connected.IsZero()
}

// answer returns when the first byte came, maybe before all of the request was sent, and how long that took.
func (c *clock) answer() (came time.Time, milliseconds float64) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	from := c.sent
	if from.IsZero() || from.After(c.came) {
		from = c.connected
	}
	return c.came, float64(c.came.Sub(from).Microseconds()) / 1000
}

// inWords shortens an error to what a person needs: not the URL again, nor the ports of the connection.
func inWords(err error) error {
	var name *net.DNSError
	var certificate *tls.CertificateVerificationError
	var whole *url.Error
	var system syscall.Errno
	switch {
	case errors.As(err, &name) && name.IsNotFound:
		return fmt.Errorf("%s isn't in the DNS; --connect-to takes the name that CloudFront gave the distribution", name.Name)
	case errors.As(err, &certificate):
		return fmt.Errorf("the certificate isn't valid (--insecure takes any, such as that of serve --tls): %w",
			certificate.Err)
	case errors.As(err, &system):
		return system
	case errors.Is(err, io.EOF):
		return errors.New("the connection was closed without an answer")
	case errors.As(err, &whole):
		return whole.Err
	}
	return err
}

func unreachable(o Options, err error) error {
	at := o.URL.String()
	if o.ConnectTo != "" {
		at += " at " + o.ConnectTo
	}
	return fmt.Errorf("%s can't be reached: %w", at, err)
}

// Answer is what is kept of an answer.
type Answer struct {
	Status int    `json:"status"`
	XCache string `json:"xCache"`
	// From the request, on an open connection, to the first byte of the answer.
	Milliseconds float64 `json:"firstByteMilliseconds"`
	Error        string  `json:"error"` // why there is no answer
	// Headers with secrets, or a signature, that only CloudFront sends, and this request didn't; not in the JSON.
	Lacked []string `json:"-"`

	header http.Header
	body   string // its beginning
	whole  bool   // whether body is all of it
	came   time.Time
}

// MarshalJSON returns null for what there isn't: without an answer, all but the error.
func (a Answer) MarshalJSON() ([]byte, error) {
	shown := struct {
		Status       *int          `json:"status"`
		XCache       optional.Text `json:"xCache"`
		Milliseconds *float64      `json:"firstByteMilliseconds"`
		Error        optional.Text `json:"error"`
	}{XCache: optional.Text(a.XCache), Error: optional.Text(a.Error)}
	if a.Error == "" {
		shown.Status, shown.Milliseconds = &a.Status, &a.Milliseconds
	}
	return json.Marshal(shown)
}

// isHit reports whether the answer came from the cache (CloudFront Developer Guide, Access logs, x-edge-result-type).
func (a *Answer) isHit() bool {
	result := a.result()
	return result == "hit" || result == "refreshhit"
}

// result returns the first word of X-Cache, in lower case; empty: it isn't CloudFront's.
func (a *Answer) result() string {
	word, found := strings.CutSuffix(a.XCache, " from cloudfront")
	if !found {
		return ""
	}
	return strings.ToLower(word)
}

// answerer is who gave an answer, as far as can be seen.
type answerer int

const (
	unclear answerer = iota
	cloudFront
	anOrigin
)

// by returns who gave the answer. CloudFront's own errors and those of origins have the same X-Cache, and the same
// Server if the origin sends none; only the bodies differ (no page of the Developer Guide says how).
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

// isPaused reports whether the function at the edge refuses all calls for now.
func (a *Answer) isPaused() bool {
	var body struct{ Error struct{ Code any } }
	return a.Status == http.StatusServiceUnavailable && a.by() == cloudFront &&
		json.Unmarshal([]byte(a.body), &body) == nil && body.Error.Code == "paused"
}

// isSignatureError reports whether a body is CloudFront's refusal of a signature. S3's XML also has a HostId.
func isSignatureError(body string) bool {
	return strings.Contains(body, "<Error><Code>") && !strings.Contains(body, "<HostId>")
}
