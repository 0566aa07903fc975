package config

import (
	"fmt"
	"net/netip"
	"regexp"
	"slices"
	"strings"

	"ml-api-accelerator/stacks/config/declare"
	"ml-api-accelerator/stacks/internal/shared/names"
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
	OnlyAllowedIPs      bool
	CountedRules        []string
}

// Declare implements [declare.Section].
func (w *Firewall) Declare(f *declare.Fields) {
	f.Boolean("enabled", &w.Enabled, "Create a web ACL with AWS's managed rules, a rate limit and the lists below.")
	f.Confidential("webACLArn", &w.WebACLARN, "Web ACL of scope CLOUDFRONT to use instead of a new one.")
	f.Integer("requestsPer5Minutes", &w.RequestsPer5Minutes,
		"Requests a caller may send in 5 minutes. Further requests are answered 429.").
		Default(2000).Between(ruleRateLimit, leastRequests, mostRequests)
	f.Text("limitBy", &w.LimitBy,
		"What tells callers apart: ip, or the name of a header such as Authorization. "+
			"Requests without the header are counted by IP address.").
		Default(LimitByIP).Matches(ruleLimitBy, shortHeader,
		"be ip or the name of a header, of 1 to 64 letters, digits, - and _")
	declare.Objects(f, "limits", &w.Limits, "Lower limits for some paths, answered 429 as well.")
	f.Texts("blockedIPs", &w.BlockedIPs, "IP ranges (CIDR) that are blocked.")
	f.Texts("allowedIPs", &w.AllowedIPs, "IP ranges (CIDR) that skip all rules below. With onlyAllowedIPs they skip none, and "+
		"nobody else gets in.")
	f.Boolean("onlyAllowedIPs", &w.OnlyAllowedIPs, "Let in only allowedIPs; all other rules still apply to them.")
	f.Texts("countedRules", &w.CountedRules,
		"Managed rules that count instead of blocking. The rules of AWSManagedRulesCommonRuleSet on bodies always do.").
		Items.Named(ruleCountedRules, managedRules(),
		"be a rule of AWSManagedRulesAmazonIpReputationList, "+
			"AWSManagedRulesKnownBadInputsRuleSet or AWSManagedRulesCommonRuleSet")
}

// mostRanges is the most addresses of an IP set (AWS WAF API Reference, IPSet).
const mostRanges = 10_000

func (w Firewall) check(r *declare.Report, at declare.Path, account string) {
	others := w
	others.WebACLARN = ""
	switch set := isSet(others, declare.Unset[Firewall]()); {
	case w.WebACLARN != "" && set:
		r.Must(ruleWebACL, at.Field("webACLArn"), "must be the only field of firewall: a given web ACL has its own rules")
	case !w.Enabled && set && !w.OnlyAllowedIPs: // of which checkAddresses tells
		r.Warn(ruleHasEffect, at, `has no effect without "enabled": true`)
	}
	if w.WebACLARN != "" {
		checkARN(r, ruleWebACL, at.Field("webACLArn"), w.WebACLARN, webACLARN, account)
	}
	w.checkLimitBy(r, at.Field("limitBy"))
	w.checkLimits(r, at.Field("limits"))
	checkCounted(r, at.Field("countedRules"), w.CountedRules)
	blocked := checkRanges(r, at.Field("blockedIPs"), w.BlockedIPs)
	allowed := checkRanges(r, at.Field("allowedIPs"), w.AllowedIPs)
	if w.OnlyAllowedIPs {
		checkNotBlocked(r, at.Field("allowedIPs"), allowed, blocked)
		return
	}
	for i, b := range blocked { // what is let in may be a part of what is blocked: an exception
		if by := covering(b, allowed); len(by) > 0 {
			r.Must(ruleIPRanges, at.Field("blockedIPs").Index(i),
				"must not be within allowedIPs[%d] (%s), which gets in before: nobody is blocked, got %s", by[0], allowed[by[0]], b)
		}
	}
}

