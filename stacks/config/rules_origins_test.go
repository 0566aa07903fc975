package config_test

import (
	"fmt"
	"strings"
	"testing"
)

func TestOriginRules(t *testing.T)  { check(t, originRows()) }
func TestHeaderRules(t *testing.T)  { check(t, headerRows()) }
func TestBackendRules(t *testing.T) { check(t, backendRows()) }

const (
	badDomain       = "must be a DNS name like api.example.com: "
	badLabels       = badDomain + "1 to 63 letters, digits and - between the dots, - neither first nor last, got "
	badS3           = "must not be an S3 website or accelerate endpoint, got "
	badHeader       = "must be named with 1 to 256 letters, digits and !#$%&'*+-.^_`|~, got "
	badSecret       = "must be an ARN like arn:aws:secretsmanager:us-east-1:111122223333:secret:origin-verify-AbCdEf, got "
	notShown        = "something else, which isn't shown since it may be secret"
	noSecret        = "must not have a key or a token: it would stand in the synthesized JSON, for everyone who reads that; put it into Secrets Manager and name it in api.verifySecret, which sends it as X-Origin-Verify"
	badLoadBalancer = "must be an ARN like arn:aws:elasticloadbalancing:us-east-1:111122223333:loadbalancer/app/name/1234567890abcdef, got "
	badInstance     = "must be an ARN like arn:aws:ec2:us-east-1:111122223333:instance/i-1234567890abcdef0, got "
	refusedHeader   = "must not be sent to the origin: CloudFront refuses this header"
	notShield       = "was no region of Origin Shield when this list was made: us-east-1, us-east-2, us-west-2, ap-south-1, ap-northeast-1, " +
		"ap-northeast-2, ap-southeast-1, ap-southeast-2, eu-central-1, eu-west-1, eu-west-2, me-central-1, sa-east-1"
)

// name253 is a DNS name of 253 characters, with the longest labels there may be.
var name253 = strings.Repeat("a", 63) + "." + strings.Repeat("b", 63) + "." + strings.Repeat("c", 63) + "." + strings.Repeat("d", 49) + ".example.com"

