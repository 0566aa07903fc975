package cli

import (
	"cmp"
	"fmt"
	"io"
	"net/netip"
	"strings"

	"ml-api-accelerator/stacks/config"
	"ml-api-accelerator/stacks/config/declare"
	"ml-api-accelerator/stacks/internal/edge"
	"ml-api-accelerator/stacks/internal/edge/explain"
	"ml-api-accelerator/stacks/internal/edge/webacl"
	"ml-api-accelerator/stacks/internal/local/serve"
	"ml-api-accelerator/stacks/internal/shared/format"
)

// notSimulated is what takes AWS to be seen.
const notSimulated = "not simulated: AWS's managed rules, geo restriction, cache eviction, HTTP/3, more than one edge location"

// introduce says what is served, and what isn't.
func introduce(out io.Writer, d *edge.Distribution, server *serve.Server, o serve.Options) {
	fmt.Fprint(out, explain.Table(explain.Routes(d)))
	fmt.Fprintln(out, notSimulated)
	if here := tellAddresses(d, o.From); here != "" {
		fmt.Fprintln(out, here)
	}
	if limits := tellLimits(o.Firewall); limits != "" {
		fmt.Fprintln(out, limits)
	}
	for _, missing := range server.Missing() {
		fmt.Fprintln(out, missing)
	}
	for _, secret := range server.Unknown() {
		fmt.Fprintf(out, "the secret %[1]s isn't known, and is sent as (secret %[1]s): give it with --secret %[1]s=VALUE\n", secret)
	}
	for _, name := range server.Lacking() {
		fmt.Fprintf(out, "the credential of %[1]s isn't known, and its callers are answered 503: give it with --credential %[1]s=VALUE\n", name)
	}
}

// tellAddresses says that the firewall refuses callers on this machine, everywhere or at some routes; empty: it doesn't.
func tellAddresses(d *edge.Distribution, from netip.Addr) string {
	who, given := "callers from "+from.String(), from.IsValid()
	if !given {
		from = netip.AddrFrom4([4]byte{127, 0, 0, 1})
		who = "callers on this machine, from " + from.String() + ","
	}
	next := func(path string) string {
		if given {
			return ""
		}
		return "; --from " + insider(d, path) + " makes them come from elsewhere"
	}
	if verdict := d.Addresses.Judge(from, "/"); verdict.Blocked {
		if allowed := d.Addresses.Allowed("/"); allowed != nil {
			return fmt.Sprintf("%s are answered 403 by the firewall: %s%s", who, webacl.Only(allowed), next("/"))
		}
		return fmt.Sprintf("%s are answered 403 by the firewall's rule %s%s", who, verdict.Rule, next("/"))
	}
	var paths []string
	first := ""
	for _, b := range d.Behaviors {
		path := "/" + strings.NewReplacer("*", "x", "?", "x").Replace(strings.TrimPrefix(b.Path, "/"))
		if d.Addresses.Judge(from, path).Blocked {
			paths, first = append(paths, b.Path), cmp.Or(first, path)
		}
	}
	if len(paths) == 0 {
		return ""
	}
	return fmt.Sprintf("%s are answered 403 by the firewall at %s%s", who, declare.Listed(paths, "and"), next(first))
}

// insider is an address from which a request for a path gets in.
func insider(d *edge.Distribution, path string) string {
	for _, p := range d.Addresses.Allowed(path) {
		if !d.Addresses.Judge(p.Addr(), path).Blocked {
			return p.Addr().String()
		}
	}
	return "ADDRESS"
}

// tellLimits says how many requests each caller may send, and what AWS WAF makes of that (AWS WAF Developer Guide,
// Rate-based rule caveats).
func tellLimits(w config.Firewall) string {
	switch {
	case w.WebACLARN != "":
		return "no limit holds here: the rules of firewall.webACLArn aren't known"
	case !w.Enabled:
		return ""
	}
	by := "IP address"
	if w.LimitHeader() != "" {
		by = "value of " + w.LimitBy
	}
	limits := format.Thousands(w.RequestsPer5Minutes)
	for _, limit := range w.Limits {
		limits += fmt.Sprintf(", %s to %s", format.Thousands(limit.RequestsPer5Minutes), limit.Path)
	}
	return fmt.Sprintf("limits in 5 minutes for each %s: %s; AWS WAF only estimates them, mostly half a minute late, and up to some minutes", by, limits)
}
