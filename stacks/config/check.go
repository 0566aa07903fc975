package config

import "strings"

// check holds a configuration to every rule that its fields can't express one by one.
func (c Config) check(r *report) {
	for _, prefix := range bucketPrefixes {
		if strings.HasPrefix(c.Name, prefix) {
			r.must(ruleN1, path{"name"}, "must not begin with %q, which S3 refuses for the buckets named after it, got %q", prefix, c.Name)
		}
	}
	c.State.check(r, path{"state"})
	for _, name := range c.EnvironmentNames() {
		at := path{environments, name}
		if name == stateName {
			r.must(ruleN0, at, "must not be named %q: that is the stack of the state bucket", name)
		}
		c.Environments[name].check(r, at, name, c.StackName(name))
	}
	c.checkShared(r)
	c.checkPlaceholders(r)
}
