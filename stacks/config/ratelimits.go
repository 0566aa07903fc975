package config

import (
	"strings"

	"ml-api-accelerator/stacks/internal/shared/names"
)

// LimitByIP counts the requests of each IP address.
const LimitByIP = "ip"

// Limit holds the requests of one path pattern to fewer than the others.
type Limit struct {
	Path                string
	RequestsPer5Minutes int
}

func (l *Limit) declare(f *fields) {
	f.text("path", &l.Path, "Path pattern, as in routes; letters match in either case.").required().
		length(ruleF6, pathLength).
		matches(ruleF6, pathCharacters, onlyPathSigns)
	f.integer("requestsPer5Minutes", &l.RequestsPer5Minutes, "Requests a caller may send to the path in 5 minutes; they count for firewall.requestsPer5Minutes as well.").required().
		between(ruleF2, requestsPer5Minutes)
}

// requestsPer5Minutes is what AWS WAF allows (AWS WAF API Reference, RateBasedStatement).
var requestsPer5Minutes = Range{10, 2_000_000_000}

// LimitHeader is the header by which callers are told apart, in lower case; empty: by IP address.
func (w Firewall) LimitHeader() string {
	if w.LimitBy == LimitByIP {
		return ""
	}
	return strings.ToLower(w.LimitBy)
}

// addressFactor is how many times a caller's requests an IP address may send where a header tells callers apart: enough
// for several callers behind one address, and too few for one that makes up headers.
const addressFactor = 10

// RequestsPerAddress is what an IP address may send in 5 minutes where a header tells callers apart.
func (w Firewall) RequestsPerAddress() int {
	return min(w.RequestsPer5Minutes*addressFactor, requestsPer5Minutes.Max)
}

// RateWindowSeconds is how far AWS WAF looks back when it counts. A caller over a limit is asked to wait for as long: by then nothing is left
// to count.
const RateWindowSeconds = 300

// TooManyRequests is the JSON that a caller over a limit is answered.
const TooManyRequests = `{"error":"too many requests"}`

// RateLimit is what one rate-based rule holds callers to.
type RateLimit struct {
	Name     string // of the rule and of its metric
	Requests int    // in RateWindowSeconds
	// The header that tells callers apart, in lower case. Without it, or where Missing, IP addresses do.
	Header  string
	Missing bool   // only requests without the header
	Path    *Limit // only requests for its path
}

// RateLimits are tried in order, those of a path first: a request that one of these refuses doesn't count for all.
func (w Firewall) RateLimits() []RateLimit {
	var limits []RateLimit
	for _, limit := range w.Limits {
		limits = append(limits, w.perCaller(RateLimit{Name: names.RateLimit(limit.Folded()), Requests: limit.RequestsPer5Minutes, Path: &limit})...)
	}
	limits = append(limits, w.perCaller(RateLimit{Name: "rate-limit", Requests: w.RequestsPer5Minutes})...)
	if w.LimitHeader() != "" { // a caller that makes up headers would be a new one each time
		limits = append(limits, RateLimit{Name: "rate-limit-by-address", Requests: w.RequestsPerAddress()})
	}
	return limits
}

// perCaller counts by a header, if callers are told apart by one, and by IP address what comes without it: a rule passes over
// requests that lack its key (AWS WAF Developer Guide, Aggregating rate-based rules).
func (w Firewall) perCaller(limit RateLimit) []RateLimit {
	limit.Header = w.LimitHeader()
	if limit.Header == "" {
		return []RateLimit{limit}
	}
	without := limit
	without.Name += "-without-header"
	without.Missing = true
	return []RateLimit{limit, without}
}

// mostRateRules is the most rate-based rules of a web ACL; AWS doesn't raise it (AWS WAF Developer Guide, Quotas).
const mostRateRules = 10

// rateRules is how many rules count requests: those of each path that has a limit, and those of the whole API. By a header, a
// path needs a rule for requests with it and one for those without; the whole API needs these two, and one for each address.
func (w Firewall) rateRules() (path, whole int) {
	if w.LimitHeader() != "" {
		return 2, 3
	}
	return 1, 1
}

// mostLimits is how many paths can have a limit, and why.
func (w Firewall) mostLimits() (int, string) {
	unit := " limits"
	if w.LimitHeader() != "" {
		unit = " limits with limitBy a header"
	}
	path, whole := w.rateRules()
	return (mostRateRules - whole) / path, unit
}

// tellNoCallers are headers that many callers send alike, that one caller changes with each request, or that AWS WAF doesn't
// see; lower-case, * ends a prefix.
var tellNoCallers = []string{
	"accept*", "cache-control", "cloudfront-*", "connection", "content-*", "cookie", "date", "expect", "host", "idempotency-key", "if-*",
	"max-forwards", "origin", "pragma", "priority", "proxy-*", "range", "referer", "sec-*", "te", "traceparent", "trailer", "transfer-encoding",
	"upgrade*", "user-agent", "via", "x-amz-cf-id", "x-amzn-trace-id", "x-edge-*", "x-forwarded-*", "x-real-ip", "x-request-id",
}

func (w Firewall) checkLimitBy(r *report, at path) {
	switch {
	case w.LimitBy != LimitByIP && strings.EqualFold(w.LimitBy, LimitByIP):
		r.must(ruleF5, at, "must be %q or the name of a header, got %q", LimitByIP, w.LimitBy)
	case denied(tellNoCallers, w.LimitBy):
		r.warn(ruleF5, at, "is %q, which doesn't tell callers apart: many send the same value, or one sends many", w.LimitBy)
	}
}

func (w Firewall) checkLimits(r *report, at path) {
	most, unit := w.mostLimits()
	r.overQuota(ruleF6, at, len(w.Limits), most, unit, "")
	for i, limit := range w.Limits {
		limit.check(r, at.index(i).field("path"))
		w.compareLimit(r, at.index(i), i)
	}
}

// compareLimit warns of a limit that another one always comes before.
func (w Firewall) compareLimit(r *report, at path, i int) {
	limit := w.Limits[i]
	for _, earlier := range w.Limits[:i] {
		if folded(earlier.Path) == folded(limit.Path) {
			r.must(ruleF6, at.field("path"), "must not repeat %q", earlier.Path)
			return
		}
	}
	if limit.RequestsPer5Minutes >= w.RequestsPer5Minutes {
		r.warn(ruleF6, at.field("requestsPer5Minutes"), "is never reached: a caller may send %d to all paths together (firewall.requestsPer5Minutes), got %d",
			w.RequestsPer5Minutes, limit.RequestsPer5Minutes)
		return
	}
	for j, other := range w.Limits {
		if j != i && folded(other.Path) != folded(limit.Path) && covers(folded(other.Path), folded(limit.Path)) && other.RequestsPer5Minutes <= limit.RequestsPer5Minutes {
			r.warn(ruleF6, at.field("requestsPer5Minutes"), "is never reached: a caller may send %d to %q of limits[%d], which matches all that %q does, got %d",
				other.RequestsPer5Minutes, other.Path, j, limit.Path, limit.RequestsPer5Minutes)
			return
		}
	}
}
