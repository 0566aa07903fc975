package config_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestPasted has values as AWS's console and CLI print them: one message each says what to write.
func TestPasted(t *testing.T) {
	const loadBalancer = "arn:aws:elasticloadbalancing:us-east-1:111122225555:loadbalancer/app/a/1234567890abcdef"
	vpc := func(field string) string {
		return `{"api": {"domainName": null, "vpcOrigin": {"domainName": "a.example.com", "loadBalancerArn": "` + loadBalancer + `", ` + field + `}}}`
	}
	domain := func(fields string) string { return `{"domain": {` + fields + `}}` }
	named := func(alias string) string {
		return domain(`"aliases": ["` + alias + `"], "hostedZoneId": "Z0123456789ABC"`)
	}
	zone := func(id string) string { return domain(`"aliases": ["a.example.com"], "hostedZoneId": "` + id + `"`) }
	bucket := func(name string) string { return `{"models": {"existing": true, "bucket": "` + name + `"}}` }
	for _, r := range []struct{ environment, path, ends string }{
		{zone("/hostedzone/Z0123456789ABC"), "domain.hostedZoneId", `after /hostedzone/: write "Z0123456789ABC"`},
		{zone("arn:aws:route53:::hostedzone/Z0123456789ABC"), "domain.hostedZoneId", `: write "Z0123456789ABC"`},
		{zone(`\"Z0123456789ABC\"`), "domain.hostedZoneId", `: write "Z0123456789ABC"`},
		{zone(`Z0123456789ABC\n`), "domain.hostedZoneId", `must not begin or end with white space or a line break, got "Z0123456789ABC\n"`},
		{zone("example.com."), "domain.hostedZoneId", `, got "example.com."`},
		{domain(`"aliases": ["a.example.com"], "hostedZones": {"example.com.": "Z0123456789ABC"}`), `domain.hostedZones["example.com."]`,
			`: without a dot at the end, got "example.com.": write "example.com"`},
		{domain(`"aliases": ["a.example.com"], "hostedZones": {"Example.com": "Z0123456789ABC"}`), `domain.hostedZones["Example.com"]`,
			`: in lower case, got "Example.com": write "example.com"`},
		{domain(`"aliases": ["a.example.com"], "hostedZones": {"example.com": "/hostedzone/Z0123456789ABC"}`), `domain.hostedZones["example.com"]`,
			`: write "Z0123456789ABC"`},
		{named("a.example.com."), "domain.aliases[0]", `: write "a.example.com"`},
		{named("https://A.example.com/"), "domain.aliases[0]", `: write "a.example.com"`},
		{named(`\\052.example.com.`), "domain.aliases[0]", `: write "*.example.com"`},
		{named("a.example.com, b.example.com"), "domain.aliases[0]", `: write "a.example.com", "b.example.com"`},
		{named("not a name"), "domain.aliases[0]", `with at least one dot, got "not a name"`},
		{domain(`"aliases": "a.example.com, b.example.com", "hostedZoneId": "Z0123456789ABC"`), "domain.aliases", `: write ["a.example.com", "b.example.com"]`},
		{`{"api": {"domainName": "https://a.example.com:8443/v1/"}}`, "api.domainName", `: write "a.example.com", and "/v1" as the path, and 8443 as the port`},
		{`{"api": {"domainName": "a.example.com."}}`, "api.domainName", `: without a dot at the end, got "a.example.com.": write "a.example.com"`},
		{`{"api": {"domainName": "` + loadBalancer + `"}}`, "api.domainName", `: not an ARN, got "` + loadBalancer + `"`},
		{vpc(`"securityGroupId": "sg-0123456789abcdef0 (default)"`), "api.vpcOrigin.securityGroupId", `: write "sg-0123456789abcdef0"`},
		{vpc(`"securityGroupId": "sg-0123456789abcdef0,sg-0123456789abcdef1"`), "api.vpcOrigin.securityGroupId",
			`: one of the groups is enough, write "sg-0123456789abcdef0"`},
		{vpc(`"securityGroupId": "my-group"`), "api.vpcOrigin.securityGroupId", `, got "my-group"`},
		{vpc(`"loadBalancerArn": "` + strings.Replace(loadBalancer, ":loadbalancer/", ":listener/", 1) + `/abcdef1234567890"`), "api.vpcOrigin.loadBalancerArn",
			`; that is a listener: write "` + loadBalancer + `"`},
		{`{"domain": {"aliases": ["a.example.com"], "hostedZoneId": "Z0123456789ABC"}, "api": {"domainName": null, "loadBalancer": {"domainName": "o.example.com", "listenerArn": "` +
			loadBalancer + `"}}}`, "api.loadBalancer.listenerArn",
			"; that is a load balancer, whose listeners aws elbv2 describe-listeners --load-balancer-arn ARN prints"},
		{bucket("s3://acme-models/"), "models.bucket", `; the name alone is "acme-models"`},
		{bucket("arn:aws:s3:::acme-models/*"), "models.bucket", `; the name alone is "acme-models"`},
		{bucket("acme-models.s3.eu-west-1.amazonaws.com"), "models.bucket", `; the name alone is "acme-models"`},
		{bucket("https://acme-models.s3.amazonaws.com/a"), "models.bucket", `; the name alone is "acme-models"`},
		{bucket("https://s3.eu-west-1.amazonaws.com/acme-models/a"), "models.bucket", `; the name alone is "acme-models"`},
		{bucket("https://eu-west-1.console.aws.amazon.com/s3/buckets/acme-models?region=eu-west-1"), "models.bucket", `; the name alone is "acme-models"`},
		{bucket("arn:aws:s3:us-east-1:111122225555:accesspoint/models"), "models.bucket", "; with existing, give the access point's alias, which ends with -s3alias"},
		{bucket("s3://a_b"), "models.bucket", `, got "s3://a_b"`},
		{`{"region": "US East (N. Virginia) us-east-1"}`, "region", `: write "us-east-1"`},
		{`{"region": "us-east-1, us-west-2"}`, "region", `, got "us-east-1, us-west-2"`},
		{`{"account": {"id": "1111-2222-5555"}}`, "account.id", `must have 12 digits, got "1111-2222-5555": write "111122225555"`},
		{`{"account": {"id": "arn:aws:iam::111122225555:root"}}`, "account.id", `: write "111122225555"`},
		{`{"account": {"roleArn": "arn:aws:sts::111122225555:assumed-role/deploy/me"}}`, "account.roleArn",
			"; that is a session of a role, whose own ARN aws iam get-role --role-name deploy prints"},
		{`{"models": {"access": "control", "kmsKeyArn": "arn:aws:kms:us-east-1:111122225555:alias/models"}}`, "models.kmsKeyArn",
			"; an alias isn't taken: aws kms describe-key --key-id alias/models prints the ARN of its key"},
		{`{"models": {"access": "control", "kmsKeyArn": "alias/models"}}`, "models.kmsKeyArn",
			`got "alias/models"; an alias isn't taken: aws kms describe-key --key-id alias/models prints the ARN of its key`},
		{`{"account": {"roleArn": "arn:aws:sts::111122225555:assumed-role/a;b/me"}}`, "account.roleArn", `, got "arn:aws:sts::111122225555:assumed-role/a;b/me"`},
		{`{"models": {"access": "control", "kmsKeyArn": "arn:aws:kms:us-east-1:111122225555:alias/a;b"}}`, "models.kmsKeyArn", `, got "arn:aws:kms:us-east-1:111122225555:alias/a;b"`},
		{`{"models": {"access": "control", "kmsKeyArn": "alias/aws/s3"}}`, "models.kmsKeyArn",
			"; that is a key of AWS's, whose policy nobody can change to let CloudFront use it: make a key of your own"},
		{`{"models": {"access": "control", "kmsKeyArn": "0a1b2c3d-0a1b-4c3d-8a1b-0a1b2c3d0a1b"}}`, "models.kmsKeyArn",
			"(not shown, since it may be a secret); aws kms describe-key --key-id ID prints the ARN of a key"},
		{`{"api": {"domainName": null, "vpcOrigin": {"domainName": "a.example.com", "loadBalancerArn": "i-0a1b2c3d4e5f60718"}}}`, "api.vpcOrigin.loadBalancerArn",
			`must be an ARN like arn:aws:ec2:us-east-1:111122223333:instance/i-1234567890abcdef0, got "i-0a1b2c3d4e5f60718"`},
		{`{"api": {"cache": {"queryStrings": []}}}`, "api.cache.queryStrings", `must not be empty: write "none"`},
		{`{"firewall": {"webACLArn": "arn:aws:wafv2:us-east-1:111122225555:regional/webacl/a/1"}}`, "firewall.webACLArn",
			"; that one is regional, and CloudFront takes those of scope CLOUDFRONT"},
		{`{"firewall": {"enabled": true, "blockedIPs": ["192.0.2.1/32, 192.0.2.2/32"]}}`, "firewall.blockedIPs[0]", `: write "192.0.2.1/32", "192.0.2.2/32"`},
		{`{"monitoring": {"enabled": true, "topicArns": ["arn:aws:sns:us-east-1:111122225555:alarms:1234abcd-12ab-34cd-96ef-1234567890ab"]}}`, "monitoring.topicArns[0]",
			`; that is a subscription: write "arn:aws:sns:us-east-1:111122225555:alarms"`},
		{`{"distribution": {"geoRestriction": {"type": "whitelist", "locations": ["DE, FR"]}}}`, "distribution.geoRestriction.locations[0]", `: write "DE", "FR"`},
		{`{"distribution": {"geoRestriction": {"type": "whitelist", "locations": ["DE, France"]}}}`, "distribution.geoRestriction.locations[0]", `got "DE, France"`},
	} {
		t.Run(r.environment, func(t *testing.T) {
			got := problems(t, row{patch: `{"environments": {"dev": ` + r.environment + `}}`}.file(t))
			require.Len(t, got, 1, "%v", got)
			require.Equal(t, "environments.dev."+r.path, got[0].Path)
			require.True(t, strings.HasSuffix(got[0].Message, r.ends), got[0].Message)
		})
	}
}
