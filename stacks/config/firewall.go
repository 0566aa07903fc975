package config

import "net/netip"

// Firewall is the AWS WAF web ACL before the distribution.
type Firewall struct {
	// Make a web ACL with AWS's managed rules, a rate limit and the lists below.
	Enabled bool `json:"enabled,omitempty"`
	// Web ACL of scope CLOUDFRONT to use instead.
	WebACLARN string `json:"webACLArn,omitempty"`
	// Requests an IP address may send in 5 minutes; those over it are answered 429.
	RequestsPer5Minutes int `json:"requestsPer5Minutes,omitempty"`
	// IP ranges (CIDR) that are refused.
	BlockedIPs []string `json:"blockedIPs,omitempty"`
	// IP ranges (CIDR) that no rule is applied to.
	AllowedIPs []string `json:"allowedIPs,omitempty"`
}

func (f Firewall) check(r *report, at path, account string) {
	others := f
	others.WebACLARN = ""
	switch set := isSet(others, defaults().Firewall); {
	case f.WebACLARN != "" && set:
		r.must("F1", at.field("webACLArn"), "must be the only field of firewall: a given web ACL has its own rules")
	case !f.Enabled && set:
		r.warn("U1", at, "has no effect without enabled")
	}
	if f.WebACLARN != "" {
		checkARN(r, "F1", at.field("webACLArn"), f.WebACLARN, webACLARN, account)
	}
	r.within("F2", at.field("requestsPer5Minutes"), rateLimit, f.RequestsPer5Minutes)
	blocked := checkRanges(r, at.field("blockedIPs"), f.BlockedIPs)
	allowed := checkRanges(r, at.field("allowedIPs"), f.AllowedIPs)
	for i, a := range allowed {
		if j, found := overlapping(a, blocked); found {
			r.must("F3", at.field("allowedIPs").index(i), "must not overlap blockedIPs[%d] (%s), got %s", j, blocked[j], a)
		}
	}
}

// overlapping returns the index of the first range that overlaps another.
func overlapping(a netip.Prefix, ranges []netip.Prefix) (int, bool) {
	for j, b := range ranges {
		if a.Overlaps(b) { // a zero Prefix overlaps none
			return j, true
		}
	}
	return 0, false
}

// checkRanges returns what the ranges are; a wrong one is the zero Prefix.
func checkRanges(r *report, at path, ranges []string) []netip.Prefix {
	r.atMost("F3", at, len(ranges), ipSetSize.Max, " ranges", "")
	parsed := make([]netip.Prefix, len(ranges))
	for i, text := range ranges {
		p, err := netip.ParsePrefix(text)
		switch {
		case err != nil:
			r.must("F3", at.index(i), "must be a CIDR range like 192.0.2.0/24 or 2001:db8::/32, got %q", text)
			continue
		case p.Bits() == 0:
			r.must("F3", at.index(i), "must not be all addresses, got %q", text)
			continue
		case p != p.Masked():
			r.must("F3", at.index(i), "must be the first address of its range, %s, got %q", p.Masked(), text)
		}
		parsed[i] = p
	}
	return parsed
}
