package replay

import (
	"fmt"
	"net/http"
	"slices"
	"time"

	"ml-api-accelerator/stacks/internal/edge"
	"ml-api-accelerator/stacks/internal/edge/policy"
	"ml-api-accelerator/stacks/internal/edge/signed"
	"ml-api-accelerator/stacks/internal/shared/callers"
	"ml-api-accelerator/stacks/internal/traffic/logs"
)

// route is a behavior, with what is known of it and what has come of its requests.
type route struct {
	d     *edge.Distribution
	b     *edge.Behavior
	count Count
	err   error

	headers                    []func(*logs.Line) string // those of the key that a line shows
	hidesHeaders, hidesCookies bool
	// What differs between callers, but has so few values that it hardly tells them apart.
	hidesFew bool

	verdicts [2][len(methods)]verdict // by whether it is HTTP, and by method
	lives    [1000]*[bounds]uint32    // by status
}

// verdict is what becomes of a request.
type verdict int

const (
	unknown verdict = iota
	refused         // CloudFront answers it
	passed          // the origin answers it
	cached          // the cache may
)

// methods are those that CloudFront takes (Cache behavior settings, Allowed HTTP methods).
var methods = [...]string{"GET", "HEAD", "OPTIONS", "PUT", "POST", "PATCH", "DELETE"}

// shown are the headers that a line has.
var shown = map[string]func(*logs.Line) string{
	"Host":       func(l *logs.Line) string { return l.Host },
	"User-Agent": func(l *logs.Line) string { return l.UserAgent },
	"Referer":    func(l *logs.Line) string { return l.Referer },
}

// canaryHeader is how the function of an API tells the two groups of callers apart.
var canaryHeader = policy.HeaderName(callers.CanaryHeader)

func newRoute(d *edge.Distribution, b *edge.Behavior) *route {
	p := b.CachePolicy
	r := &route{d: d, b: b, hidesCookies: !p.Cookies.IsNone(), hidesFew: p.Brotli || p.Gzip}
	for _, name := range p.Headers.Names {
		switch value := shown[name]; {
		case value != nil:
			r.headers = append(r.headers, value)
		case name == canaryHeader:
			r.hidesFew = true
		default:
			r.hidesHeaders = true
		}
	}
	return r
}

// decide tells what becomes of a request that is the route's.
func (r *route) decide(l *logs.Line, path string) verdict {
	method := slices.Index(methods[:], l.Method)
	if method < 0 || stopped(l) || r.refuses(l) {
		return refused
	}
	plain := 0
	if isPlain(l) {
		plain = 1
	}
	v := r.verdicts[plain][method]
	if v == unknown {
		v = r.sample(l, path)
		r.verdicts[plain][method] = v
	}
	if v == cached && (l.IsWebSocket() || hasNoAnswer(l)) {
		return passed
	}
	return v
}

// isPlain tells whether a request came without TLS.
func isPlain(l *logs.Line) bool { return l.Protocol == "http" || l.Protocol == "ws" }

// stopped tells whether something stood in the way that the model leaves out, or that no configuration changes (Standard logging reference,
// x-edge-result-type, x-edge-detailed-result-type).
func stopped(l *logs.Line) bool {
	switch l.Result {
	case "LimitExceeded", "CapacityExceeded":
		return true
	case "Error":
		switch l.Detail {
		case "ClientGeoBlocked", "ClientHungUpRequest", "InvalidRequest", "InvalidRequestBlocked", "InvalidRequestCertificate", "InvalidRequestHeader":
			return true
		}
	}
	return false
}

// hasNoAnswer tells whether only the former configuration can have answered so.
func hasNoAnswer(l *logs.Line) bool {
	return l.Result == "Redirect" || l.Detail == "InvalidRequestMethod"
}

// refuses tells whether a request lacks what the route wants, by the word of the log.
func (r *route) refuses(l *logs.Line) bool {
	if f := r.b.Function; f != nil && f.KeyHeader != "" && l.Status == http.StatusUnauthorized {
		return true
	}
	if len(r.b.Keys) == 0 {
		return false
	}
	if l.Status == http.StatusForbidden {
		return true
	}
	if _, inURL := signed.Split(l.Query); len(inURL) > 0 {
		return false
	}
	return edge.ParseCookies(l.Cookie)[signed.CookiePrefix+"Signature"] == ""
}

// sample decides the first request with a method, as all the others are: neither the path within a route nor the caller changes what becomes
// of it, unless by a function, which must leave the path alone.
func (r *route) sample(l *logs.Line, path string) verdict {
	scheme := "https://"
	if isPlain(l) {
		scheme = "http://"
	}
	got := r.d.Lookup(edge.Request{
		Method: l.Method, URL: scheme + r.d.Name() + path, Trusted: true, Caller: "caller", Time: time.Unix(l.Time, 0),
	})
	switch {
	case got.Answer != nil:
		return refused
	case got.Cache.Key.Path != path:
		r.err = fmt.Errorf("the function %s changes %s to %s: replay simulates only functions that leave paths alone", got.Function.Name, path, got.Cache.Key.Path)
	case got.Cache.Lookup:
		return cached
	}
	return passed
}
