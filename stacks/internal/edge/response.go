package edge

import (
	"cmp"
	"fmt"
	"net/http"
	"strings"
)

// ResponseHeadersPolicy says what is added to every answer and taken from it.
type ResponseHeadersPolicy struct {
	Adds    []AddedHeader
	Removes []string
	CORS    *CORS // nil: adds nothing
}

// AddedHeader takes the place of the origin's only if it overrides.
type AddedHeader struct {
	Name, Value string
	Override    bool
}

func (p *parser) responseHeadersPolicy(at, value string) ResponseHeadersPolicy {
	policy, known := managedResponseHeadersPolicies[value]
	if known || value == "" {
		return policy
	}
	b := p.resolve(at, value, "aws_cloudfront_response_headers_policy")
	policy.Adds = b.child("security_headers_config").securityHeaders()
	for _, h := range b.child("custom_headers_config").children("items") {
		policy.Adds = append(policy.Adds, AddedHeader{h.text("header"), h.text("value"), h.flag("override")})
	}
	if timing := b.child("server_timing_headers_config"); timing.flag("enabled") {
		policy.Adds = append(policy.Adds, AddedHeader{Name: "Server-Timing", Value: fmt.Sprintf("(on %v%% of the answers)", read[float64](timing, "sampling_rate"))})
	}
	for _, h := range b.child("remove_headers_config").children("items") {
		policy.Removes = append(policy.Removes, h.text("header"))
	}
	if b.has("cors_config") {
		policy.CORS = b.child("cors_config").cors()
	}
	return policy
}

// securityHeaders have the values that the guide gives (CloudFront Developer Guide, Understand response headers policies).
func (b *block) securityHeaders() []AddedHeader {
	var list []AddedHeader
	add := func(argument, name string, value func(*block) string) {
		if b.has(argument) {
			h := b.child(argument)
			list = append(list, AddedHeader{name, value(h), h.flag("override")})
		}
	}
	argument := func(name string) func(*block) string { return func(h *block) string { return h.text(name) } }
	add("content_security_policy", "Content-Security-Policy", argument("content_security_policy"))
	add("content_type_options", "X-Content-Type-Options", func(*block) string { return "nosniff" })
	add("frame_options", "X-Frame-Options", argument("frame_option"))
	add("referrer_policy", "Referrer-Policy", argument("referrer_policy"))
	add("strict_transport_security", "Strict-Transport-Security", func(h *block) string {
		return fmt.Sprintf("max-age=%d", h.number("access_control_max_age_sec", 0)) +
			when(h.flag("include_subdomains"), "; includeSubDomains") + when(h.flag("preload"), "; preload")
	})
	add("xss_protection", "X-XSS-Protection", func(h *block) string {
		report := h.text("report_uri")
		options := when(h.flag("mode_block"), "; mode=block") + when(report != "", "; report="+report)
		return cmp.Or(when(h.flag("protection"), "1"+options), "0")
	})
	return list
}

func when(condition bool, text string) string {
	if condition {
		return text
	}
	return ""
}

// Response is what happens to an answer on its way back.
type Response struct {
	// What is added to it.
	Headers map[string]string `json:"headers"`
	// How many seconds an error of the origin is kept that says nothing about it, by status.
	ErrorSeconds map[int]int `json:"errorSeconds"`

	behavior *Behavior
	cors     []AddedHeader
}

func (b *Behavior) response(v viewer) Response {
	policy := b.ResponseHeadersPolicy
	r := Response{Headers: make(map[string]string, len(policy.Adds)+2), ErrorSeconds: map[int]int{}, behavior: b, cors: policy.CORS.adds(v)}
	for h := range r.added {
		r.Headers[h.Name] = h.Value
	}
	return r
}

func (r Response) added(yield func(AddedHeader) bool) {
	if r.behavior == nil {
		return
	}
	for _, list := range [][]AddedHeader{r.behavior.ResponseHeadersPolicy.Adds, r.cors} {
		for _, h := range list {
			if !yield(h) {
				return
			}
		}
	}
}

// Apply does to the headers of an answer what CloudFront does: it removes first and then adds, and where the policy doesn't
// override, one CORS header of the origin keeps out all of the policy's (Understand response headers policies).
func (r Response) Apply(header http.Header) {
	if r.behavior == nil {
		return
	}
	policy := r.behavior.ResponseHeadersPolicy
	for _, name := range policy.Removes {
		header.Del(name)
	}
	// Request and response behavior for custom origins, HTTP response headers that CloudFront removes or replaces.
	header.Del("Trailer")
	if !strings.EqualFold(header.Get("Upgrade"), "websocket") {
		header.Del("Upgrade")
	}
	if r.behavior.CachePolicy.Cookies.Behavior == none && cmp.Or(r.behavior.OriginRequestPolicy.Cookies.Behavior, none) == none {
		header.Del("Set-Cookie")
	}
	add(header, policy.Adds)
	if policy.CORS != nil && (policy.CORS.OriginOverride || !hasCORS(header)) {
		add(header, r.cors)
	}
}

func add(header http.Header, list []AddedHeader) {
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
