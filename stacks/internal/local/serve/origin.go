package serve

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"ml-api-accelerator/stacks/internal/edge"
	"ml-api-accelerator/stacks/internal/local/serve/bucket"
	"ml-api-accelerator/stacks/internal/shared/callers"
	"ml-api-accelerator/stacks/internal/shared/names"
	"ml-api-accelerator/stacks/internal/shared/viewerrequest"
)

// origin is the server, or the folder, that stands for an origin of the distribution.
type origin struct {
	from        *edge.Origin
	flag        string            // that names what stands for it
	base        *url.URL          // nil: nothing stands for it, and missing says so
	plain, grpc http.RoundTripper // HTTP/1.1, and HTTP/2
	missing     error
	close       func()
}

// idle is how long a connection is kept for the next request. CloudFront keeps it longer, but a POST fails if the
// server closes the connection at the same moment.
const idle = time.Second

// connect makes the connections to a server as CloudFront would (CloudFront Developer Guide, Origin settings,
// Connection attempts and Connection timeout).
func (o *origin) connect(server *url.URL) {
	timeout := time.Duration(o.from.ConnectionTimeout) * time.Second
	transport := func(protocols *http.Protocols) *http.Transport {
		dialer := net.Dialer{Timeout: timeout}
		return &http.Transport{
			DialContext: dialer.DialContext, Protocols: protocols,
			DisableCompression: true, MaxIdleConnsPerHost: 100, IdleConnTimeout: idle,
			TLSHandshakeTimeout:   timeout,
			ResponseHeaderTimeout: time.Duration(o.from.ReadTimeout) * time.Second,
			ExpectContinueTimeout: time.Second,
		}
	}
	var http1, http2 http.Protocols
	http1.SetHTTP1(true)
	http2.SetHTTP2(true)
	http2.SetUnencryptedHTTP2(true)
	plain, grpc := transport(&http1), transport(&http2)
	o.base, o.plain, o.grpc = server, plain, grpc
	o.close = func() {
		plain.CloseIdleConnections()
		grpc.CloseIdleConnections()
	}
}

// failure is why an origin gave no answer, and the status with which CloudFront reports it.
type failure struct {
	status int
	cause  error
}

func (f *failure) Error() string { return f.cause.Error() }

func (f *failure) Unwrap() error { return f.cause }

// errSlow ends a request whose origin was silent for too long.
var errSlow = errors.New("the origin was silent for longer than its read timeout")

// asFailure returns a 504 for an origin that is too slow, and a 502 for one that refuses, breaks off or doesn't speak
// HTTP (CloudFront Developer Guide, HTTP 504 status code (Gateway Timeout); HTTP 502 status code (Bad Gateway)).
func asFailure(err error) *failure {
	var timeout net.Error
	if errors.Is(err, errSlow) || errors.As(err, &timeout) && timeout.Timeout() {
		return &failure{http.StatusGatewayTimeout, err}
	}
	return &failure{http.StatusBadGateway, err}
}

// send tries to connect as often as CloudFront does, and sends a GET or HEAD again that isn't answered in time (Request
// and response behavior for custom origins, Origin response timeout; Origin settings, Connection attempts).
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
		answer, err := try(transport, r, time.Duration(as.ReadTimeoutSeconds)*time.Second)
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
	return nil, o.advise(failed)
}

// advise adds what to do about a failure.
func (o *origin) advise(f *failure) error {
	advice := ""
	switch {
	case unreached(f):
		advice = "start that server, or name another one with " + o.flag
	case f.status == http.StatusGatewayTimeout:
		advice = fmt.Sprintf("the edge waits %d s for an answer (readTimeoutSeconds)", o.from.ReadTimeout)
	default:
		return f
	}
	return &failure{f.status, fmt.Errorf("%w: %s", f.cause, advice)}
}

// unreached reports whether there was no connection, so that the origin has seen nothing of the request.
func unreached(err error) bool {
	var operation *net.OpError
	return errors.As(err, &operation) && operation.Op == "dial"
}

