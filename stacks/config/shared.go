package config

// checkShared holds the environments to what they can't have in common.
func (c Config) checkShared(r *report) {
	buckets := map[string]path{c.State.Bucket: "state.bucket"}
	policies := map[string]int{}
	names := map[string]path{}
	for _, name := range c.EnvironmentNames() {
		e, at := c.Environments[name], path("environments").key(name)
		if bucket := e.Models.Bucket; bucket != "" {
			if first, taken := buckets[bucket]; taken {
				r.must(ruleN5, at.field("models").field("bucket"), "must not be the bucket of %s, %q", first, bucket)
			}
			buckets[bucket] = at.field("models").field("bucket")
		}
		for i, alias := range e.Domain.Aliases {
			where := at.field("domain").field("aliases").index(i)
			if first, taken := names[alias]; taken && !first.within(at) {
				r.must(ruleN5, where, "must not be an alias of %s too, %q", first, alias)
			}
			names[alias] = where
		}
		for _, b := range e.Behaviors() {
			if b.Cache != nil {
				policies[e.Account.ID]++
			}
		}
		if n := policies[e.Account.ID]; n > mostCachePolicies {
			r.warn(ruleR13, at, "makes %d cache policies in its account together with the environments before it: AWS allows %d unless raised", n, mostCachePolicies)
		}
	}
}
