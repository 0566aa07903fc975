package config_test

import (
	"fmt"
	"slices"
	"testing"

	"ml-api-accelerator/stacks/config"
)

func TestPlanRules(t *testing.T) { check(t, planRows()) }

const (
	ownResponseHeaders = `: only business and premium include response headers policies of your own ("Custom response header rules"), and every distribution made here has one`
	noFirewallLog      = `must be false (set a webACLArn instead) with distribution.pricingPlan "free": only pro, business and premium include the firewall's log ("WAF request logs")`
	noFirewallAnswer   = `must be false (set a webACLArn instead) with distribution.pricingPlan "free": only pro, business and premium include the firewall's answer 429 ("Custom WAF response")`
)

// on returns a change that sets a plan, with what every plan needs and nothing that not every plan has, and then another one.
func on(plan, change string) string {
	const fitting = `{
		"models": {"access": "control"},
		"logging": {"enabled": false},
		"firewall": {"enabled": true}
	}`
	return merged(merged(fitting, fmt.Sprintf(`{"distribution": {"pricingPlan": %q}}`, plan)), change)
}

// neverFits is what is said of a plan that fits nothing made here.
func neverFits(plan string) config.Problem {
	return hard("P5", "distribution.pricingPlan", fmt.Sprintf("must be business or premium, got %q", plan)+ownResponseHeaders)
}

// onPro is what is said of the pro plan, whatever else is.
func onPro(others ...config.Problem) []config.Problem { return append(is(neverFits("pro")), others...) }

// onFree is what is said of the free plan with a web ACL made here, whatever else is.
func onFree(others ...config.Problem) []config.Problem {
	return append(is(neverFits("free"), hard("P5", "firewall.enabled", noFirewallAnswer), hard("P5", "firewall.enabled", noFirewallLog)), others...)
}