// try asks once. An answer that comes to a halt for the read timeout ends.
func try(transport http.RoundTripper, r *http.Request, readTimeout time.Duration) (*http.Response, error) {
	ctx, cancel := context.WithCancelCause(r.Context())
	answer, err := transport.RoundTrip(r.WithContext(ctx))
	if err != nil {
		cancel(nil)
		return nil, err
	}
	asked := r.Header.Get("Upgrade")
	switched := answer.StatusCode == http.StatusSwitchingProtocols && asked != "" &&
		strings.EqualFold(answer.Header.Get("Upgrade"), asked)
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

// timedBody ends when a read takes too long. How long the caller takes between two reads doesn't count.
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

// connect maps each origin to its local stand-in: all of a backend to the same one, whatever their read timeouts. An
// origin that any behavior uses as failover gets the stand-in of the failover everywhere.
func connect(d *edge.Distribution, o Options) (map[string]*origin, error) {
	origins := map[string]*origin{}
	var err error
	add := func(from *edge.Origin, name string) {
		if origins[from.ID] == nil && err == nil {
			origins[from.ID], err = o.standFor(from, name)
		}
	}
	for _, b := range d.Behaviors {
		switch {
		case b.Failover == nil:
		case b.Failover.Origin.S3: // a replica has what the bucket has
			add(b.Failover.Origin, b.Origin.Name())
		default:
			add(b.Failover.Origin, names.FailoverOrigin(b.Origin.Name()))
		}
	}
	for _, b := range d.Behaviors {
		if b.Function != nil && b.Function.Canary != nil {
			add(b.Function.Canary, names.CanaryOrigin(b.Origin.Name()))
		}
	}
	for _, b := range d.Behaviors {
		add(b.Origin, b.Origin.Name())
	}
	for _, other := range d.Origins { // some are only chosen by a function
		add(other, other.Name())
	}
	return origins, err
}

func disconnect(origins map[string]*origin) {
	for _, o := range origins {
		if o != nil { // connect may have failed
			o.close()
		}
	}
}

// standFor returns what stands for an origin of that name: a server, or a folder for a bucket.
func (o Options) standFor(from *edge.Origin, name string) (*origin, error) {
	made := &origin{from: from, close: func() {}}
	if from.S3 {
		folder, flag, example := o.folder(name)
		if folder == "" {
			made.missing = fmt.Errorf("no folder stands for %s: name one with %s", name, example)
			return made, nil
		}
		files, err := o.open(name, folder, (*bucket.CORS)(from.CORS))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", flag, err)
		}
		made.base, made.plain, made.grpc = &url.URL{Scheme: "https", Host: "bucket"}, files, files
		made.close = func() { _ = files.Close() } // it was only read
		return made, nil
	}
	var server *url.URL
	if server, made.flag = o.server(name); server == nil {
		made.missing = fmt.Errorf("no server stands for %s: name one with %s", name, made.flag)
		return made, nil
	}
	made.connect(server)
	return made, nil
}

// server returns the one that stands for a backend, and the flag that names it.
func (o Options) server(name string) (server *url.URL, flag string) {
	switch name {
	case names.API:
		return o.API, "--api"
	case names.FailoverOrigin(names.API):
		return o.Failover, "--failover"
	case names.OriginCanary:
		return o.Canary, "--canary"
	}
	return o.Backends[name], "--backend " + name + "=URL"
}

// open opens the folder that stands for a bucket.
func (o Options) open(name, folder string, cors *bucket.CORS) (*bucket.Bucket, error) {
	switch {
	case name != names.Web:
		return bucket.New(folder, cors)
	case o.Buckets[name] != "":
		return bucket.NewPage(folder, "", cors)
	}
	return bucket.NewPage(folder, o.WebPrefix, cors)
}

// folder returns the one that stands for a bucket, the flag that names it, and that with a value.
func (o Options) folder(name string) (folder, flag, example string) {
	switch {
	case name == names.Models:
		return o.Models, "--models", "--models"
	case name == names.Web && o.Buckets[name] == "":
		return o.Web, "--web", "--web"
	}
	return o.Buckets[name], "--bucket " + name, "--bucket " + name + "=DIR"
}

// Missing returns a line for each backend and each bucket that nothing stands for.
func (s *Server) Missing() []string {
	var missing []string
	origins := s.deployed().origins
	for _, id := range slices.Sorted(maps.Keys(origins)) {
		if err := origins[id].missing; err != nil && !slices.Contains(missing, err.Error()) {
			missing = append(missing, err.Error())
		}
	}
	return missing
}

// Unknown returns the names of the secrets in custom headers that have no value.
func (s *Server) Unknown() []string {
	unknown, on := map[string]bool{}, s.deployed()
	for _, o := range on.origins {
		for _, value := range o.from.CustomHeaders {
			if value.Kind == edge.Secret && on.options.Secrets[value.Text] == "" {
				unknown[value.Text] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(unknown))
}

// Lacking returns the names of the backends whose credential a function looks for in the store, and doesn't find.
func (s *Server) Lacking() []string {
	lacking, on := map[string]bool{}, s.deployed()
	for _, b := range on.distribution.Behaviors {
		if b.Function == nil {
			continue
		}
		for _, c := range []*viewerrequest.Credential{b.Function.Credential, b.Function.CanaryCredential} {
			if c != nil && !on.stores(c.Entry) {
				lacking[callers.CredentialOf(c.Entry)] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(lacking))
}

// stores reports whether the store has an entry.
func (d *deployment) stores(key string) bool {
	if d.options.Store == nil {
		return false
	}
	_, found, err := d.options.Store.Get(key)
	return found && err == nil
}
