package edge

import (
	"regexp"
	"slices"
	"strings"

	"ml-api-accelerator/stacks/internal/edge/policy"
	"ml-api-accelerator/stacks/internal/edge/signed"
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
	Method  string            `json:"-"`
	Path    string            `json:"path"`
	Query   string            `json:"query"`
	Headers map[string]Value  `json:"headers"`
	Cookies map[string]string `json:"cookies"`
	// The compressed formats that the caller takes and the cache keeps.
	Encodings []string `json:"encodings"`
}

// caching: only what answers GET and HEAD is kept, and OPTIONS if configured (Request and response behavior for custom
// origins, HTTP methods); with all TTLs 0 nothing is (Understand cache policies). A WebSocket is no answer that can be
// kept.
func (b *Behavior) caching(v *viewer) *Caching {
	p := b.CachePolicy
	kept := p.MaxTTL > 0 && slices.Contains(b.CachedMethods, v.method) && !v.isWebSocket()
	return &Caching{
		Lookup: kept, Store: kept,
		MinTTLSeconds: p.MinTTL, DefaultTTLSeconds: p.DefaultTTL, MaxTTLSeconds: p.MaxTTL,
		Key: b.key(v),
	}
}

func (b *Behavior) key(v *viewer) Key {
	selected := b.CachePolicy
	key := Key{
		Path: v.path, Query: policy.Query(v.query, selected.Query, policy.Selection{}),
		Encodings: selected.Encodings(v.headers["Accept-Encoding"]),
		Headers:   make(map[string]Value, len(selected.Headers.Names)), Cookies: map[string]string{},
	}
	if v.method == "OPTIONS" {
		key.Method = v.method
	}
	for _, name := range selected.Headers.Names {
		key.Headers[name] = v.value(name)
	}
	for name, value := range v.cookies {
		if b.KeyHasCookie(name) {
			key.Cookies[name] = value
		}
	}
	return key
}

// KeyHasCookie reports whether a cookie is part of the key. "CloudFront doesn't cache separate files based on the
// attributes in signed cookies" (Use signed cookies).
func (b *Behavior) KeyHasCookie(name string) bool {
	return b.CachePolicy.Cookies.Has(name) && (len(b.Keys) == 0 || !strings.HasPrefix(name, signed.CookiePrefix))
}

// Unsigned is a query string without the signature that the behavior asks for, if it does.
func (b *Behavior) Unsigned(query string) string {
	if len(b.Keys) == 0 {
		return query
	}
	own, _ := signed.Split(query)
	return own
}

// isWebSocket reports whether a request opens one, which is the only upgrade that CloudFront passes on (Use WebSockets
// with CloudFront distributions, WebSocket requirements; RFC 6455, 4.1).
func (v *viewer) isWebSocket() bool {
	return v.method == "GET" && strings.EqualFold(v.headers["Upgrade"], "websocket") &&
		policy.ListsToken(v.headers["Connection"], "upgrade")
}

// IsWebSocket reports whether the request opens a WebSocket.
func (d Decision) IsWebSocket() bool { return d.viewer.isWebSocket() }

// Sharing is who else can get the answer that a cache keeps.
type Sharing struct {
	// Whether callers with other credentials can. A credential is an Authorization, a cookie or an API key, and where a
	// function checks keys the name of the caller. It keeps an answer from others only as a part of the key, or where
	// the origin doesn't see it.
	Others bool `json:"others"`
	// The headers of the key, which are the same in all requests that get the answer. Without them, and without Others,
	// nobody else gets it.
	Same []string `json:"same"`
}

// sharing: a credential that the origin gets beside the key may change the answer that is then kept for all.
func (d *Decision) sharing() Sharing {
	b, s := d.Behavior, Sharing{Same: []string{}}
	if !d.Cache.Store {
		return s
	}
	s.Same = append(s.Same, b.CachePolicy.Headers.Names...)
	if !b.CachePolicy.Cookies.IsNone() {
		s.Same = append(s.Same, "Cookie")
	}
	slices.Sort(s.Same)
	if d.Function != nil && d.Function.Caller != "" && slices.Contains(s.Same, CallerHeader) {
		return s
	}
	apart := func(name string) bool {
		return d.isCredential(name) && !d.takesAway(name) && (name != "Cookie" || b.CachePolicy.Cookies.IsAll())
	}
	s.Others = !slices.ContainsFunc(s.Same, apart)
	for name := range d.viewer.sent {
		beside := !slices.Contains(s.Same, name) && (b.Forwards(name) || name == "Cookie" && b.ForwardsCookies())
		s.Others = s.Others || beside && d.isCredential(name) && !d.takesAway(name)
	}
	return s
}

// credential is a header by which backends know their callers.
var credential = regexp.MustCompile(`^(Authorization|Cookie|(.*-)?(Api-?[Kk]ey|(Access|Subscription|Functions)-Key|` +
	`(Access|Auth|Security)-Token))$`)

func (d *Decision) isCredential(name string) bool {
	return credential.MatchString(name) || d.Function != nil && d.Function.Function.HasKey(name)
}

// takesAway reports whether a function keeps a header of the caller from the cache and the origin.
func (d *Decision) takesAway(name string) bool {
	if d.Function == nil {
		return false
	}
	_, left := d.viewer.headers[name]
	_, sent := d.viewer.sent[name]
	f := d.Function.Function
	return sent && !left || !f.ForwardsKey && f.HasKey(name)
}
