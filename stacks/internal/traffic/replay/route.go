package replay

import (
	"fmt"
	"hash/maphash"
	"maps"
	"net/http"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"

	"ml-api-accelerator/stacks/internal/edge"
	"ml-api-accelerator/stacks/internal/edge/freshness"
	"ml-api-accelerator/stacks/internal/edge/policy"
	"ml-api-accelerator/stacks/internal/edge/signed"
	"ml-api-accelerator/stacks/internal/shared/cloudfront"
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

	verdicts map[sampled]verdict
	lives    [1000]*[bounds]uint32 // by status
}

// sampled is what requests have in common of which one is decided.
type sampled struct {
	plain  bool // without TLS
	method string
}

// verdict is what becomes of a request.
type verdict int

const (
	unknown verdict = iota
	refused         // CloudFront answers it
	passed          // the origin answers it
	cached          // the cache may
)

// shown are the headers that a line has.
var shown = map[string]func(*logs.Line) string{
	"Host":       func(l *logs.Line) string { return l.Host },
	"User-Agent": func(l *logs.Line) string { return l.UserAgent },
	"Referer":    func(l *logs.Line) string { return l.Referer },
}

func newRoute(d *edge.Distribution, b *edge.Behavior) *route {
	p := b.CachePolicy
	r := &route{d: d, b: b, hidesCookies: !p.Cookies.IsNone(), hidesFew: p.Brotli || p.Gzip,
		verdicts: map[sampled]verdict{}}
	for _, name := range p.Headers.Names {
		value := shown[name]
		if f := b.Function; f != nil && f.ForwardsHost && name == "X-Forwarded-Host" {
			value = shown["Host"]
		} else if f != nil && f.Strip != "" && name == "X-Forwarded-Prefix" {
			value = func(*logs.Line) string { return f.Strip }
		}
		switch {
		case value != nil:
			r.headers = append(r.headers, value)
		case name == edge.CanaryHeader:
			r.hidesFew = true
		default:
			r.hidesHeaders = true
		}
	}
	return r
}

// decide tells what becomes of a request that is the route's.
func (r *route) decide(l *logs.Line, path string) verdict {
	if _, unlike := r.b.Function.Rewritten(path); unlike || !slices.Contains(cloudfront.Methods, l.Method) ||
		stopped(l) || r.refuses(l) || r.isOutside(l) {
		return refused
	}
	like := sampled{isPlain(l), l.Method}
	v := r.verdicts[like]
	if v == unknown {
		v = r.sample(l, path)
		like.method = strings.Clone(l.Method)
		r.verdicts[like] = v
	}
	if v == cached && (l.IsWebSocket() || hasNoAnswer(l)) {
		return passed
	}
	return v
}

// isPlain reports whether a request came without TLS.
func isPlain(l *logs.Line) bool { return l.Protocol == "http" || l.Protocol == "ws" }

// stopped reports whether something stood in the way that the model leaves out, or that no configuration changes
// (Standard logging reference, x-edge-result-type, x-edge-detailed-result-type).
func stopped(l *logs.Line) bool {
	switch l.Result {
	case "LimitExceeded", "CapacityExceeded":
		return true
	case "Error":
		switch l.Detail {
		case "ClientGeoBlocked", "ClientHungUpRequest", "InvalidRequest", "InvalidRequestBlocked",
			"InvalidRequestCertificate", "InvalidRequestHeader":
			return true
		}
	}
	return false
}

// hasNoAnswer reports whether only the former configuration can have answered so.
func hasNoAnswer(l *logs.Line) bool {
	return l.Result == "Redirect" || l.Detail == "InvalidRequestMethod"
}

