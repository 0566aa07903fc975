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
	"ml-api-accelerator/stacks/internal/local/serve/bucket"
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

// connect has what stands for each origin of the distribution. An origin that is somewhere the second one is that everywhere.
func connect(d *edge.Distribution, o Options) (map[string]*origin, error) {
	origins := map[string]*origin{}
	add := func(from *edge.Origin, server *url.URL, flag string) error {
		if origins[from.ID] != nil {
			return nil
		}
		made, err := standFor(from, server, flag, o.Models)
		if err != nil {
			return err
		}
		made.from = from
		origins[from.ID] = made
		return nil
	}
	for _, b := range d.Behaviors {
		if b.Failover != nil {
			if err := add(b.Failover.Origin, o.Failover, "--failover"); err != nil {
				return nil, err
			}
		}
	}
	for _, b := range d.Behaviors {
		if b.Function != nil && b.Function.Canary != nil {
			if err := add(b.Function.Canary, o.Canary, "--canary"); err != nil {
				return nil, err
			}
		}
	}
	for _, b := range d.Behaviors {
		if err := add(b.Origin, o.API, "--api"); err != nil {
			return nil, err
		}
	}
	for _, other := range d.Origins { // that only a function chooses
		if err := add(other, o.API, "--api"); err != nil {
			return nil, err
		}
	}
	return origins, nil
}

func disconnect(origins map[string]*origin) {
	for _, o := range origins {
		if o.close != nil {
			o.close()
		}
	}
}

// standFor is what stands for an origin: a server, or a folder for a bucket.
func standFor(from *edge.Origin, server *url.URL, flag, folder string) (*origin, error) {
	switch {
	case from.S3 && folder == "":
		return &origin{missing: errors.New("no folder stands for " + from.ID + ": name one with --models")}, nil
	case from.S3:
		files, err := bucket.New(folder, (*bucket.CORS)(from.CORS))
		if err != nil {
			return nil, fmt.Errorf("--models: %w", err)
		}
		return &origin{base: &url.URL{Scheme: "https", Host: "bucket"}, plain: files, grpc: files, close: func() { _ = files.Close() }}, nil // it was only read
	case server == nil:
		return &origin{missing: errors.New("no server stands for " + from.ID + ": name one with " + flag)}, nil
	}
	return newOrigin(server, from), nil
}
