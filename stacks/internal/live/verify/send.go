package verify

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"
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