// refuses reports whether a request lacks what the route wants, by the word of the log.
func (r *route) refuses(l *logs.Line) bool {
	if r.b.Function.ChecksKeys() && l.Status == http.StatusUnauthorized {
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

// isOutside reports whether the firewall's lists refuse the address of a line, or its path.
func (r *route) isOutside(l *logs.Line) bool {
	if r.d.Addresses == nil {
		return false
	}
	ip, _ := netip.ParseAddr(l.IP) // one that can't be read is let in
	return r.d.Addresses.Judge(ip, l.Path).Blocked
}

// sample decides the first request with a method, as all the others are: neither the path within a route nor the caller
// changes what becomes of it, unless by a function, which must leave the path alone, or take a prefix away from it.
func (r *route) sample(l *logs.Line, path string) verdict {
	scheme := "https://"
	if isPlain(l) {
		scheme = "http://"
	}
	got := r.d.Decide(edge.Request{
		Method: l.Method, URL: scheme + r.d.Name() + path, Trusted: true, Caller: "caller", Time: time.Unix(l.Time, 0),
	})
	rest, _ := r.b.Function.Rewritten(path)
	switch {
	case got.Answer != nil:
		return refused
	case got.Cache.Key.Path != rest:
		r.err = fmt.Errorf("the function %s changes %s to %s: replay simulates only functions that leave paths alone, "+
			"or strip them", got.Function.Name, path, got.Cache.Key.Path)
	case got.Cache.Lookup:
		return cached
	}
	return passed
}

// hasher makes keys.
type hasher struct{ hash *maphash.Hash }

func newHasher() hasher { return hasher{new(maphash.Hash)} }

// part adds texts, each of which ends where no text can go on.
func (h hasher) part(texts ...string) {
	for _, text := range texts {
		_, _ = h.hash.WriteString(text) // never fails
		_ = h.hash.WriteByte(0)
	}
}

// of are a request's keys in each simulation.
func (h hasher) of(r *route, l *logs.Line, path string) (list [bounds]keys) {
	h.hash.Reset()
	h.known(r, l, path)
	shared := h.hash.Sum64()
	h.part(l.IP, l.UserAgent)
	callers := h.hash.Sum64()
	hidden := r.hidesHeaders || r.hidesCookies && l.Cookie == ""
	for i := range list {
		switch list[i].whole = shared; {
		case i == high:
		case hidden, i == low && r.hidesFew:
			list[i].whole = callers
		}
		list[i].own = h.own(list[i].whole, l, i)
	}
	return list
}

// known is what a line shows of the key.
func (h hasher) known(r *route, l *logs.Line, path string) {
	method := ""
	if l.Method == http.MethodOptions {
		method = l.Method
	}
	p := r.b.CachePolicy
	path, _ = r.b.Function.Rewritten(path)
	h.part(method, path, policy.Query(r.b.Unsigned(l.Query), p.Query, policy.Selection{}))
	for _, value := range r.headers {
		h.part(value(l))
	}
	if !r.hidesCookies || l.Cookie == "" {
		return
	}
	cookies := edge.ParseCookies(l.Cookie)
	for _, name := range slices.Sorted(maps.Keys(cookies)) {
		if r.b.KeyHasCookie(name) {
			h.part(name, cookies[name])
		}
	}
}

// own is where the answer to a HEAD or a part of an object is kept.
func (h hasher) own(whole uint64, l *logs.Line, simulation int) uint64 {
	switch {
	case l.Method == http.MethodHead:
		h.hash.Reset()
		h.part(http.MethodHead)
	case l.Status == 206 && simulation != high:
		h.hash.Reset()
		h.part(l.RangeStart, l.RangeEnd)
		if l.RangeStart == "" { // which part isn't known, so it serves nobody else
			h.part(l.IP, strconv.FormatInt(l.Time, 10))
		}
	default:
		return 0
	}
	return whole ^ h.hash.Sum64()
}

// cache is what is kept in a simulation. A key is a hash, so that memory grows with how many objects there are and not
// with their names; among ten million, one in 100,000 times two of them are taken for one.
type cache struct {
	entries map[uint64]entry
	// Whether what has expired is forgotten, and at how many entries it is next.
	forgets bool
	limit   int
}

// entry is when an answer came, and for how many seconds it is served.
type entry struct{ came, life uint32 }

// keys are where an answer may be kept: one that serves every request, and one that only serves a request like this
// one; 0: there is none.
type keys struct{ whole, own uint64 }

// found is what the cache has for a request.
type found int

const (
	missing found = iota
	stale
	fresh
)

const firstLimit = 1 << 16

func newCache(forgets bool) *cache {
	return &cache{entries: map[uint64]entry{}, forgets: forgets, limit: firstLimit}
}

// ask looks for an answer, and keeps the one that comes from the origin otherwise.
func (c *cache) ask(k keys, life uint32, now int64) found {
	state := c.find(k.whole, now)
	if state != fresh && k.own != 0 {
		state = max(state, c.find(k.own, now))
	}
	if state == fresh || life == 0 {
		return state
	}
	key := k.whole
	if k.own != 0 {
		key = k.own
	}
	c.entries[key] = entry{uint32(now), life}
	if c.forgets && len(c.entries) > c.limit {
		c.forget(now)
	}
	return state
}

// find looks under one key. Lines needn't be in order: an answer to an earlier request would have served the later one
// as well, and is then the one that is kept.
func (c *cache) find(key uint64, now int64) found {
	e, kept := c.entries[key]
	if !kept {
		return missing
	}
	came, life := int64(e.came), int64(e.life)
	switch {
	case now >= came+life || now <= came-life:
		return stale
	case now < came:
		c.entries[key] = entry{uint32(now), e.life}
	}
	return fresh
}

// outOfOrder is how many seconds a line may come late and still find what was kept then.
const outOfOrder = 3600

func (c *cache) forget(now int64) {
	for key, e := range c.entries {
		if now > int64(e.came)+int64(e.life)+outOfOrder {
			delete(c.entries, key)
		}
	}
	c.limit = max(firstLimit, 2*len(c.entries))
}

// What the origin may have said of an answer.
var (
	saysNothing = http.Header{}
	saysNever   = http.Header{"Cache-Control": {"no-store"}}
	saysForever = http.Header{"Cache-Control": {"max-age=2147483647"}}
)

// lifetimes are for how many seconds an answer is served in each simulation.
func (r *route) lifetimes(status int) [bounds]uint32 {
	known := r.lives[status]
	if known == nil {
		kept := status
		if status == http.StatusNotModified {
			kept = http.StatusOK // which it stands for
		}
		known = new([bounds]uint32)
		if kept != 0 {
			nothing := r.life(kept, saysNothing)
			*known = [bounds]uint32{low: min(nothing, r.life(kept, saysNever)), expected: nothing,
				high: r.life(kept, saysForever)}
		}
		r.lives[status] = known
	}
	return *known
}

func (r *route) life(status int, header http.Header) uint32 {
	return uint32(freshness.Of(freshness.Answer{Status: status, Header: header}, r.b.Bounds(status)).Fresh)
}
