package config

import (
	"maps"
	"slices"
	"strconv"
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

// Declare implements [declare.Section].
func (e *Environment) Declare(f *declare.Fields) {
	regionField(f, "region", &e.Region, "AWS region of the buckets.").Required()
	declare.Object(f, "account", &e.Account, "AWS account that this environment must be deployed to.")
	f.TextsByName("tags", &e.Tags,
		"Tags of every resource, in addition to ml-api-accelerator:stack, which has the name of the stack.").
		NamesMatch(ruleTags, tagKey, aTagKey).
		Values.Matches(ruleTags, tagValue, aTagValue)
	declare.Object(f, "api", &e.API, "Backend that answers inference requests.").Required()
	declare.Objects(f, "routes", &e.Routes,
		"Paths that are treated differently from the rest of the API. The first match wins.")
	declare.Object(f, "models", &e.Models, "Private bucket of models, and how it is served.")
	declare.Object(f, "domain", &e.Domain,
		"Your own name for the API; by default callers use the name that CloudFront assigns.")
	declare.Object(f, "distribution", &e.Distribution, "Settings of the CloudFront distribution as a whole.")
	declare.Optional(f, "cors", &e.CORS, "Web pages that may call the API; without this, none from another origin.")
	declare.Object(f, "logging", &e.Logging, "Access logs of the distribution.")
	declare.Object(f, "firewall", &e.Firewall, "Web application firewall in front of the distribution.")
	declare.Object(f, "monitoring", &e.Monitoring, "Alarms, dashboard and metrics.")
	declare.Object(f, "quotas", &e.Quotas, "AWS quotas that were raised for this account. The defaults are AWS's.")
	declare.Objects(f, "expect", &e.Expect,
		"What the deployed edge must do with certain requests, checked at every synthesis.")
}

// Complete sets the defaults of the caches, which depend on the keys of the API.
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

// check checks each section, and then what sections have to do with each other. The prefix begins all names in AWS.
func (e Environment) check(r *declare.Report, at declare.Path, name, prefix string) {
	account, api := e.Account.ID, at.Field("api")
	e.Account.check(r, at.Field("account"))
	checkTags(r, at.Field("tags"), e.Tags, len(e.API.Regions) > 0)
	e.API.check(r, api, e.Region, account, e.Quotas)
	for i, route := range e.Routes {
		route.check(r, at.Field("routes").Index(i))
	}
	e.Models.check(r, at.Field("models"), name, e.Region, account, e.Quotas)
	e.Domain.check(r, at.Field("domain"), account, e.Quotas)
	e.Distribution.check(r, at.Field("distribution"))
	if e.CORS != nil {
		e.CORS.check(r, at.Field("cors"))
	}
	e.Logging.check(r, at.Field("logging"), name, e.Region)
	e.Firewall.check(r, at.Field("firewall"), account)
	e.Monitoring.check(r, at.Field("monitoring"))
	for i, expectation := range e.Expect {
		expectation.check(r, at.Field("expect").Index(i), e.Domain.Aliases)
		e.checkExpectation(r, at.Field("expect").Index(i), expectation)
	}

	e.checkBackends(r, api)
	e.checkCache(r, api.Field("cache"), e.API.Cache, OriginAPI)
	for i, route := range e.Routes {
		e.checkRoute(r, at.Field("routes").Index(i), route)
		e.checkCache(r, at.Field("routes").Index(i).Field("cache"), route.Cache, route.Origin)
	}
	e.Domain.checkTLS(r, at.Field("distribution").Field("minimumTLSVersion"), e.Distribution.MinimumTLSVersion)
	e.checkFixedHeaders(r, api.Field("headers"))
	e.checkKeys(r, at)
	e.checkFunction(r, at)
	e.checkBehaviors(r, at, prefix)
	e.checkErrorCache(r, at)
}

// checkBackends checks the backends against routes and the domain.
func (e Environment) checkBackends(r *declare.Report, api declare.Path) {
	e.API.checkNames(r, api, e.sendsHost())
	if len(e.API.Regions) > 0 && e.Domain.HostedZoneID == "" {
		r.Must(ruleOriginRegions, api.Field("regions"), "needs domain.hostedZoneId, where its records are created")
	}
	failsOver := slices.ContainsFunc(e.Routes, func(route Route) bool { return route.Failover })
	if e.API.Failover.DomainName != "" && !failsOver {
		r.Warn(ruleHasEffect, api.Field("failover"), "has no effect: no route has failover")
	}
}

// checkRoute checks a route against the rest of the environment.
func (e Environment) checkRoute(r *declare.Report, at declare.Path, route Route) {
	toModels, signers := route.Origin == OriginModels, len(e.Models.Signers) > 0
	if route.Failover && !toModels && e.API.Failover.DomainName == "" {
		r.Must(ruleFailover, at.Field("failover"), "needs api.failover")
	}
	if route.Signed && !signers {
		r.Must(ruleSigners, at.Field("signed"), "needs models.signers: there is no key to check a signature with")
	}
	if !route.Signed && toModels && signers {
		r.Warn(ruleModelsSigned, at.Field("signed"),
			"is false: everyone can read the models below %q, although models.signers is set", route.Path)
	}
	if !route.GRPC || toModels {
		return
	}
	if version := e.Distribution.HTTPVersion; version == "http1.1" || version == "http3" {
		r.Must(ruleGRPC, at.Field("grpc"), "needs distribution.httpVersion http2 or http2and3, got %q", version)
	}
	if e.API.Path != "" {
		r.Must(ruleGRPC, at.Field("grpc"), "must be false with api.path: CloudFront puts it before the names of gRPC's "+
			"methods as well, which no server then knows")
	}
	if e.API.VPCOrigin != (VPCOrigin{}) {
		r.Must(ruleVPCOrigin, at.Field("grpc"), "must be false with api.vpcOrigin: VPC origins don't speak gRPC")
	}
}

// Account pins an environment to an AWS account.
type Account struct {
	ID                     string
	RoleARN                string
	PlanRoleARN            string
	PermissionsBoundaryARN string
}

// Declare implements [declare.Section].
func (a *Account) Declare(f *declare.Fields) {
	f.Text("id", &a.ID, "Account id. Any other account is refused.").Matches(ruleARN, accountID, "have 12 digits")
	f.Confidential("roleArn", &a.RoleARN, "IAM role that Terraform assumes to deploy.")
	f.Confidential("planRoleArn", &a.PlanRoleARN, "IAM role that the GitHub workflows assume to plan. It only reads.")
	f.Confidential("permissionsBoundaryArn", &a.PermissionsBoundaryARN,
		"IAM policy that limits every role created here, whoever writes the role's own policies.")
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
		r.Must(ruleTags, at,
			"must be at most %d with api.regions: a Route 53 health check takes 10 "+
				"tags, two of which are its name and its stack, got %d", mostHealthCheckTags, len(given))
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
			r.Must(ruleTags, at.Field(key),
				"must not be used as a name: every resource has a tag %s with its stack", names.StackTag)
		}
		if strings.HasPrefix(strings.ToLower(key), "aws:") {
			r.Must(ruleTags, at.Field(key), `must not begin with "aws:", which AWS keeps for itself`)
		}
	}
}

