package edge

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	"ml-api-accelerator/stacks/internal/edge/freshness"
	"ml-api-accelerator/stacks/internal/edge/function"
	"ml-api-accelerator/stacks/internal/edge/policy"
)

// Response is what happens to an answer on its way back.
type Response struct {
	// What is added to it.
	Headers map[string]string `json:"headers"`
	// How many seconds an error of the origin is kept that says nothing about it, by status.
	ErrorSeconds map[int]int `json:"errorSeconds"`

	behavior *Behavior
	cors     []policy.AddedHeader
	own      []policy.AddedHeader // of a function that answers; nil: none does
}

// nothing is what is done to an answer of no behavior.
func nothing() Response { return Response{Headers: map[string]string{}, ErrorSeconds: map[int]int{}} }

// response is for an answer with some CORS headers, which is a function's if there is one.
func (b *Behavior) response(cors []policy.AddedHeader, answer *function.Response) Response {
	r := nothing()
	r.behavior, r.cors = b, cors
	if answer == nil {
		for h := range r.Added {
			r.Headers[h.Name] = h.Value
		}
		return r
	}
	r.own = []policy.AddedHeader{}
	for _, name := range slices.Sorted(maps.Keys(answer.Headers)) {
		value := strings.Join(answer.Headers[name], ", ")
		r.own = append(r.own, policy.AddedHeader{Name: policy.HeaderName(name), Value: value, Override: true})
	}
	header := http.Header{}
	add(header, r.own)
	r.Apply(header)
	header.Del("Via")
	for name := range header {
		r.Headers[policy.HeaderName(name)] = header.Get(name)
	}
	return r
}

// Added are the headers that are added to it, in their order, for people: a Server-Timing isn't known before the
// answer.
func (r Response) Added(yield func(policy.AddedHeader) bool) {
	if r.behavior == nil {
		return
	}
	does := r.behavior.ResponseHeadersPolicy
	var timing []policy.AddedHeader
	if does.ServerTiming != nil {
		timing = []policy.AddedHeader{{Name: "Server-Timing", Value: fmt.Sprintf("(on %v%% of the answers)",
			*does.ServerTiming)}}
	}
	for _, list := range [][]policy.AddedHeader{r.own, does.Adds, timing, r.cors} {
		for _, h := range list {
			if !yield(h) {
				return
			}
		}
	}
}

// Apply does to the headers of an answer what CloudFront does: it removes first and then adds, and where the policy
// doesn't override, one CORS header of the origin keeps out all of the policy's (Understand response headers policies).
func (r Response) Apply(header http.Header) {
	if r.behavior == nil {
		return
	}
	does := r.behavior.ResponseHeadersPolicy
	for _, name := range does.Removes {
		header.Del(name)
	}
	if r.own == nil {
		r.behavior.replace(header)
	}
	header.Set("Via", Via)
	add(header, does.Adds)
	if does.CORS != nil && (does.CORS.OriginOverride || !hasCORS(header)) {
		add(header, r.cors)
	}
}

// deviceHeaders are those for which Vary: User-Agent is kept.
var deviceHeaders = []string{
	policy.HeaderName("CloudFront-Is-Desktop-Viewer"), policy.HeaderName("CloudFront-Is-Mobile-Viewer"),
	policy.HeaderName("CloudFront-Is-SmartTV-Viewer"), policy.HeaderName("CloudFront-Is-Tablet-Viewer"),
}

// Via is what CloudFront writes into Via, with the name of no server.
const Via = "1.1 00000000000000000000000000000000.cloudfront.net (CloudFront)"

// replace does what every route does to an answer (Request and response behavior for custom origins, HTTP response
// headers that CloudFront removes or replaces). Transfer-Encoding is the connection's.
func (b *Behavior) replace(header http.Header) {
	header.Del("Trailer")
	if !strings.EqualFold(header.Get("Upgrade"), "websocket") {
		header.Del("Upgrade")
	}
	if !b.ForwardsCookies() {
		header.Del("Set-Cookie")
	}
	var names []string
	for name := range strings.SplitSeq(strings.Join(header.Values("Vary"), ","), ",") {
		if name = strings.TrimSpace(name); name != "" && b.keepsInVary(name) {
			names = append(names, name)
		}
	}
	if header.Del("Vary"); len(names) > 0 {
		header.Set("Vary", strings.Join(names, ", "))
	}
}

