package config

import "strings"

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