// overlaps reports whether a range has an address in common with others. The zero Prefix has none.
func overlaps(p netip.Prefix, others []netip.Prefix) bool {
	return slices.ContainsFunc(others, p.Overlaps)
}

// rangeMeant says how a single address is written as a range, or several ranges as items of a list.
func rangeMeant(text string) string {
	isRange := func(item string) bool { _, err := netip.ParsePrefix(item); return err == nil }
	if ranges := several(text, isRange); ranges != "" {
		return ranges
	}
	a, err := netip.ParseAddr(text)
	if err != nil || a.Zone() != "" {
		return ""
	}
	return fmt.Sprintf(" (this one address is %s/%d)", a, a.BitLen())
}

// privateRanges are those of addresses that nobody on the Internet has (IANA IPv4 and IPv6 Special-Purpose Address
// Registries).
var privateRanges = []netip.Prefix{
	netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("172.16.0.0/12"), netip.MustParsePrefix("192.168.0.0/16"),
	netip.MustParsePrefix("100.64.0.0/10"), netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("169.254.0.0/16"),
	netip.MustParsePrefix("fc00::/7"), netip.MustParsePrefix("fe80::/10"), netip.MustParsePrefix("::1/128"),
}

// IsPrivateRange reports whether nobody on the Internet has an address of a range.
func IsPrivateRange(p netip.Prefix) bool {
	return slices.ContainsFunc(privateRanges, func(block netip.Prefix) bool { return isWithin(p, block) })
}

// IsPrivate reports whether nobody on the Internet has an address; what is none isn't private.
func IsPrivate(ip netip.Addr) bool {
	return ip.IsValid() && IsPrivateRange(netip.PrefixFrom(ip.Unmap(), ip.Unmap().BitLen()))
}

// isWithin reports whether all of a range is in another; a zero Prefix is in none, and has none in it.
func isWithin(p, other netip.Prefix) bool { return p.Overlaps(other) && other.Bits() <= p.Bits() }

// allPrivate reports whether ranges let in nobody. A wrong one, the zero Prefix, may be meant to let in somebody.
func allPrivate(ranges []netip.Prefix) bool {
	return len(ranges) > 0 && !slices.ContainsFunc(ranges, func(p netip.Prefix) bool { return !IsPrivateRange(p) })
}

// checkRanges returns what the ranges are; a wrong one is the zero Prefix.
func checkRanges(r *declare.Report, at declare.Path, ranges []string) []netip.Prefix {
	overQuota(r, ruleIPRanges, at, len(ranges), mostRanges, " ranges", "")
	parsed := make([]netip.Prefix, len(ranges))
	for i, text := range ranges {
		p, err := netip.ParsePrefix(text)
		switch {
		case err != nil:
			r.Must(ruleIPRanges, at.Index(i),
				"must be a CIDR range like 192.0.2.0/24 or 2001:db8::/32, got %q%s", text, rangeMeant(text))
			continue
		case p.Bits() == 0:
			r.Must(ruleIPRanges, at.Index(i), "must not be all addresses, got %q", text)
			continue
		case p.Addr().Is4In6():
			r.Must(ruleIPRanges, at.Index(i), "must be written as a range of IPv4, as CloudFront sees the address, got %q", text)
			continue
		case p != p.Masked():
			r.Must(ruleIPRanges, at.Index(i), "must be the first address of its range, %s, got %q", p.Masked(), text)
		}
		if IsPrivateRange(p) {
			r.Warn(ruleHasEffect, at.Index(i),
				"has no effect: CloudFront sees public addresses only, such as that of your VPN or proxy, and %s is a private range", p)
		}
		parsed[i] = p
	}
	checkApart(r, at, parsed)
	for _, all := range allAddresses {
		if isCovered(all, parsed) {
			r.Warn(ruleIPRanges, at, "has all addresses of %s together: that is everyone", versionOf(all))
		}
	}
	return parsed
}

