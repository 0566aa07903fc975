// Package webacl knows the rules of a web ACL that go by addresses and paths, and judges requests by them. Limits and
// AWS's managed rules aren't part of it.
package webacl

import (
	"fmt"
	"net/netip"
	"regexp"
	"slices"
	"strings"
)

// ACL has the rules of a web ACL that go by addresses and paths, in their order. A nil one has none.
type ACL struct{ Rules []Rule }

// Rule matches requests from some addresses, from outside others, for some paths, or what it has of these together.
type Rule struct {
	Name    string
	Blocks  bool           // or else it lets in past all rules below
	In      []netip.Prefix // nil: it doesn't ask
	Outside []netip.Prefix // nil: it doesn't ask
	Path    *Path          // nil: it doesn't ask
}

// Path is a text of which the paths that a rule is about have a part.
type Path struct {
	Expression      *regexp.Regexp
	Transformations []string
}

func (p *Path) matches(path string) bool {
	for _, kind := range p.Transformations {
		path = transformations[kind](path)
	}
	return p.Expression.MatchString(path)
}

// Verdict is what becomes of a request. Where no rule says anything, the rest of the web ACL decides.
type Verdict struct {
	Rule    string // that matches; empty: none does
	Blocked bool
}

// Judge returns what the rules say of a request. From an address that isn't known, it is judged as one that gets in.
func (a *ACL) Judge(ip netip.Addr, path string) Verdict {
	if a == nil {
		return Verdict{}
	}
	ip = ip.Unmap()
	for _, rule := range a.Rules {
		if rule.matches(ip, path) {
			return Verdict{rule.Name, rule.Blocks}
		}
	}
	return Verdict{}
}

func (r Rule) matches(ip netip.Addr, path string) bool {
	switch asksForAddress := r.In != nil || r.Outside != nil; {
	case asksForAddress && !ip.IsValid():
		return false
	case r.In != nil && !has(r.In, ip):
		return false
	case r.Outside != nil && has(r.Outside, ip):
		return false
	}
	return r.Path == nil || r.Path.matches(path)
}

func has(ranges []netip.Prefix, ip netip.Addr) bool {
	return slices.ContainsFunc(ranges, func(p netip.Prefix) bool { return p.Contains(ip) })
}

// Allowed returns the ranges that a request for a path must come from to get in; nil: from anywhere, and none: nobody
// gets in. Of what is blocked besides it says nothing.
func (a *ACL) Allowed(path string) []netip.Prefix {
	if a == nil {
		return nil
	}
	var allowed []netip.Prefix
	for _, rule := range a.Rules {
		switch {
		case !rule.Blocks || rule.Outside == nil || rule.Path != nil && !rule.Path.matches(path):
		case allowed == nil:
			allowed = rule.Outside
		default:
			allowed = inBoth(allowed, rule.Outside)
		}
	}
	return allowed
}

// inBoth are the ranges that are in both lists: of two that overlap, one is within the other.
func inBoth(a, b []netip.Prefix) []netip.Prefix {
	both := []netip.Prefix{}
	for _, one := range a {
		for _, other := range b {
			switch {
			case !one.Overlaps(other):
			case one.Bits() >= other.Bits():
				both = append(both, one)
			default:
				both = append(both, other)
			}
		}
	}
	return both
}

// Blocked returns the ranges that are blocked whatever is asked for.
func (a *ACL) Blocked() []netip.Prefix { return a.listed(true) }

// Bypasses returns the ranges to which no rule below applies.
func (a *ACL) Bypasses() []netip.Prefix { return a.listed(false) }

func (a *ACL) listed(blocked bool) []netip.Prefix {
	var list []netip.Prefix
	if a != nil {
		for _, rule := range a.Rules {
			if rule.Blocks == blocked && rule.Path == nil {
				list = append(list, rule.In...)
			}
		}
	}
	return list
}

// MostShown is how many ranges a person wants to read.
const MostShown = 5

// Only says who gets in.
func Only(ranges []netip.Prefix) string {
	if len(ranges) > 1 {
		return "only " + Text(ranges) + " get in"
	}
	return "only " + Text(ranges) + " gets in"
}

// Text is ranges as a person reads them.
func Text(ranges []netip.Prefix) string {
	if len(ranges) == 0 {
		return "nowhere"
	}
	var list []string
	for _, p := range ranges[:min(len(ranges), MostShown)] {
		list = append(list, p.String())
	}
	text := strings.Join(list, ", ")
	if more := len(ranges) - MostShown; more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	return text
}
