package compare

import (
	"cmp"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strings"

	"ml-api-accelerator/stacks/internal/edge"
	"ml-api-accelerator/stacks/internal/edge/text"
	"ml-api-accelerator/stacks/internal/edge/webacl"
	"ml-api-accelerator/stacks/internal/shared/names"
)

// change is one property that differs, as people read it.
type change struct{ before, after string }

// properties are what is compared, by names that make sense with "no" before them.
type properties map[string]string

func differing(before, after properties) []change {
	if maps.Equal(before, after) {
		return nil // as nearly always
	}
	var changes []change
	for _, name := range either(before, after) {
		if before[name] != after[name] {
			changes = append(changes, change{before.say(name), after.say(name)})
		}
	}
	return changes
}

func (p properties) say(name string) string {
	if p[name] == "" {
		return "no " + name
	}
	return name + ": " + p[name]
}

// settings are the same for every request.
func settings(d *edge.Distribution) properties {
	p := properties{
		"aliases": strings.Join(d.Aliases, ", "), "firewall": when(d.WebACL != "", "on"),
		"HTTP versions":             d.HTTPVersion,
		"blocked addresses":         listOf(d.Addresses.Blocked()),
		"addresses past all limits": listOf(d.Addresses.Bypasses()),
		"countries":                 strings.TrimSpace(d.GeoType + " " + strings.Join(d.GeoLocations, ", ")),
	}
	for _, b := range d.Behaviors {
		if f := b.Function; f != nil && f.Canary != nil {
			p["canary"] = fmt.Sprintf("%s for %d %% of the callers", f.Canary.Domain, f.CanaryPercent)
		}
	}
	for status, e := range d.Errors {
		if e.ResponsePage != "" {
			p[fmt.Sprintf("page for %d", status)] = fmt.Sprintf("%s with %d", e.ResponsePage,
				cmp.Or(e.ResponseCode, status))
		}
	}
	for _, u := range d.Unread {
		p["override of "+u.Address+"."+u.Argument] = inJSON(u.Value)
	}
	return p
}

// inJSON is what an override sets, which nobody here can read.
func inJSON(value any) string {
	if value == nil {
		return "" // as where nothing is said
	}
	var text strings.Builder
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	_ = encoder.Encode(value) // it was decoded from JSON
	return strings.TrimSpace(text.String())
}

// comparison keeps how behaviors differ, since many requests meet the same ones.
type comparison struct {
	told  []string // the headers in which a function is told of a caller, or tells, or adds a credential
	known map[[2]met][]change
}

// met is a behavior, with the origin that a function may have chosen.
type met struct {
	route  string
	origin *edge.Origin
}

// newComparison is one of two distributions.
func newComparison(before, after *edge.Distribution) comparison {
	c := comparison{known: map[[2]met][]change{}}
	if before.HasFunctions() || after.HasFunctions() {
		c.told = slices.Concat(keyHeaders(before, after), before.CredentialHeaders(), after.CredentialHeaders(),
			[]string{edge.CallerHeader, edge.CanaryHeader})
	}
	return c
}

// differently is how two decisions about a request differ.
func (c comparison) differently(before, after edge.Decision) []change {
	if before.Answer != nil || after.Answer != nil {
		if was, is := gist(before), gist(after); was != is {
			return []change{{was, is}}
		}
		return differing(added(before), added(after))
	}
	both := [2]met{{before.Route, before.Behavior.Origin}, {after.Route, after.Behavior.Origin}}
	changes, known := c.known[both]
	if !known {
		named := slices.DeleteFunc(namedHeaders(before.Behavior, after.Behavior),
			func(name string) bool { return slices.Contains(c.told, name) })
		changes = differing(behavior(before.Behavior, named), behavior(after.Behavior, named))
		c.known[both] = changes
	}
	was, is := c.treatment(before), c.treatment(after)
	if !maps.Equal(before.Response.ErrorSeconds, after.Response.ErrorSeconds) {
		was["caching of errors"], is["caching of errors"] = text.Errors(before.Response), text.Errors(after.Response)
	}
	return append(differing(was, is), changes...)
}

func gist(d edge.Decision) string {
	if d.Answer != nil {
		return text.Verdict(d)
	}
	return fmt.Sprintf("goes to %s, %s", server(d), text.Keeping(d))
}

// server is where the request goes, without what it asks for.
func server(d edge.Decision) string {
	url, _, _ := strings.Cut(d.Origin.URL, "?")
	return strings.TrimSuffix(url, d.Cache.Key.Path)
}

func added(d edge.Decision) properties {
	p := properties{"limit on addresses": letIn(d)}
	for h := range d.Response.Added {
		p[h.Name+" in the answer"] = h.Value + when(!h.Override, ", unless the origin says otherwise")
	}
	return p
}

