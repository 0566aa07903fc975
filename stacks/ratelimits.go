package stacks

import (
	"ml-api-accelerator/stacks/config"
	"ml-api-accelerator/stacks/internal/names"
)

// rateLimit is what one rate-based rule holds callers to.
type rateLimit struct {
	Name     string // of the rule and of its metric
	Requests int    // in 5 minutes
	// The header that tells callers apart, in lower case. Without it, or where Missing, IP addresses do.
	Header  string
	Missing bool          // only requests without the header
	Path    *config.Limit // only requests for its path
}

// rateLimits are tried in order, those of a path first: a request that one of these refuses doesn't count for all.
func rateLimits(firewall config.Firewall) []rateLimit {
	var limits []rateLimit
	for _, limit := range firewall.Limits {
		limits = append(limits, perCaller(rateLimit{Name: names.RateLimit(limit.Folded()), Requests: limit.RequestsPer5Minutes, Path: &limit}, firewall)...)
	}
	limits = append(limits, perCaller(rateLimit{Name: "rate-limit", Requests: firewall.RequestsPer5Minutes}, firewall)...)
	if firewall.LimitHeader() != "" { // a caller that makes up headers would be a new one each time
		limits = append(limits, rateLimit{Name: "rate-limit-by-address", Requests: firewall.RequestsPerAddress()})
	}
	return limits
}

// perCaller counts by a header, if callers are told apart by one, and by IP address what comes without it: a rule passes over
// requests that lack its key (AWS WAF Developer Guide, Aggregating rate-based rules).
func perCaller(limit rateLimit, firewall config.Firewall) []rateLimit {
	limit.Header = firewall.LimitHeader()
	if limit.Header == "" {
		return []rateLimit{limit}
	}
	without := limit
	without.Name += "-without-header"
	without.Missing = true
	return []rateLimit{limit, without}
}
