package verify

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"syscall"
	"time"
)

// Answer is what is kept of one.
type Answer struct {
	Status int    `json:"status"`
	XCache string `json:"xCache"`
	// From the request, on a connection that is there, to the first byte of the answer.
	Milliseconds float64 `json:"milliseconds"`
	// Why there is no answer.
	Error string `json:"error,omitempty"`

	header http.Header
	body   string // its beginning
	whole  bool   // whether that is all of it
	came   time.Time
}

// A body is read for what CloudFront says in its errors, and to its end for CloudFront to keep it. A longer one isn't waited
// for: a model may have gigabytes, and a stream no end.
const (
	maxBody     = 1 << 20
	maxBodyTime = 5 * time.Second
)

// sender sends requests straight to where an address leads, without a proxy, which would keep answers of its own.
type sender struct {
	client  *http.Client
	timeout time.Duration
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
	return &sender{&http.Client{Transport: transport, CheckRedirect: stay}, o.Timeout}
}

func (s *sender) close() { s.client.CloseIdleConnections() }

// failure is that there is no answer.
type failure struct {
	error
	connected bool // whether there was a connection at least
}

// send waits for the first byte as long as the timeout, and then a little for the body if all of it is wanted or if the status
// is an error's.
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
	a := &Answer{Status: response.StatusCode, XCache: response.Header.Get("X-Cache"), header: response.Header}
	a.came, a.Milliseconds = watched.answer()
	if all || a.Status >= 400 {
		timer.Reset(min(s.timeout, maxBodyTime))
		text, err := io.ReadAll(io.LimitReader(response.Body, maxBody+1))
		a.whole = err == nil && len(text) <= maxBody
		a.body = string(text)
	}
	return a, nil
}

// inWords leaves out of an error what a person doesn't need: what was asked for, and the ports of the connection.
func inWords(err error) error {
	var name *net.DNSError
	var certificate *tls.CertificateVerificationError
	var whole *url.Error
	var system syscall.Errno
	switch {
	case errors.As(err, &name) && name.IsNotFound:
		return fmt.Errorf("%s isn't in the DNS", name.Name)
	case errors.As(err, &certificate):
		return fmt.Errorf("the certificate isn't good: %w", certificate.Err)
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
