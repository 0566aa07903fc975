package config

import (
	"cmp"
	"net/netip"
	"regexp"
	"slices"
	"strings"

	"ml-api-accelerator/stacks/config/declare"
	"ml-api-accelerator/stacks/internal/shared/cloudfront"
	"ml-api-accelerator/stacks/internal/shared/names"
)

// AllowedPath is a path that only some addresses get at.
type AllowedPath struct {
	Name       string // of the firewall's rule and its metric
	Ranges     []string
	Expression string // of the paths, as AWS WAF compares them after decoding
}

// AllowedPaths are those of the routes and buckets that have allowedIPs.
func (e Environment) AllowedPaths() []AllowedPath {
	var list []AllowedPath
	for _, b := range e.Behaviors() {
		if len(b.AllowedIPs) > 0 && b.Path != "" {
			list = append(list, AllowedPath{
				Name: names.AllowedPath(normal(b.Path)), Ranges: b.AllowedIPs, Expression: e.guarded(b.Path),
			})
		}
	}
	return list
}

// AmbiguousPath is an expression of the decoded paths that servers read in several ways, so that no rule on paths can
// be sure of them: with dot segments (also before parameters, /..;/), parameters without a segment, backslashes,
// control characters, and codes that are left although it was decoded twice. No client sends these by itself.
const AmbiguousPath = `/(?:;|\.\.?(?:[/;?#]|$))|\\|[\x00-\x1f\x7f]|%(?:u[0-9a-f]{4}|[0-9a-f]{2})`

// guarded is an expression of all decoded paths in lower case that CloudFront, or a backend that is less exact, may take
// for one of a pattern. It matches too much rather than too little, and all that is in AmbiguousPath is refused before.
// Slashes may be repeated, and segments have parameters (/admin;a=b/x). The end may have a slash, parameters and what
// was an encoded ? or #; /admin/* is also /admin. A ? is a *, since it may stand for a part of a code (GUESSES.md of
// package edge); for the same reason hexadecimal digits after a * aren't compared.
func (e Environment) guarded(pattern string) string {
	const anything, slash = `[\s\S]*`, `(?:;[^/]*)?/+`
	path, end := strings.ReplaceAll(folded(pattern), "?", "*"), `/*(?:[;?#]|$)`
	if below, whole := strings.CutSuffix(path, "/*"); whole {
		path, end = below, `(?:[/;?#]|$)`
	} else if begin, open := strings.CutSuffix(path, "*"); open {
		path, end = begin+"*", ""
	}
	path = strings.TrimRight(path, "/")
	var text strings.Builder
	text.WriteString("^/+")
	for i, literal := range strings.Split(path, "*") {
		if i > 0 {
			if !strings.HasSuffix(text.String(), anything) {
				text.WriteString(anything)
			}
			literal = strings.TrimLeft(literal, "0123456789abcdef")
		}
		text.WriteString(strings.NewReplacer("/", slash, `\+`, "[ +]").Replace(regexp.QuoteMeta(literal)))
	}
	text.WriteString(end)
	expression := strings.TrimSuffix(text.String(), anything)
	// CloudFront chooses the route of / by the default root object.
	if root := e.Distribution.DefaultRootObject; root != "" && cloudfront.Match(normal(pattern), normal(root)) {
		expression += `|^/+$`
	}
	return expression
}

// mostReferences is the most statements of a web ACL that refer to IP sets or rule groups; AWS doesn't raise it (AWS WAF
// Developer Guide, Quotas).
const mostReferences = 50

// references is how many there are in the web ACL.
func (e Environment) references() int {
	return len(e.Firewall.RuleGroups()) + e.ipSets()
}

// ipSets is how many the environment makes: one for each list and version of IP. Each is referred to once.
func (e Environment) ipSets() int {
	if !e.Firewall.Enabled {
		return 0
	}
	n := 0
	lists := [][]string{e.Firewall.AllowedIPs, e.Firewall.BlockedIPs}
	for _, path := range e.AllowedPaths() {
		lists = append(lists, path.Ranges)
	}
	for _, ranges := range lists {
		n += setsOf(ranges)
	}
	return n
}

// setsOf is how many IP sets a list takes, each of which has one version of IP.
func setsOf(ranges []string) int {
	v4, v6 := ByIPVersion(ranges)
	return min(1, len(v4)) + min(1, len(v6))
}

