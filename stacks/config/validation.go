package config

import (
	"strings"

	"golang.org/x/net/publicsuffix"
)

// checkValidation lets only one environment have the record that validates a name. ACM gives an account the same one
// for the name, its wildcard and every certificate for them, and renews none without it (ACM User Guide, DNS validation):
// two environments would make it both, and the one that is destroyed would take it from the other.
func (c Config) checkValidation(r *report) {
	type record struct{ zone, name string }
	type owner struct {
		environment, alias string
		at                 path
	}
	owners := map[record]owner{}
	for _, name := range c.EnvironmentNames() {
		domain := c.Environments[name].Domain
		if domain.HostedZoneID == "" {
			continue // validated elsewhere
		}
		for i, alias := range domain.Aliases {
			at := path{environments, name, "domain", "aliases"}.index(i)
			validated := record{domain.HostedZoneID, strings.TrimPrefix(alias, "*.")}
			first, taken := owners[validated]
			if !taken {
				owners[validated] = owner{name, alias, at}
			} else if first.environment != name && first.alias != alias {
				r.must(ruleD12, at, "must be in the environment of %s, %q: one record validates both, and destroying either environment would take it from the other; "+
					"or give one of them a certificateArn", first.at, first.alias)
			}
		}
	}
}

// checkZones holds what lies in one hosted zone to be names of one domain. Terraform takes any other name for one below
// the zone, so that the record that validates its certificate stands where ACM never looks.
func (c Config) checkZones(r *report) {
	type name struct {
		text string
		at   path
	}
	firsts := map[string]name{}
	for _, environment := range c.EnvironmentNames() {
		env, at := c.Environments[environment], path{environments}.key(environment)
		if env.Domain.HostedZoneID == "" {
			continue
		}
		names := []name{}
		for i, alias := range env.Domain.Aliases {
			names = append(names, name{strings.TrimPrefix(alias, "*."), at.field("domain").field("aliases").index(i)})
		}
		if env.API.OriginAlias != "" && len(env.API.Regions) > 0 {
			names = append(names, name{strings.ToLower(env.API.OriginAlias), at.field("api").field("originAlias")})
		}
		for _, n := range names {
			if !isDomain(n.text) {
				continue
			}
			first, known := firsts[env.Domain.HostedZoneID]
			if !known {
				firsts[env.Domain.HostedZoneID] = n
			} else if !oneZone(first.text, n.text) {
				r.must(ruleD13, n.at, "must be of the same domain as %s, %q: a hosted zone is one domain, and %s can't have both, got %q; "+
					"make another environment for it, or give a certificateArn", first.at, first.text, env.Domain.HostedZoneID, n.text)
			}
		}
	}
}

// oneZone reports whether some hosted zone can have both names: what they end with alike is a domain that somebody can have.
// The suffixes of companies, such as github.io, are domains that these have.
func oneZone(a, b string) bool {
	as, bs := strings.Split(a, "."), strings.Split(b, ".")
	n := 0
	for n < min(len(as), len(bs)) && as[len(as)-1-n] == bs[len(bs)-1-n] {
		n++
	}
	common := strings.Join(as[len(as)-n:], ".")
	suffix, icann := publicsuffix.PublicSuffix(common)
	return n > 1 && (suffix != common || !icann)
}
