package serve

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"ml-api-accelerator/stacks/internal/edge"
)

// origin is a server that stands for one of the distribution's.
type origin struct {
	from *edge.Origin
	base *url.URL // nil: nobody does
	// How its answers come: by HTTP/1.1, and HTTP/2 for gRPC.
	plain, grpc http.RoundTripper
	missing     error // why nobody does
	close       func()
}

// idle is how long a connection is kept for the next request. CloudFront keeps it longer, but a server that closes it at the same
// moment would fail a POST.
const idle = time.Second

// newOrigin connects to a server as CloudFront would (CloudFront Developer Guide, Origin settings, Connection attempts and
// Connection timeout).
func newOrigin(base *url.URL, o *edge.Origin) *origin {
	transport := func(protocols *http.Protocols) *http.Transport {
		dialer := net.Dialer{Timeout: time.Duration(o.ConnectionTimeout) * time.Second}
		return &http.Transport{
			DialContext: dialer.DialContext, Protocols: protocols,
			DisableCompression: true, MaxIdleConnsPerHost: 100, IdleConnTimeout: idle,
			TLSHandshakeTimeout:   time.Duration(o.ConnectionTimeout) * time.Second,
			ResponseHeaderTimeout: time.Duration(o.ReadTimeout) * time.Second,
			ExpectContinueTimeout: time.Second,
		}
	}
	var http1, http2 http.Protocols
	http1.SetHTTP1(true)
	http2.SetHTTP2(true)
	http2.SetUnencryptedHTTP2(true)
	plain, grpc := transport(&http1), transport(&http2)
	return &origin{base: base, plain: plain, grpc: grpc, close: func() {
		plain.CloseIdleConnections()
		grpc.CloseIdleConnections()
	}}
}

// failure is why an origin gave no answer, and with which status CloudFront says so.
type failure struct {
	status int
	cause  error
}

func (f *failure) Error() string { return f.cause.Error() }

func (f *failure) Unwrap() error { return f.cause }

// errSlow ends a request whose origin was silent for too long.
var errSlow = errors.New("the origin was silent for longer than its read timeout")

// asFailure: an origin that doesn't answer in time is a 504, and one that refuses, breaks off or answers with something else than HTTP a
// 502 (CloudFront Developer Guide, HTTP 504 status code (Gateway Timeout); HTTP 502 status code (Bad Gateway)).
func asFailure(err error) *failure {
	var timeout net.Error
	if errors.Is(err, errSlow) || errors.As(err, &timeout) && timeout.Timeout() {
		return &failure{http.StatusGatewayTimeout, err}
	}
	return &failure{http.StatusBadGateway, err}
}

// send asks the origin as often as it takes to reach it, and again for a GET or HEAD that isn't answered in time (Request and
// response behavior for custom origins, Origin response timeout; Origin settings, Connection attempts).
func (o *origin) send(r *http.Request, as *edge.OriginRequest, grpc bool) (*http.Response, error) {
	if o.base == nil {
		return nil, &failure{http.StatusBadGateway, o.missing}
	}
	transport := o.plain
	if grpc {
		transport = o.grpc
	}
	var failed *failure
	for range max(as.ConnectionAttempts, 1) {
		answer, err := o.try(transport, r, time.Duration(as.ReadTimeoutSeconds)*time.Second)
		if err == nil {
			return answer, nil
		}
		if r.Context().Err() != nil {
			return nil, context.Cause(r.Context())
		}
		failed = asFailure(err)
		tooLate := failed.status == http.StatusGatewayTimeout && (r.Method == http.MethodGet || r.Method == http.MethodHead)
		if !unreached(err) && !tooLate {
			break
		}
	}
	return nil, failed
}

// unreached tells whether no connection was made, so that the origin has seen nothing of the request.
func unreached(err error) bool {
	var operation *net.OpError
	return errors.As(err, &operation) && operation.Op == "dial"
}

// try asks once. A timer ends an answer that comes to a halt.
func (o *origin) try(transport http.RoundTripper, r *http.Request, readTimeout time.Duration) (*http.Response, error) {
	ctx, cancel := context.WithCancelCause(r.Context())
	answer, err := transport.RoundTrip(r.WithContext(ctx))
	if err != nil {
		cancel(nil)
		return nil, err
	}
	asked := r.Header.Get("Upgrade")
	switched := answer.StatusCode == http.StatusSwitchingProtocols && asked != "" && strings.EqualFold(answer.Header.Get("Upgrade"), asked)
	if answer.StatusCode < 200 && !switched {
		cancel(nil)
		answer.Body.Close()
		return nil, fmt.Errorf("the origin answered %s, which nobody asked for", answer.Status)
	}
	if switched {
		context.AfterFunc(r.Context(), func() { cancel(nil) })
		return answer, nil // a WebSocket may be silent
	}
	timer := time.AfterFunc(readTimeout, func() { cancel(errSlow) })
	timer.Stop()
	answer.Body = &timedBody{ReadCloser: answer.Body, ctx: ctx, timer: timer, limit: readTimeout, end: cancel}
	return answer, nil
}

// timedBody ends when its reader has waited for too long. How long the caller takes for what it got doesn't count.
type timedBody struct {
	io.ReadCloser
	ctx   context.Context
	timer *time.Timer
	limit time.Duration
	end   context.CancelCauseFunc
}

func (b *timedBody) Read(p []byte) (int, error) {
	b.timer.Reset(b.limit)
	defer b.timer.Stop()
	n, err := b.ReadCloser.Read(p)
	if err != nil && !errors.Is(err, io.EOF) && errors.Is(context.Cause(b.ctx), errSlow) {
		err = fmt.Errorf("%w: %w", errSlow, err)
	}
	return n, err
}

func (b *timedBody) Close() error {
	b.timer.Stop()
	defer b.end(nil)
	return b.ReadCloser.Close()
}
