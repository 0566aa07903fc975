package edge

import (
	"slices"
	"strconv"
	"strings"

	"ml-api-accelerator/stacks/internal/edge/policy"
	"ml-api-accelerator/stacks/internal/edge/ranges"
	"ml-api-accelerator/stacks/internal/shared/names"
)

// Origin is a server that CloudFront asks.
type Origin struct {
	ID     string
	Domain string // a bucket's is shown as (bucket NAME)
	Path   string // put before the path of every request
	S3     bool
	// "http-only", "https-only" or "match-viewer".
	Protocol            string
	HTTPPort, HTTPSPort int
	CustomHeaders       map[string]Value
	// Who signs the requests to a bucket; empty: nobody does.
	SignedBy string
	// Which pages may read from a bucket; nil: none.
	CORS *BucketCORS

	ReadTimeout, KeepaliveTimeout         int // seconds
	ConnectionAttempts, ConnectionTimeout int // the second in seconds
}

// Name is what people call the origin: a backend has one for each read timeout, but one name.
func (o *Origin) Name() string { return names.WithoutTimeout(o.ID) }

// WaitsOtherwise reports whether the read timeout is a route's own, and not the backend's.
func (o *Origin) WaitsOtherwise() bool { return o.Name() != o.ID }

// Backends returns the names of the servers, sorted.
func (d *Distribution) Backends() []string {
	var list []string
	for _, o := range d.Origins {
		if !o.S3 {
			list = append(list, o.Name())
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// Buckets returns the names of the buckets, sorted; replicas go with them.
func (d *Distribution) Buckets() []string {
	var list []string
	for _, b := range d.Behaviors {
		if b.Origin.S3 {
			list = append(list, b.Origin.Name())
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// Failover is the origin that is asked when the first fails.
type Failover struct {
	Origin *Origin
	// Statuses of the first one. 503 also stands for no connection, and 504 for no answer in time (Optimize high
	// availability with CloudFront origin failover).
	On []int
}

// OriginRequest is what an origin receives.
type OriginRequest struct {
	ID   string `json:"id"`
	URL  string `json:"url"`
	Host string `json:"host"`
	// The caller's headers that are passed on, and the custom ones. Those that CloudFront always sends are in Sets, and
	// only there.
	Headers                  map[string]Value  `json:"headers"`
	Cookies                  map[string]string `json:"cookies"`
	Failover                 *FailoverRequest  `json:"failover"`
	ReadTimeoutSeconds       int               `json:"readTimeoutSeconds"`
	ConnectionAttempts       int               `json:"connectionAttempts"`
	ConnectionTimeoutSeconds int               `json:"connectionTimeoutSeconds"`

	Sets map[string]Value `json:"-"`
	// The parts of the URL. The name of a bucket isn't known before it is made, so the URL needn't be one that can be
	// parsed.
	Scheme, Server, Target string `json:"-"`
}

// Name is what people call the origin.
func (r *OriginRequest) Name() string { return names.WithoutTimeout(r.ID) }

// FailoverRequest is what the second origin receives if the first fails.
type FailoverRequest struct {
	ID string `json:"id"`
	On []int  `json:"on"`

	Request *OriginRequest `json:"-"`
}

// removed are the caller's headers that no policy can pass on (Request and response behavior for custom origins, HTTP
// request headers and CloudFront behavior: removed, and not supported in a cache key).
var removed = []string{
	"Connection", "Cookie", "Expect", "Proxy-Authenticate", "Proxy-Authorization", "Proxy-Connection", "Te", "Trailer",
	"Upgrade",
	"X-Forwarded-Proto", "X-Real-Ip",
}

func (b *Behavior) originRequest(v *viewer, o *Origin) *OriginRequest {
	r := &OriginRequest{
		ID: o.ID, Host: o.Domain, Headers: b.forwardedHeaders(v), Cookies: b.forwardedCookies(v), Sets: b.sets(v, o),
		ReadTimeoutSeconds: o.ReadTimeout, ConnectionAttempts: o.ConnectionAttempts,
		ConnectionTimeoutSeconds: o.ConnectionTimeout,
	}
	if b.Forwards("Host") {
		r.Host = v.host
	}
	for name := range r.Sets {
		delete(r.Headers, name)
	}
	for name, value := range o.CustomHeaders { // in place of the caller's (Add custom headers to origin requests)
		delete(r.Sets, name)
		r.Headers[name] = value
	}
	r.Scheme, r.Server = o.server(v.scheme)
	r.Target = o.Path + withQuery(v.path, policy.Query(v.query, b.CachePolicy.Query, b.OriginRequestPolicy.Query))
	r.URL = r.Scheme + "://" + r.Server + r.Target
	if b.Failover != nil && o != b.Failover.Origin && b.failsOver(v.method) {
		r.Failover = &FailoverRequest{b.Failover.Origin.ID, b.Failover.On, b.originRequest(v, b.Failover.Origin)}
	}
	return r
}

// failsOver reports whether a second origin is asked: for GET and HEAD, and for OPTIONS if it is cached (Optimize high
// availability with CloudFront origin failover).
func (b *Behavior) failsOver(method string) bool {
	return method == "GET" || method == "HEAD" || method == "OPTIONS" && slices.Contains(b.CachedMethods, method)
}

// server is the scheme, and the name and port, that CloudFront connects to. A bucket is asked by the caller's protocol
// (Request and response behavior for Amazon S3 origins, Protocols).
func (o *Origin) server(viewerScheme string) (scheme, server string) {
	scheme, port, usual := "https", o.HTTPSPort, 443
	if o.Protocol == "http-only" || o.Protocol == "match-viewer" && viewerScheme == "http" {
		scheme, port, usual = "http", o.HTTPPort, 80
	}
	if o.S3 || port == usual {
		return scheme, o.Domain
	}
	return scheme, o.Domain + ":" + strconv.Itoa(port)
}

// Forwards reports whether the origin gets a header if the caller sends it: by the cache key, which can't leave
// anything out, or by the origin request policy (Control origin requests with a policy). A range is always asked for,
// with its condition (How CloudFront processes partial requests for an object; Request and response behavior for custom
// origins, HTTP request headers and CloudFront behavior).
func (b *Behavior) Forwards(name string) bool {
	name = policy.HeaderName(name)
	switch {
	case name == "Range", name == "If-Range":
		return true
	case name == "Accept-Encoding" && (b.CachePolicy.Brotli || b.CachePolicy.Gzip):
		return false // CloudFront writes its own (Understand cache policies, Compression support)
	case slices.Contains(removed, name) || strings.HasPrefix(name, "X-Edge-"):
		return false
	}
	return b.CachePolicy.Headers.Has(name) || b.OriginRequestPolicy.Headers.Has(name)
}

// ForwardsCookies reports whether the origin gets any.
func (b *Behavior) ForwardsCookies() bool {
	return !b.CachePolicy.Cookies.IsNone() || !b.OriginRequestPolicy.Cookies.IsNone()
}

// forwardedHeaders are those of the caller that policies select, those that CloudFront makes for them, and all of the
// key: one that the caller doesn't send is shown empty. A header that CloudFront makes is the caller's only where no
// policy names it, and one passes on "all headers in viewer requests" (Control origin requests with a policy).
func (b *Behavior) forwardedHeaders(v *viewer) map[string]Value {
	headers := make(map[string]Value, len(v.headers)+4)
	for name := range v.headers {
		if name != "Host" && b.Forwards(name) && v.leaves(name) {
			headers[name] = v.callers(name)
		}
	}
	for _, name := range b.CachePolicy.Headers.Names {
		if name != "Host" && b.Forwards(name) {
			headers[name] = v.value(name)
		}
	}
	for _, name := range b.OriginRequestPolicy.Headers.Names {
		if madeByCloudFront(name) && b.Forwards(name) {
			headers[name] = v.value(name)
		}
	}
	return headers
}

// leaves reports whether the origin is to judge a header, and not the cache. What isn't in the key mustn't change the
// answer that is kept for others, so the conditions of a caller are the cache's to answer, and a range is one of bytes.
// One that isn't as CloudFront wants it asks for the whole object.
func (v *viewer) leaves(name string) bool {
	switch name {
	case "If-Match", "If-Modified-Since", "If-None-Match", "If-Unmodified-Since":
		return !v.lookup
	case "Range", "If-Range":
		header := v.headers["Range"]
		if v.method != "GET" { // for which alone there are ranges (RFC 9110, 14.2)
			return !v.lookup
		}
		_, parts := ranges.Parse(header)
		return header != "" && (parts || !v.lookup && !ranges.IsBytes(header))
	}
	return true
}

// Range returns the header for the parts that a caller asks for, and the condition for getting no more than them;
// empty: it asks for all.
func (d Decision) Range() (header, condition string) {
	if !d.viewer.leaves("Range") {
		return "", ""
	}
	return d.viewer.headers["Range"], d.viewer.headers["If-Range"]
}

func (b *Behavior) forwardedCookies(v *viewer) map[string]string {
	cookies := map[string]string{}
	for name, value := range v.cookies {
		if policy.Forwarded(name, b.CachePolicy.Cookies, b.OriginRequestPolicy.Cookies) {
			cookies[name] = value
		}
	}
	return cookies
}

// sets are the headers that CloudFront adds to every request (Control origin requests with a policy; Request and
// response behavior for custom origins; for Via Lambda@Edge event structure, the example of an origin request).
func (b *Behavior) sets(v *viewer, o *Origin) map[string]Value {
	sets := map[string]Value{
		"Connection": Plain("Keep-Alive"), "Via": {Kind: ByCloudFront, Text: v.headers["Via"]}, "X-Amz-Cf-Id": {Kind: ByCloudFront},
		"X-Forwarded-For": v.forwardedFor(),
	}
	if !b.Forwards("User-Agent") {
		sets["User-Agent"] = Plain("Amazon CloudFront")
	}
	if v.isWebSocket() {
		sets["Connection"], sets["Upgrade"] = Plain("Upgrade"), Plain("websocket")
	}
	if key := b.CachePolicy; (key.Brotli || key.Gzip) && v.headers["Accept-Encoding"] != "" {
		sets["Accept-Encoding"] = Plain("identity")
		if encodings := key.Encodings(v.headers["Accept-Encoding"]); len(encodings) > 0 {
			sets["Accept-Encoding"] = Plain(strings.Join(encodings, ","))
		}
	}
	if o.SignedBy != "" {
		sets["Authorization"] = Value{Kind: Signed, Text: o.SignedBy}
	}
	return sets
}

// forwardedFor appends the caller's address (Request and response behavior for custom origins, Client IP addresses).
func (v *viewer) forwardedFor() Value {
	former := v.headers["X-Forwarded-For"]
	switch {
	case !v.ip.IsValid():
		return Value{Kind: ByCloudFront, Text: former}
	case former != "":
		return Plain(former + "," + v.ip.String())
	}
	return Plain(v.ip.String())
}

// value is that of a header that a policy names.
func (v *viewer) value(name string) Value {
	switch {
	case name == "Host":
		return Plain(v.host)
	case madeByCloudFront(name):
		if text, known := v.makes(name); known {
			return Plain(text)
		}
		return Value{Kind: ByCloudFront}
	}
	return v.callers(name)
}

// callers is the value of a header as the caller sends it, or as a function leaves it.
func (v *viewer) callers(name string) Value {
	text, sent := v.headers[name]
	switch {
	case !sent:
		return Value{Kind: NotSent}
	case name == v.madeUpKey:
		return Value{Kind: CallerKey, Text: text}
	case name == v.credential.header:
		return Value{Kind: Credential, Text: text, Before: v.credential.before}
	}
	return Plain(text)
}

// countryHeader says which country the caller is in (Add CloudFront request headers).
const countryHeader = "CloudFront-Viewer-Country"

// makes returns the value of a header that CloudFront makes, if it is known.
func (v *viewer) makes(name string) (text string, known bool) {
	if name == countryHeader && v.country != "" {
		return v.country, true
	}
	text, known = v.made[name]
	return text, known
}

// madeByCloudFront reports whether a header is one of the page Add CloudFront request headers.
func madeByCloudFront(name string) bool { return strings.HasPrefix(name, "CloudFront-") }