// WebACLRules is how many rules a web ACL made here has; one of AWS's managed groups counts as one.
func (e Environment) WebACLRules() int {
	w := e.Firewall
	path, whole := w.rateRules()
	n := len(w.RuleGroups()) + len(w.Limits)*path + whole + setsOf(w.BlockedIPs)
	if w.OnlyAllowedIPs {
		n++
	} else {
		n += setsOf(w.AllowedIPs)
	}
	if paths := len(e.AllowedPaths()); paths > 0 {
		n += paths + 1 // that of ambiguous paths
	}
	return n
}

// checkAddresses checks the lists that let in nobody else.
func (e Environment) checkAddresses(r *declare.Report, at declare.Path) {
	w, firewall := e.Firewall, at.Field("firewall")
	allowed, blocked := parsedRanges(w.AllowedIPs), parsedRanges(w.BlockedIPs)
	if w.OnlyAllowedIPs {
		switch {
		case w.WebACLARN != "": // F1 says so
		case !w.Enabled:
			r.Must(ruleAllowedOnly, firewall.Field("onlyAllowedIPs"),
				`needs "enabled": true: without a web ACL everyone gets in`)
		case len(w.AllowedIPs) == 0:
			r.Must(ruleAllowedOnly, firewall.Field("onlyAllowedIPs"), "needs allowedIPs: without them nobody gets in")
		case allPrivate(allowed):
			r.Must(ruleAllowedOnly, firewall.Field("allowedIPs"), onlyPrivate)
		}
		e.checkIPv6(r, firewall.Field("allowedIPs"), w.AllowedIPs)
		for i, b := range blocked {
			if b.IsValid() && !overlaps(b, allowed) {
				r.Warn(ruleHasEffect, firewall.Field("blockedIPs").Index(i),
					"has no effect: with onlyAllowedIPs, %s is blocked anyway", b)
			}
		}
	}
	behaviors := e.Behaviors()
	for i, b := range behaviors {
		if b.AllowedIPs != nil {
			e.checkAllowedPath(r, at, behaviors[:i+1], allowed, blocked)
		}
	}
	if w.Enabled {
		overQuota(r, ruleIPSets, firewall, e.references(), mostReferences,
			" IP sets and managed rule groups (a list makes a set for IPv4 and one for IPv6)", "")
	}
}

const onlyPrivate = "must have a public range: CloudFront sees public addresses only, so with these nobody gets in"

// checkAllowedPath checks the list of the last of some behaviors against those of the firewall.
func (e Environment) checkAllowedPath(
	r *declare.Report, environment declare.Path, behaviors []Behavior, allowed, blocked []netip.Prefix,
) {
	b, w := behaviors[len(behaviors)-1], e.Firewall
	at := environment.Join(b.at)
	list := at.Field("allowedIPs")
	if b.Path == "" {
		r.Must(ruleAllowedPaths, list, `must be absent with path "/*", where it would be for all paths, those of the API too: `+
			"firewall.onlyAllowedIPs is for that")
		return
	}
	switch {
	case w.WebACLARN != "":
		r.Must(ruleAllowedOnly, list, "must be absent with firewall.webACLArn: a given web ACL has its own rules")
	case !w.Enabled:
		r.Must(ruleAllowedOnly, list, `needs "enabled": true in firewall: without a web ACL everyone gets in`)
	case len(b.AllowedIPs) == 0:
		r.Must(ruleAllowedOnly, list, "must have a range: with none, nobody gets in; leave it out to let everyone in")
	}
	ranges := checkRanges(r, list, b.AllowedIPs)
	if allPrivate(ranges) {
		r.Must(ruleAllowedOnly, list, onlyPrivate)
	}
	checkNotBlocked(r, list, ranges, blocked)
	if !w.OnlyAllowedIPs || slices.ContainsFunc(w.AllowedIPs, isIPv6) {
		e.checkIPv6(r, list, b.AllowedIPs)
	}
	if w.OnlyAllowedIPs && len(allowed) > 0 && !allPrivate(ranges) {
		checkWithin(r, list, ranges, allowed, blocked)
	}
	expression := e.guarded(b.Path)
	if stars := strings.Count(expression, `[\s\S]*`); stars > mostWildcards {
		r.Must(ruleAllowedPaths, at.Field("path"),
			"must have at most %d * and ? with allowedIPs, got %d: AWS WAF refuses expressions with many", mostWildcards, stars)
	}
	if len(expression) > mostPathText {
		r.Must(ruleAllowedPaths, at.Field("path"),
			"must make an expression of at most %d characters for AWS WAF with allowedIPs, got %d: shorten the path",
			mostPathText, len(expression))
	}
	e.compareAllowedPath(r, list, behaviors)
	e.checkBelow(r, at.Field("path"), b.Path, "has allowedIPs", func(other Behavior) bool { return other.AllowedIPs != nil })
}

