package serve

import (
	"context"
	"io"
	"log"
	"maps"
	"net/http"
	"net/http/httptrace"
	"net/http/httputil"
	"net/textproto"
	"strconv"

	"ml-api-accelerator/stacks/internal/edge/signed"
	"ml-api-accelerator/stacks/internal/local/serve/accesslog"
	"ml-api-accelerator/stacks/internal/local/serve/exchange"
	"ml-api-accelerator/stacks/internal/local/serve/page"
)

// refuse answers without asking an origin.
func (c *call) refuse() {
	answer := c.Decision.Answer
	c.Result, c.Why = exchange.Error, "the edge answers itself"
	if c.Decision.Signature == signed.Invalid {
		c.Why += ": sign this very URL, at this host or at the distribution's, with the private key of one of models.signers"
	}
	kind, text := page.Refusal(c.Decision, c.ID)
	byFirewall := "the firewall refuses it, by its rule " + answer.Rule
	if answer.Reason == "firewall" {
		c.Why = byFirewall
	}
	switch {
	case answer.Reason == "country":
		c.Why = "callers from " + c.Decision.Request.Country + " aren't let in (distribution.geoRestriction)"
	case answer.Location != "":
		c.Result = exchange.Redirect
		c.w.Header().Set("Location", string(answer.Location))
	case answer.Response != nil:
		switch c.Result, c.Why = exchange.FunctionAnswer, "the function answers"; {
		case answer.Reason == "firewall":
			c.Result, c.Why = exchange.Error, byFirewall
		case answer.Reason == "key" && answer.Status == http.StatusUnauthorized:
			c.Why = "the function answers: it knows the keys of --key NAME=KEY, or the one that serve printed at the start"
		}
		kind, text = "", []byte(answer.Response.Body)
		for name, values := range answer.Response.Headers {
			c.w.Header()[http.CanonicalHeaderKey(name)] = values
		}
	case answer.Cause != "":
		c.Result, c.Why = exchange.FunctionFailed(answer.Status), answer.Cause
	}
	if kind != "" {
		c.w.Header().Set("Content-Type", kind)
	} else if c.w.Header()["Content-Type"] == nil {
		c.w.Header()["Content-Type"] = nil // otherwise Go guesses one
	}
	if answer.Reason == "length" {
		c.w.Header().Set("Connection", "close") // as CloudFront does
	}
	c.w.Header().Set("Content-Length", strconv.Itoa(len(text)))
	c.w.Header().Set("Server", "CloudFront")
	c.finish(c.w.Header())
	c.w.WriteHeader(answer.Status)
	if c.r.Method != http.MethodHead {
		_, _ = c.w.Write(text) // the caller may have left
	}
}

// finish changes the headers of an answer as the distribution does, and adds those that CloudFront always writes.
func (c *call) finish(header http.Header) {
	c.Decision.Response.Apply(header)
	header.Set("X-Cache", c.Result.XCache())
	header.Set("X-Amz-Cf-Pop", accesslog.Location)
	header.Set("X-Amz-Cf-Id", c.ID)
}

// pass sends a request to the origin without looking into the cache, and sends back at once whatever comes.
func (c *call) pass() {
	c.Why = "this route has no cache"
	why := forwardBypass
	if c.Decision.Cache.MaxTTLSeconds > 0 {
		c.Why, why = c.r.Method+" is never cached", forwardMethod
	}
	if c.r.Header["Upgrade"] != nil && !c.Decision.IsWebSocket() {
		c.r = c.r.Clone(c.r.Context())
		c.r.Header.Del("Upgrade") // otherwise the proxy waits for the protocol, or refuses its name
	}
	var proxy httputil.ReverseProxy
	proxy = httputil.ReverseProxy{
		Rewrite:       func(*httputil.ProxyRequest) {},
		Transport:     roundTripper(c.roundTrip),
		FlushInterval: -1,
		ErrorLog:      log.New(io.Discard, "", 0),
		ModifyResponse: func(answer *http.Response) error {
			if c.Result = exchange.Miss; answer.StatusCode >= 400 {
				c.Result = exchange.Error
			}
			if answer.ContentLength == 0 {
				// Flushed headers don't end the answer, and a gRPC status in headers only counts in the last ones.
				proxy.FlushInterval = 0
			}
			c.addCacheStatus(answer.Header, c.forwarded(why, false))
			c.finish(answer.Header)
			if answer.StatusCode == http.StatusSwitchingProtocols {
				c.answered(answer.StatusCode, answer.Header) // the proxy writes to the connection itself
			}
			return nil
		},
		ErrorHandler: func(_ http.ResponseWriter, _ *http.Request, err error) {
			c.left(err)
			panic(http.ErrAbortHandler) // otherwise Go answers 200
		},
	}
	proxy.ServeHTTP(c.w, c.r)
}

// left records why there is no answer.
func (c *call) left(err error) {
	c.Result, c.Why = exchange.Error, err.Error()
	if c.r.Context().Err() != nil {
		c.Why = "the caller left"
	}
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// roundTrip takes only the body and the upgrade from the proxy's request; the decision says everything else.
func (c *call) roundTrip(out *http.Request) (*http.Response, error) {
	add := http.Header{}
	if c.Decision.IsWebSocket() {
		add.Set("Connection", "Upgrade")
		add.Set("Upgrade", "websocket")
	}
	sends := body{length: out.ContentLength}
	switch {
	case out.Body == nil || out.ContentLength == 0:
	case out.ContentLength > 0:
		// The transport looks for more once it has sent all. If the answer has begun by then, the server has closed the
		// body, and the transport would close the connection.
		sends.Reader = io.LimitReader(out.Body, out.ContentLength)
	default:
		sends.Reader = out.Body
	}
	result, err := c.ask(out.Context(), add, sends)
	if err != nil {
		return nil, err
	}
	if c.Sent = result.sent; result.failed != nil {
		c.Why = result.failed.Error()
	}
	return result.answer, nil
}

// interim is an informational answer, such as 103 Early Hints, which a proxy passes on (RFC 9110, 15.2).
type interim struct {
	status int
	header http.Header
}

// withInterim returns a context that collects interim answers.
func (f *flight) withInterim(ctx context.Context) context.Context {
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		Got1xxResponse: func(status int, header textproto.MIMEHeader) error {
			select {
			case f.interim <- interim{status, http.Header(header)}:
			default: // callers needn't get all of them
			}
			return nil
		},
	})
}

// passOn sends the caller an interim answer.
func (c *call) passOn(i interim) {
	maps.Copy(c.w.Header(), i.header)
	c.w.WriteHeader(i.status)
	clear(c.w.Header())
}
