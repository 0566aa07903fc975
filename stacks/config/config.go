// Package config is what a user may write in cdktf.json: the fields, each declared once with its
// documentation, default and limits, strict decoding, and the rules a configuration must keep. It knows
// nothing of cdktf or Terraform.
package config

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"ml-api-accelerator/stacks/config/declare"
	"ml-api-accelerator/stacks/internal/shared/names"
)

// Config is the whole configuration: context.accelerator of cdktf.json.
type Config struct {
	Name         string
	State        State
	Environments map[string]Environment
}

// Declare implements [declare.Section].
func (c *Config) Declare(f *declare.Fields) {
	f.Text("name", &c.Name, "First part of every stack and resource name.").Required().
		Matches(ruleEnvironmentNames, projectName, "have 2 to 25 characters of a-z, 0-9 and -, with a letter first")
	declare.Object(f, "state", &c.State, "Where Terraform keeps its state.").Required()
	declare.ObjectsByName(f, environments, &c.Environments, "an environment",
		"Environments by name, one stack each.").Required().
		Filled(ruleEnvironmentNames).
		NamesMatch(ruleEnvironmentNames, environmentName,
			"have a name of 1 to 16 characters of a-z, 0-9 and -, with a letter first")
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

// Environment returns one by its name, and an error that suggests another where there is none.
func (c Config) Environment(name string) (Environment, error) {
	environment, found := c.Environments[name]
	if !found {
		names := c.EnvironmentNames()
		return Environment{}, fmt.Errorf("environment %q: not found%s; there are %s",
			name, declare.Suggestion(name, names), strings.Join(names, ", "))
	}
	return environment, nil
}

// check holds a configuration to every rule that its fields can't express one by one.
func (c Config) check(r *declare.Report) {
	for _, prefix := range bucketPrefixes {
		if strings.HasPrefix(c.Name, prefix) {
			r.Must(ruleBucketName, declare.Path{"name"},
				"must not begin with %q, which S3 reserves: buckets are named after it, got %q", prefix, c.Name)
		}
	}
	c.State.check(r, declare.Path{"state"})
	for _, name := range c.EnvironmentNames() {
		at := declare.Path{environments, name}
		if name == stateName {
			r.Must(ruleEnvironmentNames, at, "must not be named %q, like the stack of the state bucket", name)
		}
		c.Environments[name].check(r, at, name, c.StackName(name))
	}
	c.checkShared(r)
	c.checkPlaceholders(r)
}

// checkShared holds the environments to what they can't have in common.
func (c Config) checkShared(r *declare.Report) {
	c.checkBuckets(r)
	c.checkNames(r)
	aliases := c.checkAliases(r)
	c.checkOriginNames(r, aliases)
	c.checkValidation(r)
	c.checkZones(r)
	c.checkZoneAccounts(r)
	c.checkBackendsApart(r)
	c.checkPlanRoles(r)
	c.checkAccounts(r)
	c.checkSlack(r)
	c.checkSharedSigners(r)
	c.checkPricingPlans(r)
}

func (c Config) checkBuckets(r *declare.Report) {
	buckets := map[string]declare.Path{c.State.Bucket: {"state", "bucket"}}
	onlyRead := map[string]bool{}
	type lying struct {
		at     declare.Path
		region string
	}
	regions := map[string]lying{} // of the existing buckets
	for _, name := range c.EnvironmentNames() {
		for _, of := range c.Environments[name].BucketNames() {
			bucket, at := c.Environments[name].Bucket(of)
			at = declare.Path{environments, name}.Join(at).Field("bucket")
			if bucket.Existing && bucket.BucketName != "" {
				here := lying{at, bucket.Region(c.Environments[name].Region)}
				there, known := regions[bucket.BucketName]
				if known && there.region != here.region {
					r.Must(ruleExisting, at, "must be read in one region: %s has it in %s, and this in %s (bucketRegion), got %q",
						there.at, there.region, here.region, bucket.BucketName)
				}
				regions[bucket.BucketName] = here
			}
			first, taken := buckets[bucket.BucketName]
			shared := bucket.Existing && onlyRead[bucket.BucketName]
			if taken && bucket.BucketName != "" && !shared {
				why := ""
				if bucket.Existing {
					why = ", where its policy is written, which keeps no other statement"
				}
				r.Must(ruleSharedNames, at, "must differ from %s%s, got %q for both", first, why, bucket.BucketName)
			}
			buckets[bucket.BucketName], onlyRead[bucket.BucketName] = at, bucket.Existing
		}
	}
}

// checkNames refuses names with which one environment could change what belongs to another in its account: the policy
// of a deployer gives the beginning of a bucket's name, to which Terraform adds the rest, and other names as they are.
func (c Config) checkNames(r *declare.Report) {
	all := c.EnvironmentNames()
	policies := map[string][]string{} // the environments that make cache policies of a name
	for _, name := range all {
		c.compareBucket(r, declare.Path{"state", "bucket"}, c.State.Bucket, name)
		e, at := c.Environments[name], declare.Path{environments}.Field(name)
		for _, other := range all {
			if name != other && c.mayShareAccount(name, other) {
				for _, of := range e.BucketNames() {
					bucket, of := e.Bucket(of)
					c.compareBucket(r, at.Join(of).Field("bucket"), bucket.BucketName, other)
				}
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
func (c Config) compareBucket(r *declare.Report, at declare.Path, bucket, environment string) {
	if !strings.HasPrefix(bucket, c.Name) {
		return
	}
	for _, part := range c.Environments[environment].bucketParts() {
		if prefix := names.BucketPrefix(c.StackName(environment), part); strings.HasPrefix(bucket, prefix) {
			besides(r, at, environment, "the deployer of that one could change %s, since it may change %s*", bucket, prefix)
		}
	}
}

// compareNames reports the first name of an environment that is at the mercy of another one.
func (c Config) compareNames(r *declare.Report, at declare.Path, name, other string) {
	stack, others := c.StackName(name), c.StackName(other)
	for _, otherPart := range c.Environments[other].bucketParts() {
		prefix := names.BucketPrefix(others, otherPart)
		for _, part := range c.Environments[name].bucketParts() {
			bucket := names.BucketPrefix(stack, part)
			if strings.HasPrefix(bucket, prefix) && (bucket != prefix || other < name) {
				besides(r, at, other, "the deployer of that one could change %s*, since it may change %s*", bucket, prefix)
				return
			}
		}
	}
	// Alarms of the function; both end in -errors, as an alarm of the edge does.
	for _, alarm := range []string{"-api-execution", "-api-validation"} {
		if stack == others+alarm {
			besides(r, at, other, "both would have the alarm %s-errors", stack)
		}
	}
}

// bucketParts are what the names of an environment's buckets have after that of its stack.
func (e Environment) bucketParts() []string {
	parts := slices.Clone(names.BucketParts)
	for _, name := range e.BucketNames()[1:] {
		parts = append(parts, name, names.ReplicaOrigin(name))
	}
	return parts
}

func besides(r *declare.Report, at declare.Path, environment, why string, args ...any) {
	r.Must(ruleNamesApart, at, "must have another name beside %s: "+why,
		append([]any{declare.Path{environments}.Field(environment)}, args...)...)
}

// checkSharedSigners warns of a public key of several environments, and of one for a page, whose login signs, and for models.
func (c Config) checkSharedSigners(r *declare.Report) {
	firsts := map[string]declare.Path{}
	for _, environment := range c.EnvironmentNames() {
		e := c.Environments[environment]
		for _, name := range e.BucketNames() {
			bucket, at := e.Bucket(name)
			at = declare.Path{environments, environment}.Join(at).Field("signers")
			for i, signer := range bucket.Signers {
				key, ok := signingKey(signer.PublicKey)
				first, known := firsts[string(key)]
				where := at.Index(i).Field("publicKey")
				here := first.Within(declare.Path{environments, environment})
				if ok && known && !first.Within(at) && (!here || name == OriginWeb) { // one service may sign for several buckets
					r.Warn(ruleSigners, where, "is the same key as %s: whoever signs for one signs for both; make a key pair for "+
						"each (stacks/docs/recipes.md, Signed models)", first)
				} else if ok && !known {
					firsts[string(key)] = where
				}
			}
		}
	}
}

// checkAliases returns the aliases of all environments, and where they stand.
func (c Config) checkAliases(r *declare.Report) map[string]declare.Path {
	aliases := map[string]declare.Path{}
	for _, name := range c.EnvironmentNames() {
		at := declare.Path{environments, name}
		for i, alias := range c.Environments[name].Domain.Aliases {
			where := at.Field("domain").Field("aliases").Index(i)
			if first, taken := aliases[alias]; taken && !first.Within(at) {
				r.Must(ruleSharedNames, where,
					"must be an alias of one environment only, got %[2]q, which is %[1]s as well", first, alias)
			}
			aliases[alias] = where
		}
	}
	return aliases
}

// checkOriginNames refuses an origin under a name that leads to CloudFront again, and one name for the regions
// of two environments.
func (c Config) checkOriginNames(r *declare.Report, aliases map[string]declare.Path) {
	originAliases, loadBalancers := map[string]declare.Path{}, map[string]declare.Path{}
	for _, environment := range c.EnvironmentNames() {
		e, in := c.Environments[environment], declare.Path{environments, environment}
		differs := func(where declare.Path, origin string) {
			if alias, leads := aliases[strings.ToLower(origin)]; leads && origin != "" {
				r.Must(ruleHostedZone, where, "must differ from %s: CloudFront would call itself, got %q", alias, origin)
			}
		}
		if e.API.Canary != nil {
			differs(in.Field("api").Field("canary").Field("domainName"), e.API.Canary.DomainName)
		}
		for _, name := range e.BackendNames() {
			backend, at := e.Backend(name)
			at = in.Join(at)
			differs(at.Field("domainName"), backend.DomainName)
			differs(at.Field("failover").Field("domainName"), backend.Failover.DomainName)
			differs(at.Field("originAlias"), backend.OriginAlias)
			for i, region := range backend.Regions {
				differs(at.Field("regions").Index(i).Field("domainName"), region.DomainName)
			}
			if first, taken := originAliases[backend.OriginAlias]; taken && backend.OriginAlias != "" {
				r.Must(ruleSharedNames, at.Field("originAlias"), "must differ from %s, got %q for both", first, backend.OriginAlias)
			}
			originAliases[backend.OriginAlias] = at.Field("originAlias")
			name, balanced := backend.loadBalancerName(), at.Field("loadBalancer").Field("domainName")
			differs(balanced, name)
			if first, taken := loadBalancers[name]; taken && name != "" {
				r.Must(ruleSharedNames, balanced, "must differ from %s, got %q for both", first, name)
			}
			loadBalancers[name] = balanced
		}
	}
}

// checkValidation lets only one environment have the record that validates a name. ACM gives an account the same one
// for the name, its wildcard and every certificate for them, and renews none without it (ACM User Guide, DNS
// validation): two environments would make it both, and the one that is destroyed would take it from the other.
func (c Config) checkValidation(r *declare.Report) {
	type record struct{ zone, name string }
	type owner struct {
		environment, alias string
		at                 declare.Path
	}
	owners := map[record]owner{}
	for _, name := range c.EnvironmentNames() {
		domain := c.Environments[name].Domain
		if !domain.InRoute53() {
			continue // validated elsewhere
		}
		certified := []owner{}
		for i, alias := range domain.Aliases {
			certified = append(certified, owner{name, alias, declare.Path{environments, name, "domain", "aliases"}.Index(i)})
		}
		for _, of := range c.Environments[name].BackendNames() {
			backend, of := c.Environments[name].Backend(of)
			if balanced := backend.loadBalancerName(); balanced != "" {
				at := declare.Path{environments, name}.Join(of).Field("loadBalancer").Field("domainName")
				certified = append(certified, owner{name, balanced, at})
			}
		}
		for _, one := range certified {
			alias, at := one.alias, one.at
			validated := record{domain.Zone(alias), strings.TrimPrefix(alias, "*.")}
			first, taken := owners[validated]
			if !taken {
				owners[validated] = one
			} else if first.environment != name && first.alias != alias {
				r.Must(ruleWildcardAlias, at,
					"must be in the environment of %s, %q: one DNS record validates both, and "+
						"destroying either environment would remove it for the other; "+
						"or give one of them a certificateArn", first.at, first.alias)
			}
		}
	}
}

// checkZones holds what lies in one hosted zone to be names of one domain. Terraform takes any other name for one below
// the zone, so that the record that validates its certificate stands where ACM never looks.
func (c Config) checkZones(r *declare.Report) {
	firsts := map[string]zoned{}
	for _, environment := range c.EnvironmentNames() {
		env := c.Environments[environment]
		for _, n := range env.zonedNames(declare.Path{environments}.Field(environment)) {
			n.name = strings.ToLower(strings.TrimPrefix(n.name, "*."))
			zone := env.Domain.Zone(n.name)
			first, known := firsts[zone]
			switch {
			case zone == "":
			case !known:
				firsts[zone] = n
			case !oneZone(first.name, n.name):
				r.Must(ruleOneZone, n.at,
					"must be of the same domain as %s, %q: a hosted zone has one domain, "+
						"so %s can't have both, got %q; name the zone of each domain in hostedZones",
					first.at, first.name, zone, n.name)
			}
		}
	}
}

// checkZoneAccounts holds environments with one hosted zone to change it in one account, which alone has it.
func (c Config) checkZoneAccounts(r *declare.Report) {
	type use struct{ environment, account string }
	uses := map[string]use{}
	for _, name := range c.EnvironmentNames() {
		account := c.Environments[name].zoneAccount()
		for _, zone := range c.Environments[name].Domain.zonePlaces() {
			first, known := uses[zone.name]
			switch {
			case account == "", exampleAccount(account), exampleZone(zone.name): // which have to change anyway
			case !known:
				uses[zone.name] = use{name, account}
			case first.account != account:
				r.Must(ruleHostedZone, declare.Path{environments, name, "domain"}.Join(zone.at),
					"must be a zone of account %s, got %q, which %s has in account %s: name a role of the zone's account in "+
						"hostedZoneRoleArn", account, zone.name, declare.Path{environments, first.environment}, first.account)
			}
		}
	}
}

// checkPricingPlans holds each environment to what its plan includes.
func (c Config) checkPricingPlans(r *declare.Report) {
	for _, name := range c.EnvironmentNames() {
		plan, found := pricingPlan(c.Environments[name].Distribution.PricingPlan)
		if !found {
			continue
		}
		for _, o := range c.Environments[name].obstacles(plan, c.sharedWebACL(name)) {
			r.Add(o.class, o.rule, declare.Path{environments, name}.Join(o.at), "%s", o.text(plan.Name))
		}
	}
}

// sharedWebACL returns the place of another environment's web ACL that is the same as this one's.
func (c Config) sharedWebACL(name string) declare.Path {
	given := c.Environments[name].Firewall.WebACLARN
	for _, other := range c.EnvironmentNames() {
		if given != "" && other != name && c.Environments[other].Firewall.WebACLARN == given {
			return declare.Path{environments, other, "firewall", "webACLArn"}
		}
	}
	return nil
}

// PlanFits returns how an environment goes with each plan, from the cheapest on.
func (c Config) PlanFits(environment string) []PlanFit {
	fits := make([]PlanFit, len(pricingPlans))
	for i, plan := range pricingPlans {
		fits[i] = PlanFit{Plan: plan, Set: plan.Name == c.Environments[environment].Distribution.PricingPlan}
		for _, o := range c.Environments[environment].obstacles(plan, c.sharedWebACL(environment)) {
			list := &fits[i].InTheWay
			if o.class == Warning {
				list = &fits[i].Unsure
			}
			*list = append(*list, Misfit{o.at.String(), o.rule.ID, o.text("")})
		}
		for _, list := range [][]Misfit{fits[i].InTheWay, fits[i].Unsure} {
			slices.SortStableFunc(list, func(a, b Misfit) int {
				return cmp.Or(strings.Compare(a.Path, b.Path), strings.Compare(a.Message, b.Message))
			})
		}
	}
	return fits
}