func originRows() []row {
	return inDev(
		domainRow("longest", name253),
		domainRow("too long", name253+"d", "must have at most 253 characters, got 254"),
		domainRow("of an IPv4 address", "192.0.2.1", badDomain+`not an IP address, got "192.0.2.1"`),
		domainRow("of an IPv6 address", "2001:db8::1", badDomain+`not an IP address, got "2001:db8::1"`),
		domainRow("with a scheme", "https://a.example.com", badDomain+`without a scheme, got "https://a.example.com"`),
		domainRow("with a path", "a.example.com/x", badDomain+`without a path, got "a.example.com/x"`),
		domainRow("with a port", "a.example.com:80", badDomain+`without a port, got "a.example.com:80"`),
		domainRow("with a wildcard", "*.example.com", badDomain+`without a wildcard, got "*.example.com"`),
		domainRow("in upper case", "A.Example.com"),
		domainRow("of one label", "localhost", badDomain+`with at least one dot, got "localhost"`),
		domainRow("with an empty label", "a..com", badLabels+`"a..com"`),
		domainRow("with a last dot", "a.com.", badLabels+`"a.com."`),
		domainRow("with _", "a_b.com", badLabels+`"a_b.com"`),
		domainRow("with - first", "a.-b.com", badLabels+`"a.-b.com"`),
		domainRow("with - last", "a.b-.com", badLabels+`"a.b-.com"`),
		domainRow("with a long label", strings.Repeat("a", 64)+".com", badLabels+`"`+strings.Repeat("a", 64)+`.com"`),
		domainRow("with short labels", "a.b.co"),
		domainRow("of an S3 website with -", "b.s3-website-us-east-1.amazonaws.com", badS3+`"b.s3-website-us-east-1.amazonaws.com"`),
		domainRow("of an S3 website with a dot", "b.s3-website.eu-central-1.amazonaws.com", badS3+`"b.s3-website.eu-central-1.amazonaws.com"`),
		domainRow("of S3 acceleration", "b.s3-accelerate.amazonaws.com", badS3+`"b.s3-accelerate.amazonaws.com"`),
		domainRow("of S3 acceleration on IPv6", "b.s3-accelerate.dualstack.amazonaws.com", badS3+`"b.s3-accelerate.dualstack.amazonaws.com"`),
		domainRow("like S3's of others", "b.s3-website.example.com"),
		domainRow("like S3's acceleration of others", "b.s3-accelerate.example.com"),
		domainRow("of AWS", "b.execute-api.us-east-1.amazonaws.com"),
		domainRow("of a function", "b.lambda-url.us-east-1.on.aws"),
		row{"O17 application load balancer", `{"api": {"domainName": "internal-llm-1.us-east-1.elb.amazonaws.com"}}`, is(hard("O17", "api.domainName",
			ownName("internal-llm-1.us-east-1.elb.amazonaws.com")+"; a private load balancer is reached through api.vpcOrigin"))},
		row{"O17 network load balancer", `{"api": {"domainName": "LLM-1.ELB.us-east-1.amazonaws.com"}}`, is(hard("O17", "api.domainName",
			ownName("LLM-1.ELB.us-east-1.amazonaws.com")+"; a private load balancer is reached through api.vpcOrigin"))},
		row{"O17 load balancer in China", `{"api": {"domainName": "a-1.cn-north-1.elb.amazonaws.com.cn"}}`, is(hard("O17", "api.domainName",
			ownName("a-1.cn-north-1.elb.amazonaws.com.cn")+"; a private load balancer is reached through api.vpcOrigin"))},
		row{"O17 second backend", merged(`{"api": {"failover": {"domainName": "dualstack.a-1.us-east-1.elb.amazonaws.com"}}}`, `{"routes": [{"path": "/a", "methods": "read", "failover": true}]}`),
			is(hard("O17", "api.failover.domainName", ownName("dualstack.a-1.us-east-1.elb.amazonaws.com")))},
		row{"O17 canary", canary("a-1.us-east-1.elb.amazonaws.com", ""), is(hard("O17", "api.canary.domainName", ownName("a-1.us-east-1.elb.amazonaws.com")))},
		row{"O17 behind a VPC origin", private(loadBalancer, "internal-a-1.us-east-1.elb.amazonaws.com"),
			is(hard("O17", "api.vpcOrigin.domainName", ownName("internal-a-1.us-east-1.elb.amazonaws.com")))},
		row{"O17 private name behind a VPC origin", private(loadBalancer, "llm.corp.internal"), is(warning("O17", "api.vpcOrigin.domainName",
			`is no name of the public DNS, "llm.corp.internal": CloudFront trusts public authorities only, and these issue no certificate for it`))},
		row{"O17 load balancers of regions", regional(`{"api": {"regions": [{"region": "us-east-1", "domainName": "a-1.us-east-1.elb.amazonaws.com", "healthPath": "/"},
			{"region": "eu-west-1", "domainName": "internal-b-1.eu-west-1.elb.amazonaws.com", "healthPath": "/"}]}}`),
			is(warning("O17", "api.regions[1].domainName", `is the name of an internal load balancer, "internal-b-1.eu-west-1.elb.amazonaws.com", which nothing reaches from the internet; `+publicName))},
		row{"O17 load balancer that gets the callers' name", `{"api": {"domainName": "a-1.us-east-1.elb.amazonaws.com", "cache": {"keyHeaders": ["Authorization", "Host"]}}}`,
			is(takes("api.cache"), warning("R7", "api.cache.keyHeaders", "has Host: the backend then needs a certificate for the name that callers use, and is asked for it"))},
		row{"O17 instance", `{"api": {"domainName": "ec2-192-0-2-1.compute-1.amazonaws.com"}}`, is(warning("O17", "api.domainName", awsOwns("an EC2 instance", "ec2-192-0-2-1.compute-1.amazonaws.com")))},
		row{"O17 instance elsewhere", `{"api": {"domainName": "ec2-192-0-2-1.eu-west-1.compute.amazonaws.com"}}`, is(warning("O17", "api.domainName", awsOwns("an EC2 instance", "ec2-192-0-2-1.eu-west-1.compute.amazonaws.com")))},
		row{"O17 instance inside", `{"api": {"domainName": "ip-10-0-0-1.eu-west-1.compute.internal"}}`, is(warning("O17", "api.domainName", inNoDNS("ip-10-0-0-1.eu-west-1.compute.internal")))},
		row{"O17 name of a network", `{"api": {"domainName": "gpu-1.local"}}`, is(warning("O17", "api.domainName", inNoDNS("gpu-1.local")))},
		row{"O17 service of a cluster", `{"api": {"domainName": "vllm.default.svc.cluster.local"}}`, is(warning("O17", "api.domainName", inNoDNS("vllm.default.svc.cluster.local")))},
		row{"O17 endpoint", `{"api": {"domainName": "vpce-1-a.vpce-svc-1.us-east-1.vpce.amazonaws.com"}}`, is(warning("O17", "api.domainName",
			`is the name of a VPC endpoint, "vpce-1-a.vpce-svc-1.us-east-1.vpce.amazonaws.com", which nothing reaches from the internet; `+publicName))},
		row{"O3 placeholder", `{"api": {"domainName": "your-backend-endpoint.amazonaws.com"}}`,
			is(warning("O3", "api.domainName", `is a placeholder, "your-backend-endpoint.amazonaws.com": give the name of your backend, or every call is answered 502`))},
		row{"O3 everywhere", `{"account": {"id": "111122223333"}, "api": {"domainName": "API.Example.NET", "failover": {"domainName": "b.example.org"}},
			"routes": [{"path": "/a", "methods": "read", "failover": true}], "domain": {"aliases": ["*.example.com", "llm.acme.co"], "certificateArn": "arn:aws:acm:us-east-1:111122223333:certificate/c"},
			"cors": {"allowOrigins": ["https://*.example.com:*", "https://app.acme.co", "*"]}, "monitoring": {"enabled": true, "emails": ["ops@example.com", "ops@acme.co"]}}`, is(
			warning("O3", "account.id", `is a placeholder, "111122223333": give the id of your account`),
			warning("O3", "api.domainName", `is a placeholder, "API.Example.NET": give the name of your backend, or every call is answered 502`),
			warning("O3", "api.failover.domainName", `is a placeholder, "b.example.org": give the name of your second backend`),
			warning("C1", "cors.allowOrigins[0]", `has more than one *, of which S3 takes one: browsers' preflight requests for models are answered only where the port is left out, got "https://*.example.com:*"`),
			warning("O3", "cors.allowOrigins[0]", `is a placeholder, "https://*.example.com:*": give the origin of your pages`),
			warning("O3", "domain.aliases[0]", `is a placeholder, "*.example.com": give a name of your own domain`),
			warning("O3", "monitoring.emails[0]", `is a placeholder, "ops@example.com": give an address at which somebody reads alarms`))},
		row{"O3 hosted zone", `{"api": {"domainName": "api.acme.co"}, "domain": {"aliases": ["llm.acme.co"], "hostedZoneId": "Z0123456789ABC"}}`,
			is(warning("O3", "domain.hostedZoneId", `is a placeholder, "Z0123456789ABC": give the id of your domain's hosted zone`))},
		row{"O3 regions", regional(`{"domain": {"aliases": ["api.acme.co"]}, "api": {"originAlias": "origin.acme.co", "regions": [
			{"region": "us-east-1", "domainName": "a.acme.co", "healthPath": "/"}, {"region": "us-west-2", "domainName": "b.example.com", "healthPath": "/"}]}}`),
			is(warning("O3", "api.regions[1].domainName", `is a placeholder, "b.example.com": give the name of your backend, or every call is answered 502`))},
		row{"O3 none like these", `{"api": {"domainName": "api.myexample.com"}, "domain": {"aliases": ["example.com.au"], "hostedZoneId": "Z0123456789ABD"}}`, nil},
		row{"O4 no leading slash", `{"api": {"path": "api"}}`, is(hard("O4", "api.path", `must begin with "/" and not end with it, got "api"`))},
		row{"O4 trailing slash", `{"api": {"path": "/api/"}}`, is(hard("O4", "api.path", `must begin with "/" and not end with it, got "/api/"`))},
		row{"O4 slash", `{"api": {"path": "/"}}`, is(hard("O4", "api.path", `must begin with "/" and not end with it, got "/"`))},
		row{"O4 too long", `{"api": {"path": "/` + strings.Repeat("x", 255) + `"}}`, is(hard("O4", "api.path", "must have at most 255 characters, got 256"))},
		row{"O4 longest", `{"api": {"path": "/` + strings.Repeat("x", 254) + `"}}`, nil},
		row{"O4 empty", `{"api": {"path": ""}}`, nil},
		row{"O5 port 80", `{"api": {"httpsPort": 80}}`, is(warning("O5", "api.httpsPort",
			"is 80, where nearly every server speaks plain HTTP: CloudFront speaks only TLS to it, and every call would be answered 502"))},
		row{"O5 port 81", `{"api": {"httpsPort": 81}}`, is(hard("O5", "api.httpsPort", "must be 80, 443 or 1024 to 65535, got 81"))},
		row{"O5 port too low", `{"api": {"httpsPort": 1023}}`, is(hard("O5", "api.httpsPort", "must be 80, 443 or 1024 to 65535, got 1023"))},
		row{"O5 port lowest", `{"api": {"httpsPort": 1024}}`, nil},
		row{"O5 port highest", `{"api": {"httpsPort": 65535}}`, nil},
		row{"O5 port too high", `{"api": {"httpsPort": 65536}}`, is(hard("O5", "api.httpsPort", "must be 80, 443 or 1024 to 65535, got 65536"))},
		row{"O6 no attempt", `{"api": {"connectionAttempts": 0}}`, is(hard("O6", "api.connectionAttempts", "must be 1 to 3, got 0"))},
		row{"O6 too many attempts", `{"api": {"connectionAttempts": 4}}`, is(hard("O6", "api.connectionAttempts", "must be 1 to 3, got 4"))},
		row{"O6 fewest attempts", `{"api": {"connectionAttempts": 1}}`, nil},
		row{"O6 most attempts", `{"api": {"connectionAttempts": 3}}`, nil},
		row{"O6 no time to connect", `{"api": {"connectionTimeoutSeconds": 0}}`, is(hard("O6", "api.connectionTimeoutSeconds", "must be 1 to 10, got 0"))},
		row{"O6 too much time to connect", `{"api": {"connectionTimeoutSeconds": 11}}`, is(hard("O6", "api.connectionTimeoutSeconds", "must be 1 to 10, got 11"))},
		row{"O6 least time to connect", `{"api": {"connectionTimeoutSeconds": 1}}`, nil},
		row{"O6 most time to connect", `{"api": {"connectionTimeoutSeconds": 10}}`, nil},
		row{"O7 no time to read", `{"api": {"readTimeoutSeconds": 0}}`, is(hard("O7", "api.readTimeoutSeconds", "must be at least 1, got 0"))},
		row{"O7 least time to read", `{"api": {"readTimeoutSeconds": 1}}`, nil},
		row{"O7 most time to read", `{"api": {"readTimeoutSeconds": 120}}`, nil},
		row{"O7 too much time to read", `{"api": {"readTimeoutSeconds": 121}}`,
			is(quota("O7", "api.readTimeoutSeconds", "must be at most 120, got 121; if AWS raised this quota for you, say so in quotas.originReadTimeoutSeconds"))},
		row{"O7 most time to read with a raised quota", `{"api": {"readTimeoutSeconds": 180}, "quotas": {"originReadTimeoutSeconds": 180}}`, nil},
		row{"O7 too much time to read with a raised quota", `{"api": {"readTimeoutSeconds": 181}, "quotas": {"originReadTimeoutSeconds": 180}}`,
			is(quota("O7", "api.readTimeoutSeconds", "must be at most 180, got 181; if AWS raised this quota for you, say so in quotas.originReadTimeoutSeconds"))},
		row{"O8 no time to keep", `{"api": {"keepaliveTimeoutSeconds": 0}}`, is(hard("O8", "api.keepaliveTimeoutSeconds", "must be at least 1, got 0"))},
		row{"O8 least time to keep", `{"api": {"keepaliveTimeoutSeconds": 1}}`, nil},
		row{"O8 most time to keep", `{"api": {"keepaliveTimeoutSeconds": 120}}`, nil},
		row{"O8 more time to keep than the API Reference has", `{"api": {"keepaliveTimeoutSeconds": 121}}`, is(warning("O8", "api.keepaliveTimeoutSeconds",
			"is within the 300 of AWS's list of quotas, but over the 120 of its API Reference, got 121: if AWS refuses it, ask for a higher quota"))},
		row{"O8 time to keep with a quota that was asked for", `{"api": {"keepaliveTimeoutSeconds": 180}, "quotas": {"originKeepaliveTimeoutSeconds": 180}}`, nil},
		row{"O8 too much time to keep", `{"api": {"keepaliveTimeoutSeconds": 301}}`, is(quota("O8", "api.keepaliveTimeoutSeconds", "must be at most 300, got 301; if AWS raised this quota for you, say so in quotas.originKeepaliveTimeoutSeconds"))},
		row{"O12 no region", `{"api": {"shieldRegion": "us-east-9"}}`, is(hard("N2", "api.shieldRegion", badRegion+`"us-east-9" (did you mean us-east-1?)`))},
		row{"O12 no region of Origin Shield", `{"api": {"shieldRegion": "us-west-1"}}`, is(warning("O12", "api.shieldRegion", notShield))},
		row{"O12 region of Origin Shield", `{"api": {"shieldRegion": "sa-east-1"}}`, nil},
		row{"O16 secret with a space", `{"api": {"verifySecret": "a b"}}`, is(hard("O16", "api.verifySecret", badSecret+notShown))},
		row{"O16 secret too long", `{"api": {"verifySecret": ` + text(513) + `}}`, is(hard("O16", "api.verifySecret", badSecret+notShown))},
		row{"O18 secret itself", `{"api": {"verifySecret": "c2VjcmV0IG9mIG1pbmU5OTk5"}}`, is(warning("O18", "api.verifySecret",
			"looks like a secret itself, which would stand in the synthesized JSON: give the name or the ARN under which Secrets Manager has it"))},
		row{"T2 private key in place of a secret's name", `{"api": {"verifySecret": "-----BEGIN PRIVATE KEY-----\nMIIE"}}`, is(hard("T2", "api.verifySecret", "must not have control characters"))},
		row{"K1 key in place of its header", `{"api": {"keys": {"header": "Bearer abc"}}}`, is(hard("K1", "api.keys.header",
			"must be the name of a header, of 1 to 64 letters, digits, - and _, got something that isn't shown, since it looks like a secret"))},
		row{"O16 secret longest", `{"api": {"verifySecret": ` + text(512) + `}}`, nil},
		row{"O16 secret", `{"api": {"verifySecret": "a/b_c+d=e.f@g-H1"}}`, nil},
		row{"O16 ARN of a secret", `{"api": {"verifySecret": "arn:aws:secretsmanager:us-east-1:111122223333:secret:a-AbCdEf"}}`, nil},
		row{"O16 ARN of a parameter", `{"api": {"verifySecret": "arn:aws:ssm:us-east-1:111122223333:parameter/a"}}`,
			is(hard("O16", "api.verifySecret", badSecret+`"arn:aws:ssm:us-east-1:111122223333:parameter/a"`))},
		row{"O16 ARN of no secret", `{"api": {"verifySecret": "arn:aws:secretsmanager:us-east-1:111122223333:secret:"}}`,
			is(hard("O16", "api.verifySecret", badSecret+`"arn:aws:secretsmanager:us-east-1:111122223333:secret:"`))},
		row{"O16 secret elsewhere", `{"api": {"verifySecret": "arn:aws:secretsmanager:us-west-2:111122223333:secret:a-AbCdEf"}}`,
			is(hard("O16", "api.verifySecret", `must be in us-east-1, got "us-west-2"`))},
		row{"O16 secret of another account", `{"account": {"id": "111122223333"}, "api": {"verifySecret": "arn:aws:secretsmanager:us-east-1:999922223333:secret:a-AbCdEf"}}`,
			is(hard("O16", "api.verifySecret", `must be of account 111122223333 (account.id), got "999922223333"`))},
		row{"Q1 quotas below AWS's", `{"quotas": {"originReadTimeoutSeconds": 119, "behaviors": 74, "origins": 99, "aliases": 99}}`, is(
			hard("Q1", "quotas.aliases", "must be at least 100, got 99"),
			hard("Q1", "quotas.behaviors", "must be at least 75, got 74"),
			hard("Q1", "quotas.originReadTimeoutSeconds", "must be at least 120, got 119"),
			hard("Q1", "quotas.origins", "must be at least 100, got 99"))},
		row{"U1 quota that can't be reached", `{"quotas": {"origins": 101}}`, is(warning("U1", "quotas.origins", "has no effect: an environment has at most five origins"))},
		row{"Q1 quotas of AWS", `{"quotas": {"originReadTimeoutSeconds": 120, "behaviors": 75, "origins": 100, "aliases": 100}}`, nil},
	)
}

