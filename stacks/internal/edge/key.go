package edge

import (
	"slices"
	"strings"
)

// Caching is what the cache does for a request.
type Caching struct {
	Lookup            bool `json:"lookup"`
	Store             bool `json:"store"`
	MinTTLSeconds     int  `json:"minTTLSeconds"`
	DefaultTTLSeconds int  `json:"defaultTTLSeconds"`
	MaxTTLSeconds     int  `json:"maxTTLSeconds"`
	Key               Key  `json:"key"`
}

// Key is what tells two requests apart, beside the distribution.
type Key struct {
	// OPTIONS for such a request, whose answers are kept apart (CloudFront Developer Guide, Understand the cache key).
	Method  string            `json:"method,omitempty"`
	Path    string            `json:"path"`
	Query   string            `json:"query"`
	Headers map[string]string `json:"headers"`
	Cookies map[string]string `json:"cookies"`
	// The compressed formats that the caller takes and the cache keeps.
	Encodings []string `json:"encodings"`
}

// caching: only what answers GET and HEAD is kept, and OPTIONS if configured (Request and response behavior for custom
// origins, HTTP methods); with all TTLs 0 nothing is (Understand cache policies). A WebSocket is no answer that can be kept.
func (b *Behavior) caching(v viewer) *Caching {
	p := b.CachePolicy
	kept := p.MaxTTL > 0 && slices.Contains(b.CachedMethods, v.method) && !v.isWebSocket()
	return &Caching{
		Lookup: kept, Store: kept,
		MinTTLSeconds: p.MinTTL, DefaultTTLSeconds: p.DefaultTTL, MaxTTLSeconds: p.MaxTTL,
		Key: b.key(v),
	}
}

func (b *Behavior) key(v viewer) Key {
	policy := b.CachePolicy
	key := Key{
		Path: v.path, Query: filtered(v.query, policy.Query, Selection{}), Encodings: policy.encodings(v),
		Headers: make(map[string]string, len(policy.Headers.Names)), Cookies: map[string]string{},
	}
	if v.method == "OPTIONS" {
		key.Method = v.method
	}
	for _, name := range policy.Headers.Names {
		key.Headers[name] = v.header(name)
	}
	for name, value := range v.cookies {
		// "CloudFront doesn't cache separate files based on the attributes in signed cookies" (Use signed cookies).
		if policy.Cookies.has(name) && (len(b.Keys) == 0 || !strings.HasPrefix(name, cookiePrefix)) {
			key.Cookies[name] = value
		}
	}
	return key
}

// filtered is the part of a query that a key, or the key and an origin request policy, select.
func filtered(query string, key, request Selection) string {
	if query == "" || key.Behavior == all || request.Behavior == all {
		return query
	}
	return filterQuery(query, func(name string) bool { return forwarded(name, key, request) })
}

// encodings are those of the request's Accept-Encoding that are kept apart (Understand cache policies, Compression support).
func (p CachePolicy) encodings(v viewer) []string {
	list := []string{}
	accepted := v.headers["Accept-Encoding"]
	if p.Brotli && listsToken(accepted, "br") {
		list = append(list, "br")
	}
	if p.Gzip && listsToken(accepted, "gzip") {
		list = append(list, "gzip")
	}
	return list
}

// listsToken tells whether a header such as "gzip;q=0.8, br" lists a token.
func listsToken(header, token string) bool {
	for item := range strings.SplitSeq(header, ",") {
		name, _, _ := strings.Cut(item, ";")
		if strings.EqualFold(strings.TrimSpace(name), token) {
			return true
		}
	}
	return false
}

func (v viewer) isWebSocket() bool { return strings.EqualFold(v.headers["Upgrade"], "websocket") }
