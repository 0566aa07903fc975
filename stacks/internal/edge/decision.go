// Package edge is a model of what a CloudFront distribution does with a request: how it chooses a behavior, what it answers
// itself, what it keeps in its cache, and what its origins receive. GUESSES.md lists what AWS's guides leave open.
package edge

import (
	"net/http"
	"slices"

	"ml-api-accelerator/stacks/internal/edge/compression"
	"ml-api-accelerator/stacks/internal/edge/function"
	"ml-api-accelerator/stacks/internal/edge/policy"
	"ml-api-accelerator/stacks/internal/edge/signed"
)

// Decision is what a distribution does with one request. Its JSON is read by people's scripts: names and their order stay.
type Decision struct {
	Request Request `json:"request"`
	// The behaviors that were tried, the last of which is the route.
	Tried []Tried `json:"tried"`
	Route string  `json:"route"`
	// What CloudFront answers itself; nil: it asks its cache or an origin.
	Answer    *Answer          `json:"answer"`
	Signature signed.Signature `json:"signature"`
	Function  *Run             `json:"function"` // nil: none ran
	Cache     *Caching         `json:"cache"`
	Origin    *OriginRequest   `json:"origin"`
	Response  Response         `json:"response"`

	// The behavior of the route, with the origins that a function chose; nil if the host isn't the distribution's.
	Behavior *Behavior `json:"-"`

	// What Complete tells more of.
	viewer *viewer
	tried  []Behavior
}

// Tried is a behavior's path pattern, and whether it matches.
type Tried struct {
	Path    string `json:"path"`
	Matches bool   `json:"matches"`
}

// Answer is what CloudFront answers without its origin. The reasons: "redirect" (a request by HTTP), "method" (or a body that
// the method can't have), "signature", "key" (a function refuses it, or can't find out whose it is), "function" (it fails, or answers for
// another reason), "host" (not this distribution's), "length" (the URL or the headers are too long) and, where one is simulated, "firewall".
type Answer struct {
	Status int    `json:"status"`
	Reason string `json:"reason"`

	Location string             `json:"-"`
	Response *function.Response `json:"-"` // a function's
	Cause    string             `json:"-"` // why a function failed
	Rule     string             `json:"-"` // of the firewall
}

// Decide tells what the distribution does with a request.
func (d *Distribution) Decide(r Request) Decision {
	decision := d.Lookup(r)
	decision.Complete()
	return decision
}

// Lookup is as much of a decision as it takes to serve a kept answer. The rest, which costs as much again, is what Complete adds: what was
// tried, the origin, and what the response is said to be.
func (d *Distribution) Lookup(r Request) Decision {
	if r.Method == "" {
		r.Method = "GET"
	}
	v := d.newViewer(r)
	if r.URL = v.url; r.Headers == nil {
		r.Headers = map[string]string{}
	}
	decision := Decision{Request: r, Signature: signed.None, viewer: v}
	if decision.Answer = v.tooLong(r.Values); decision.Answer != nil {
		return decision
	}
	if !d.answers(v.host) {
		// HTTP 403 status code (Permission Denied), Alternate CNAME is incorrectly configured.
		decision.Answer = &Answer{Status: 403, Reason: "host"}
		return decision
	}
	v.path = d.Object(v.path)
	b, tried := d.route(v.path)
	decision.Behavior, decision.Route, decision.tried = b, b.Path, d.Behaviors[:tried]
	decision.Response = b.response(v)
	if len(b.Keys) > 0 {
		decision.Signature = signed.Judge(b.Keys, signed.Request{URL: v.url, Cookies: v.cookies, Time: v.time, IP: v.ip})
	}
	trusted := r.Trusted || len(b.Keys) == 0 || decision.Signature == signed.Valid
	if decision.Answer = b.refuse(v, r.Body, trusted); decision.Answer != nil {
		return decision
	}
	if b.Function != nil {
		if decision.run(b.Function, r); decision.Answer != nil {
			return decision
		}
	}
	v.query = b.Unsigned(v.query)
	decision.Cache = b.caching(v)
	v.lookup = decision.Cache.Lookup
	return decision
}

// Complete adds what Lookup leaves out, if it isn't there yet.
func (d *Decision) Complete() {
	if d.Tried != nil {
		return
	}
	d.Tried = make([]Tried, len(d.tried))
	for i := range d.tried {
		d.Tried[i] = Tried{Path: d.tried[i].Path, Matches: i == len(d.tried)-1}
	}
	d.Response.describe()
	if d.Answer != nil {
		return
	}
	d.Origin = d.Behavior.originRequest(d.viewer, d.Behavior.Origin)
	for status, seconds := range d.Behavior.errorSeconds {
		if !d.Cache.Store {
			seconds = 0
		}
		d.Response.ErrorSeconds[status] = seconds
	}
}

// Compression is the format in which an answer of the origin is compressed; empty: it isn't. The key has the formats that the
// caller takes and the cache policy keeps apart.
func (d Decision) Compression(status int, header http.Header) string {
	if d.Behavior == nil || !d.Behavior.Compress || d.Cache == nil || !d.Cache.Store {
		return ""
	}
	return compression.Format(d.Cache.Key.Encodings, status, header)
}

// Header is one that the origin can get: the caller's, as a function left it.
func (d Decision) Header(name string) (value string, sent bool) {
	value, sent = d.viewer.headers[policy.HeaderName(name)]
	return value, sent
}

// refuse is what CloudFront answers itself, in the order: protocol, method, signature.
func (b *Behavior) refuse(v *viewer, body, trusted bool) *Answer {
	switch {
	case v.scheme == "http" && b.ViewerProtocol == "https-only":
		return &Answer{Status: 403, Reason: "redirect"} // Require HTTPS for communication between viewers and CloudFront
	case v.scheme == "http" && b.ViewerProtocol == "redirect-to-https":
		status := 307 // keeps the method and the body; 301 doesn't (the same page)
		if v.method == "GET" || v.method == "HEAD" {
			status = 301
		}
		return &Answer{Status: status, Reason: "redirect", Location: "https" + v.url[len("http"):]}
	case !slices.Contains(b.AllowedMethods, v.method):
		return &Answer{Status: 403, Reason: "method"} // HTTP 403 status code (Invalid method)
	case v.method == "GET" && body:
		return &Answer{Status: 403, Reason: "method"} // Request and response behavior for custom origins, GET requests that include a body
	case !trusted:
		return &Answer{Status: 403, Reason: "signature"} // HTTP 403 status code (Permission Denied), Signed URL or signed cookie configuration
	}
	return nil
}
