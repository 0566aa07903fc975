package config

import (
	"strings"

	"ml-api-accelerator/stacks/internal/shared/names"
)

// checkShared holds the environments to what they can't have in common.
func (c Config) checkShared(r *report) {
	c.checkBuckets(r)
	c.checkNames(r)
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

// checkNames refuses names with which one environment could change what belongs to another in its account: the policy of a
// deployer gives the beginning of a bucket's name, to which Terraform adds the rest, and other names as they are.
func (c Config) checkNames(r *report) {
	all := c.EnvironmentNames()
	policies := map[string][]string{} // the environments that make cache policies of a name
	for _, name := range all {
		c.compareBucket(r, path{"state", "bucket"}, c.State.Bucket, name)
		e, at := c.Environments[name], path{environments}.key(name)
		for _, other := range all {
			if name != other && c.mayShareAccount(name, other) {
				c.compareBucket(r, at.field("models").field("bucket"), e.Models.Bucket, other)
				c.compareNames(r, at, name, other)
			}
		}
		for _, b := range e.Behaviors() {
			if b.Cache == nil {
				continue
			}
			policy := names.CachePolicy(c.StackName(name), b.Path)
			for _, other := range policies[policy] {
				if name != other && c.mayShareAccount(name, other) {
					besides(r, at, other, "both would have the cache policy %s", policy)
				}
			}
			policies[policy] = append(policies[policy], name)
		}
	}
}

func (c Config) mayShareAccount(one, other string) bool {
	a, b := c.Environments[one].Account.ID, c.Environments[other].Account.ID
	return a == "" || b == "" || a == b
}

// compareBucket compares a bucket that is named in the configuration with those that are named after an environment.
func (c Config) compareBucket(r *report, at path, bucket, environment string) {
	if !strings.HasPrefix(bucket, c.Name) {
		return
	}
	for _, part := range names.BucketParts {
		if prefix := names.BucketPrefix(c.StackName(environment), part); strings.HasPrefix(bucket, prefix) {
			besides(r, at, environment, "its deployer could change %s, since it may change %s*", bucket, prefix)
		}
	}
}

// compareNames reports the first name of an environment that is at the mercy of another one.
func (c Config) compareNames(r *report, at path, name, other string) {
	stack, others := c.StackName(name), c.StackName(other)
	for _, otherPart := range names.BucketParts {
		prefix := names.BucketPrefix(others, otherPart)
		for _, part := range names.BucketParts {
			bucket := names.BucketPrefix(stack, part)
			if strings.HasPrefix(bucket, prefix) && (bucket != prefix || other < name) {
				besides(r, at, other, "its deployer could change %s*, since it may change %s*", bucket, prefix)
				return
			}
		}
	}
	for _, alarm := range []string{"-api-execution", "-api-validation"} { // of the function; both end in -errors, an alarm of the edge
		if stack == others+alarm {
			besides(r, at, other, "both would have the alarm %s-errors", stack)
		}
	}
}

func besides(r *report, at path, environment, why string, args ...any) {
	r.must(ruleN8, at, "must not be named so beside %s: "+why, append([]any{path{environments}.key(environment)}, args...)...)
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
