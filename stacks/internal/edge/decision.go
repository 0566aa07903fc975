// Package edge is a model of what a CloudFront distribution does with a request: how it chooses a behavior, what it
// answers itself, what it keeps in its cache, and what its origins receive. GUESSES.md lists what AWS's guides leave
// open.
package edge

import (
	"encoding/json"
	"net/http"
	"net/netip"
	"slices"

	"ml-api-accelerator/stacks/internal/edge/compression"
	"ml-api-accelerator/stacks/internal/edge/function"
	"ml-api-accelerator/stacks/internal/edge/policy"
	"ml-api-accelerator/stacks/internal/edge/signed"
	"ml-api-accelerator/stacks/internal/edge/webacl"
	"ml-api-accelerator/stacks/internal/shared/optional"
)

// Decision is what a distribution does with one request. Its JSON is read by people's scripts: names and their order
// stay.
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
	Shared    Sharing          `json:"shared"`
	Origin    *OriginRequest   `json:"origin"`
	Response  Response         `json:"response"`
	// The behavior of the route, with the origins that a function chose; nil if the host isn't the distribution's.
	Behavior *Behavior `json:"-"`

	viewer *viewer
	// By what it is judged, and the path that is.
	addresses *webacl.ACL
	judged    string
}

// AllowedIPs returns the addresses that the request must come from to get in; nil: from any that isn't blocked. It
// compares whole lists, so nobody should ask for each request.
func (d Decision) AllowedIPs() []netip.Prefix { return d.addresses.Allowed(d.judged) }

// MarshalJSON returns null for a route that there isn't.
func (d Decision) MarshalJSON() ([]byte, error) {
	type others Decision
	return json.Marshal(struct {
		Request Request       `json:"request"`
		Tried   []Tried       `json:"tried"`
		Route   optional.Text `json:"route"`
		others
		AllowedIPs []netip.Prefix `json:"allowedIPs"`
	}{d.Request, d.Tried, optional.Text(d.Route), others(d), d.AllowedIPs()})
}

// Tried is a behavior's path pattern, and whether it matches.
type Tried struct {
	Path    string `json:"route"`
	Matches bool   `json:"matches"`
}

// Answer is what CloudFront answers without its origin. The reasons: "redirect" (a request by HTTP), "method" (or a
// body that the method can't have), "signature", "key" (a function refuses it, or can't find out whose it is),
// "function" (it fails, or answers for another reason), "host" (not this distribution's), "length" (the URL or the
// headers are too long), "country" (the caller's isn't let in) and "firewall", whose managed rules aren't known here, and
// whose limits only serve counts.
type Answer struct {
	Status   int           `json:"status"`
	Reason   string        `json:"reason"`
	Location optional.Text `json:"location"` // of a redirect

	Response *function.Response `json:"-"` // a function's
	Cause    string             `json:"-"` // why a function failed
	Rule     string             `json:"-"` // of the firewall
}

// Decide returns what the distribution does with a request.
func (d *Distribution) Decide(r Request) Decision {
	if r.Method == "" {
		r.Method = "GET"
	}
	v := d.newViewer(r)
	if r.URL = v.url; r.Headers == nil {
		r.Headers = map[string]string{}
	}
	if answer := v.tooLong(r.Values); answer != nil {
		return Refused(r, answer)
	}
	if !d.Answers(v.host) {
		// HTTP 403 status code (Permission Denied), Alternate CNAME is incorrectly configured.
		return Refused(r, &Answer{Status: 403, Reason: "host"})
	}
	if !d.LetsIn(r.Country) {
		return Refused(r, &Answer{Status: 403, Reason: "country"})
	}
	decision := Decision{
		Request: r, Signature: signed.None, Shared: Sharing{Same: []string{}}, viewer: v,
		addresses: d.Addresses, judged: v.path,
	}
	switch verdict := d.Addresses.Judge(v.ip, v.path); {
	case verdict.Blocked:
		refused := Refused(r, &Answer{Status: 403, Reason: "firewall", Rule: verdict.Rule})
		refused.addresses, refused.judged = decision.addresses, decision.judged
		return refused
	case verdict.Rule == "" && r.Limit != nil:
		if answer := r.Limit(); answer != nil {
			return Refused(r, answer)
		}
	}
	v.path = d.Object(v.path)
	b, tried := d.route(v.path)
	decision.Behavior, decision.Route, decision.Tried = b, b.Path, tried
	cors := b.ResponseHeadersPolicy.CORS.Adds(v.method, v.headers)
	if len(b.Keys) > 0 {
		decision.Signature = signed.Judge(b.Keys, signed.Request{URL: v.url, Cookies: v.cookies, Time: v.time,
			IP: v.ip})
	}
	trusted := r.Trusted || len(b.Keys) == 0 || decision.Signature == signed.Valid
	if decision.Answer = b.refuse(v, r.Body, trusted); decision.Answer == nil && b.Function != nil {
		decision.run(b.Function, r)
	}
	if decision.Answer != nil {
		decision.Response = b.response(cors, decision.Answer.Response)
		return decision
	}
	b = decision.Behavior // with the origins that the function chose
	v.query = b.Unsigned(v.query)
	decision.Cache = b.caching(v)
	v.lookup = decision.Cache.Lookup
	decision.Shared = decision.sharing()
	decision.Origin = b.originRequest(v, b.Origin)
	decision.Response = b.response(cors, nil)
	for status, seconds := range b.errorSeconds {
		if !decision.Cache.Store {
			seconds = 0
		}
		decision.Response.ErrorSeconds[status] = seconds
	}
	return decision
}

// Refused returns the decision about a request that CloudFront answers before it chooses a behavior.
func Refused(r Request, a *Answer) Decision {
	return Decision{
		Request: r, Tried: []Tried{}, Answer: a, Signature: signed.None, Shared: Sharing{Same: []string{}},
		Response: nothing(), viewer: &viewer{},
	}
}

// Compression is the format in which an answer of the origin is compressed; empty: it isn't. The key has the formats
// that the caller takes and the cache policy keeps apart.
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

// Sent returns a header as the caller sent it.
func (d Decision) Sent(name string) (value string, sent bool) {
	value, sent = d.viewer.sent[policy.HeaderName(name)]
	return value, sent
}

// refuse is what CloudFront answers itself, in the order: protocol, method, signature.
func (b *Behavior) refuse(v *viewer, body, trusted bool) *Answer {
	switch {
	case v.scheme == "http" && b.ViewerProtocol == "https-only":
		// Require HTTPS for communication between viewers and CloudFront
		return &Answer{Status: 403, Reason: "redirect"}
	case v.scheme == "http" && b.ViewerProtocol == "redirect-to-https":
		status := 307 // keeps the method and the body; 301 doesn't (the same page)
		if v.method == "GET" || v.method == "HEAD" {
			status = 301
		}
		return &Answer{Status: status, Reason: "redirect", Location: optional.Text("https" + v.url[len("http"):])}
	case !slices.Contains(b.AllowedMethods, v.method):
		return &Answer{Status: 403, Reason: "method"} // HTTP 403 status code (Invalid method)
	case v.method == "GET" && body:
		// Request and response behavior for custom origins, GET requests that include a body
		return &Answer{Status: 403, Reason: "method"}
	case !trusted:
		// HTTP 403 status code (Permission Denied), Signed URL or signed cookie configuration
		return &Answer{Status: 403, Reason: "signature"}
	}
	return nil
}
