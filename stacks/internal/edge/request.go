package edge

import (
	"cmp"
	"context"
	"iter"
	"maps"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"time"

	"ml-api-accelerator/stacks/internal/edge/function"
	"ml-api-accelerator/stacks/internal/edge/policy"
)

// Request is what a caller sends. What it leaves out isn't judged: without a time no signature expires.
type Request struct {
	// GET if there is none.
	Method string `json:"method"`
	// A whole URL, or a path at the first alias.
	URL     string            `json:"url"`
	Headers map[string]string `json:"headers"`

	Time time.Time  `json:"-"`
	IP   netip.Addr `json:"-"`
	// The country that the caller is in, as an ISO 3166-1 alpha-2 code; empty: none that is known.
	Country string `json:"-"`
	// Whether it has a body.
	Body bool `json:"-"`
	// Whether its signature counts as a good one, whatever it is.
	Trusted bool `json:"-"`
	// The values of headers that were sent several times, by canonical name.
	Values http.Header `json:"-"`

	// The values of headers that CloudFront makes, where they are known, by canonical name (Add CloudFront request
	// headers).
	Made map[string]string `json:"-"`

	// Whose end ends the function that runs; nil: only its time limit does.
	Context context.Context `json:"-"`

	// Whose the key is that it carries; if it carries none, one is made up. Empty: no known one's.
	Caller string `json:"-"`
	// Whether its caller is among those who get the canary.
	Canary bool `json:"-"`
	// Limit returns the firewall's answer to a request of which no list of addresses says anything; nil: it is let in. Nil
	// itself: no limit is known.
	Limit func() *Answer `json:"-"`
	// What functions look up, in place of these two; nil: just them.
	Store function.Store `json:"-"`
}

// viewer is a request taken apart.
type viewer struct {
	method, scheme, host, path, query string

	url     string            // as it was sent
	sent    map[string]string // the headers by canonical name
	headers map[string]string // the same, as a function left them
	cookies map[string]string
	time    time.Time
	ip      netip.Addr
	country string
	made    map[string]string // values of headers that CloudFront makes, beside the country's
	lookup  bool              // whether the cache is asked
	// The header with a key that was made up; empty: there is none.
	madeUpKey string
	// Which of them a function added from the key value store.
	credential addedHeader
}

func (d *Distribution) newViewer(r Request) *viewer {
	v := &viewer{
		method: r.Method, scheme: "https", time: r.Time, ip: r.IP, country: r.Country, made: r.Made,
		sent: canonical(r.Headers),
	}
	v.headers = v.sent
	url, _, _ := strings.Cut(r.URL, "#")
	if scheme, rest, found := strings.Cut(url, "://"); found && !strings.HasPrefix(url, "/") {
		v.scheme = strings.ToLower(scheme)
		v.host, url = rest, ""
		if end := strings.IndexAny(rest, "/?"); end >= 0 {
			v.host, url = rest[:end], rest[end:]
		}
	}
	v.path, v.query, _ = strings.Cut(url, "?")
	if !strings.HasPrefix(v.path, "/") {
		v.path = "/" + v.path
	}
	if v.host = cmp.Or(v.headers["Host"], v.host); v.host == "" {
		v.host = d.Name()
	}
	v.url = v.scheme + "://" + v.host + withQuery(v.path, v.query)
	v.cookies = ParseCookies(v.headers["Cookie"])
	return v
}

// canonical has each header under its canonical name; mostly it has already.
func canonical(headers map[string]string) map[string]string {
	for name := range headers {
		if policy.HeaderName(name) != name {
			return joined(headers)
		}
	}
	return headers
}

// joined has the values of names that are one, in their order.
func joined(headers map[string]string) map[string]string {
	made := make(map[string]string, len(headers))
	for _, name := range slices.Sorted(maps.Keys(headers)) {
		key, value := policy.HeaderName(name), headers[name]
		if former, twice := made[key]; twice {
			value = former + ", " + value
		}
		made[key] = value
	}
	return made
}

// What CloudFront takes of a URL, and of a request without its body (CloudFront Developer Guide, Quotas, General
// quotas; Request and response behavior for custom origins, Maximum length of a request and maximum length of a URL).
const (
	MaxURLBytes     = 8192
	MaxRequestBytes = 32768
	// StatusHeadersTooLong is CloudFront's own, and nginx's.
	StatusHeadersTooLong = 494
)

// tooLong is the answer to a request that is longer than CloudFront takes; nil: it isn't. Some headers have several
// values.
func (v *viewer) tooLong(several http.Header) *Answer {
	target := len(withQuery(v.path, v.query))
	if target > MaxURLBytes {
		return &Answer{Status: http.StatusRequestURITooLong, Reason: "length"}
	}
	bytes := len(v.method) + len(" ") + target + len(" HTTP/1.1\r\nHost: \r\n\r\n") + len(v.host)
	for name, value := range v.headers {
		switch values := several[name]; {
		case name == "Host":
		case values != nil:
			for _, value := range values {
				bytes += len(name) + len(": \r\n") + len(value)
			}
		default:
			bytes += len(name) + len(": \r\n") + len(value)
		}
	}
	if bytes > MaxRequestBytes {
		return &Answer{Status: StatusHeadersTooLong, Reason: "length"}
	}
	return nil
}

// Name is the host that people use: the first alias that is one, or the distribution's own name.
func (d *Distribution) Name() string {
	for _, alias := range d.Aliases {
		if !strings.HasPrefix(alias, "*") {
			return alias
		}
	}
	return d.Domain
}

func withQuery(path, query string) string {
	if query == "" {
		return path
	}
	return path + "?" + query
}

// Answers reports whether a host leads to this distribution: by an alias, of which *.example.com is at any depth, or by
// a name of CloudFront's, which is AWS's to choose (CloudFront Developer Guide, Use wildcards in alternate domain
// names).
func (d *Distribution) Answers(host string) bool {
	if d.AnyHost {
		return true
	}
	host = strings.ToLower(host)
	if colon := strings.LastIndexByte(host, ':'); colon >= 0 && !strings.HasSuffix(host, "]") {
		host = host[:colon]
	}
	return d.HasAlias(host) || host == d.Domain || strings.HasSuffix(host, ".cloudfront.net")
}

// HasAlias reports whether a host in lower case, without a port, is an alias of this distribution or below one with a
// wildcard.
func (d *Distribution) HasAlias(host string) bool {
	return slices.ContainsFunc(d.Aliases, func(alias string) bool {
		return alias == host || strings.HasPrefix(alias, "*.") && strings.HasSuffix(host, alias[1:])
	})
}

// ParseCookies are the cookies of a header, of each name the last one.
func ParseCookies(header string) map[string]string {
	if header == "" {
		return nil
	}
	cookies := map[string]string{}
	for name, value := range cookiePairs(header) {
		cookies[name] = value
	}
	return cookies
}

// cookiePairs leaves out what CloudFront drops: what isn't a pair, and names that start with $ (Cache content based on
// cookies).
func cookiePairs(header string) iter.Seq2[string, string] {
	return func(yield func(name, value string) bool) {
		for pair := range strings.SplitSeq(header, ";") {
			name, value, found := strings.Cut(strings.TrimSpace(pair), "=")
			if found && name != "" && name[0] != '$' && !yield(name, value) {
				return
			}
		}
	}
}