// checkFixedHeaders: those of api.headers replace what a request has (CloudFront Developer Guide, Add custom headers to
// origin requests), and so what the edge says of its caller.
func (e Environment) checkFixedHeaders(r *declare.Report, at declare.Path) {
	for _, name := range slices.Sorted(maps.Keys(e.API.Headers)) {
		if e.API.Keys != nil && readAs(name, CallerHeader) {
			r.Must(ruleEdgeHeaders, at.Field(name), "must not be set with api.keys, which sets it")
		}
		if e.API.Canary != nil && readAs(name, CanaryHeader) {
			r.Must(ruleEdgeHeaders, at.Field(name), "must not be set with api.canary, which sets it")
		}
	}
}

// checkKeys checks CORS and the firewall against API keys. The firewall sees a request before the edge knows its
// caller.
func (e Environment) checkKeys(r *declare.Report, at declare.Path) {
	keys, w := e.API.Keys, e.Firewall
	if keys == nil {
		return
	}
	e.checkPages(r, at.Field("cors").Field("allowHeaders"))
	headers := inQuotes(keys.Headers(), "or")
	limitBy := at.Field("firewall").Field("limitBy")
	limited := len(w.Limits) > 0 || w.RequestsPer5Minutes != declare.Unset[Firewall]().RequestsPer5Minutes
	switch {
	case setByEdge(w.LimitBy):
		r.Must(ruleLimitByCaller, limitBy, "must not be %q: the firewall sees requests before the edge does, with what "+
			"callers write there; use the header of the key, %s", w.LimitBy, headers)
	case !w.Enabled || w.WebACLARN != "":
	case w.LimitBy == LimitByIP && limited:
		r.Warn(ruleLimitsByKey, limitBy,
			`is "ip": callers behind one address share these limits, and a caller with many `+
				`addresses evades them; count by the header of api.keys, %s`, headers)
	case w.LimitBy == LimitByIP:
	case !containsFold(keys.Headers(), w.LimitBy):
		r.Warn(ruleLimitsByKey, limitBy,
			"is %q, but callers send their keys in %s (api.keys.header): requests without the first are counted by IP "+
				"address, and whoever makes up values evades the limit", w.LimitBy, headers)
	case len(keys.Headers()) > 1:
		others := slices.DeleteFunc(slices.Clone(keys.Headers()),
			func(h string) bool { return strings.EqualFold(h, w.LimitBy) })
		r.Warn(ruleLimitsByKey, limitBy, "counts by %q alone: callers who send their keys in %s are counted by IP address, "+
			"and those behind one address share the limit", w.LimitBy, inQuotes(others, "or"))
	}
}

// checkPages warns of headers of the key that a page's browser doesn't send.
func (e Environment) checkPages(r *declare.Report, at declare.Path) {
	if e.CORS == nil || slices.Contains(e.CORS.AllowHeaders, "*") {
		return
	}
	for _, name := range e.API.Keys.Headers() {
		switch {
		case containsFold(e.CORS.AllowHeaders, name), declare.LooksSecret(name):
		case len(e.API.Keys.Headers()) == 1:
			r.Warn(ruleCORSAPIKey, at,
				"lacks %q of api.keys: browsers won't send a key, and every request from a page is answered 401", name)
		default:
			r.Warn(ruleCORSAPIKey, at,
				"lacks %q of api.keys: browsers won't send a key there, and a page that tries is refused", name)
		}
	}
}

// inQuotes are names as a message has them.
func inQuotes(names []string, last string) string {
	var quoted []string
	for _, name := range names {
		quoted = append(quoted, strconv.Quote(name))
	}
	return declare.Listed(quoted, last)
}

// checkExpectation checks that there are the callers and the canary of which something is expected.
func (e Environment) checkExpectation(r *declare.Report, at declare.Path, expected Expectation) {
	if expected.Caller != "" && e.API.Keys == nil {
		r.Must(ruleExpectedCallers, at.Field("caller"), "needs api.keys: without them the edge knows no callers")
	}
	if expected.Canary && e.API.Canary == nil {
		r.Must(ruleExpectedCallers, at.Field("canary"), "needs api.canary")
	}
	if expected.Origin == OriginCanary && e.API.Canary == nil {
		r.Must(ruleExpectedCallers, at.Field("origin"), "needs api.canary")
	}
}
