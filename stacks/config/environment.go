package config

import (
	"maps"
	"slices"
	"strings"

	"ml-api-accelerator/stacks/config/declare"
	"ml-api-accelerator/stacks/internal/shared/names"
)

// Environment is one independent copy of the system, a stack of its own.
type Environment struct {
	Region       string
	Account      Account
	Tags         map[string]string
	API          API
	Routes       []Route
	Models       Models
	Domain       Domain
	Distribution Distribution
	CORS         *CORS
	Logging      Logging
	Firewall     Firewall
	Monitoring   Monitoring
	Quotas       Quotas
	Expect       []Expectation
}

func (e *Environment) Declare(f *declare.Fields) {
	regionField(f, "region", &e.Region, "AWS region of the buckets.").Required()
	declare.Object(f, "account", &e.Account, "AWS account this environment must be deployed to.")
	f.TextsByName("tags", &e.Tags, "Tags of every resource, beside ml-api-accelerator:stack, which says its stack.").
		NamesMatch(ruleTags, tagKey, aTagKey).
		Values.Matches(ruleTags, tagValue, aTagValue)
	declare.Object(f, "api", &e.API, "Backend that answers inference requests.").Required()
	declare.Objects(f, "routes", &e.Routes, "Paths treated differently from the rest of the API; the first that matches wins.")
	declare.Object(f, "models", &e.Models, "Private bucket of models and how it is served.")
	declare.Object(f, "domain", &e.Domain, "Own name of the API; by default callers use the name that CloudFront gives.")
	declare.Object(f, "distribution", &e.Distribution, "Settings of the CloudFront distribution as a whole.")
	declare.Optional(f, "cors", &e.CORS, "Web pages that may call the API; absent: none of another origin.")
	declare.Object(f, "logging", &e.Logging, "Access logs of the distribution.")
	declare.Object(f, "firewall", &e.Firewall, "Web application firewall before the distribution.")
	declare.Object(f, "monitoring", &e.Monitoring, "Alarms, dashboard and metrics.")
	declare.Object(f, "quotas", &e.Quotas, "AWS quotas of this account that were raised; the defaults are AWS's.")
	declare.Objects(f, "expect", &e.Expect, "What the deployed edge must do with some requests; held to at every synthesis.")
}

// complete sets the defaults of the caches, which depend on the keys of the API.
func (e *Environment) Complete(map[string]any) {
	if e.API.Cache != nil {
		e.API.Cache.completeHeaders(e.API.keyHeaders())
	}
	for _, route := range e.Routes {
		if route.Cache != nil && route.Origin != OriginModels {
			route.Cache.completeHeaders(e.API.keyHeaders())
		}
	}
}

func (e Environment) check(r *declare.Report, at declare.Path, name, prefix string) {
	e.Account.check(r, at.Field("account"))
	checkTags(r, at.Field("tags"), e.Tags, len(e.API.Regions) > 0)
	e.API.check(r, at.Field("api"), e)
	for i, route := range e.Routes {
		route.check(r, at.Field("routes").Index(i), e)
	}
	e.Models.check(r, at.Field("models"), name, e)
	e.Domain.check(r, at.Field("domain"), e.Account.ID, e.Quotas)
	e.Domain.checkTLS(r, at.Field("distribution").Field("minimumTLSVersion"), e.Distribution.MinimumTLSVersion)
	e.Distribution.check(r, at.Field("distribution"))
	if e.CORS != nil {
		e.CORS.check(r, at.Field("cors"))
	}
	e.Logging.check(r, at.Field("logging"), name, e.Region)
	e.Firewall.check(r, at.Field("firewall"), e.Account.ID)
	e.Monitoring.check(r, at.Field("monitoring"))
	for i, expectation := range e.Expect {
		expectation.check(r, at.Field("expect").Index(i), e.Domain)
	}
	e.checkCallers(r, at)
	e.checkBehaviors(r, at, prefix)
	e.checkErrorCache(r, at)
}

// check holds a configuration to every rule that its fields can't express one by one.
func (c Config) check(r *declare.Report) {
	for _, prefix := range bucketPrefixes {
		if strings.HasPrefix(c.Name, prefix) {
			r.Must(ruleBucketName, declare.Path{"name"}, "must not begin with %q, which S3 refuses for the buckets named after it, got %q", prefix, c.Name)
		}
	}
	c.State.check(r, declare.Path{"state"})
	for _, name := range c.EnvironmentNames() {
		at := declare.Path{environments, name}
		if name == stateName {
			r.Must(ruleEnvironmentNames, at, "must not be named %q: that is the stack of the state bucket", name)
		}
		c.Environments[name].check(r, at, name, c.StackName(name))
	}
	c.checkShared(r)
	c.checkPlaceholders(r)
}

// Account pins an environment to an AWS account.
type Account struct {
	ID                     string
	RoleARN                string
	PlanRoleARN            string
	PermissionsBoundaryARN string
}

func (a *Account) Declare(f *declare.Fields) {
	f.Text("id", &a.ID, "Account id; any other account is refused.").Matches(ruleARN, accountID, "have 12 digits")
	f.Confidential("roleArn", &a.RoleARN, "IAM role that Terraform assumes to deploy.")
	f.Confidential("planRoleArn", &a.PlanRoleARN, "IAM role that the workflows on GitHub assume to plan; it only reads.")
	f.Confidential("permissionsBoundaryArn", &a.PermissionsBoundaryARN, "IAM policy beyond which no role made here has rights, whoever writes the role's own policies.")
}