func planRows() []row {
	const acl = "arn:aws:wafv2:us-east-1:111122223333:global/webacl/a/1234abcd"
	const balancer = "arn:aws:elasticloadbalancing:us-east-1:111122223333:loadbalancer/app/a/1234567890abcdef"
	routes := func(n int) string {
		return `{"routes": ` + list(n, `{"path": "/%d"}`) + `}`
	}
	limits := func(path string) string {
		return fmt.Sprintf(`{"firewall": {"limits": [{"path": %q, "requestsPer5Minutes": 10}]}}`, path)
	}
	without := func(plan, must, why string) string {
		return fmt.Sprintf("%s with distribution.pricingPlan %q: %s", must, plan, why)
	}
	unsure := func(plan, what string) string { return without(plan, "may be refused", what) }
	sixRules := quota("P4", "firewall", `must make at most 5 rules with those for AWS's managed groups with distribution.pricingPlan "free", got 6`)
	const (
		premiumOnly  = "only premium includes "
		fromBusiness = "only business and premium include "
		fromPro      = "only pro, business and premium include "
	)
	return append(inDev(
		row{"P1 none", on("", "{}"), nil},
		row{"P1 unknown", on("gold", "{}"), is(hard("P1", "distribution.pricingPlan", `must be one of free, pro, business, premium, got "gold"`))},
		row{"P1 business", on("business", "{}"), nil},
		row{"P1 premium", on("premium", "{}"), nil},
		row{"P2 no web ACL", on("business", `{"firewall": {"enabled": false}}`),
			is(hard("P2", "firewall", without("business", "must be enabled or have a webACLArn", "no plan goes without a web ACL")))},
		row{"P3 identity", on("premium", `{"models": {"access": "identity"}}`),
			is(hard("P3", "models.access", without("premium", `must be "control"`, "no plan takes an origin access identity")))},
		row{"P4 most behaviors", on("business", routes(48)), nil},
		row{"P4 too many behaviors", on("business", routes(49)),
			is(quota("P4", "routes", `must be at most 50 behaviors with those of api and models with distribution.pricingPlan "business", got 51`))},
		row{"P4 most behaviors of premium", merged(on("premium", routes(98)), `{"quotas": {"behaviors": 100}}`), nil},
		row{"P4 too many behaviors of premium", merged(on("premium", routes(99)), `{"quotas": {"behaviors": 200}}`),
			is(quota("P4", "routes", `must be at most 100 behaviors with those of api and models with distribution.pricingPlan "premium", got 101`))},
		row{"P4 most of pro", on("pro", routes(8)), onPro()},
		row{"P4 too many of pro", on("pro", routes(9)),
			onPro(quota("P4", "routes", `must be at most 10 behaviors with those of api and models with distribution.pricingPlan "pro", got 11`))},
		row{"P4 most of free", on("free", routes(3)), onFree()},
		row{"P4 too many of free", on("free", routes(4)),
			onFree(quota("P4", "routes", `must be at most 5 behaviors with those of api and models with distribution.pricingPlan "free", got 6`))},
		row{"P4 most rules of free", on("free", `{"firewall": {"allowedIPs": ["192.0.2.0/24", "192.0.3.0/24"]}}`),
			onFree(warning("P7", "firewall.allowedIPs", unsure("free", "AWS's guide to plans doesn't mention IP sets")))},
		row{"P4 too many rules of free", on("free", `{"firewall": {"allowedIPs": ["192.0.2.0/24", "2001:db8::/32"]}}`),
			slices.Insert(onFree(warning("P7", "firewall.allowedIPs", unsure("free", "AWS's guide to plans doesn't mention IP sets"))), 1, sixRules)},
		row{"P5 cache of the API", on("pro", `{"api": {"cache": {}}}`), is(
			hard("P5", "api.cache", without("pro", "must be absent", fromBusiness+`cache policies of your own ("Custom caching rules")`)),
			neverFits("pro"), takes("api.cache"))},
		row{"P5 cache of a route to the models", on("pro", `{"routes": [{"path": "/models/a*", "origin": "models", "cache": {"queryStrings": "none"}}]}`),
			onPro(hard("P5", "routes[0].cache", without("pro", "must be absent", fromBusiness+`cache policies of your own ("Custom caching rules")`)))},
		row{"P5 caches of business", on("business", `{"api": {"cache": {}}}`), is(takes("api.cache"))},
		row{"P5 Origin Shield", on("business", `{"api": {"shieldRegion": "us-east-1"}}`),
			is(hard("P5", "api.shieldRegion", without("business", "must be absent", premiumOnly+`Origin Shield ("Origin load reduction")`)))},
		row{"P5 Origin Shield of premium", on("premium", `{"api": {"shieldRegion": "us-east-1"}}`), nil},
		row{"P5 failover", on("business", `{"api": {"failover": {"domainName": "b.example.com"}}, "routes": [{"path": "/a", "methods": "read", "failover": true}]}`),
			is(hard("P5", "api.failover", without("business", "must be absent", premiumOnly+`origin failover ("Automatic origin failover")`)))},
		row{"P5 replica", on("business", `{"models": {"replicaRegion": "us-west-2"}}`),
			is(hard("P5", "models.replicaRegion", without("business", "must be absent", premiumOnly+`origin failover ("Automatic origin failover")`)))},
		row{"P5 failover of premium", on("premium", `{"models": {"replicaRegion": "us-west-2"}}`), nil},
		row{"P5 VPC origin", on("pro", `{"api": {"domainName": "", "vpcOrigin": {"loadBalancerArn": "`+balancer+`", "domainName": "a.example.com"}}}`), is(
			hard("P5", "api.vpcOrigin", without("pro", "must be absent", fromBusiness+`VPC origins ("Private origins within VPC")`)),
			neverFits("pro"))},
		row{"P5 keys", on("free", `{"api": {"keys": {}}}`), append([]config.Problem{
			hard("P5", "api.keys", without("free", "must be absent", fromPro+`key value stores ("Edge key-value store")`))}, onFree()...)},
		row{"P5 canary", on("free", canary("c.example.com", "")), append([]config.Problem{
			hard("P5", "api.canary", without("free", "must be absent", fromPro+`key value stores ("Edge key-value store")`))}, onFree()...)},
		row{"P5 keys of pro", on("pro", `{"api": {"keys": {}}}`), onPro()},
		row{"P5 access logs", on("free", `{"logging": {"enabled": true}}`),
			onFree(hard("P5", "logging.enabled", without("free", "must be false", fromPro+`access logs ("Access Logs")`)))},
		row{"P5 access logs of business", on("business", `{"logging": {"enabled": true}}`), nil},
		row{"P5 limit by a header", on("free", `{"firewall": {"limitBy": "Authorization"}}`), slices.Insert(onFree(
			hard("P5", "firewall.limitBy", without("free", `must be "ip"`, fromPro+`firewall rules on headers ("Header-based threat filtering")`))), 1, sixRules)},
		row{"P5 limit with an expression", on("pro", limits("/a/*/b")), onPro(
			hard("P5", "firewall.limits[0].path", without("pro", "must have no ?, no + and * only at its end", fromBusiness+`firewall rules with regular expressions ("Regex-based threat filtering")`)))},
		row{"P5 limit with an expression of business", on("business", limits("/a/*/b")), nil},
		row{"P6 names of one domain", on("business", `{"domain": {"aliases": ["example.com", "*.example.com", "a.b.example.com"], "hostedZoneId": "Z1"}}`), nil},
		row{"P6 names of two domains", on("business", `{"domain": {"aliases": ["api.example.com", "*.example.org", "api.example.com.au"], "certificateArn": "arn:aws:acm:us-east-1:111122223333:certificate/c"}}`), is(
			hard("P6", "domain.aliases[1]", without("business", "must be a name of example.com", `a plan covers one apex domain, got "*.example.org"`)),
			hard("P6", "domain.aliases[2]", without("business", "must be a name of example.com", `a plan covers one apex domain, got "api.example.com.au"`)))},
		row{"P6 names of two domains below a public suffix", on("business", `{"domain": {"aliases": ["a.one.co.uk", "a.two.co.uk"], "certificateArn": "arn:aws:acm:us-east-1:111122223333:certificate/c"}}`),
			is(hard("P6", "domain.aliases[1]", without("business", "must be a name of one.co.uk", `a plan covers one apex domain, got "a.two.co.uk"`)))},
		row{"P6 no name", on("business", `{"domain": {"aliases": ["co.uk", "a.example.com"], "certificateArn": "arn:aws:acm:us-east-1:111122223333:certificate/c"}}`), nil},
		row{"P7 price class", on("business", `{"distribution": {"priceClass": "PriceClass_100"}}`),
			is(warning("P7", "distribution.priceClass", unsure("business", "AWS's guide to plans doesn't mention price classes")))},
		row{"P7 gRPC", on("business", `{"routes": [{"path": "/a", "grpc": true}]}`),
			is(warning("P7", "routes[0].grpc", unsure("business", "AWS's guide to plans doesn't mention gRPC")))},
		row{"P7 limit by a header", on("business", `{"firewall": {"limitBy": "Authorization"}}`),
			is(warning("P7", "firewall.limitBy", unsure("business", "AWS's guide to plans mentions rate limits by IP address only")))},
		row{"P7 blocked addresses", on("business", `{"firewall": {"blockedIPs": ["192.0.2.0/24"]}}`),
			is(warning("P7", "firewall.blockedIPs", unsure("business", "AWS's guide to plans doesn't mention IP sets")))},
		row{"P7 limit of a path", on("pro", limits("/a*")),
			onPro(warning("P7", "firewall.limits[0].path", unsure("pro", "AWS's guide to plans doesn't mention rules on paths")))},
		row{"P7 limit of a path with business", on("business", limits("/a*")), nil},
		row{"P7 web ACL", on("business", `{"firewall": {"enabled": false, "webACLArn": "`+acl+`"}}`),
			is(warning("P7", "firewall.webACLArn", unsure("business", "what rules it has isn't known here")))},
	),
		row{"P2 web ACL of two environments", `{"environments": {
			"dev": ` + on("business", `{"firewall": {"enabled": false, "webACLArn": "`+acl+`"}}`) + `,
			"test": {"region": "us-east-1", "api": {"domainName": "backend.example.com"}, "firewall": {"webACLArn": "` + acl + `"}}}}`, is(
			hard("P2", "environments.dev.firewall.webACLArn", without("business", "must not also be environments.test.firewall.webACLArn", "with a plan, a web ACL protects one distribution only")),
			warning("P7", "environments.dev.firewall.webACLArn", unsure("business", "what rules it has isn't known here")))},
		row{"P2 web ACL of two environments that pay as they go", `{"environments": {
			"dev": ` + on("", `{"firewall": {"enabled": false, "webACLArn": "`+acl+`"}}`) + `,
			"test": {"region": "us-east-1", "api": {"domainName": "backend.example.com"}, "firewall": {"webACLArn": "` + acl + `"}}}}`, nil},
	)
}