func versionOf(p netip.Prefix) string {
	if p.Addr().Is4() {
		return "IPv4"
	}
	return "IPv6"
}

var allAddresses = []netip.Prefix{netip.MustParsePrefix("0.0.0.0/0"), netip.MustParsePrefix("::/0")}

// ByIPVersion tells ranges of IPv4 from those of IPv6: an IP set has only one version (AWS WAF API Reference, IPSet).
// What is no range is neither.
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

// LimitByIP counts the requests of each IP address.
const LimitByIP = "ip"

// Limit holds the requests of one path pattern to fewer than the others.
type Limit struct {
	Path                string
	RequestsPer5Minutes int
}

// Declare implements [declare.Section].
func (l *Limit) Declare(f *declare.Fields) {
	f.Text("path", &l.Path, "Path pattern, as in routes, but case-insensitive.").Required().
		Length(ruleLimits, 1, mostPath).
		Matches(ruleLimits, pathCharacters, onlyPathSigns).
		Explain(pathMeant)
	f.Integer("requestsPer5Minutes", &l.RequestsPer5Minutes,
		"Requests a caller may send to the path in 5 minutes. They count toward firewall.requestsPer5Minutes as well.").
		Required().
		Between(ruleRateLimit, leastRequests, mostRequests)
}

// What AWS WAF allows a limit to be (AWS WAF API Reference, RateBasedStatement).
const (
	leastRequests = 10
	mostRequests  = 2_000_000_000
)

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
	return min(w.RequestsPer5Minutes*addressFactor, mostRequests)
}

// RateWindowSeconds is how far AWS WAF looks back when it counts. A caller over a limit is asked to wait for as long:
// by then nothing is left to count.
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
		limits = append(limits, w.perCaller(RateLimit{Name: names.RateLimit(limit.Folded()),
			Requests: limit.RequestsPer5Minutes, Path: &limit})...)
	}
	limits = append(limits, w.perCaller(RateLimit{Name: "rate-limit", Requests: w.RequestsPer5Minutes})...)
	if w.LimitHeader() != "" { // a caller that makes up headers would be a new one each time
		limits = append(limits, RateLimit{Name: "rate-limit-by-address", Requests: w.RequestsPerAddress()})
	}
	return limits
}

// perCaller counts by a header, if callers are told apart by one, and by IP address what comes without it: a rule
// passes over requests that lack its key (AWS WAF Developer Guide, Aggregating rate-based rules).
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

// rateRules is how many rules count requests: those of each path that has a limit, and those of the whole API. By a
// header, a path needs a rule for requests with it and one for those without; the whole API needs these two, and one
// for each address.
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
		unit = " limits where limitBy is a header"
	}
	path, whole := w.rateRules()
	return (mostRateRules - whole) / path, unit
}

func (w Firewall) checkLimitBy(r *declare.Report, at declare.Path) {
	switch {
	case w.LimitBy != LimitByIP && strings.EqualFold(w.LimitBy, LimitByIP):
		r.Must(ruleLimitBy, at, "must be %q or the name of a header, got %q", LimitByIP, w.LimitBy)
	case denied(tellNoCallers, w.LimitBy):
		r.Warn(ruleLimitBy, at,
			"is %q, which doesn't tell callers apart: many send the same value, or one sends many", w.LimitBy)
	}
}

func (w Firewall) checkLimits(r *declare.Report, at declare.Path) {
	most, unit := w.mostLimits()
	overQuota(r, ruleLimits, at, len(w.Limits), most, unit, "")
	for i, limit := range w.Limits {
		limit.check(r, at.Index(i).Field("path"))
		w.compareLimit(r, at.Index(i), i)
	}
}

