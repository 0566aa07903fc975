package config_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// name253 is a DNS name of 253 characters, with the longest labels there may be.
var name253 = strings.Repeat("a", 63) + "." + strings.Repeat("b", 63) + "." + strings.Repeat("c", 63) + "." + strings.Repeat("d", 49) + ".example.com"

func originRows() []row {
	return inDev(
		domainRow("longest", name253, 0),
		domainRow("too long", name253+"d", 1),
		domainRow("of an IPv4 address", "192.0.2.1", 1),
		domainRow("of an IPv6 address", "2001:db8::1", 1),
		domainRow("with a scheme", "https://a.example.com", 1),
		domainRow("with a path", "a.example.com/x", 1),
		domainRow("with a port", "a.example.com:80", 1),
		domainRow("with a wildcard", "*.example.com", 1),
		domainRow("in upper case", "A.Example.com", 0),
		domainRow("of one label", "localhost", 1),
		domainRow("with an empty label", "a..com", 1),
		domainRow("with a last dot", "a.com.", 1),
		domainRow("with _", "a_b.com", 1),
		domainRow("with - first", "a.-b.com", 1),
		domainRow("with - last", "a.b-.com", 1),
		domainRow("with a long label", strings.Repeat("a", 64)+".com", 1),
		domainRow("with short labels", "a.b.co", 0),
		domainRow("of an S3 website with -", "b.s3-website-us-east-1.amazonaws.com", 1),
		domainRow("of an S3 website with a dot", "b.s3-website.eu-central-1.amazonaws.com", 1),
		domainRow("of S3 acceleration", "b.s3-accelerate.amazonaws.com", 1),
		domainRow("of S3 acceleration on IPv6", "b.s3-accelerate.dualstack.amazonaws.com", 1),
		domainRow("like S3's of others", "b.s3-website.example.com", 0),
		domainRow("like S3's acceleration of others", "b.s3-accelerate.example.com", 0),
		row{"O17 application load balancer", `{"api": {"domainName": "internal-llm-1.us-east-1.elb.amazonaws.com"}}`, is(hard("O17", "api.domainName"))},
		row{"O17 network load balancer", `{"api": {"domainName": "LLM-1.ELB.us-east-1.amazonaws.com"}}`, is(hard("O17", "api.domainName"))},
		row{"O17 load balancer in China", `{"api": {"domainName": "a-1.cn-north-1.elb.amazonaws.com.cn"}}`, is(hard("O17", "api.domainName"))},
		row{"O17 second backend", merged(`{"api": {"failover": {"domainName": "dualstack.a-1.us-east-1.elb.amazonaws.com"}}}`, `{"routes": [{"path": "/a", "methods": "read", "failover": true}]}`),
			is(hard("O17", "api.failover.domainName"))},
		row{"O17 canary", canary("a-1.us-east-1.elb.amazonaws.com", ""), is(hard("O17", "api.canary.domainName"))},
		row{"O17 behind a VPC origin", private(loadBalancer, "internal-a-1.us-east-1.elb.amazonaws.com"),
			is(hard("O17", "api.vpcOrigin.domainName"))},
		row{"O17 private name behind a VPC origin", private(loadBalancer, "llm.corp.internal"), is(warning("O17", "api.vpcOrigin.domainName"))},
		row{"O17 load balancers of regions", regional(`{"api": {"regions": [{"region": "us-east-1", "domainName": "a-1.us-east-1.elb.amazonaws.com", "healthPath": "/"},
			{"region": "eu-west-1", "domainName": "internal-b-1.eu-west-1.elb.amazonaws.com", "healthPath": "/"}]}}`),
			is(warning("O17", "api.regions[1].domainName"))},
		row{"O17 load balancer that gets the callers' name", `{"api": {"domainName": "a-1.us-east-1.elb.amazonaws.com", "cache": {"keyHeaders": ["Authorization", "Host"]}}}`,
			is(takes("api.cache"), warning("R7", "api.cache.keyHeaders"))},
		row{"O17 instance", `{"api": {"domainName": "ec2-192-0-2-1.compute-1.amazonaws.com"}}`, is(warning("O17", "api.domainName"))},
		row{"O17 instance elsewhere", `{"api": {"domainName": "ec2-192-0-2-1.eu-west-1.compute.amazonaws.com"}}`, is(warning("O17", "api.domainName"))},
		row{"O17 instance inside", `{"api": {"domainName": "ip-10-0-0-1.eu-west-1.compute.internal"}}`, is(warning("O17", "api.domainName"))},
		row{"O17 name of a network", `{"api": {"domainName": "gpu-1.local"}}`, is(warning("O17", "api.domainName"))},
		row{"O17 service of a cluster", `{"api": {"domainName": "vllm.default.svc.cluster.local"}}`, is(warning("O17", "api.domainName"))},
		row{"O17 endpoint", `{"api": {"domainName": "vpce-1-a.vpce-svc-1.us-east-1.vpce.amazonaws.com"}}`, is(warning("O17", "api.domainName"))},
		bucketHostRow("x.s3.amazonaws.com"), bucketHostRow("x.s3.us-west-2.amazonaws.com"), bucketHostRow("X.S3-us-west-2.amazonaws.com"),
		bucketHostRow("x.s3.dualstack.eu-west-1.amazonaws.com"), bucketHostRow("s3.us-west-2.amazonaws.com"),
		bucketHostRow("a-111122223333.s3-accesspoint.us-west-2.amazonaws.com"), bucketHostRow("a.b.s3.cn-north-1.amazonaws.com.cn"),
		row{"O17 buckets elsewhere", merged(canary("c.s3.amazonaws.com", `, "failover": {"domainName": "f.s3.amazonaws.com"}`), `{"routes": [{"path": "/a", "methods": "read", "failover": true}]}`),
			is(warning("O17", "api.canary.domainName"), warning("O17", "api.failover.domainName"))},
		row{"O17 not buckets", `{"api": {"domainName": "s3.acme.co", "failover": {"domainName": "x-s3.us-west-2.amazonaws.com"}}, "routes": [{"path": "/a", "methods": "read", "failover": true}]}`, nil},
		row{"O3 domains to fill in", `{"api": {"domainName": "inference.yourdomain.com", "failover": {"domainName": "api.yourcompany.com"}, "canary": {"domainName": "canary.your-company.io", "percent": 0}},
			"routes": [{"path": "/a", "methods": "read", "failover": true}], "domain": {"aliases": ["api.mydomain.com", "*.your-org.ai"], "certificateArn": "arn:aws:acm:us-east-1:111122223333:certificate/c"},
			"cors": {"allowOrigins": ["https://app.yourdomain.com"]}, "monitoring": {"enabled": true, "emails": ["you@yourcompany.com"]}}`, is(
			warning("O3", "api.canary.domainName"),
			warning("O3", "api.domainName"),
			warning("O3", "api.failover.domainName"),
			warning("O3", "cors.allowOrigins[0]"),
			warning("O3", "domain.aliases[0]"),
			warning("O3", "domain.aliases[1]"),
			warning("O3", "domain.certificateArn"),
			warning("O3", "monitoring.emails[0]"))},
		row{"O3 Slack to fill in", `{"api": {"domainName": "api.acme.co"}, "monitoring": {"enabled": true, "slack": {"workspaceId": "T0123456789", "channelId": "C000000000"}}}`, is(
			warning("O3", "monitoring.slack.channelId"),
			warning("O3", "monitoring.slack.workspaceId"))},
		row{"O3 path to fill in", `{"api": {"domainName": "api.acme.co", "path": "/endpoints/your-endpoint/openai"}}`, is(warning("O3", "api.path"))},
		row{"O3 buckets to fill in", `{"api": {"domainName": "api.acme.co"}, "models": {"bucket": "your-models-bucket"}}`, is(warning("O3", "models.bucket"))},
		zoneRow("ZXXXXXXXX"), zoneRow("Z1234567890ABC"), zoneRow("Z0000000000000"), zoneRow("Z1R8UBAEXAMPLE"), zoneRow("ZYOURZONEID"), zoneRow("Z1D633PJN98FT9"),
		row{"O3 ARNs of examples", `{"api": {"domainName": null, "loadBalancer": {"listenerArn": "arn:aws:elasticloadbalancing:us-east-1:111122223333:listener/app/llm/1/2",
			"domainName": "origin.acme.co", "securityGroupId": "sg-0123456789abcdef0"}, "verifySecret": "arn:aws:secretsmanager:us-east-1:111122223333:secret:a-AbCdEf"},
			"domain": {"aliases": ["llm.acme.co"], "hostedZoneId": "Z1R8UBA"}, "firewall": {"webACLArn": "arn:aws:wafv2:us-east-1:123456789012:global/webacl/w/1"}}`, is(
			warning("O3", "api.loadBalancer.listenerArn"),
			warning("O3", "api.loadBalancer.securityGroupId"),
			warning("O3", "api.verifySecret"),
			warning("O3", "firewall.webACLArn"))},
		row{"O3 private load balancer", `{"api": {"domainName": null, "vpcOrigin": {"protocol": "http", "loadBalancerArn": "arn:aws:elasticloadbalancing:us-east-1:111122223333:loadbalancer/app/llm/1",
			"securityGroupId": "sg-0aaaaa9f8e7d6c5b4"}}}`, is(
			warning("O3", "api.vpcOrigin.loadBalancerArn"),
			warning("O3", "api.vpcOrigin.securityGroupId"))},
		row{"O3 API", `{"api": {"domainName": "a1b2c3d4e5.execute-api.us-east-1.amazonaws.com", "verifySecret": "v"}}`,
			is(warning("O3", "api.domainName"))},
		row{"O3 none", `{"api": {"domainName": null, "vpcOrigin": {"protocol": "http", "loadBalancerArn": "arn:aws:elasticloadbalancing:us-east-1:284719305566:loadbalancer/app/llm/1",
			"securityGroupId": "sg-0f1e2d3c4b5a69788"}}}`, nil},
		row{"O3 account of one digit", `{"api": {"domainName": "api.acme.co"}, "account": {"id": "999999999999"}}`, is(warning("O3", "account.id"))},
		row{"O3 placeholder", `{"api": {"domainName": "your-backend-endpoint.amazonaws.com"}}`,
			is(warning("O3", "api.domainName"))},
		row{"O3 everywhere", `{"account": {"id": "111122223333"}, "api": {"domainName": "API.Example.NET", "failover": {"domainName": "b.example.org"}},
			"routes": [{"path": "/a", "methods": "read", "failover": true}], "domain": {"aliases": ["*.example.com", "llm.acme.co"], "certificateArn": "arn:aws:acm:us-east-1:111122223333:certificate/c"},
			"cors": {"allowOrigins": ["https://*.example.com:*", "https://app.acme.co", "*"]}, "monitoring": {"enabled": true, "emails": ["ops@example.com", "ops@acme.co"]}}`, is(
			warning("O3", "account.id"),
			warning("O3", "api.domainName"),
			warning("O3", "api.failover.domainName"),
			warning("C1", "cors.allowOrigins[0]"),
			warning("O3", "cors.allowOrigins[0]"),
			warning("O3", "domain.aliases[0]"),
			warning("O3", "domain.certificateArn"),
			warning("O3", "monitoring.emails[0]"))},
		row{"O3 hosted zone", `{"api": {"domainName": "api.acme.co"}, "domain": {"aliases": ["llm.acme.co"], "hostedZoneId": "Z0123456789ABC"}}`,
			is(warning("O3", "domain.hostedZoneId"))},
		row{"O3 regions", regional(`{"domain": {"aliases": ["api.acme.co"]}, "api": {"originAlias": "origin.acme.co", "regions": [
			{"region": "us-east-1", "domainName": "a.acme.co", "healthPath": "/"}, {"region": "us-west-2", "domainName": "b.example.com", "healthPath": "/"}]}}`),
			is(warning("O3", "api.regions[1].domainName"))},
		row{"O4 no leading slash", `{"api": {"path": "api"}}`, is(hard("O4", "api.path"))},
		row{"O4 trailing slash", `{"api": {"path": "/api/"}}`, is(hard("O4", "api.path"))},
		row{"O4 slash", `{"api": {"path": "/"}}`, is(hard("O4", "api.path"))},
		row{"O4 too long", `{"api": {"path": "/` + strings.Repeat("x", 255) + `"}}`, is(hard("O4", "api.path"))},
		row{"O4 longest", `{"api": {"path": "/` + strings.Repeat("x", 254) + `"}}`, nil},
		row{"O4 empty", `{"api": {"path": ""}}`, nil},
		row{"O5 port 80", `{"api": {"httpsPort": 80}}`, is(warning("O5", "api.httpsPort"))},
		row{"O5 port 81", `{"api": {"httpsPort": 81}}`, is(hard("O5", "api.httpsPort"))},
		row{"O5 port too low", `{"api": {"httpsPort": 1023}}`, is(hard("O5", "api.httpsPort"))},
		row{"O5 port lowest", `{"api": {"httpsPort": 1024}}`, nil},
		row{"O5 port highest", `{"api": {"httpsPort": 65535}}`, nil},
		row{"O5 port too high", `{"api": {"httpsPort": 65536}}`, is(hard("O5", "api.httpsPort"))},
		row{"O6 no attempt", `{"api": {"connectionAttempts": 0}}`, is(hard("O6", "api.connectionAttempts"))},
		row{"O6 too many attempts", `{"api": {"connectionAttempts": 4}}`, is(hard("O6", "api.connectionAttempts"))},
		row{"O6 fewest attempts", `{"api": {"connectionAttempts": 1}}`, nil},
		row{"O6 most attempts", `{"api": {"connectionAttempts": 3}}`, nil},
		row{"O6 no time to connect", `{"api": {"connectionTimeoutSeconds": 0}}`, is(hard("O6", "api.connectionTimeoutSeconds"))},
		row{"O6 too much time to connect", `{"api": {"connectionTimeoutSeconds": 11}}`, is(hard("O6", "api.connectionTimeoutSeconds"))},
		row{"O6 least time to connect", `{"api": {"connectionTimeoutSeconds": 1}}`, nil},
		row{"O6 most time to connect", `{"api": {"connectionTimeoutSeconds": 10}}`, nil},
		row{"O7 no time to read", `{"api": {"readTimeoutSeconds": 0}}`, is(hard("O7", "api.readTimeoutSeconds"))},
		row{"O7 least time to read", `{"api": {"readTimeoutSeconds": 1}}`, nil},
		row{"O7 most time to read", `{"api": {"readTimeoutSeconds": 120}}`, nil},
		row{"O7 too much time to read", `{"api": {"readTimeoutSeconds": 121}}`, is(quota("O7", "api.readTimeoutSeconds"))},
		row{"O7 most time to read with a raised quota", `{"api": {"readTimeoutSeconds": 180}, "quotas": {"originReadTimeoutSeconds": 180}}`, nil},
		row{"O7 too much time to read with a raised quota", `{"api": {"readTimeoutSeconds": 181}, "quotas": {"originReadTimeoutSeconds": 180}}`,
			is(quota("O7", "api.readTimeoutSeconds"))},
		row{"O8 no time to keep", `{"api": {"keepaliveTimeoutSeconds": 0}}`, is(hard("O8", "api.keepaliveTimeoutSeconds"))},
		row{"O8 least time to keep", `{"api": {"keepaliveTimeoutSeconds": 1}}`, nil},
		row{"O8 most time to keep", `{"api": {"keepaliveTimeoutSeconds": 120}}`, nil},
		row{"O8 more time to keep than the API Reference has", `{"api": {"keepaliveTimeoutSeconds": 121}}`, is(warning("O8", "api.keepaliveTimeoutSeconds"))},
		row{"O8 time to keep with a quota that was asked for", `{"api": {"keepaliveTimeoutSeconds": 180}, "quotas": {"originKeepaliveTimeoutSeconds": 180}}`, nil},
		row{"O8 too much time to keep", `{"api": {"keepaliveTimeoutSeconds": 301}}`, is(quota("O8", "api.keepaliveTimeoutSeconds"))},
		row{"O12 no region", `{"api": {"shieldRegion": "us-east-9"}}`, is(hard("N2", "api.shieldRegion"))},
		row{"O12 no region of Origin Shield", `{"api": {"shieldRegion": "us-west-1"}}`, is(warning("O12", "api.shieldRegion"))},
		row{"O12 region of Origin Shield", `{"api": {"shieldRegion": "sa-east-1"}}`, nil},
		row{"O16 secret with a space", `{"api": {"verifySecret": "a b"}}`, is(hard("O16", "api.verifySecret"))},
		row{"O16 secret too long", `{"api": {"verifySecret": ` + text(513) + `}}`, is(hard("O16", "api.verifySecret"))},
		row{"O18 secret itself", `{"api": {"verifySecret": "c2VjcmV0IG9mIG1pbmU5OTk5"}}`, is(warning("O18", "api.verifySecret"))},
		row{"O18 token of a well-known kind", `{"api": {"verifySecret": "sk-proj-abcdefghijklmnop123456"}}`, is(hard("O18", "api.verifySecret"))},
		row{"O16 private key in place of a secret's name", `{"api": {"verifySecret": "-----BEGIN PRIVATE KEY-----\nMIIE"}}`, is(hard("O16", "api.verifySecret"))},
		row{"K1 key in place of its header", `{"api": {"keys": {"header": "Bearer abc"}}}`, is(hard("K1", "api.keys.header"))},
		row{"O16 secret longest", `{"api": {"verifySecret": ` + text(512) + `}}`, nil},
		row{"O16 secret", `{"api": {"verifySecret": "a/b_c+d=e.f@g-H1"}}`, nil},
		row{"O16 ARN of a secret", `{"api": {"verifySecret": "arn:aws:secretsmanager:us-east-1:111122223333:secret:a-AbCdEf"}}`, nil},
		row{"O16 ARN of a parameter", `{"api": {"verifySecret": "arn:aws:ssm:us-east-1:111122223333:parameter/a"}}`,
			is(hard("O16", "api.verifySecret"))},
		row{"O16 key of a secret", `{"api": {"verifySecret": "arn:aws:secretsmanager:us-east-1:111122223333:secret:acme-AbCdEf:token::"}}`,
			is(hard("O16", "api.verifySecret"))},
		row{"O26 key of a secret", `{"api": {"keys": {}, "credential": {"secret": "arn:aws:secretsmanager:us-east-1:111122223333:secret:acme-AbCdEf:token:AWSCURRENT:"}}}`,
			is(hard("O26", "api.credential.secret"))},
		row{"O16 ARN of no secret", `{"api": {"verifySecret": "arn:aws:secretsmanager:us-east-1:111122223333:secret:"}}`,
			is(hard("O16", "api.verifySecret"))},
		row{"O16 secret elsewhere", `{"api": {"verifySecret": "arn:aws:secretsmanager:us-west-2:111122223333:secret:a-AbCdEf"}}`,
			is(hard("O16", "api.verifySecret"))},
		row{"O16 secret of another account", `{"account": {"id": "111122223333"}, "api": {"verifySecret": "arn:aws:secretsmanager:us-east-1:999922223333:secret:a-AbCdEf"}}`,
			is(hard("O16", "api.verifySecret"))},
		row{"Q1 quotas below AWS's", `{"quotas": {"originReadTimeoutSeconds": 119, "behaviors": 74, "origins": 99, "aliases": 99}}`, is(
			hard("Q1", "quotas.aliases"),
			hard("Q1", "quotas.behaviors"),
			hard("Q1", "quotas.originReadTimeoutSeconds"),
			hard("Q1", "quotas.origins"))},
		row{"Q1 quotas of AWS", `{"quotas": {"originReadTimeoutSeconds": 120, "behaviors": 75, "origins": 100, "aliases": 100}}`, nil},
	)
}

