package serve

import (
	"cmp"
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

// body is what a request sends to an origin.
type body struct {
	io.Reader
	length int64 // negative: nobody knows it yet
}

// asked is what came of asking for an answer.
type asked struct {
	answer *http.Response
	sent   []exchange.Sent
	failed error // why no origin answered; the answer is then CloudFront's own
}

// ask sends a request to the origin of a decision, and to the second one if the first fails (CloudFront Developer Guide, Optimize
// high availability with CloudFront origin failover). It fails if the caller leaves.
func (c *call) ask(ctx context.Context, method string, add http.Header, b body) (asked, error) {
	as := c.Decision.Origin
	result, err := c.askOne(ctx, as, method, add, b)
	next := as.Failover
	if err != nil || next == nil || c.s.origins[next.ID].base == nil || !failsOver(result, next.On) {
		return result, err
	}
	result.answer.Body.Close()
	second, err := c.askOne(ctx, next.Request, method, add, b)
	second.sent = append(result.sent, second.sent...)
	return second, err
}

// failsOver: an origin that can't be reached counts as a 503, and one that isn't in time as a 504.
func failsOver(result asked, on []int) bool {
	status := result.answer.StatusCode
	if result.failed != nil && unreached(result.failed) {
		status = http.StatusServiceUnavailable
	}
	return slices.Contains(on, status)
}

func (c *call) askOne(ctx context.Context, as *edge.OriginRequest, method string, add http.Header, b body) (asked, error) {
	r, err := c.originRequest(ctx, as, method, add, b)
	if err != nil {
		return asked{}, err
	}
	begun := time.Now()
	answer, err := c.s.origins[as.ID].send(r, as, c.isGRPC())
	sent := exchange.Sent{Origin: as.ID, Method: method, URL: r.URL.String(), Header: r.Header, Secrets: secrets(as), Took: time.Since(begun)}
	if ctx.Err() != nil {
		if err == nil {
			answer.Body.Close()
		}
		return asked{}, context.Cause(ctx)
	}
	result := asked{answer: answer}
	if err != nil {
		sent.Error, result.failed = err.Error(), err
		result.answer = c.failed(asFailure(err).status)
	} else {
		sent.Status = answer.StatusCode
	}
	result.sent = []exchange.Sent{sent}
	return result, nil
}

// failed is how CloudFront answers for an origin that doesn't.
func (c *call) failed(status int) *http.Response {
	kind, text := page.Failure(status, c.ID)
	return &http.Response{
		StatusCode: status, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, ContentLength: int64(len(text)),
		Header: http.Header{"Content-Type": {kind}, "Content-Length": {strconv.Itoa(len(text))}, "Server": {"CloudFront"}},
		Body:   io.NopCloser(strings.NewReader(string(text))),
	}
}

// isGRPC tells whether a request is one of gRPC's on a route that lets them through.
func (c *call) isGRPC() bool {
	return c.Decision.Behavior.GRPC && c.r.ProtoMajor == 2 && strings.HasPrefix(c.r.Header.Get("Content-Type"), "application/grpc")
}

// originRequest is what the model says that the origin receives, at the server that stands for it.
func (c *call) originRequest(ctx context.Context, as *edge.OriginRequest, method string, add http.Header, b body) (*http.Request, error) {
	target, err := url.ParseRequestURI("/" + strings.TrimPrefix(as.Target, "/"))
	if err != nil {
		return nil, err
	}
	r := (&http.Request{
		Method: method, URL: target, Host: as.Host, Header: c.originHeader(as), ContentLength: b.length,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
	}).WithContext(ctx)
	if b.Reader != nil {
		r.Body = io.NopCloser(b.Reader) // one that isn't reached must not end what the next one is sent
	}
	for name, values := range add {
		r.Header[name] = values
	}
	target.Scheme, target.Host = as.Scheme, as.Server
	if base := c.s.origins[as.ID].base; base != nil {
		if r.Host == target.Host || r.Host == target.Hostname() {
			r.Host = base.Host
		}
		target.Scheme, target.Host = base.Scheme, base.Host
	}
	return r, nil
}

// originHeader has the headers of the model, with the values of this request where the model has none.
func (c *call) originHeader(as *edge.OriginRequest) http.Header {
	header := make(http.Header, len(as.Headers)+len(as.Sets)+2)
	for _, values := range []map[string]edge.Value{as.Headers, as.Sets} {
		for name, value := range values {
			if text, sent := c.resolve(name, value); sent {
				header.Set(name, text)
			}
		}
	}
	header.Del("Connection") // and Upgrade are the connection's own
	header.Del("Upgrade")
	if c.isGRPC() {
		header.Set("Te", "trailers")
	}
	sent, _ := c.Decision.Header("Cookie")
	if cookies := cookiesOf(sent, as.Cookies); cookies != "" {
		header.Set("Cookie", cookies)
	}
	if _, said := header["User-Agent"]; !said {
		header["User-Agent"] = []string{""} // or Go adds its own
	}
	return header
}

// resolve is the text that an origin gets as a header, if it gets it.
func (c *call) resolve(name string, value edge.Value) (text string, sent bool) {
	switch value.Kind {
	case edge.Sent:
		return value.Text, true
	case edge.Secret:
		return cmp.Or(c.s.options.Secrets[value.Text], value.String()), true
	case edge.ByCloudFront:
		switch {
		case name == "X-Amz-Cf-Id":
			return c.ID, true
		case name == "Via" && value.Text != "":
			return value.Text + ", " + edge.Via, true
		case name == "Via":
			return edge.Via, true
		}
		return value.Text, value.Text != "" // what takes another place or a device to know isn't sent
	default:
		return "", false // not sent, or what only AWS can sign
	}
}

// secrets are the headers with secret values.
func secrets(as *edge.OriginRequest) []string {
	var names []string
	for name, value := range as.Headers {
		if value.Kind == edge.Secret {
			names = append(names, name)
		}
	}
	return names
}

// made are the values of headers that CloudFront makes, where it doesn't take another place or a device to know them.
func (c *call) made(scheme string) map[string]string {
	return map[string]string{
		"CloudFront-Viewer-Address": c.Caller.String(), "CloudFront-Viewer-Http-Version": strings.TrimPrefix(c.r.Proto, "HTTP/"),
		"CloudFront-Forwarded-Proto": scheme,
	}
}

// cookiesOf leaves of a caller's cookies those that are passed on, as they were sent; of each name the one that counts, which is in the key.
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