// compareLimit warns of a limit that another one always comes before.
func (w Firewall) compareLimit(r *declare.Report, at declare.Path, i int) {
	limit := w.Limits[i]
	for _, earlier := range w.Limits[:i] {
		if folded(earlier.Path) == folded(limit.Path) {
			r.Must(ruleLimits, at.Field("path"), "must not repeat %q", earlier.Path)
			return
		}
	}
	if limit.RequestsPer5Minutes >= w.RequestsPer5Minutes {
		r.Warn(ruleLimits, at.Field("requestsPer5Minutes"),
			"is never reached: a caller may send %d to all paths together (firewall.requestsPer5Minutes), got %d",
			w.RequestsPer5Minutes, limit.RequestsPer5Minutes)
		return
	}
	for j, other := range w.Limits {
		if j != i && folded(other.Path) != folded(limit.Path) && covers(folded(other.Path), folded(limit.Path)) &&
			other.RequestsPer5Minutes <= limit.RequestsPer5Minutes {
			r.Warn(ruleLimits, at.Field("requestsPer5Minutes"),
				"is never reached: a caller may send %d to %q of limits[%d], which matches all that %q does, got %d",
				other.RequestsPer5Minutes, other.Path, j, limit.Path, limit.RequestsPer5Minutes)
			return
		}
	}
}

// mostPathText is the most characters of a text or an expression that AWS WAF compares a path with (AWS WAF Developer
// Guide, Quotas; the API Reference's 512 for expressions is not what it keeps to).
const mostPathText = 200

// mostWildcards keeps expressions clear of what AWS WAF refuses: "excessive wildcard repeated patterns", of which it
// doesn't say how many are (AWS WAF Developer Guide, Supported regular expression syntax).
const mostWildcards = 3

// folded is a pattern as it is compared: limits take no notice of case.
func folded(pattern string) string { return strings.ToLower(normal(pattern)) }

// Folded is the limit's path as it is compared with those of others.
func (l Limit) Folded() string { return folded(l.Path) }

// PathMatch is how a limit knows the requests it is for: by the text of their path in lower case, or by an expression.
type PathMatch struct {
	Exactly, Begins, Expression string // one of them
}

// Match returns how to know the requests of the limit's path.
func (l Limit) Match() PathMatch {
	pattern := "/" + folded(l.Path)
	switch begin, wild := strings.CutSuffix(pattern, "*"); {
	case strings.ContainsAny(begin, "*?+"):
		return PathMatch{Expression: expression(pattern)}
	case wild:
		return PathMatch{Begins: begin}
	default:
		return PathMatch{Exactly: pattern}
	}
}

// expression is a pattern as a regular one. Its wildcards also stand for line breaks, which a path can have once it is
// decoded; and a + may have become a space by then.
func expression(pattern string) string {
	text := strings.NewReplacer(`\*`, `[\s\S]*`, `\?`, `[\s\S]`, `\+`, `[ +]`).Replace("^" + regexp.QuoteMeta(pattern) +
		"$")
	return strings.TrimSuffix(text, `[\s\S]*$`)
}

func (l Limit) check(r *declare.Report, at declare.Path) {
	match := l.Match()
	text := match.Exactly + match.Begins + match.Expression
	switch {
	case strings.Trim(normal(l.Path), "*") == "":
		r.Must(ruleLimits, at, "must not be %q: that limit is firewall.requestsPer5Minutes", l.Path)
	case strings.Count(l.Path, "*") > mostWildcards:
		r.Must(ruleLimits, at,
			"must have at most %d *, got %d: AWS WAF refuses expressions with many", mostWildcards, strings.Count(l.Path, "*"))
	case len(text) > mostPathText:
		r.Must(ruleLimits, at,
			"must make a text or an expression of at most %d characters for AWS WAF, got %d", mostPathText, len(text))
	case notNormal.MatchString("/" + normal(l.Path)):
		r.Must(ruleLimits, at, "must not have //, /./ or /../: paths are compared without them, got %q", l.Path)
	}
}

var notNormal = regexp.MustCompile(`/(\.{0,2}/|\.{1,2}$)`)

// RuleGroup is one of AWS's managed rule groups that a web ACL made here applies, with its rules that only count.
type RuleGroup struct {
	Name    string
	Counted []string
}