// TestNamesThatAreNoPlaceholders are nearly like some.
func TestNamesThatAreNoPlaceholders(t *testing.T) {
	for _, bucket := range []string{"acme-terraform-state", "my-acme-models", "models-of-my-company", "yourkarma-state", "state"} {
		got := allProblems(t, row{patch: `{"state": {"bucket": "` + bucket + `"}, "environments": {"dev": {
			"account": {"id": "999999999998"},
			"api": {"domainName": "api.myexample.com", "canary": {"domainName": "your.mydomains.com", "percent": 0}},
			"models": {"bucket": "` + bucket + `-2"},
			"domain": {"aliases": ["myapp.example.com.au", "llm.yourkarma.com.au"], "certificateArn": "arn:aws:acm:us-east-1:999999999998:certificate/c"}}}}`}.file(t))
		require.Empty(t, got, bucket)
	}
	for _, zone := range []string{"Z03428572I4PJ3GXEU9RC", "Z1", "ZA1111B"} {
		require.Empty(t, allProblems(t, inDev(row{patch: `{"api": {"domainName": "api.acme.co"},
			"domain": {"aliases": ["llm.acme.co"], "hostedZoneId": "` + zone + `"}}`})[0].file(t)), zone)
	}
}

// bucketHostRow is the name of a bucket in place of a backend's.
func bucketHostRow(name string) row {
	return row{"O17 bucket " + name, `{"api": {"domainName": "` + name + `"}}`, is(warning("O17", "api.domainName"))}
}

