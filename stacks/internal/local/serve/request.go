package serve

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"ml-api-accelerator/stacks/internal/edge"
	"ml-api-accelerator/stacks/internal/local/serve/exchange"
	"ml-api-accelerator/stacks/internal/local/serve/page"
)

// body is the body of a request to an origin.
type body struct {
	io.Reader
	length int64 // negative: not known yet
}

// asked is an answer, and how it was got.
type asked struct {
	answer *http.Response
	sent   []exchange.Sent
	failed error // why no origin answered; the answer is then CloudFront's own
}

// ask sends a request to the origin that was decided on, and to the second one if that fails (CloudFront Developer
// Guide, Optimize high availability with CloudFront origin failover). It returns an error if the caller leaves.
func (c *call) ask(ctx context.Context, add http.Header, b body) (asked, error) {
	as := c.Decision.Origin
	first, err := c.askOne(ctx, as, add, b)
	next := as.Failover
	if err != nil || next == nil || c.on.origins[next.ID].base == nil || !failsOver(first, next.On) {
		return first, err
	}
	first.answer.Body.Close()
	second, err := c.askOne(ctx, next.Request, add, b)
	second.sent = append(first.sent, second.sent...)
	return second, err
}

// failsOver reports whether to ask the second origin. A first that can't be reached counts as 503, a slow one as 504.
func failsOver(first asked, on []int) bool {
	status := first.answer.StatusCode
	if first.failed != nil && unreached(first.failed) {
		status = http.StatusServiceUnavailable
	}
	return slices.Contains(on, status)
}

func (c *call) askOne(ctx context.Context, as *edge.OriginRequest, add http.Header, b body) (asked, error) {
	r, err := c.originRequest(as, add, b)
	if err != nil {
		return asked{}, err
	}
	sent := exchange.Sent{Origin: as.Name(), Method: c.Method, URL: r.URL.String(), Header: r.Header}
	for name, value := range as.Headers {
		if value.Kind == edge.Secret || value.Kind == edge.Credential {
			sent.Secrets = append(sent.Secrets, name)
		}
	}
	begun := time.Now()
	answer, err := c.on.origins[as.ID].send(r.WithContext(ctx), as, c.isGRPC())
	sent.Took = time.Since(begun)
	if ctx.Err() != nil {
		if err == nil {
			answer.Body.Close()
		}
		return asked{}, context.Cause(ctx)
	}
	if err != nil {
		sent.Error = err.Error()
		answer = c.failed(asFailure(err).status)
	} else {
		sent.Status = answer.StatusCode
	}
	return asked{answer, []exchange.Sent{sent}, err}, nil
}

// failed returns CloudFront's own answer where no origin gave one.
func (c *call) failed(status int) *http.Response {
	kind, text := page.Failure(status, c.ID)
	return &http.Response{
		StatusCode: status, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, ContentLength: int64(len(text)),
		Header: http.Header{
			"Content-Type": {kind}, "Content-Length": {strconv.Itoa(len(text))}, "Server": {"CloudFront"},
		},
		Body: io.NopCloser(strings.NewReader(string(text))),
	}
}

// isGRPC reports whether a request is gRPC, on a route that lets gRPC through.
func (c *call) isGRPC() bool {
	return c.Decision.Behavior.GRPC && c.r.ProtoMajor == 2 &&
		strings.HasPrefix(c.r.Header.Get("Content-Type"), "application/grpc")
}

// originRequest returns what the distribution sends to an origin, addressed to the server that stands for it.
func (c *call) originRequest(as *edge.OriginRequest, add http.Header, b body) (*http.Request, error) {
	target, err := url.ParseRequestURI("/" + strings.TrimPrefix(as.Target, "/"))
	if err != nil {
		return nil, err
	}
	r := &http.Request{
		Method: c.Method, URL: target, Host: as.Host, Header: c.originHeader(as), ContentLength: b.length,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
	}
	if b.Reader != nil {
		r.Body = io.NopCloser(b.Reader) // failover sends it again, so an origin that isn't reached must not close it
	}
	for name, values := range add {
		r.Header[name] = values
	}
	target.Scheme, target.Host = as.Scheme, as.Server
	if base := c.on.origins[as.ID].base; base != nil {
		if r.Host == target.Host || r.Host == target.Hostname() {
			r.Host = base.Host
		}
		target.Scheme, target.Host = base.Scheme, base.Host
	}
	return r, nil
}

// originHeader returns the headers that were decided on, with the values that only this request or machine knows.
func (c *call) originHeader(as *edge.OriginRequest) http.Header {
	header := make(http.Header, len(as.Headers)+len(as.Sets)+2)
	for _, values := range []map[string]edge.Value{as.Headers, as.Sets} {
		for name, value := range values {
			if text, sent := c.resolve(name, value); sent {
				header.Set(name, text)
			}
		}
	}
	header.Del("Connection") // this and Upgrade belong to the connection
	header.Del("Upgrade")
	if c.isGRPC() {
		header.Set("Te", "trailers")
	}
	sent, _ := c.Decision.Header("Cookie")
	if cookies := cookiesOf(sent, as.Cookies); cookies != "" {
		header.Set("Cookie", cookies)
	}
	if _, said := header["User-Agent"]; !said {
		header["User-Agent"] = []string{""} // otherwise Go adds its own
	}
	return header
}

// resolve returns the text of a header, and whether it is sent at all.
func (c *call) resolve(name string, value edge.Value) (text string, sent bool) {
	switch {
	case value.Kind == edge.Sent, value.Kind == edge.Credential:
		return value.Text, true
	case value.Kind == edge.Secret && c.on.options.Secrets[value.Text] == "":
		return value.String(), true
	case value.Kind == edge.Secret:
		return value.Before + c.on.options.Secrets[value.Text], true
	case value.Kind != edge.ByCloudFront: // it isn't sent, or only AWS can sign it
		return "", false
	case name == "X-Amz-Cf-Id":
		return c.ID, true
	case name == "Via":
		return strings.TrimPrefix(value.Text+", "+edge.Via, ", "), true
	}
	return value.Text, value.Text != "" // the caller's device isn't known here, nor mostly the country
}

// cookiesOf returns the caller's cookies that are passed on, of each name the last, which is in the cache key.
func cookiesOf(sent string, passed map[string]string) string {
	var kept []string
	pairs, came := strings.Split(sent, ";"), map[string]bool{}
	for _, pair := range slices.Backward(pairs) {
		pair = strings.TrimSpace(pair)
		name, _, found := strings.Cut(pair, "=")
		if _, is := passed[name]; is && found && !came[name] {
			came[name] = true
			kept = append(kept, pair)
		}
	}
	slices.Reverse(kept)
	return strings.Join(kept, "; ")
}