// ruleGroups are in the order in which they are applied (AWS WAF Developer Guide, Baseline rule groups and IP
// reputation rule groups). AWSManagedRulesAnonymousIpList is left out: it blocks callers in clouds.
var ruleGroups = []struct {
	name    string
	rules   []string // in the guide's order
	counted []string // of rules, in every web ACL
}{
	{
		name:    "AWSManagedRulesAmazonIpReputationList",
		rules:   []string{"AWSManagedIPReputationList", "AWSManagedReconnaissanceList", "AWSManagedIPDDoSList"},
		counted: []string{"AWSManagedIPDDoSList"}, // as AWS has it; written here, it stays so
	},
	{
		name: "AWSManagedRulesKnownBadInputsRuleSet",
		rules: []string{
			"JavaDeserializationRCE_HEADER", "JavaDeserializationRCE_BODY", "JavaDeserializationRCE_URIPATH",
			"JavaDeserializationRCE_QUERYSTRING", "Host_localhost_HEADER", "PROPFIND_METHOD", "ExploitablePaths_URIPATH",
			"Log4JRCE_HEADER", "Log4JRCE_QUERYSTRING", "Log4JRCE_BODY", "Log4JRCE_URIPATH", "ReactJSRCE_BODY",
		},
	},
	{
		name: "AWSManagedRulesCommonRuleSet",
		rules: []string{
			"NoUserAgent_HEADER", "UserAgent_BadBots_HEADER",
			"SizeRestrictions_QUERYSTRING", "SizeRestrictions_Cookie_HEADER", "SizeRestrictions_BODY",
			"SizeRestrictions_URIPATH",
			"EC2MetaDataSSRF_BODY", "EC2MetaDataSSRF_COOKIE", "EC2MetaDataSSRF_URIPATH", "EC2MetaDataSSRF_QUERYARGUMENTS",
			"GenericLFI_QUERYARGUMENTS", "GenericLFI_URIPATH", "GenericLFI_BODY",
			"RestrictedExtensions_URIPATH", "RestrictedExtensions_QUERYARGUMENTS",
			"GenericRFI_QUERYARGUMENTS", "GenericRFI_BODY", "GenericRFI_URIPATH",
			"CrossSiteScripting_COOKIE", "CrossSiteScripting_QUERYARGUMENTS", "CrossSiteScripting_BODY",
			"CrossSiteScripting_URIPATH",
		},
		// All that look at bodies: a prompt is often over 8 KB, or quotes paths, URLs or scripts.
		counted: []string{"SizeRestrictions_BODY", "EC2MetaDataSSRF_BODY", "GenericLFI_BODY", "GenericRFI_BODY",
			"CrossSiteScripting_BODY"},
	},
}

// RuleGroups returns the managed rule groups, in the order in which they are applied.
func (w Firewall) RuleGroups() []RuleGroup {
	var groups []RuleGroup
	for _, g := range ruleGroups {
		group := RuleGroup{Name: g.name}
		for _, rule := range g.rules {
			if slices.Contains(g.counted, rule) || slices.Contains(w.CountedRules, rule) {
				group.Counted = append(group.Counted, rule)
			}
		}
		groups = append(groups, group)
	}
	return groups
}

// managedRules are the rules of all groups.
func managedRules() []string {
	var rules []string
	for _, g := range ruleGroups {
		rules = append(rules, g.rules...)
	}
	return rules
}

func checkCounted(r *declare.Report, at declare.Path, rules []string) {
	again := repeated(rules, exactly)
	for _, i := range again {
		r.Must(ruleCountedRules, at.Index(i), "must not repeat %q", rules[i])
	}
	for i, rule := range rules {
		for _, g := range ruleGroups {
			if slices.Contains(g.counted, rule) && !slices.Contains(again, i) {
				r.Warn(ruleHasEffect, at.Index(i), "has no effect: %s counts anyway", rule)
			}
		}
	}
}