// zoneRow is a made-up hosted zone.
func zoneRow(id string) row {
	return row{"O3 hosted zone " + id, `{"api": {"domainName": "api.acme.co"}, "domain": {"aliases": ["llm.acme.co"], "hostedZoneId": "` + id + `"}}`,
		is(warning("O3", "domain.hostedZoneId"))}
}

// domainRow is a domain of the API, and how many things are wrong with it.
func domainRow(name, domain string, wrong int) row {
	r := row{name: "O2 domain " + name, patch: `{"api": {"domainName": "` + domain + `"}}`}
	for range wrong {
		r.want = append(r.want, hard("O2", "api.domainName"))
	}
	return r
}

// headers returns a change that sets headers to the origin.
func headers(object string) string { return `{"api": {"headers": ` + object + `}}` }

func headerRows() []row {
	rows := []row{
		{"O9 header outside ASCII", headers(`{"X-A": "müller"}`), is(warning("O9", "api.headers.X-A"))},
		{"O9 too many headers", headers(object(31, `"h%d": "a"`)), is(quota("O9", "api.headers"))},
		{"O9 too many headers with a raised quota", merged(headers(object(31, `"h%d": "a"`)), `{"quotas": {"originCustomHeaders": 31}}`), nil},
		{"O9 most headers", headers(object(30, `"h%d": "a"`)), nil},
		{"O9 too many headers with verifySecret", `{"api": {"verifySecret": "s", "headers": ` + object(30, `"h%d": "a"`) + `}}`,
			is(quota("O9", "api.headers"))},
		{"O9 most headers with verifySecret", `{"api": {"verifySecret": "s", "headers": ` + object(29, `"h%d": "a"`) + `}}`, nil},
		{"O9 name empty", headers(`{"": "a"}`), is(hard("O9", `api.headers[""]`))},
		{"O9 name shortest", headers(`{"a": ""}`), nil},
		{"O9 name longest", headers(`{` + text(256) + `: "a"}`), nil},
		{"O9 name too long", headers(`{` + text(257) + `: "a"}`), is(hard("O9", "api.headers."+strings.Repeat("x", 257)))},
		{"O9 name with a space", headers(`{"a b": "c"}`), is(hard("O9", `api.headers["a b"]`))},
		{"O9 name with a space, value no text", headers(`{"a b": {"c": 1}}`), is(hard("O9", `api.headers["a b"]`))},
		{"O9 name with every sign", headers("{\"aZ09!#$%&'*+-.^_`|~\": \"a\"}"), nil},
		{"O9 value longest", headers(`{"a": ` + text(1783) + `}`), nil},
		{"O9 value too long", headers(`{"a": ` + text(1784) + `}`), is(hard("O9", "api.headers.a"))},
		{"O9 most in all", headers(`{"a": ` + text(1783) + `, "b": ` + text(1783) + `, "c": ` + text(1783) + `, "d": ` + text(1783) + `, "e": ` + text(1783) + `, "f": ` + text(1319) + `}`), nil},
		{"O9 too much in all", headers(`{"a": ` + text(1783) + `, "b": ` + text(1783) + `, "c": ` + text(1783) + `, "d": ` + text(1783) + `, "e": ` + text(1783) + `, "f": ` + text(1320) + `}`),
			is(hard("O9", "api.headers"))},
		{"O9 header in two cases", headers(`{"X-A": "a", "x-a": "b"}`), is(hard("O9", "api.headers.x-a"))},
		{"O18 verify header", headers(`{"x-origin-verify": "a"}`), is(hard("O18", "api.headers.x-origin-verify"))},
		{"O18 keys", headers(`{"Authorization": "Bearer a", "x-api-key": "a", "Api-Key": "a", "X-Auth-Token": "a", "X_Secret": "a", "Ocp-Apim-Subscription-Key": "a", "X-JWT": "a"}`), is(
			hard("O18", "api.headers.Api-Key"), hard("O18", "api.headers.Authorization"), hard("O18", "api.headers.Ocp-Apim-Subscription-Key"),
			hard("O18", "api.headers.X-Auth-Token"), hard("O18", "api.headers.X-JWT"), hard("O18", "api.headers.X_Secret"), hard("O18", "api.headers.x-api-key"))},
		{"O18 what looks like a key", headers(`{"X-A": "sk-proj-abc", "X-B": "dGhpcyBpcyBhIHNlY3JldCBrZXk5", "X-C": "0123456789abcdef0123456789abcdef"}`), is(
			hard("O18", "api.headers.X-A"), hard("O18", "api.headers.X-B"), hard("O18", "api.headers.X-C"))},
		{"O18 what doesn't", headers(`{"X-Stage": "production-of-the-european-models", "X-Keyboard": "a", "X-Version": "2026-11-30T12:00:00Z"}`), nil},
		{"O18 a private key", headers(`{"X-A": "-----BEGIN PRIVATE KEY-----\nMIIE"}`), is(hard("O18", "api.headers.X-A"))},
		{"O18 a key beside api.keys", `{"api": {"keys": {}, "headers": {"Authorization": "Bearer a"}}}`, is(hard("O18", "api.headers.Authorization"))},
		{"O18 a key in the header of api.keys", `{"api": {"keys": {"header": "X-Api-Key"}, "headers": {"x-api-key": "a"}}}`, is(hard("O18", "api.headers.x-api-key"))},
		{"T1 header", headers(`{"X-A": "hunter2${"}`), is(hard("T1", "api.headers.X-A"))},
		{"O10 verify header with verifySecret", `{"api": {"verifySecret": "s", "headers": {"x-origin-verify": "a"}}}`,
			is(hard("O10", "api.headers.x-origin-verify"))},
		{"O10 like a refused header", headers(`{"X-Edge": "a", "X-Amz": "a", "Hosts": "a", "A-Via": "a"}`), nil},
	}
	for _, name := range []string{
		"Cache-Control", "Connection", "Content-Length", "Cookie", "Host", "If-Match", "If-Modified-Since", "If-None-Match", "If-Range",
		"If-Unmodified-Since", "Max-Forwards", "Pragma", "Proxy-Authenticate", "Proxy-Authorization", "Proxy-Connection", "Range", "Request-Range",
		"TE", "Trailer", "Transfer-Encoding", "Upgrade", "Via", "X-Real-Ip", "X-Amz-", "X-Amz-Date", "X-Edge-", "X-Edge-Location", "hOST",
	} {
		rows = append(rows, row{"O10 " + name, headers(fmt.Sprintf(`{%q: "a"}`, name)), is(hard("O10", "api.headers."+name))})
	}
	return inDev(rows...)
}