func (a Account) check(r *declare.Report, at declare.Path) {
	if a.RoleARN != "" {
		checkARN(r, ruleARN, at.Field("roleArn"), a.RoleARN, roleARN, a.ID)
	}
	if a.PlanRoleARN != "" {
		checkARN(r, ruleARN, at.Field("planRoleArn"), a.PlanRoleARN, roleARN, a.ID)
	}
	if a.PermissionsBoundaryARN != "" {
		checkARN(r, ruleARN, at.Field("permissionsBoundaryArn"), a.PermissionsBoundaryARN, policyARN, a.ID)
	}
}

// Tags of the user's that a resource can have beside the one that says its stack: AWS takes 50 (Tagging AWS Resources
// User Guide, Tag naming limits). A health check takes 10 (Route 53 API Reference, ChangeTagsForResource), of which one
// is its name.
const (
	mostTags            = 50 - 1
	mostHealthCheckTags = 10 - 2
)

func checkTags(r *declare.Report, at declare.Path, given map[string]string, healthChecks bool) {
	overQuota(r, ruleTags, at, len(given), mostTags, " tags beside the one that says the stack", "")
	if healthChecks && len(given) > mostHealthCheckTags {
		r.Must(ruleTags, at, "must be at most %d with api.regions: a health check of Route 53 takes 10, of which one is its name and one says the stack, got %d", mostHealthCheckTags, len(given))
	}
	keys := slices.Sorted(maps.Keys(given))
	for _, i := range repeated(keys, strings.ToLower) {
		r.Must(ruleTags, at.Field(keys[i]), "must not repeat a tag in another case, which IAM refuses")
	}
	for _, key := range keys {
		if key == "__proto__" {
			r.Must(ruleTags, at.Field(key), "must not be used as a name: cdktf loses a tag of this name")
		}
		// Policies don't tell tags apart by case (IAM User Guide, AWS global condition context keys, aws:ResourceTag).
		if strings.EqualFold(key, names.StackTag) {
			r.Must(ruleTags, at.Field(key), "must not be used as a name: every resource has a tag %s that says its stack", names.StackTag)
		}
		if strings.HasPrefix(strings.ToLower(key), "aws:") {
			r.Must(ruleTags, at.Field(key), `must not begin with "aws:", which AWS keeps for itself`)
		}
	}
}

// perAccount is something of which an account may have so many.
type perAccount struct {
	rule    *declare.Rule
	what    string
	quota   string // field of quotas; empty: AWS doesn't raise it
	made    func(Environment) int
	allowed func(Quotas) int
}

var perAccounts = []perAccount{
	{ruleCachePolicyCount, "cache policies", "cachePolicies", cachePolicies, func(q Quotas) int { return q.CachePolicies }},
	{ruleForwardHeaders, "origin request policies", "originRequestPolicies", originRequestPolicies, func(q Quotas) int { return q.OriginRequestPolicies }},
	{ruleResponseHeadersPolicyCount, "response headers policies", "responseHeadersPolicies", func(Environment) int { return 1 }, func(q Quotas) int { return q.ResponseHeadersPolicies }},
	{ruleSigners, "public keys", "publicKeys", func(e Environment) int { return len(e.Models.Signers) }, func(q Quotas) int { return q.PublicKeys }},
	{ruleKeyValueStoreCount, "key value stores", "keyValueStores", Environment.keyValueStores, func(q Quotas) int { return q.KeyValueStores }},
	{ruleKeyValueStoreCount, "functions", "", Environment.functions, func(Quotas) int { return mostFunctions }},
	{ruleSigners, "key groups", "keyGroups", func(e Environment) int { return min(1, len(e.Models.Signers)) }, func(q Quotas) int { return q.KeyGroups }},
}

// checkAccounts holds the environments of an account together to its quotas. Those that don't say their account
// may have different ones, so they are only warned of.
func (c Config) checkAccounts(r *declare.Report) {
	for _, limited := range perAccounts {
		made := map[string]int{}
		for _, name := range c.EnvironmentNames() {
			e, at := c.Environments[name], declare.Path{environments, name}
			made[e.Account.ID] += limited.made(e)
			n, allowed := made[e.Account.ID], limited.allowed(e.Quotas)
			if n <= allowed || limited.made(e) == 0 {
				continue
			}
			class := Quota
			if e.Account.ID == "" {
				class = Warning
			}
			hint := ""
			if limited.quota != "" {
				hint = "; if it raised this quota for you, say so in quotas." + limited.quota
			}
			r.Add(class, limited.rule, at, "makes %d %s in its account together with the environments before it: AWS allows %d%s", n, limited.what, allowed, hint)
		}
	}
}

// mostFunctions is how many functions an account may have (CloudFront Developer Guide, Quotas on CloudFront Functions).
const mostFunctions = 100

func (e Environment) keyValueStores() int {
	if e.API.HasStore() {
		return 1
	}
	return 0
}

// functions is one beside a key value store, and a second one where the canary fails over.
func (e Environment) functions() int {
	if e.CanaryFailsOver() {
		return 2
	}
	return e.keyValueStores()
}

func originRequestPolicies(e Environment) int {
	lists := map[string]bool{}
	for _, b := range e.Behaviors() {
		if len(b.Forwards) > 0 {
			lists[strings.Join(b.Forwards, ",")] = true
		}
	}
	return len(lists)
}

func cachePolicies(e Environment) int {
	n := 0
	for _, b := range e.Behaviors() {
		if b.Cache != nil {
			n++
		}
	}
	return n
}
