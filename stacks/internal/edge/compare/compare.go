// Package compare tells for which requests two versions of a distribution differ.
package compare

import (
	"cmp"
	"crypto/sha256"
	"crypto/x509"
	"fmt"
	"maps"
	"slices"
	"strings"

	"ml-api-accelerator/stacks/internal/edge"
	"ml-api-accelerator/stacks/internal/edge/text"
)

// Difference is which requests are treated differently, and how.
type Difference struct{ Environment, Requests, Before, After string }

// Compare tells for whom something changes between two versions of the environments: which of the given requests, and of those
// of the samples, are treated differently.
func Compare(before, after map[string]*edge.Distribution, given map[string][]edge.Request) []Difference {
	var list []Difference
	for _, name := range names(before, after) {
		switch {
		case before[name] == nil:
			list = append(list, Difference{name, everyRequest, "no such environment", "served"})
		case after[name] == nil:
			list = append(list, Difference{name, everyRequest, "served", "no such environment"})
		default:
			list = append(list, compare(name, before[name], after[name], given[name])...)
		}
	}
	return list
}

// names are the keys of both maps in order.
func names[M ~map[string]V, V any](before, after M) []string {
	either := slices.AppendSeq(slices.Collect(maps.Keys(before)), maps.Keys(after))
	slices.Sort(either)
	return slices.Compact(either)
}

const everyRequest = "every request"

// change is one property that differs, as people read it.
type change struct{ before, after string }

func compare(name string, before, after *edge.Distribution, given []edge.Request) []Difference {
	var list []Difference
	if changes := differing(settings(before), settings(after)); len(changes) > 0 {
		list = append(list, row(name, everyRequest, changes))
	}
	tried := append(variants(before, after), asGiven(given)...)
	changed := map[change][]int{} // which of the tried, by what changes for them
	var order []change
	for i, v := range tried {
		for _, c := range differently(before.Decide(v.request), after.Decide(v.request)) {
			if changed[c] == nil {
				order = append(order, c)
			}
			changed[c] = append(changed[c], i)
		}
	}
	for len(order) > 0 {
		who := changed[order[0]]
		same := func(c change) bool { return slices.Equal(changed[c], who) }
		var together []change
		for _, c := range order {
			if same(c) {
				together = append(together, c)
			}
		}
		list = append(list, row(name, describe(tried, who), together))
		order = slices.DeleteFunc(order, same)
	}
	return list
}

func row(name, requests string, changes []change) Difference {
	var before, after []string
	for _, c := range changes {
		before, after = append(before, c.before), append(after, c.after)
	}
	return Difference{name, requests, strings.Join(before, "; "), strings.Join(after, "; ")}
}

// properties are what is compared, by names that make sense with "no" before them.
type properties map[string]string

func settings(d *edge.Distribution) properties {
	p := properties{
		"aliases": strings.Join(d.Aliases, ", "), "firewall": when(d.WebACL != "", "on"), "HTTP versions": d.HTTPVersion,
		"countries": strings.TrimSpace(d.GeoType + " " + strings.Join(d.GeoLocations, ", ")),
	}
	for status, e := range d.Errors {
		if e.ResponsePage != "" {
			p[fmt.Sprintf("page for %d", status)] = fmt.Sprintf("%s with %d", e.ResponsePage, cmp.Or(e.ResponseCode, status))
		}
	}
	return p
}

// differently is how two decisions about a request differ.
func differently(before, after edge.Decision) []change {
	if before.Answer != nil || after.Answer != nil {
		if was, is := gist(before), gist(after); was != is {
			return []change{{was, is}}
		}
	}
	return differing(treatment(before), treatment(after))
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

func treatment(d edge.Decision) properties {
	p := properties{}
	for h := range d.Response.Added {
		p[h.Name+" in the answer"] = h.Value + when(!h.Override, ", unless the origin says otherwise")
	}
	if d.Answer != nil {
		return p
	}
	b := d.Behavior
	for name, value := range d.Origin.Headers {
		p[name+" to the origin"] = cmp.Or(when(value == d.Request.Headers[name], "as sent"), value)
	}
	for name := range d.Cache.Key.Headers {
		p[name+" in the key"] = "as sent"
	}
	for _, f := range b.Functions {
		p["function on "+f.Event] = f.Name + " " + fingerprint(fmt.Append(nil, f))
	}
	if strings.Contains(d.Request.URL, "?") {
		p["query in the key"], p["query beside the key"] = b.CachePolicy.Query.String(), b.OriginRequestPolicy.Query.String()
	}
	var keys []string
	for _, key := range b.Keys {
		text, _ := x509.MarshalPKIXPublicKey(key)
		keys = append(keys, fingerprint(text))
	}
	if cors := b.ResponseHeadersPolicy.CORS; cors != nil {
		p["pages that may read the answer"] = "of " + strings.Join(cors.Origins, ", ")
	}
	maps.Copy(p, properties{
		"origin": server(d), "path": d.Cache.Key.Path, "host to the origin": d.Origin.Host, "waiting": text.Waiting(d.Origin),
		"connection": fmt.Sprintf("kept for %d s", b.Origin.KeepaliveTimeout),
		"failover":   text.Failover(d.Origin.Failover), "caching": text.Keeping(d), "caching of errors": text.Errors(d.Response),
		"cookies in the key": b.CachePolicy.Cookies.String(), "cookies beside the key": b.OriginRequestPolicy.Cookies.String(),
		"compression": when(b.Compress, "on"), "gRPC": when(b.GRPC, "on"), "HTTP": b.ViewerProtocol,
		"signature":       when(len(keys) > 0, "by key "+strings.Join(keys, " or ")),
		"removed headers": strings.Join(b.ResponseHeadersPolicy.Removes, ", "),
	})
	return p
}

func fingerprint(text []byte) string { return fmt.Sprintf("%x", sha256.Sum256(text))[:8] }

func differing(before, after properties) []change {
	var changes []change
	for _, name := range names(before, after) {
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

func when(condition bool, text string) string {
	if condition {
		return text
	}
	return ""
}
