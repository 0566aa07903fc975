package edge

import (
	"net/http"
	"strings"

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
}

func (b *Behavior) response(v viewer) Response {
	does := b.ResponseHeadersPolicy
	r := Response{Headers: make(map[string]string, len(does.Adds)+2), ErrorSeconds: map[int]int{}, behavior: b, cors: does.CORS.Adds(v.method, v.headers)}
	for h := range r.Added {
		r.Headers[h.Name] = h.Value
	}
	return r
}

// Added are the headers that are added to it, in their order.
func (r Response) Added(yield func(policy.AddedHeader) bool) {
	if r.behavior == nil {
		return
	}
	for _, list := range [][]policy.AddedHeader{r.behavior.ResponseHeadersPolicy.Adds, r.cors} {
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
	does := r.behavior.ResponseHeadersPolicy
	for _, name := range does.Removes {
		header.Del(name)
	}
	// Request and response behavior for custom origins, HTTP response headers that CloudFront removes or replaces.
	header.Del("Trailer")
	if !strings.EqualFold(header.Get("Upgrade"), "websocket") {
		header.Del("Upgrade")
	}
	if !r.behavior.ForwardsCookies() {
		header.Del("Set-Cookie")
	}
	add(header, does.Adds)
	if does.CORS != nil && (does.CORS.OriginOverride || !hasCORS(header)) {
		add(header, r.cors)
	}
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
