package config

import (
	"maps"
	"slices"
	"strings"
)

// check holds a configuration to every rule that its types can't express.
func (c Config) check(r *report) {
	if !projectName.MatchString(c.Name) {
		r.must("N0", "name", "must be 2 to 25 of a-z, 0-9 and -, beginning with a letter, got %q", c.Name)
	}
	for _, prefix := range bucketPrefixes {
		if strings.HasPrefix(c.Name, prefix) {
			r.must("N1", "name", "must not begin with %q, which S3 refuses for the buckets named after it, got %q", prefix, c.Name)
		}
	}
	c.State.check(r, "state")
	if len(c.Environments) == 0 {
		r.must("N0", "environments", "must have at least one environment, got none")
	}
	for _, name := range c.EnvironmentNames() {
		at := path("environments").key(name)
		if !environmentName.MatchString(name) {
			r.must("N0", at, "must be named with 1 to 16 of a-z, 0-9 and -, beginning with a letter, got %q", name)
		}
		if name == stateName {
			r.must("N0", at, "must not be named %q: that is the stack of the state bucket", name)
		}
		c.Environments[name].check(r, at, name, c.StackName(name))
	}
	c.checkShared(r)
}

// StackName returns the name of an environment's stack, with which every name in AWS begins too.
func (c Config) StackName(environment string) string { return c.Name + "-" + environment }

// StateStackName returns the name of the state bucket's stack.
func (c Config) StateStackName() string { return c.Name + "-" + stateName }

// StackNames returns the names of all stacks in the order they are deployed.
func (c Config) StackNames() []string {
	names := []string{c.StateStackName()}
	for _, name := range c.EnvironmentNames() {
		names = append(names, c.StackName(name))
	}
	return names
}

// EnvironmentNames returns the names of the environments, sorted.
func (c Config) EnvironmentNames() []string { return slices.Sorted(maps.Keys(c.Environments)) }

func (e Environment) check(r *report, at path, name, prefix string) {
	checkRegion(r, at.field("region"), e.Region)
	e.Account.check(r, at.field("account"))
	checkTags(r, at.field("tags"), e.Tags)
	e.API.check(r, at.field("api"), e)
	for i, route := range e.Routes {
		route.check(r, at.field("routes").index(i), e)
	}
	e.Models.check(r, at.field("models"), name, e)
	e.Domain.check(r, at.field("domain"), e.Account.ID, e.Quotas)
	e.Domain.checkTLS(r, at.field("distribution").field("minimumTLSVersion"), e.Distribution.MinimumTLSVersion)
	e.Distribution.check(r, at.field("distribution"))
	if e.CORS != nil {
		e.CORS.check(r, at.field("cors"))
	}
	e.Logging.check(r, at.field("logging"), e.Region)
	e.Firewall.check(r, at.field("firewall"), e.Account.ID)
	e.Monitoring.check(r, at.field("monitoring"))
	e.Quotas.check(r, at.field("quotas"))
	e.checkBehaviors(r, at, prefix)
}

func (a Account) check(r *report, at path) {
	if a.ID != "" && !accountID.MatchString(a.ID) {
		r.must("N4", at.field("id"), "must have 12 digits, got %q", a.ID)
	}
	if a.RoleARN != "" {
		checkARN(r, "N4", at.field("roleArn"), a.RoleARN, roleARN, a.ID)
	}
}

func (q Quotas) check(r *report, at path) {
	for _, quota := range []struct {
		field string
		value int
		limit Limit
	}{
		{"originReadTimeoutSeconds", q.OriginReadTimeoutSeconds, originReadTimeout},
		{"behaviors", q.Behaviors, behaviors},
		{"origins", q.Origins, origins},
		{"aliases", q.Aliases, aliases},
	} {
		r.atLeast("Q1", at.field(quota.field), quota.value, quota.limit.Default)
	}
}

func checkTags(r *report, at path, given map[string]string) {
	r.atMost("N6", at, len(given), tags.Default, " tags", "")
	for _, key := range slices.Sorted(maps.Keys(given)) {
		r.length("N6", at.key(key), tagKeyLength, key)
		r.length("N6", at.key(key), tagValueLength, given[key])
		if strings.HasPrefix(strings.ToLower(key), "aws:") {
			r.must("N6", at.key(key), `must not begin with "aws:", which AWS keeps for itself`)
		}
	}
}
