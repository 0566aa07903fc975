package cli

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"ml-api-accelerator/stacks/config"
	"ml-api-accelerator/stacks/config/declare"
	"ml-api-accelerator/stacks/internal/edge"
	"ml-api-accelerator/stacks/internal/edge/webacl"
	"ml-api-accelerator/stacks/internal/local/serve"
	"ml-api-accelerator/stacks/internal/shared/format"
)

// notSimulated is what takes AWS to be seen.
const notSimulated = "not simulated: AWS's managed rules, cache eviction, HTTP/3, more than one edge location"

// introduction says who gets in, and how.
func introduction(d *edge.Distribution, o serve.Options, hint string) []string {
	list := []string{tellCountries(d, o.Country), tellAddresses(d, o.From), tellLimits(o.Firewall), hint}
	return slices.DeleteFunc(list, func(line string) bool { return line == "" })
}

// lacking says which flags would make more of the routes work.
func lacking(server *serve.Server) []string {
	list := server.Missing()
	for _, secret := range server.Unknown() {
		list = append(list, fmt.Sprintf(
			"the secret %[1]s isn't known, and is sent as (secret %[1]s): give it with --secret %[1]s=VALUE", secret))
	}
	for _, name := range server.Lacking() {
		list = append(list, fmt.Sprintf("the credential of %[1]s isn't known, and its callers are answered 503: "+
			"give it with --credential %[1]s=VALUE", name))
	}
	return list
}

// tellCountries says what geographic restrictions make of callers here; empty: nothing that they'd notice.
func tellCountries(d *edge.Distribution, country string) string {
	countries := strings.Join(d.GeoLocations, ", ")
	which := "in all countries but " + countries
	if d.GeoType == "whitelist" {
		which = "in only " + countries
	}
	switch {
	case country != "" && !d.LetsIn(country):
		return fmt.Sprintf("callers from %s are answered 403: distribution.geoRestriction lets %s", country, which)
	case country == "" && d.RestrictsCountries():
		return fmt.Sprintf("distribution.geoRestriction lets %s, and callers whose country isn't known, as here; "+
			"--country CODE makes them come from one", which)
	}
	return ""
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
