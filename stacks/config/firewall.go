package config

import (
	"fmt"
	"net/netip"
)

// Firewall is the AWS WAF web ACL before the distribution.
type Firewall struct {
	Enabled             bool
	WebACLARN           string
	RequestsPer5Minutes int
	LimitBy             string
	Limits              []Limit
	BlockedIPs          []string
	AllowedIPs          []string
	CountedRules        []string
}

func (w *Firewall) declare(f *fields) {
	f.boolean("enabled", &w.Enabled, "Make a web ACL with AWS's managed rules, a rate limit and the lists below.")
	f.confidential("webACLArn", &w.WebACLARN, "Web ACL of scope CLOUDFRONT to use instead.")
	f.integer("requestsPer5Minutes", &w.RequestsPer5Minutes, "Requests a caller may send in 5 minutes; those over it are answered 429.").
		standard(2000).between(ruleF2, requestsPer5Minutes)
	f.text("limitBy", &w.LimitBy, "What tells callers apart: ip, or the name of a header such as Authorization; requests without it are counted by IP address.").
		standard(LimitByIP).matches(ruleF5, shortHeader, "be ip or the name of a header, of 1 to 64 letters, digits, - and _")
	objects(f, "limits", &w.Limits, "Paths of which a caller may send fewer requests; each is answered 429 like the rest.")
	f.texts("blockedIPs", &w.BlockedIPs, "IP ranges (CIDR) that are refused.")
	f.texts("allowedIPs", &w.AllowedIPs, "IP ranges (CIDR) that no rule is applied to.")
	f.texts("countedRules", &w.CountedRules, "Rules of AWS's managed groups that count instead of blocking, as all rules of AWSManagedRulesCommonRuleSet on bodies do.").
		Items.named(ruleF4, managedRules(), "be a rule of AWSManagedRulesAmazonIpReputationList, AWSManagedRulesKnownBadInputsRuleSet or AWSManagedRulesCommonRuleSet")
}

// mostRanges is the most addresses of an IP set (AWS WAF API Reference, IPSet).
const mostRanges = 10_000

func (w Firewall) check(r *report, at path, account string) {
	others := w
	others.WebACLARN = ""
	switch set := isSet(others, unset[Firewall]()); {
	case w.WebACLARN != "" && set:
		r.must(ruleF1, at.field("webACLArn"), "must be the only field of firewall: a given web ACL has its own rules")
	case !w.Enabled && set:
		r.warn(ruleU1, at, "has no effect without enabled")
	}
	if w.WebACLARN != "" {
		checkARN(r, ruleF1, at.field("webACLArn"), w.WebACLARN, webACLARN, account)
	}
	w.checkLimitBy(r, at.field("limitBy"))
	w.checkLimits(r, at.field("limits"))
	checkCounted(r, at.field("countedRules"), w.CountedRules)
	blocked := checkRanges(r, at.field("blockedIPs"), w.BlockedIPs)
	allowed := checkRanges(r, at.field("allowedIPs"), w.AllowedIPs)
	for i, a := range allowed {
		if j, found := overlapping(a, blocked); found {
			r.must(ruleF3, at.field("allowedIPs").index(i), "must not overlap blockedIPs[%d] (%s), got %s", j, blocked[j], a)
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

// oneAddress says how a single address is written as a range.
func oneAddress(text string) string {
	a, err := netip.ParseAddr(text)
	if err != nil || a.Zone() != "" {
		return ""
	}
	return fmt.Sprintf(" (this one address is %s/%d)", a, a.BitLen())
}

// checkRanges returns what the ranges are; a wrong one is the zero Prefix.
func checkRanges(r *report, at path, ranges []string) []netip.Prefix {
	r.overQuota(ruleF3, at, len(ranges), mostRanges, " ranges", "")
	parsed := make([]netip.Prefix, len(ranges))
	for i, text := range ranges {
		p, err := netip.ParsePrefix(text)
		switch {
		case err != nil:
			r.must(ruleF3, at.index(i), "must be a CIDR range like 192.0.2.0/24 or 2001:db8::/32, got %q%s", text, oneAddress(text))
			continue
		case p.Bits() == 0:
			r.must(ruleF3, at.index(i), "must not be all addresses, got %q", text)
			continue
		case p != p.Masked():
			r.must(ruleF3, at.index(i), "must be the first address of its range, %s, got %q", p.Masked(), text)
		}
		parsed[i] = p
	}
	return parsed
}

// ByIPVersion tells ranges of IPv4 from those of IPv6: an IP set has only one version (AWS WAF API Reference, IPSet). What is no
// range is neither.
func ByIPVersion(ranges []string) (v4, v6 []string) {
	for _, text := range ranges {
		switch p, err := netip.ParsePrefix(text); {
		case err != nil:
		case p.Addr().Is4():
			v4 = append(v4, text)
		default:
			v6 = append(v6, text)
		}
	}
	return v4, v6
}