// checkBelow warns of a path that is protected alone, where others are nearly always below it.
func (e Environment) checkBelow(r *declare.Report, at declare.Path, pattern, by string, protects func(Behavior) bool) {
	path := "/" + normal(pattern)
	covered := slices.ContainsFunc(e.Behaviors(), func(other Behavior) bool { return protects(other) && covers(other.Path, path+"/x") })
	if alone.MatchString(path) && !strings.HasSuffix(path, "/") && !covered {
		r.Warn(rulePatternOfPaths, at, "%s for this path alone, and nothing below it, got %q: write %q", by, pattern, path+"*")
	}
}

// compareAllowedPath warns of what the list is also for, and of what it isn't for although it reaches the same.
func (e Environment) compareAllowedPath(r *declare.Report, list declare.Path, behaviors []Behavior) {
	own := behaviors[len(behaviors)-1]
	for _, earlier := range behaviors[1 : len(behaviors)-1] {
		if intersect(earlier.Path, own.Path) && !slices.Equal(earlier.AllowedIPs, own.AllowedIPs) {
			r.Warn(ruleAllowedPaths, list, "is for %q as well, as far as %q matches that too: the firewall goes by paths, and "+
				"knows no routes", earlier.Path, own.Path)
		}
	}
	for _, other := range e.Behaviors() {
		same := normal(other.Path) == normal(own.Path) && other.Path != ""
		if same || other.Origin != own.Origin || other.Strip == own.Strip || covers(own.Path, other.Path) && other.Path != "" {
			continue
		}
		if slices.Equal(other.AllowedIPs, own.AllowedIPs) {
			continue
		}
		if intersect(other.SeenByOrigin(), own.SeenByOrigin()) {
			r.Warn(ruleAllowedPaths, list, "isn't for %s, which leads to the same paths of %s by strip: give it the same list",
				other.at, own.Origin)
		}
	}
}

// checkIPv6 warns of a list that refuses all callers who come by IPv6, as nearly all do who can.
func (e Environment) checkIPv6(r *declare.Report, at declare.Path, ranges []string) {
	if e.Distribution.IPv6 && len(ranges) > 0 && !slices.ContainsFunc(ranges, isIPv6) {
		r.Warn(ruleAllowedIPv6, at, "has no IPv6 range, but CloudFront answers on IPv6 as well, by which callers come who have "+
			"it: add their ranges, or set distribution.ipv6 to false")
	}
}

func isIPv6(text string) bool {
	p, err := netip.ParsePrefix(text)
	return err == nil && p.Addr().Is6()
}

// parsedRanges returns what ranges are; a wrong one, of which checkRanges tells, is the zero Prefix.
func parsedRanges(ranges []string) []netip.Prefix {
	list := make([]netip.Prefix, len(ranges))
	for i, text := range ranges {
		if p, err := netip.ParsePrefix(text); err == nil && p.Bits() > 0 {
			list[i] = p.Masked()
		}
	}
	return list
}

// checkNotBlocked refuses what is let in and within what is blocked, which wins. What is blocked may be a part of what
// is let in: an exception.
func checkNotBlocked(r *declare.Report, at declare.Path, allowed, blocked []netip.Prefix) {
	for i, a := range allowed {
		by := covering(a, blocked)
		switch len(by) {
		case 0:
		case 1:
			r.Must(ruleIPRanges, at.Index(i), "must not be within blockedIPs[%d] (%s), which wins, got %s", by[0], blocked[by[0]], a)
		case 2:
			r.Must(ruleIPRanges, at.Index(i), "must not be within blockedIPs[%d] (%s) and blockedIPs[%d] (%s) together, which win, "+
				"got %s", by[0], blocked[by[0]], by[1], blocked[by[1]], a)
		default:
			r.Must(ruleIPRanges, at.Index(i), "must not be within %d ranges of blockedIPs together, of which blockedIPs[%d] (%s) is "+
				"the first and which win, got %s", len(by), by[0], blocked[by[0]], a)
		}
	}
}