// keepsInVary reports whether callers see a name in Vary: it may choose their answer (the same page; for "*" also
// Content negotiation).
func (b *Behavior) keepsInVary(name string) bool {
	switch policy.HeaderName(name) {
	case "*":
		return b.CachePolicy.MinTTL == 0
	case "Accept-Encoding", "Cookie":
		return true
	case "User-Agent":
		return b.Forwards(name) || b.forwardsDevice()
	}
	return b.Forwards(name)
}

// forwardsDevice reports whether the origin gets a header that CloudFront makes from User-Agent (Cache content based on
// request headers, Configure caching based on the device type).
func (b *Behavior) forwardsDevice() bool {
	return slices.ContainsFunc(slices.Concat(b.CachePolicy.Headers.Names, b.OriginRequestPolicy.Headers.Names),
		func(name string) bool {
			return b.Forwards(name) && slices.Contains(deviceHeaders, name)
		})
}

func add(header http.Header, list []policy.AddedHeader) {
	for _, h := range list {
		if h.Override || len(header.Values(h.Name)) == 0 {
			header.Set(h.Name, h.Value)
		}
	}
}

func hasCORS(header http.Header) bool {
	for name := range header {
		if strings.HasPrefix(name, "Access-Control-") {
			return true
		}
	}
	return false
}

// Bounds are those of the behavior for answers with a status.
func (b *Behavior) Bounds(status int) freshness.Bounds {
	p := b.CachePolicy
	return freshness.Bounds{MinTTL: p.MinTTL, DefaultTTL: p.DefaultTTL, MaxTTL: p.MaxTTL,
		ErrorMinTTL: b.errorMinTTL(status)}
}

// errorMinTTL is how many seconds an error of a status is kept at least: as configured, or 10, and 1 from a bucket
// (Control how long CloudFront caches errors).
func (b *Behavior) errorMinTTL(status int) int {
	seconds := freshness.DefaultErrorTTL
	if e, configured := b.errors[status]; configured {
		seconds = e.MinTTL
	}
	if b.Origin.S3 {
		return max(seconds, 1)
	}
	return seconds
}

// keptErrors are the seconds that errors are kept of which the origin says nothing more.
func (b *Behavior) keptErrors() map[int]int {
	seconds := map[int]int{}
	for _, status := range slices.AppendSeq(slices.Clone(freshness.KeptErrors), maps.Keys(b.errors)) {
		seconds[status] = freshness.Of(freshness.Answer{Status: status}, b.Bounds(status)).Fresh
	}
	return seconds
}

// BucketCORS is the rule of a bucket's CORS configuration, by which S3 answers preflight requests.
type BucketCORS struct {
	AllowOrigins, AllowHeaders, ExposeHeaders []string
	MaxAgeSeconds                             int
}

// bucketCORS is that of the bucket with an address such as aws_s3_bucket.models.
func (p parser) bucketCORS(bucket string) *BucketCORS {
	for name, args := range p.Resource["aws_s3_bucket_cors_configuration"] {
		at := "aws_s3_bucket_cors_configuration." + name
		b := p.Read(at, args)
		if owner, _ := p.Find(at+".bucket", b.Text("bucket"), "aws_s3_bucket"); owner != bucket {
			b.Ignore("cors_rule")
			continue
		}
		rules := b.Children("cors_rule")
		if len(rules) != 1 {
			p.Fail(at+".cors_rule", "must be one, got %d", len(rules))
			return nil
		}
		rule := rules[0]
		rule.Ignore("allowed_methods") // only reading goes through CloudFront
		return &BucketCORS{
			AllowOrigins: rule.Texts("allowed_origins"), AllowHeaders: rule.Texts("allowed_headers"),
			ExposeHeaders: rule.Texts("expose_headers"),
			MaxAgeSeconds: rule.Number("max_age_seconds", 0),
		}
	}
	return nil
}