// regional returns a change to two regions, and one to its API.
func regional(change string) string {
	return merged(`{
		"domain": {"hostedZoneId": "Z1", "aliases": ["api.example.com"]},
		"api": {
			"domainName": null,
			"originAlias": "origin.example.com",
			"regions": [`+region("us-east-1", "/")+`, `+region("eu-west-1", "/healthz")+`]
		}
	}`, change)
}

func region(name, healthPath string) string {
	return fmt.Sprintf(`{"region": %q, "domainName": "%s.example.com", "healthPath": %q}`, name, name, healthPath)
}

// private returns a change to a backend in a VPC.
func private(arn, domain string) string {
	return fmt.Sprintf(`{"api": {"domainName": null, "vpcOrigin": {"loadBalancerArn": %q, "domainName": %q}}}`, arn, domain)
}

const loadBalancer = "arn:aws:elasticloadbalancing:us-east-1:111122223333:loadbalancer/app/a/1234567890abcdef"

func backendRows() []row {
	return inDev(
		row{"O1 no backend", `{"api": {"domainName": null}}`, is(hard("O1", "api"))},
		row{"O1 empty backends", `{"api": {"domainName": "", "regions": [], "vpcOrigin": {}}}`, is(hard("O1", "api"))},
		row{"O1 two backends", `{"api": {"vpcOrigin": {"loadBalancerArn": "` + loadBalancer + `", "domainName": "b.example.com"}}}`, is(hard("O1", "api"))},
		row{"O1 domain and regions", regional(`{"api": {"domainName": "b.example.com"}}`), is(hard("O1", "api"))},

		row{"O11 failover", `{"api": {"failover": {"domainName": "b.example.com"}}, "routes": [{"path": "/a", "methods": "read", "failover": true}]}`, nil},
		row{"O11 failover to itself", `{"api": {"failover": {"domainName": "backend.example.com"}}, "routes": [{"path": "/a", "methods": "read", "failover": true}]}`,
			is(hard("O11", "api.failover.domainName"))},
		row{"O11 failover to the regions", regional(`{"api": {"failover": {"domainName": "origin.example.com"}}, "routes": [{"path": "/a", "methods": "read", "failover": true}]}`),
			is(hard("O11", "api.failover.domainName"))},
		row{"O2 failover", `{"api": {"failover": {"domainName": "localhost"}}, "routes": [{"path": "/a", "methods": "read", "failover": true}]}`,
			is(hard("O2", "api.failover.domainName"))},
		row{"O11 route without api.failover", `{"routes": [{"path": "/a", "methods": "read", "failover": true}]}`, is(hard("O11", "routes[0].failover"))},
		row{"O11 route that writes", `{"api": {"failover": {"domainName": "b.example.com"}}, "routes": [{"path": "/a", "failover": true}]}`,
			is(hard("O11", "routes[0].failover"))},
		row{"O11 route that writes, without api.failover", `{"routes": [{"path": "/a", "failover": true}]}`, is(
			hard("O11", "routes[0].failover"),
			hard("O11", "routes[0].failover"))},
		row{"U1 failover of no route", `{"api": {"failover": {"domainName": "b.example.com"}}, "routes": [{"path": "/a"}]}`,
			is(warning("U1", "api.failover"))},

		row{"O13 regions", regional(`{}`), nil},
		row{"O13 one region", regional(`{"api": {"regions": [` + region("us-east-1", "/") + `]}}`), is(hard("O13", "api.regions"))},
		row{"O13 region twice", regional(`{"api": {"regions": [` + region("us-east-1", "/") + `, {"region": "us-east-1", "domainName": "b.example.com", "healthPath": "/"}]}}`),
			is(hard("O13", "api.regions[1].region"))},
		row{"O13 no originAlias", regional(`{"api": {"originAlias": ""}}`), is(hard("O13", "api.originAlias"))},
		row{"O13 originAlias without regions", `{"api": {"originAlias": "origin.example.com"}}`, is(hard("O13", "api.originAlias"))},
		row{"O13 one backend twice", regional(`{"api": {"regions": [{"region": "us-east-1", "domainName": "a.example.com", "healthPath": "/"},
			{"region": "us-west-2", "domainName": "A.example.com", "healthPath": "/"}]}}`),
			is(warning("O13", "api.regions[1].domainName"))},
		row{"O13 no hosted zone", regional(`{"domain": {"aliases": [], "hostedZoneId": ""}}`), is(hard("O13", "api.regions"))},
		row{"O13 healthPath without slash", regional(`{"api": {"regions": [` + region("us-east-1", "/") + `, ` + region("us-east-2", "healthz") + `]}}`),
			is(hard("O13", "api.regions[1].healthPath"))},
		row{"O13 healthPath empty", regional(`{"api": {"regions": [` + region("us-east-1", "/") + `, ` + region("us-east-2", "") + `]}}`), is(hard("O13", "api.regions[1].healthPath"))},
		row{"O13 healthPath too long", regional(`{"api": {"regions": [` + region("us-east-1", "/") + `, ` + region("us-east-2", "/"+strings.Repeat("x", 255)) + `]}}`),
			is(hard("O13", "api.regions[1].healthPath"))},
		row{"O13 healthPath longest", regional(`{"api": {"regions": [` + region("us-east-1", "/") + `, ` + region("us-east-2", "/"+strings.Repeat("x", 254)) + `]}}`), nil},
		row{"N2 region of a backend", regional(`{"api": {"regions": [` + region("us-east-1", "/") + `, ` + region("moon", "/") + `]}}`), is(hard("N2", "api.regions[1].region"))},
		row{"O2 originAlias", regional(`{"api": {"originAlias": "origin"}}`), is(hard("O2", "api.originAlias"))},
		row{"O2 region", regional(`{"api": {"regions": [` + region("us-east-1", "/") + `, {"region": "us-east-2", "domainName": "b", "healthPath": "/"}]}}`),
			is(hard("O2", "api.regions[1].domainName"))},
		row{"O2 region without a name", regional(`{"api": {"regions": [` + region("us-east-1", "/") + `, {"region": "us-east-2", "domainName": "", "healthPath": "/"}]}}`),
			is(hard("O2", "api.regions[1].domainName"))},
		row{"S4 region without anything", regional(`{"api": {"regions": [` + region("us-east-1", "/") + `, {}]}}`), is(
			hard("S4", "api.regions[1].domainName"),
			hard("S4", "api.regions[1].healthPath"),
			hard("S4", "api.regions[1].region"))},
		row{"D10 domain is an alias", merged(zone(`["backend.example.com"]`), `{"api": {"domainName": "Backend.example.com"}}`),
			is(hard("D10", "api.domainName"))},
		row{"D10 failover is an alias", merged(zone(`["b.example.com"]`), `{"api": {"failover": {"domainName": "b.example.com"}}, "routes": [{"path": "/a", "methods": "read", "failover": true}]}`),
			is(hard("D10", "api.failover.domainName"))},
		row{"D10 region is an alias", regional(`{"domain": {"aliases": ["us-east-1.example.com"]}}`), is(
			hard("D10", "api.regions[0].domainName"))},
		row{"D10 region is the originAlias", regional(`{"api": {"originAlias": "US-East-1.example.com"}}`), is(
			hard("D10", "api.regions[0].domainName"))},
		row{"O12 shield before regions", regional(`{"api": {"shieldRegion": "us-east-1"}}`),
			is(warning("O12", "api.shieldRegion"))},
		row{"O13 secret before regions", regional(`{"api": {"verifySecret": "s"}}`), is(warning("O13", "api.verifySecret"))},
		row{"D10 originAlias is an alias", regional(`{"api": {"originAlias": "api.example.com"}}`),
			is(hard("D10", "api.originAlias"))},

		row{"O14 application load balancer", private(loadBalancer, "b.example.com"), nil},
		row{"O14 network load balancer", private("arn:aws:elasticloadbalancing:us-east-1:111122223333:loadbalancer/net/a/1234567890abcdef", "b.example.com"), nil},
		row{"O14 instance", private("arn:aws:ec2:us-east-1:111122223333:instance/i-1234567890abcdef0", "b.example.com"), nil},
		row{"O14 classic load balancer", private("arn:aws:elasticloadbalancing:us-east-1:111122223333:loadbalancer/a", "b.example.com"),
			is(hard("O14", "api.vpcOrigin.loadBalancerArn"))},
		row{"O14 gateway load balancer", private("arn:aws:elasticloadbalancing:us-east-1:111122223333:loadbalancer/gwy/a/1", "b.example.com"),
			is(hard("O14", "api.vpcOrigin.loadBalancerArn"))},
		row{"O14 target group", private("arn:aws:elasticloadbalancing:us-east-1:111122223333:targetgroup/a/1", "b.example.com"),
			is(hard("O14", "api.vpcOrigin.loadBalancerArn"))},
		row{"O14 VPC", private("arn:aws:ec2:us-east-1:111122223333:vpc/vpc-1", "b.example.com"),
			is(hard("O14", "api.vpcOrigin.loadBalancerArn"))},
		row{"O14 no load balancer", private("", "b.example.com"), is(hard("O14", "api.vpcOrigin.loadBalancerArn"))},
		row{"O14 load balancer elsewhere", private("arn:aws:elasticloadbalancing:eu-west-1:111122223333:loadbalancer/app/a/1", "b.example.com"), nil},
		row{"O14 load balancer of another account", merged(private(loadBalancer, "b.example.com"), `{"account": {"id": "999922223333"}}`),
			is(hard("O14", "api.vpcOrigin.loadBalancerArn"))},
		row{"O2 load balancer without a name", private(loadBalancer, ""), is(hard("O2", "api.vpcOrigin.domainName"))},
		row{"O14 failover", merged(private(loadBalancer, "b.example.com"), `{"api": {"failover": {"domainName": "c.example.com"}}, "routes": [{"path": "/a", "methods": "read", "failover": true}]}`),
			is(warning("O14", "api.failover"))},
		row{"O14 gRPC", merged(private(loadBalancer, "b.example.com"), `{"routes": [{"path": "/a", "grpc": true}]}`),
			is(hard("O14", "routes[0].grpc"))},
	)
}
