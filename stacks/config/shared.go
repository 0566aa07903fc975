package config

import "strings"

// checkShared holds the environments to what they can't have in common.
func (c Config) checkShared(r *report) {
	c.checkBuckets(r)
	aliases := c.checkAliases(r)
	c.checkOriginNames(r, aliases)
	c.checkValidation(r)
	c.checkZones(r)
	c.checkPlanRoles(r)
	c.checkAccounts(r)
	c.checkPricingPlans(r)
}

func (c Config) checkBuckets(r *report) {
	buckets := map[string]path{c.State.Bucket: {"state", "bucket"}}
	for _, name := range c.EnvironmentNames() {
		at := path{environments, name, "models", "bucket"}
		bucket := c.Environments[name].Models.Bucket
		if first, taken := buckets[bucket]; taken && bucket != "" {
			r.must(ruleN5, at, "must not be the bucket of %s, %q", first, bucket)
		}
		buckets[bucket] = at
	}
}

// checkAliases returns the aliases of all environments, and where they stand.
func (c Config) checkAliases(r *report) map[string]path {
	aliases := map[string]path{}
	for _, name := range c.EnvironmentNames() {
		at := path{environments, name}
		for i, alias := range c.Environments[name].Domain.Aliases {
			where := at.field("domain").field("aliases").index(i)
			if first, taken := aliases[alias]; taken && !first.within(at) {
				r.must(ruleN5, where, "must not also be an alias of %s, %q", first, alias)
			}
			aliases[alias] = where
		}
	}
	return aliases
}

// checkOriginNames refuses an origin under a name that leads to CloudFront again, and one name for the regions
// of two environments.
func (c Config) checkOriginNames(r *report, aliases map[string]path) {
	originAliases := map[string]path{}
	for _, name := range c.EnvironmentNames() {
		api, at := c.Environments[name].API, path{environments, name, "api"}
		differs := func(where path, origin string) {
			if alias, leads := aliases[strings.ToLower(origin)]; leads && origin != "" {
				r.must(ruleD10, where, "must differ from %s: CloudFront would call itself, got %q", alias, origin)
			}
		}
		differs(at.field("domainName"), api.DomainName)
		differs(at.field("failover").field("domainName"), api.Failover.DomainName)
		differs(at.field("originAlias"), api.OriginAlias)
		if api.Canary != nil {
			differs(at.field("canary").field("domainName"), api.Canary.DomainName)
		}
		for i, region := range api.Regions {
			differs(at.field("regions").index(i).field("domainName"), region.DomainName)
		}
		if first, taken := originAliases[api.OriginAlias]; taken && api.OriginAlias != "" {
			r.must(ruleN5, at.field("originAlias"), "must not also be that of %s, %q", first, api.OriginAlias)
		}
		originAliases[api.OriginAlias] = at.field("originAlias")
	}
}
