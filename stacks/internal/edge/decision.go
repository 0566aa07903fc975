// Package edge is a model of what a CloudFront distribution does with a request: how it chooses a behavior, what it answers
// itself, what it keeps in its cache, and what its origins receive. GUESSES.md lists what AWS's guides leave open.
package edge

import "slices"

// Decision is what a distribution does with one request. Its JSON is read by people's scripts: names and their order stay.
type Decision struct {
	Request Request `json:"request"`
	// The behaviors that were tried, the last of which is the route.
	Tried []Tried `json:"tried"`
	Route string  `json:"route"`
	// What CloudFront answers itself; nil: it asks its cache or an origin.
	Answer    *Answer        `json:"answer"`
	Signature Signature      `json:"signature"`
	Cache     *Caching       `json:"cache"`
	Origin    *OriginRequest `json:"origin"`
	Response  Response       `json:"response"`

	// The behavior of the route; nil if the host isn't the distribution's.
	Behavior *Behavior `json:"-"`
}

// Tried is a behavior's path pattern, and whether it matches.
type Tried struct {
	Path    string `json:"path"`
	Matches bool   `json:"matches"`
}

// Answer is what CloudFront answers without its origin. The reasons: "redirect" (a request by HTTP), "method" (or a body that
// the method can't have), "signature", "key" (an unknown caller, which a function refuses) and "host" (not this distribution's).
type Answer struct {
	Status int    `json:"status"`
	Reason string `json:"reason"`

	Location string `json:"-"`
}

// Decide tells what the distribution does with a request.
func (d *Distribution) Decide(r Request) Decision { return d.decide(r, false) }

// decide can take every signature for a good one.
func (d *Distribution) decide(r Request, trusting bool) Decision {
	if r.Method == "" {
		r.Method = "GET"
	}
	v := d.newViewer(r)
	if r.URL = v.url; r.Headers == nil {
		r.Headers = map[string]string{}
	}
	decision := Decision{
		Request: r, Tried: []Tried{}, Signature: SignatureNone,
		Response: Response{Headers: map[string]string{}, ErrorSeconds: map[int]int{}},
	}
	if !d.answers(v.host) {
		// HTTP 403 status code (Permission Denied), Alternate CNAME is incorrectly configured.
		decision.Answer = &Answer{Status: 403, Reason: "host"}
		return decision
	}
	if v.path == "/" && d.DefaultRootObject != "" {
		v.path += d.DefaultRootObject // for all methods (Specify a default root object)
	}
	b := d.choose(&decision, normalized(v.path))
	decision.Behavior, decision.Route = b, b.Path
	decision.Response = b.response(v)
	decision.Signature = b.checkSignature(v)
	trusted := trusting || len(b.Keys) == 0 || decision.Signature == SignatureValid
	if decision.Answer = b.refuse(v, r.Body, trusted); decision.Answer != nil {
		return decision
	}
	if len(b.Keys) > 0 {
		v.query = filterQuery(v.query, notOfSignature)
	}
	decision.Cache = b.caching(v)
	decision.Origin = b.originRequest(v, b.Origin)
	for status, seconds := range b.errorSeconds {
		if !decision.Cache.Store {
			seconds = 0
		}
		decision.Response.ErrorSeconds[status] = seconds
	}
	return decision
}

// choose tries the behaviors in their order; the last one, the default, matches everything.
func (d *Distribution) choose(decision *Decision, path string) *Behavior {
	decision.Tried = make([]Tried, 0, len(d.Behaviors))
	for i := range d.Behaviors {
		b := &d.Behaviors[i]
		matches := b.Path == "*" || glob(b.pattern, path)
		decision.Tried = append(decision.Tried, Tried{b.Path, matches})
		if matches {
			return b
		}
	}
	panic("the default behavior matches every path")
}

// refuse is what CloudFront answers itself, in the order: protocol, method, signature.
func (b *Behavior) refuse(v viewer, body, trusted bool) *Answer {
	switch {
	case v.scheme == "http" && b.ViewerProtocol == "https-only":
		return &Answer{Status: 403, Reason: "redirect"} // Require HTTPS for communication between viewers and CloudFront
	case v.scheme == "http" && b.ViewerProtocol == "redirect-to-https":
		status := 307 // keeps the method and the body; 301 doesn't (the same page)
		if v.method == "GET" || v.method == "HEAD" {
			status = 301
		}
		return &Answer{status, "redirect", "https" + v.url[len("http"):]}
	case !slices.Contains(b.AllowedMethods, v.method):
		return &Answer{Status: 403, Reason: "method"} // HTTP 403 status code (Invalid method)
	case v.method == "GET" && body:
		return &Answer{Status: 403, Reason: "method"} // Request and response behavior for custom origins, GET requests that include a body
	case !trusted:
		return &Answer{Status: 403, Reason: "signature"} // HTTP 403 status code (Permission Denied), Signed URL or signed cookie configuration
	}
	return nil
}