const publicName = "give a public one, or reach a private load balancer or instance through api.vpcOrigin"

func inNoDNS(name string) string {
	return fmt.Sprintf("is no name of the public DNS, %q, in which it is looked up; ", name) + publicName
}

func ownName(name string) string {
	return fmt.Sprintf("must be a name of your own for which the load balancer has a certificate, got the load balancer's own, %q: no public certificate has it, and every call would be answered 502", name)
}

func awsOwns(what, name string) string {
	return fmt.Sprintf("is the name of %s, %q: no public certificate has it, and every call will be answered 502; give a name of your own for which the backend has a certificate", what, name)
}

// domainRow is a domain of the API and what is wrong with it.
func domainRow(name, domain string, messages ...string) row {
	r := row{name: "O2 domain " + name, patch: `{"api": {"domainName": "` + domain + `"}}`}
	for _, m := range messages {
		r.want = append(r.want, hard("O2", "api.domainName", m))
	}
	return r
}

// headers returns a change that sets headers to the origin.
func headers(object string) string { return `{"api": {"headers": ` + object + `}}` }

func headerRows() []row {
	rows := []row{
		{"O9 too many headers", headers(object(31, `"h%d": "a"`)), is(quota("O9", "api.headers", "must be at most 30 headers with that of verifySecret, got 31; if AWS raised this quota for you, say so in quotas.originCustomHeaders"))},
		{"O9 too many headers with a raised quota", merged(headers(object(31, `"h%d": "a"`)), `{"quotas": {"originCustomHeaders": 31}}`), nil},
		{"O9 most headers", headers(object(30, `"h%d": "a"`)), nil},
		{"O9 too many headers with verifySecret", `{"api": {"verifySecret": "s", "headers": ` + object(30, `"h%d": "a"`) + `}}`,
			is(quota("O9", "api.headers", "must be at most 30 headers with that of verifySecret, got 31; if AWS raised this quota for you, say so in quotas.originCustomHeaders"))},
		{"O9 most headers with verifySecret", `{"api": {"verifySecret": "s", "headers": ` + object(29, `"h%d": "a"`) + `}}`, nil},
		{"O9 name empty", headers(`{"": "a"}`), is(hard("O9", `api.headers[""]`, badHeader+`""`))},
		{"O9 name shortest", headers(`{"a": ""}`), nil},
		{"O9 name longest", headers(`{` + text(256) + `: "a"}`), nil},
		{"O9 name too long", headers(`{` + text(257) + `: "a"}`), is(hard("O9", "api.headers."+strings.Repeat("x", 257), badHeader+text(257)))},
		{"O9 name with a space", headers(`{"a b": "c"}`), is(hard("O9", `api.headers["a b"]`, badHeader+`"a b"`))},
		{"O9 name with a space, value no text", headers(`{"a b": {"c": 1}}`), is(hard("O9", `api.headers["a b"]`, badHeader+`"a b"`))},
		{"O9 name with every sign", headers("{\"aZ09!#$%&'*+-.^_`|~\": \"a\"}"), nil},
		{"O9 value longest", headers(`{"a": ` + text(1783) + `}`), nil},
		{"O9 value too long", headers(`{"a": ` + text(1784) + `}`), is(hard("O9", "api.headers.a", "must have at most 1783 characters, got 1784"))},
		{"O9 most in all", headers(`{"a": ` + text(1783) + `, "b": ` + text(1783) + `, "c": ` + text(1783) + `, "d": ` + text(1783) + `, "e": ` + text(1783) + `, "f": ` + text(1319) + `}`), nil},
		{"O9 too much in all", headers(`{"a": ` + text(1783) + `, "b": ` + text(1783) + `, "c": ` + text(1783) + `, "d": ` + text(1783) + `, "e": ` + text(1783) + `, "f": ` + text(1320) + `}`),
			is(hard("O9", "api.headers", "must have at most 10240 characters in all names and values together, got 10241"))},
		{"O9 header in two cases", headers(`{"X-A": "a", "x-a": "b"}`), is(hard("O9", "api.headers.x-a", "must not repeat a header in another case"))},
		{"O18 verify header", headers(`{"x-origin-verify": "a"}`), is(hard("O18", "api.headers.x-origin-verify", noSecret))},
		{"O18 keys", headers(`{"Authorization": "Bearer a", "x-api-key": "a", "Api-Key": "a", "X-Auth-Token": "a", "X_Secret": "a", "Ocp-Apim-Subscription-Key": "a"}`), is(
			hard("O18", "api.headers.Api-Key", noSecret), hard("O18", "api.headers.Authorization", noSecret), hard("O18", "api.headers.Ocp-Apim-Subscription-Key", noSecret),
			hard("O18", "api.headers.X-Auth-Token", noSecret), hard("O18", "api.headers.X_Secret", noSecret), hard("O18", "api.headers.x-api-key", noSecret))},
		{"O18 what looks like a key", headers(`{"X-A": "sk-proj-abc", "X-B": "dGhpcyBpcyBhIHNlY3JldCBrZXk5", "X-C": "0123456789abcdef0123456789abcdef"}`), is(
			hard("O18", "api.headers.X-A", noSecret), hard("O18", "api.headers.X-B", noSecret), hard("O18", "api.headers.X-C", noSecret))},
		{"O18 what doesn't", headers(`{"X-Stage": "production-of-the-european-models", "X-Keyboard": "a", "X-Version": "2026-11-30T12:00:00Z"}`), nil},
		{"T1 header", headers(`{"X-A": "hunter2${"}`), is(hard("T1", "api.headers.X-A", `must not have "${", which Terraform would evaluate`))},
		{"O10 verify header with verifySecret", `{"api": {"verifySecret": "s", "headers": {"x-origin-verify": "a"}}}`,
			is(hard("O10", "api.headers.x-origin-verify", "must not be set with api.verifySecret, which sets it"))},
		{"O10 like a refused header", headers(`{"X-Edge": "a", "X-Amz": "a", "Hosts": "a", "A-Via": "a"}`), nil},
	}
	for _, name := range []string{
		"Cache-Control", "Connection", "Content-Length", "Cookie", "Host", "If-Match", "If-Modified-Since", "If-None-Match", "If-Range",
		"If-Unmodified-Since", "Max-Forwards", "Pragma", "Proxy-Authenticate", "Proxy-Authorization", "Proxy-Connection", "Range", "Request-Range",
		"TE", "Trailer", "Transfer-Encoding", "Upgrade", "Via", "X-Real-Ip", "X-Amz-", "X-Amz-Date", "X-Edge-", "X-Edge-Location", "hOST",
	} {
		rows = append(rows, row{"O10 " + name, headers(fmt.Sprintf(`{%q: "a"}`, name)), is(hard("O10", "api.headers."+name, refusedHeader))})
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
	const one = "must have exactly one of domainName, regions and vpcOrigin, got "
	return inDev(
		row{"O1 no backend", `{"api": {"domainName": null}}`, is(hard("O1", "api", one+"0"))},
		row{"O1 empty backends", `{"api": {"domainName": "", "regions": [], "vpcOrigin": {}}}`, is(hard("O1", "api", one+"0"))},
		row{"O1 two backends", `{"api": {"vpcOrigin": {"loadBalancerArn": "` + loadBalancer + `", "domainName": "b.example.com"}}}`, is(hard("O1", "api", one+"2"))},
		row{"O1 domain and regions", regional(`{"api": {"domainName": "b.example.com"}}`), is(hard("O1", "api", one+"2"))},

		row{"O11 failover", `{"api": {"failover": {"domainName": "b.example.com"}}, "routes": [{"path": "/a", "methods": "read", "failover": true}]}`, nil},
		row{"O11 failover to itself", `{"api": {"failover": {"domainName": "backend.example.com"}}, "routes": [{"path": "/a", "methods": "read", "failover": true}]}`,
			is(hard("O11", "api.failover.domainName", `must differ from the API's, got "backend.example.com" for both`))},
		row{"O11 failover to the regions", regional(`{"api": {"failover": {"domainName": "origin.example.com"}}, "routes": [{"path": "/a", "methods": "read", "failover": true}]}`),
			is(hard("O11", "api.failover.domainName", `must differ from the API's, got "origin.example.com" for both`))},
		row{"O2 failover", `{"api": {"failover": {"domainName": "localhost"}}, "routes": [{"path": "/a", "methods": "read", "failover": true}]}`,
			is(hard("O2", "api.failover.domainName", badDomain+`with at least one dot, got "localhost"`))},
		row{"O11 route without api.failover", `{"routes": [{"path": "/a", "methods": "read", "failover": true}]}`, is(hard("O11", "routes[0].failover", "needs api.failover"))},
		row{"O11 route that writes", `{"api": {"failover": {"domainName": "b.example.com"}}, "routes": [{"path": "/a", "failover": true}]}`,
			is(hard("O11", "routes[0].failover", `needs methods "read": CloudFront only fails over for requests that don't write`))},
		row{"O11 route that writes, without api.failover", `{"routes": [{"path": "/a", "failover": true}]}`, is(
			hard("O11", "routes[0].failover", "needs api.failover"),
			hard("O11", "routes[0].failover", `needs methods "read": CloudFront only fails over for requests that don't write`))},
		row{"U1 failover of no route", `{"api": {"failover": {"domainName": "b.example.com"}}, "routes": [{"path": "/a"}]}`,
			is(warning("U1", "api.failover", "has no effect: no route has failover"))},

		row{"O13 regions", regional(`{}`), nil},
		row{"O13 one region", regional(`{"api": {"regions": [` + region("us-east-1", "/") + `]}}`), is(hard("O13", "api.regions", "must have at least 2 regions, got 1"))},
		row{"O13 region twice", regional(`{"api": {"regions": [` + region("us-east-1", "/") + `, {"region": "us-east-1", "domainName": "b.example.com", "healthPath": "/"}]}}`),
			is(hard("O13", "api.regions[1].region", `must not repeat "us-east-1"`))},
		row{"O13 no originAlias", regional(`{"api": {"originAlias": ""}}`), is(hard("O13", "api.originAlias", "is required with api.regions"))},
		row{"O13 originAlias without regions", `{"api": {"originAlias": "origin.example.com"}}`, is(hard("O13", "api.originAlias", "needs api.regions"))},
		row{"O13 one backend twice", regional(`{"api": {"regions": [{"region": "us-east-1", "domainName": "a.example.com", "healthPath": "/"},
			{"region": "us-west-2", "domainName": "A.example.com", "healthPath": "/"}]}}`),
			is(warning("O13", "api.regions[1].domainName", `is the backend of an earlier region as well: callers of both reach the same one, got "A.example.com"`))},
		row{"O13 no hosted zone", regional(`{"domain": {"aliases": [], "hostedZoneId": ""}}`), is(hard("O13", "api.regions", "needs domain.hostedZoneId, where the records are made"))},
		row{"O13 healthPath without slash", regional(`{"api": {"regions": [` + region("us-east-1", "/") + `, ` + region("us-east-2", "healthz") + `]}}`),
			is(hard("O13", "api.regions[1].healthPath", `must begin with "/", got "healthz"`))},
		row{"O13 healthPath empty", regional(`{"api": {"regions": [` + region("us-east-1", "/") + `, ` + region("us-east-2", "") + `]}}`), is(hard("O13", "api.regions[1].healthPath", "must have 1 to 255 characters, got 0"))},
		row{"O13 healthPath too long", regional(`{"api": {"regions": [` + region("us-east-1", "/") + `, ` + region("us-east-2", "/"+strings.Repeat("x", 255)) + `]}}`),
			is(hard("O13", "api.regions[1].healthPath", "must have 1 to 255 characters, got 256"))},
		row{"O13 healthPath longest", regional(`{"api": {"regions": [` + region("us-east-1", "/") + `, ` + region("us-east-2", "/"+strings.Repeat("x", 254)) + `]}}`), nil},
		row{"N2 region of a backend", regional(`{"api": {"regions": [` + region("us-east-1", "/") + `, ` + region("moon", "/") + `]}}`), is(hard("N2", "api.regions[1].region", badRegion+`"moon"`))},
		row{"O2 originAlias", regional(`{"api": {"originAlias": "origin"}}`), is(hard("O2", "api.originAlias", badDomain+`with at least one dot, got "origin"`))},
		row{"O2 region", regional(`{"api": {"regions": [` + region("us-east-1", "/") + `, {"region": "us-east-2", "domainName": "b", "healthPath": "/"}]}}`),
			is(hard("O2", "api.regions[1].domainName", badDomain+`with at least one dot, got "b"`))},
		row{"O2 region without a name", regional(`{"api": {"regions": [` + region("us-east-1", "/") + `, {"region": "us-east-2", "domainName": "", "healthPath": "/"}]}}`),
			is(hard("O2", "api.regions[1].domainName", "must have 1 to 253 characters, got 0"))},
		row{"S4 region without anything", regional(`{"api": {"regions": [` + region("us-east-1", "/") + `, {}]}}`), is(
			hard("S4", "api.regions[1].domainName", "is required"),
			hard("S4", "api.regions[1].healthPath", "is required"),
			hard("S4", "api.regions[1].region", "is required"))},
		row{"D10 domain is an alias", merged(zone(`["backend.example.com"]`), `{"api": {"domainName": "Backend.example.com"}}`),
			is(hard("D10", "api.domainName", `must differ from environments.dev.domain.aliases[0]: CloudFront would call itself, got "Backend.example.com"`))},
		row{"D10 failover is an alias", merged(zone(`["b.example.com"]`), `{"api": {"failover": {"domainName": "b.example.com"}}, "routes": [{"path": "/a", "methods": "read", "failover": true}]}`),
			is(hard("D10", "api.failover.domainName", `must differ from environments.dev.domain.aliases[0]: CloudFront would call itself, got "b.example.com"`))},
		row{"D10 region is an alias", regional(`{"domain": {"aliases": ["us-east-1.example.com"]}}`), is(
			hard("D10", "api.regions[0].domainName", `must differ from environments.dev.domain.aliases[0]: CloudFront would call itself, got "us-east-1.example.com"`))},
		row{"D10 region is the originAlias", regional(`{"api": {"originAlias": "US-East-1.example.com"}}`), is(
			hard("D10", "api.regions[0].domainName", `must differ from api.originAlias, which leads to it, got "us-east-1.example.com" for both`))},
		row{"O12 shield before regions", regional(`{"api": {"shieldRegion": "us-east-1"}}`),
			is(warning("O12", "api.shieldRegion", "sends every request through us-east-1 first, so that api.regions brings callers elsewhere nothing"))},
		row{"O13 secret before regions", regional(`{"api": {"verifySecret": "s"}}`), is(warning("O13", "api.verifySecret",
			"isn't sent by Route 53's health checkers: the backend must answer api.regions[].healthPath without it, or all count as unhealthy"))},
		row{"D10 originAlias is an alias", regional(`{"api": {"originAlias": "api.example.com"}}`),
			is(hard("D10", "api.originAlias", `must differ from environments.dev.domain.aliases[0]: CloudFront would call itself, got "api.example.com"`))},

		row{"O14 application load balancer", private(loadBalancer, "b.example.com"), nil},
		row{"O14 network load balancer", private("arn:aws:elasticloadbalancing:us-east-1:111122223333:loadbalancer/net/a/1234567890abcdef", "b.example.com"), nil},
		row{"O14 instance", private("arn:aws:ec2:us-east-1:111122223333:instance/i-1234567890abcdef0", "b.example.com"), nil},
		row{"O14 classic load balancer", private("arn:aws:elasticloadbalancing:us-east-1:111122223333:loadbalancer/a", "b.example.com"),
			is(hard("O14", "api.vpcOrigin.loadBalancerArn", badLoadBalancer+`"arn:aws:elasticloadbalancing:us-east-1:111122223333:loadbalancer/a"`))},
		row{"O14 gateway load balancer", private("arn:aws:elasticloadbalancing:us-east-1:111122223333:loadbalancer/gwy/a/1", "b.example.com"),
			is(hard("O14", "api.vpcOrigin.loadBalancerArn", badLoadBalancer+`"arn:aws:elasticloadbalancing:us-east-1:111122223333:loadbalancer/gwy/a/1"`))},
		row{"O14 target group", private("arn:aws:elasticloadbalancing:us-east-1:111122223333:targetgroup/a/1", "b.example.com"),
			is(hard("O14", "api.vpcOrigin.loadBalancerArn", badLoadBalancer+`"arn:aws:elasticloadbalancing:us-east-1:111122223333:targetgroup/a/1"`))},
		row{"O14 VPC", private("arn:aws:ec2:us-east-1:111122223333:vpc/vpc-1", "b.example.com"),
			is(hard("O14", "api.vpcOrigin.loadBalancerArn", badInstance+`"arn:aws:ec2:us-east-1:111122223333:vpc/vpc-1"`))},
		row{"O14 no load balancer", private("", "b.example.com"), is(hard("O14", "api.vpcOrigin.loadBalancerArn", badLoadBalancer+notShown))},
		row{"O14 load balancer elsewhere", private("arn:aws:elasticloadbalancing:eu-west-1:111122223333:loadbalancer/app/a/1", "b.example.com"), nil},
		row{"O14 load balancer of another account", merged(private(loadBalancer, "b.example.com"), `{"account": {"id": "999922223333"}}`),
			is(hard("O14", "api.vpcOrigin.loadBalancerArn", `must be of account 999922223333 (account.id), got "111122223333"`))},
		row{"O2 load balancer without a name", private(loadBalancer, ""), is(hard("O2", "api.vpcOrigin.domainName", "is required with loadBalancerArn"))},
		row{"O14 failover", merged(private(loadBalancer, "b.example.com"), `{"api": {"failover": {"domainName": "c.example.com"}}, "routes": [{"path": "/a", "methods": "read", "failover": true}]}`),
			is(warning("O14", "api.failover", "goes with api.vpcOrigin as far as we know, but AWS documents no failover from a VPC origin: try it before you rely on it"))},
		row{"O14 gRPC", merged(private(loadBalancer, "b.example.com"), `{"routes": [{"path": "/a", "grpc": true}]}`),
			is(hard("O14", "routes[0].grpc", "must be false with api.vpcOrigin: VPC origins don't speak gRPC"))},
	)
}