// checkWithin compares a list with the one of those who get in anywhere.
func checkWithin(r *declare.Report, at declare.Path, ranges, allowed, blocked []netip.Prefix) {
	open := slices.DeleteFunc(slices.Clone(ranges), func(p netip.Prefix) bool { return isCovered(p, blocked) })
	if len(open) > 0 && !anyone(open, allowed, blocked) {
		r.Must(ruleAllowedOnly, at, "must have a range within firewall.allowedIPs that isn't blocked: with "+
			"firewall.onlyAllowedIPs, nobody gets in by these")
		return
	}
	for i, p := range ranges {
		if p.IsValid() && !overlaps(p, allowed) {
			r.Warn(ruleHasEffect, at.Index(i),
				"has no effect: firewall.onlyAllowedIPs lets in nobody outside firewall.allowedIPs, got %s", p)
		}
	}
}

// covering returns the indexes of the ranges that have all of a range in them, alone or together; none: a part of it is
// in none.
func covering(p netip.Prefix, ranges []netip.Prefix) (by []int) {
	var parts []netip.Prefix
	for i, other := range ranges {
		switch {
		case isWithin(p, other):
			return []int{i}
		case p.Overlaps(other):
			by, parts = append(by, i), append(parts, other)
		}
	}
	if !isCovered(p, parts) {
		return nil
	}
	return by
}

// isCovered reports whether all of a range is in others, alone or together.
func isCovered(p netip.Prefix, ranges []netip.Prefix) bool {
	if slices.ContainsFunc(ranges, func(other netip.Prefix) bool { return isWithin(p, other) }) {
		return true
	}
	ranges = slices.DeleteFunc(slices.Clone(ranges), func(other netip.Prefix) bool { return !p.Overlaps(other) })
	if len(ranges) == 0 {
		return false
	}
	lower, upper := halves(p)
	return isCovered(lower, ranges) && isCovered(upper, ranges)
}

// halves are those of a range that is more than one address.
func halves(p netip.Prefix) (lower, upper netip.Prefix) {
	bytes := p.Addr().AsSlice()
	bytes[p.Bits()/8] |= 0x80 >> (p.Bits() % 8)
	middle, _ := netip.AddrFromSlice(bytes)
	return netip.PrefixFrom(p.Addr(), p.Bits()+1), netip.PrefixFrom(middle, p.Bits()+1)
}

// anyone reports whether somebody is in both lists, and not blocked. A wrong range, the zero Prefix, may have somebody.
func anyone(ranges, others, blocked []netip.Prefix) bool {
	for _, p := range ranges {
		for _, other := range others {
			if !p.IsValid() || !other.IsValid() {
				return true
			}
			if isWithin(other, p) {
				p, other = other, p
			}
			if isWithin(p, other) && !isCovered(p, blocked) {
				return true
			}
		}
	}
	return false
}

// checkApart refuses ranges of one list that overlap: one of them is a mistake.
func checkApart(r *declare.Report, at declare.Path, ranges []netip.Prefix) {
	order := make([]int, 0, len(ranges))
	for i, p := range ranges {
		if p.IsValid() {
			order = append(order, i)
		}
	}
	slices.SortStableFunc(order, func(i, j int) int {
		a, b := ranges[i], ranges[j]
		return cmp.Or(a.Addr().Compare(b.Addr()), a.Bits()-b.Bits())
	})
	outer := -1 // sorted, a range comes right before those that it has in it
	for _, i := range order {
		if outer >= 0 && ranges[outer].Overlaps(ranges[i]) {
			r.Must(ruleIPRanges, at.Index(max(i, outer)), "must not overlap [%d] of the same list (%s), got %s",
				min(i, outer), ranges[min(i, outer)], ranges[max(i, outer)])
			continue
		}
		outer = i
	}
}