// treatment is what differs between the requests that meet one behavior.
func (c comparison) treatment(d edge.Decision) properties {
	p, b := added(d), d.Behavior
	p["origin"], p["path"], p["host to the origin"] = server(d), d.Cache.Key.Path, d.Origin.Host
	p["failover"], p["caching"] = text.Failover(d.Origin.Failover), text.Keeping(d)
	if there := text.ThereInstead(d.Origin); len(there) > 0 {
		p["failover"] += " (" + strings.Join(there, ", ") + ")"
	}
	if strings.Contains(d.Request.URL, "?") {
		p["query in the key"], p["query beside the key"] = b.CachePolicy.Query.String(),
			b.OriginRequestPolicy.Query.String()
	}
	for _, name := range c.told {
		p[name+" to the origin"] = told(d, name)
	}
	return p
}

// told is what the origin learns in a header that a function may have set.
func told(d edge.Decision, name string) string {
	switch value := d.Origin.Headers[name]; {
	case value.String() == "":
		return ""
	case value.Kind == edge.CallerKey, value == edge.Plain(d.Request.Headers[name]):
		return "as sent"
	case d.Function != nil && value == edge.Plain(d.Function.Caller):
		return "the caller's name"
	default:
		return value.String()
	}
}

// behavior is what is the same for all requests that meet it.
func behavior(b *edge.Behavior, headers []string) properties {
	p := properties{
		"connection":             fmt.Sprintf("kept for %d s", b.Origin.KeepaliveTimeout),
		"waiting":                strings.TrimPrefix(text.Waiting(b.Origin), "waits "),
		"cookies in the key":     b.CachePolicy.Cookies.String(),
		"cookies beside the key": b.OriginRequestPolicy.Cookies.String(),
		"compression":            when(b.Compress, "on"),
		"encodings in the key":   strings.Join(b.CachePolicy.Encodings("br, gzip"), ", "),
		"gRPC":                   when(b.GRPC, "on"), "HTTP": b.ViewerProtocol, "signature": signers(b),
		"removed headers": strings.Join(b.ResponseHeadersPolicy.Removes, ", "),
	}
	for _, name := range headers {
		p[name+" to the origin"] = cmp.Or(b.Origin.CustomHeaders[name].String(), when(b.Forwards(name), "as sent"))
	}
	for _, name := range b.CachePolicy.Headers.Names {
		p[name+" in the key"] = "as sent"
		if b.Function != nil && (name == edge.CallerHeader || name == edge.CanaryHeader) {
			p[name+" in the key"] = "as the edge sets it"
		}
	}
	if cors := b.ResponseHeadersPolicy.CORS; cors != nil {
		p["pages that may read the answer"] = "of " + strings.Join(cors.Origins, ", ")
	}
	return p
}

// code tells of functions of which only the code differs: who would see it isn't known.
func code(before, after *edge.Function) []change {
	said := func(f *edge.Function) properties {
		return properties{"function": f.Name + " " + names.Fingerprint(f.Code)}
	}
	return differing(said(before), said(after))
}

// namedHeaders are those that policies of the behaviors name and those that are the origin's, and all others as one.
func namedHeaders(behaviors ...*edge.Behavior) []string {
	list := []string{"other headers"}
	for _, b := range behaviors {
		list = slices.Concat(list, b.CachePolicy.Headers.Names, b.OriginRequestPolicy.Headers.Names)
		for name := range b.Origin.CustomHeaders {
			list = append(list, name)
		}
	}
	list = slices.DeleteFunc(list, func(name string) bool { return name == "Host" }) // it is said by its value
	slices.Sort(list)
	return slices.Compact(list)
}

func signers(b *edge.Behavior) string {
	var keys []string
	for _, key := range b.Keys {
		der, _ := x509.MarshalPKIXPublicKey(key)
		keys = append(keys, names.Fingerprint(string(der)))
	}
	return when(len(keys) > 0, "by key "+strings.Join(keys, " or "))
}

// letIn says from where a request must come; empty: from anywhere that isn't blocked.
func letIn(d edge.Decision) string {
	allowed := d.AllowedIPs()
	switch {
	case allowed == nil:
		return ""
	case len(allowed) == 0:
		return text.From(d)
	}
	return "only " + listOf(allowed)
}

// listOf are ranges of addresses; empty: there are none.
func listOf(ranges []netip.Prefix) string {
	if len(ranges) == 0 {
		return ""
	}
	all := slices.Clone(ranges)
	slices.SortFunc(all, func(a, b netip.Prefix) int { return cmp.Or(a.Addr().Compare(b.Addr()), a.Bits()-b.Bits()) })
	said := webacl.Text(all)
	if len(all) > webacl.MostShown {
		said += " " + names.Fingerprint(fmt.Sprint(all)) // of the rest as well
	}
	return said
}

func when(condition bool, text string) string {
	if condition {
		return text
	}
	return ""
}
