package config_test

import (
	"fmt"
	"slices"

	"ml-api-accelerator/stacks/config"
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
func neverFits() config.Problem {
	return hard("P5", "distribution.pricingPlan")
}

// onPro is what is said of the pro plan, whatever else is.
func onPro(others ...config.Problem) []config.Problem { return append(is(neverFits()), others...) }

// onFree is what is said of the free plan with a web ACL made here, whatever else is.
func onFree(others ...config.Problem) []config.Problem {
	return append(is(neverFits(), hard("P5", "firewall.enabled"), hard("P5", "firewall.enabled")), others...)
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
	sixRules := quota("P4", "firewall")
	return append(inDev(
		row{"P1 none", on("", "{}"), nil},
		row{"P1 unknown", on("gold", "{}"), is(hard("P1", "distribution.pricingPlan"))},
		row{"P1 business", on("business", "{}"), nil},
		row{"P1 premium", on("premium", "{}"), nil},
		row{"P2 no web ACL", on("business", `{"firewall": {"enabled": false}}`), is(hard("P2", "firewall"))},
		row{"P3 identity", on("premium", `{"models": {"access": "identity"}}`), is(hard("P3", "models.access"))},
		row{"P4 most behaviors", on("business", routes(48)), nil},
		row{"P4 too many behaviors", on("business", routes(49)), is(quota("P4", "routes"))},
		row{"P4 most behaviors of premium", merged(on("premium", routes(98)), `{"quotas": {"behaviors": 100}}`), nil},
		row{"P4 too many behaviors of premium", merged(on("premium", routes(99)), `{"quotas": {"behaviors": 200}}`),
			is(quota("P4", "routes"))},
		row{"P4 most of pro", on("pro", routes(8)), onPro()},
		row{"P4 too many of pro", on("pro", routes(9)), onPro(quota("P4", "routes"))},
		row{"P4 most of free", on("free", routes(3)), onFree()},
		row{"P4 too many of free", on("free", routes(4)), onFree(quota("P4", "routes"))},
		row{"P4 most rules of free", on("free", `{"firewall": {"allowedIPs": ["192.0.2.0/24", "192.0.3.0/24"]}}`),
			onFree(warning("P7", "firewall.allowedIPs"))},
		row{"P4 most rules of free, only these", on("free", `{"firewall": {"onlyAllowedIPs": true, "allowedIPs": ["192.0.2.0/24", "2001:db8::/32"]}}`),
			onFree(warning("P7", "firewall.allowedIPs"))},
		row{"P6 a route with a list", on("pro", `{"distribution": {"ipv6": false}, "routes": [{"path": "/admin*", "allowedIPs": ["192.0.2.0/24"]}]}`),
			onPro(hard("P5", "routes[0].allowedIPs"))},
		row{"P6 models with a list", on("pro", `{"distribution": {"ipv6": false}, "models": {"allowedIPs": ["192.0.2.0/24"]}}`),
			onPro(hard("P5", "models.allowedIPs"))},
		row{"P7 a bucket with a list", on("business", `{"distribution": {"ipv6": false}, "buckets": {"a": {"path": "/a/*", "access": "control", "allowedIPs": ["192.0.2.0/24"]}}}`),
			is(warning("P7", "buckets.a.allowedIPs"))},
		row{"P7 a route with a list", on("business", `{"distribution": {"ipv6": false}, "routes": [{"path": "/admin*", "allowedIPs": ["192.0.2.0/24"]}]}`),
			is(warning("P7", "routes[0].allowedIPs"))},
		row{"P4 too many rules of free", on("free", `{"firewall": {"allowedIPs": ["192.0.2.0/24", "2001:db8::/32"]}}`),
			slices.Insert(onFree(warning("P7", "firewall.allowedIPs")), 1, sixRules)},
		row{"P5 cache of the API", on("pro", `{"api": {"cache": {}}}`), is(
			hard("P5", "api.cache"),
			neverFits(), takes("api.cache"))},
		row{"P5 cache of a route to the models", on("pro", `{"routes": [{"path": "/models/a*", "origin": "models", "cache": {"queryStrings": "none"}}]}`),
			onPro(hard("P5", "routes[0].cache"))},
		row{"P5 page", on("pro", `{"web": {"path": "/ui/*", "access": "control"}}`), onPro(hard("P5", "web"))},
		row{"P5 page of business", on("business", `{"web": {"path": "/ui/*", "access": "control"}}`), nil},
		row{"P5 caches of business", on("business", `{"api": {"cache": {}}}`), is(takes("api.cache"))},
		row{"P5 Origin Shield", on("business", `{"api": {"shieldRegion": "us-east-1"}}`), is(hard("P5", "api.shieldRegion"))},
		row{"P5 Origin Shield of premium", on("premium", `{"api": {"shieldRegion": "us-east-1"}}`), nil},
		row{"P5 failover", on("business", `{"api": {"failover": {"domainName": "b.example.com"}}, "routes": [{"path": "/a", "methods": "read", "failover": true}]}`),
			is(hard("P5", "api.failover"))},
		row{"P5 replica", on("business", `{"models": {"replicaRegion": "us-west-2"}}`),
			is(hard("P5", "models.replicaRegion"))},
		row{"P5 failover of premium", on("premium", `{"models": {"replicaRegion": "us-west-2"}}`), nil},
		row{"P5 VPC origin", on("pro", `{"api": {"domainName": "", "vpcOrigin": {"loadBalancerArn": "`+balancer+`", "domainName": "a.example.com"}}}`), is(
			hard("P5", "api.vpcOrigin"),
			neverFits())},
		row{"P5 keys", on("free", `{"api": {"keys": {}}}`), append([]config.Problem{hard("P5", "api.keys")}, onFree()...)},
		row{"P5 canary", on("free", canary("c.example.com", "")), append([]config.Problem{
			hard("P5", "api.canary")}, onFree()...)},
		row{"P5 keys of pro", on("pro", `{"api": {"keys": {}}}`), onPro()},
		row{"P5 access logs", on("free", `{"logging": {"enabled": true}}`), onFree(hard("P5", "logging.enabled"))},
		row{"P5 access logs of business", on("business", `{"logging": {"enabled": true}}`), nil},
		row{"P5 limit by a header", on("free", `{"firewall": {"limitBy": "Authorization"}}`), slices.Insert(onFree(
			hard("P5", "firewall.limitBy")), 1, sixRules)},
		row{"P5 limit with an expression", on("pro", limits("/a/*/b")), onPro(hard("P5", "firewall.limits[0].path"))},
		row{"P5 limit with an expression of business", on("business", limits("/a/*/b")), nil},
		row{"P6 names of one domain", on("business", `{"domain": {"aliases": ["example.com", "*.example.com", "a.b.example.com"], "hostedZoneId": "Z1"}}`), nil},
		row{"P6 names of two domains", on("business", `{"domain": {"aliases": ["api.example.com", "*.example.org", "api.example.com.au"], "certificateArn": "arn:aws:acm:us-east-1:111122223333:certificate/c"}}`), is(
			hard("P6", "domain.aliases[1]"),
			hard("P6", "domain.aliases[2]"))},
		row{"P6 names of two domains below a public suffix", on("business", `{"domain": {"aliases": ["a.one.co.uk", "a.two.co.uk"], "certificateArn": "arn:aws:acm:us-east-1:111122223333:certificate/c"}}`),
			is(hard("P6", "domain.aliases[1]"))},
		row{"P6 no name", on("business", `{"domain": {"aliases": ["co.uk", "a.example.com"], "certificateArn": "arn:aws:acm:us-east-1:111122223333:certificate/c"}}`), nil},
		row{"P7 price class", on("business", `{"distribution": {"priceClass": "PriceClass_100"}}`),
			is(warning("P7", "distribution.priceClass"))},
		row{"P7 gRPC", on("business", `{"routes": [{"path": "/a", "grpc": true}]}`), is(warning("P7", "routes[0].grpc"))},
		row{"P7 limit by a header", on("business", `{"firewall": {"limitBy": "Authorization"}}`),
			is(warning("P7", "firewall.limitBy"))},
		row{"P7 blocked addresses", on("business", `{"firewall": {"blockedIPs": ["192.0.2.0/24"]}}`),
			is(warning("P7", "firewall.blockedIPs"))},
		row{"P7 limit of a path", on("pro", limits("/a*")), onPro(warning("P7", "firewall.limits[0].path"))},
		row{"P7 limit of a path with business", on("business", limits("/a*")), nil},
		row{"P7 web ACL", on("business", `{"firewall": {"enabled": false, "webACLArn": "`+acl+`"}}`),
			is(warning("P7", "firewall.webACLArn"))},
	),
		row{"P2 web ACL of two environments", `{"environments": {
			"dev": ` + on("business", `{"firewall": {"enabled": false, "webACLArn": "`+acl+`"}}`) + `,
			"test": {"region": "us-east-1", "api": {"domainName": "backend.example.com"}, "firewall": {"webACLArn": "` + acl + `"}}}}`, is(
			hard("P2", "environments.dev.firewall.webACLArn"),
			warning("P7", "environments.dev.firewall.webACLArn"))},
		row{"P2 web ACL of two environments that pay as they go", `{"environments": {
			"dev": ` + on("", `{"firewall": {"enabled": false, "webACLArn": "`+acl+`"}}`) + `,
			"test": {"region": "us-east-1", "api": {"domainName": "backend.example.com"}, "firewall": {"webACLArn": "` + acl + `"}}}}`, nil},
	)
}
