package config_test

import (
	"fmt"
	"strings"

	"ml-api-accelerator/stacks/config"
)

// zone returns a change to a domain of some aliases.
func zone(aliases string) string {
	return `{"domain": {"hostedZoneId": "Z1", "aliases": ` + aliases + `}}`
}

// certificate returns a change to an alias with a certificate.
func certificate(arn string) string {
	return `{"domain": {"aliases": ["a.example.com"], "certificateArn": "` + arn + `"}}`
}

// zones returns a change to an alias and others, in a hosted zone of each domain.
func zones(domains, others string) string {
	if others != "" {
		others = ", " + others
	}
	return `{"domain": {"aliases": ["a.example.com"` + others + `], "hostedZones": ` + domains + `}}`
}

// manual returns a change to an alias whose records are made by hand, and another change.
func manual(more string) string {
	return merged(`{"domain": {"aliases": ["a.example.com"], "dns": "manual"}}`, more)
}

// role returns a change to an alias in another account's hosted zone.
func role(more string) string {
	return merged(`{"domain": {"aliases": ["a.example.com"], "hostedZoneId": "Z1", "hostedZoneRoleArn": "arn:aws:iam::999922223333:role/dns"}}`,
		`{"domain": `+more+`}`)
}

// long64 is a DNS name of 64 characters.
var long64 = strings.Repeat("a", 52) + ".example.com"

// manyNames raises the quota on the names of a certificate.
func manyNames(patch string) string { return merged(patch, `{"quotas": {"certificateNames": 200}}`) }

func domainRows() []row {
	return inDev(
		row{"D1 aliases", zone(`["a.example.com", "*.example.com"]`), nil},
		row{"D1 upper case", zone(`["*.Example.com"]`), is(hard("D1", "domain.aliases[0]"))},
		row{"D1 star in the middle", zone(`["a.*.com"]`), is(hard("D1", "domain.aliases[0]"))},
		row{"D1 star in a label", zone(`["a*.example.com"]`), is(hard("D1", "domain.aliases[0]"))},
		row{"D1 two stars", zone(`["*.*.example.com"]`), is(hard("D1", "domain.aliases[0]"))},
		row{"D1 star alone", zone(`["*"]`), is(hard("D1", "domain.aliases[0]"))},
		row{"D1 star and dot", zone(`["*."]`), is(hard("D1", "domain.aliases[0]"))},
		row{"D1 star of a top domain", zone(`["*.com"]`), is(hard("D1", "domain.aliases[0]"))},
		row{"D1 with a scheme", zone(`["https://a.example.com"]`), is(hard("D1", "domain.aliases[0]"))},
		row{"D1 empty", zone(`[""]`), is(hard("D1", "domain.aliases[0]"))},
		row{"D1 longest", zone(`["a.example.com", "*.` + name253[2:] + `"]`), nil},
		row{"D1 too long", zone(`["*.` + name253[1:] + `"]`), is(hard("D1", "domain.aliases[0]"))},
		row{"D1 twice", zone(`["a.example.com", "b.example.com", "a.example.com"]`), is(hard("D1", "domain.aliases[2]"))},
		row{"D1 most", manyNames(zone(list(100, `"a%d.example.com"`))), nil},
		row{"D1 too many", manyNames(zone(list(101, `"a%d.example.com"`))), is(quota("D1", "domain.aliases"))},
		row{"D1 most with a raised quota", manyNames(merged(`{"quotas": {"aliases": 101}}`, zone(list(101, `"a%d.example.com"`)))), nil},
		row{"D11 most names", zone(list(10, `"a%d.example.com"`)), nil},
		row{"D11 too many names", zone(list(11, `"a%d.example.com"`)), is(quota("D11", "domain.aliases"))},
		row{"D11 any number with a certificate of yours", `{"domain": {"certificateArn": "arn:aws:acm:us-east-1:111122223333:certificate/c", "aliases": ` + list(11, `"a%d.example.com"`) + `}}`, nil},
		row{"D11 one short enough", zone(`["` + long64 + `", "` + name253 + `"]`), nil},
		row{"D11 none short enough", zone(`["a` + long64 + `"]`), is(hard("D11", "domain.aliases"))},
		row{"D13 one domain", zone(`["example.com", "*.example.com", "a.b.example.com"]`), nil},
		row{"D13 two domains", zone(`["api.example.com", "api.example.org", "b.example.com"]`),
			is(hard("D13", "domain.aliases[1]"))},
		row{"D13 two domains of one top domain", zone(`["api.example.com", "*.example-two.com"]`),
			is(hard("D13", "domain.aliases[1]"))},
		row{"D13 two domains below a public suffix", zone(`["a.one.co.uk", "a.two.co.uk"]`),
			is(hard("D13", "domain.aliases[1]"))},
		row{"D13 one domain below a public suffix", zone(`["a.one.co.uk", "one.co.uk"]`), nil},
		row{"D13 names below a company's suffix", zone(`["a.one.github.io", "a.two.github.io"]`), nil},
		row{"D13 two domains with a certificate of yours", `{"domain": {"aliases": ["a.example.com", "a.example.org"], "certificateArn": "arn:aws:acm:us-east-1:111122223333:certificate/c"}}`, nil},
		row{"D13 name of the regions in another domain", regional(`{"api": {"originAlias": "Origin.example.org"}}`),
			is(hard("D13", "api.originAlias"))},
		row{"D13 zone of CloudFront", `{"domain": {"aliases": ["a.example.com"], "hostedZoneId": "Z2FDTNDATAQYW2"}}`,
			is(hard("D13", "domain.hostedZoneId"))},
		row{"D14 name of AWS's", zone(`["a.us-east-1.elb.amazonaws.com", "*.us-east-1.elb.amazonaws.com"]`), is(
			hard("D14", "domain.aliases[0]"), hard("D14", "domain.aliases[1]"))},
		row{"D14 name of CloudFront's", `{"domain": {"aliases": ["d111111abcdef8.cloudfront.net"], "certificateArn": "arn:aws:acm:us-east-1:111122223333:certificate/c"}}`,
			is(hard("D14", "domain.aliases[0]"))},
		row{"D14 name of a network", zone(`["llm.internal"]`), is(warning("D14", "domain.aliases[0]"))},
		row{"D2 both", `{"domain": {"aliases": ["a.example.com"], "hostedZoneId": "Z1", "certificateArn": "arn:aws:acm:us-east-1:111122223333:certificate/c"}}`,
			is(hard("D2", "domain"))},
		row{"D2 neither", `{"domain": {"aliases": ["a.example.com"]}}`, is(hard("D2", "domain"))},
		row{"D2 hosted zone without aliases", `{"domain": {"hostedZoneId": "Z1"}}`, is(hard("D2", "domain"))},
		row{"D2 certificate without aliases", `{"domain": {"certificateArn": "arn:aws:acm:us-east-1:111122223333:certificate/c"}}`,
			is(hard("D2", "domain"))},
		row{"D3 certificate", certificate("arn:aws:acm:us-east-1:111122223333:certificate/c"), nil},
		row{"D3 certificate elsewhere", certificate("arn:aws:acm:eu-west-1:111122223333:certificate/c"), is(hard("D3", "domain.certificateArn"))},
		row{"D3 certificate of IAM", certificate("arn:aws:iam::111122223333:server-certificate/c"), is(hard("D3", "domain.certificateArn"))},
		row{"D3 no certificate", certificate("arn:aws:acm:us-east-1:111122223333:certificate/"), is(hard("D3", "domain.certificateArn"))},
		row{"D3 certificate of another account", merged(`{"account": {"id": "999922223333"}}`, certificate("arn:aws:acm:us-east-1:111122223333:certificate/c")),
			is(hard("D3", "domain.certificateArn"))},
		row{"D10 longest", `{"domain": {"aliases": ["a.example.com"], "hostedZoneId": "Z` + strings.Repeat("A", 31) + `"}}`, nil},
		row{"D10 too long", `{"domain": {"aliases": ["a.example.com"], "hostedZoneId": "Z` + strings.Repeat("A", 32) + `"}}`,
			is(hard("D10", "domain.hostedZoneId"))},
		row{"D10 too short", `{"domain": {"aliases": ["a.example.com"], "hostedZoneId": "Z"}}`, is(hard("D10", "domain.hostedZoneId"))},
		row{"D10 with its path", `{"domain": {"aliases": ["a.example.com"], "hostedZoneId": "/hostedzone/Z1"}}`, is(hard("D10", "domain.hostedZoneId"))},
		row{"D10 with its path, and long", `{"domain": {"aliases": ["a.example.com"], "hostedZoneId": "/hostedzone/Z04829301ABCQWE7XK2LM"}}`, is(hard("D10", "domain.hostedZoneId"))},
		row{"D10 zone of a domain with its path", zones(`{"example.com": "/hostedzone/Z1"}`, ""), is(hard("D10", `domain.hostedZones["example.com"]`))},
		row{"D10 zone of a wildcard", zones(`{"example.com": "Z1", "*.example.com": "Z2"}`, ""), is(hard("D10", `domain.hostedZones["*.example.com"]`))},
		row{"D10 zone of a URL", zones(`{"example.com": "Z1", "https://example.com": "Z2"}`, ""), is(hard("D10", `domain.hostedZones["https://example.com"]`))},
		row{"D13 zone of a load balancer's name", zones(`{"example.com": "Z32O12XQLNTSW2"}`, ""), is(hard("D13", `domain.hostedZones["example.com"]`))},
		row{"D13 zone of a network load balancer's name", `{"domain": {"aliases": ["a.example.com"], "hostedZoneId": "Z18D5FSROUN65G"}}`, is(hard("D13", "domain.hostedZoneId"))},
		row{"D13 zone of an accelerator's name", `{"domain": {"aliases": ["a.example.com"], "hostedZoneId": "Z2BJ6XQ5FK7U4H"}}`, is(hard("D13", "domain.hostedZoneId"))},
		row{"D13 zone of CloudFront among others", zones(`{"example.com": "Z2FDTNDATAQYW2"}`, ""), is(hard("D13", `domain.hostedZones["example.com"]`))},
		row{"D13 two domains in a zone of each", zones(`{"example.com": "Z1", "example.org": "Z2"}`, `"*.example.org"`), nil},
		row{"D13 two domains in one zone, by name", zones(`{"example.com": "Z1", "example.org": "Z1"}`, `"b.example.org"`), is(hard("D13", "domain.aliases[1]"))},
		row{"D15 zone within a zone", zones(`{"example.com": "Z1", "api.example.com": "Z2"}`, `"api.example.com", "a.api.example.com"`), nil},
		row{"D15 alias in no zone", zones(`{"example.com": "Z1"}`, `"b.anexample.com"`), is(hard("D15", "domain.aliases[1]"))},
		row{"D15 zone for no alias", zones(`{"example.com": "Z1", "x.example.com": "Z2"}`, ""), is(warning("D15", `domain.hostedZones["x.example.com"]`))},
		row{"D15 name of the regions in no zone", regional(`{"domain": {"hostedZoneId": null, "hostedZones": {"example.com": "Z1"}}, "api": {"originAlias": "origin.example.org"}}`),
			is(hard("D15", "api.originAlias"))},
		row{"D15 name of a load balancer in no zone", balanced(`{"domain": {"hostedZoneId": null, "hostedZones": {"api.example.com": "Z1"}}}`),
			is(hard("D15", "api.loadBalancer.domainName"))},
		row{"D15 zone of the regions alone", regional(`{"domain": {"hostedZoneId": null, "hostedZones": {"example.com": "Z1", "origin.example.org": "Z2"}}, "api": {"originAlias": "A.Origin.example.org"}}`), nil},
		row{"D2 no zone of a domain", zones(`{}`, ""), is(hard("D2", "domain"))},
		row{"D2 zones and a zone", merged(zones(`{"example.com": "Z1"}`, ""), `{"domain": {"hostedZoneId": "Z1"}}`), is(hard("D2", "domain"))},
		row{"D2 zones without aliases", `{"domain": {"hostedZones": {"example.com": "Z1"}}}`, is(hard("D2", "domain"), warning("D15", `domain.hostedZones["example.com"]`))},
		row{"D2 records by hand", manual(`{}`), nil},
		row{"D2 records by hand of two domains", manual(`{"domain": {"aliases": ["a.example.com", "*.example.org"]}}`), nil},
		row{"D2 records by hand, and all else", manual(`{"domain": {"hostedZones": {"example.com": "Z1"}, "certificateArn": "arn:aws:acm:us-east-1:111122223333:certificate/c"}}`), is(hard("D2", "domain"))},
		row{"D2 records by hand without aliases", manual(`{"domain": {"aliases": null}}`), is(hard("D2", "domain"))},
		row{"D2 records by robot", manual(`{"domain": {"dns": "cloudflare"}}`), is(hard("D2", "domain.dns"))},
		row{"D11 too many names by hand", manual(`{"domain": {"aliases": ` + list(11, `"a%d.example.com"`) + `}}`), is(quota("D11", "domain.aliases"))},
		row{"O13 records by hand", regional(`{"domain": {"hostedZoneId": null, "dns": "manual"}}`), is(hard("O13", "api.regions"))},
		row{"O19 records by hand", balanced(`{"domain": {"hostedZoneId": null, "dns": "manual"}}`), is(hard("O19", "api.loadBalancer"))},
		row{"N4 role of a zone", role(`{"hostedZoneRoleArn": "arn:aws:iam::999922223333:user/dns"}`), is(hard("N4", "domain.hostedZoneRoleArn"))},
		row{"N4 role that reads a zone", role(`{"hostedZonePlanRoleArn": "dns"}`), is(hard("N4", "domain.hostedZonePlanRoleArn"))},
		row{"N7 role that plans and changes records", role(`{"hostedZonePlanRoleArn": "arn:aws:iam::999922223333:role/dns"}`), is(hard("N7", "domain.hostedZonePlanRoleArn"))},
		row{"D16 role of a zone", role(`{}`), nil},
		row{"D16 roles", merged(role(`{"hostedZonePlanRoleArn": "arn:aws:iam::999922223333:role/dns-plan"}`), `{"account": {"planRoleArn": "arn:aws:iam::999933334444:role/plan"}}`), nil},
		row{"D16 no role that reads a zone", merged(role(`{}`), `{"account": {"planRoleArn": "arn:aws:iam::999933334444:role/plan"}}`), is(warning("D16", "domain.hostedZoneRoleArn"))},
		row{"U1 role that only reads a zone", merged(zone(`["a.example.com"]`), `{"domain": {"hostedZonePlanRoleArn": "arn:aws:iam::999922223333:role/dns-plan"}}`), is(warning("U1", "domain.hostedZonePlanRoleArn"))},
		row{"U1 role without a zone", `{"domain": {"hostedZoneRoleArn": "arn:aws:iam::999922223333:role/dns"}}`, is(warning("U1", "domain.hostedZoneRoleArn"))},
		row{"D4 no version", `{"distribution": {"minimumTLSVersion": "TLSv1.1_2016"}}`,
			is(hard("D4", "distribution.minimumTLSVersion"))},
		row{"D4 later version", `{"distribution": {"minimumTLSVersion": "TLSv1.3_2025"}}`, is(hard("D4", "distribution.minimumTLSVersion"))},
		row{"D4 without aliases", `{"distribution": {"minimumTLSVersion": "TLSv1.2_2019"}}`,
			is(warning("D4", "distribution.minimumTLSVersion"))},
		row{"D4 with aliases", merged(zone(`["a.example.com"]`), `{"distribution": {"minimumTLSVersion": "TLSv1.2_2018"}}`), nil},
		row{"D4 default without aliases", `{"distribution": {"minimumTLSVersion": "TLSv1.2_2021"}}`, nil},
	)
}

func distributionRows() []row {
	distribution := func(fields string) string { return `{"distribution": {` + fields + `}}` }
	countries := func(kind, locations string) string {
		return distribution(`"geoRestriction": {"type": "` + kind + `", "locations": ` + locations + `}`)
	}
	const places = "distribution.geoRestriction.locations"
	return inDev(
		row{"D5 priceClass", distribution(`"priceClass": "100"`), is(hard("D5", "distribution.priceClass"))},
		row{"D5 PriceClass_100", distribution(`"priceClass": "PriceClass_100"`), nil},
		row{"D5 PriceClass_200", distribution(`"priceClass": "PriceClass_200"`), nil},
		row{"D5 httpVersion", distribution(`"httpVersion": "HTTP2"`), is(hard("D5", "distribution.httpVersion"))},
		row{"D5 http1.1", distribution(`"httpVersion": "http1.1"`), nil},
		row{"D6 slash", distribution(`"defaultRootObject": "/index.html"`), is(hard("D6", "distribution.defaultRootObject"))},
		row{"D6 slash inside", distribution(`"defaultRootObject": "a/index.html"`), nil},
		row{"D6 character", distribution(`"defaultRootObject": "a b"`), is(hard("D6", "distribution.defaultRootObject"))},
		row{"D6 longest", distribution(`"defaultRootObject": ` + text(255)), nil},
		row{"D6 too long", distribution(`"defaultRootObject": ` + text(256)), is(hard("D6", "distribution.defaultRootObject"))},
		row{"D7 type", countries("allow", `["DE"]`), is(hard("D7", "distribution.geoRestriction.type"))},
		row{"D7 none with locations", countries("none", `["DE"]`), is(hard("D7", places))},
		row{"D7 whitelist of none", countries("whitelist", `[]`), is(hard("D7", places))},
		row{"D7 blacklist of none", countries("blacklist", `[]`), is(hard("D7", places))},
		row{"D7 blacklist", countries("blacklist", `["GB", "US"]`), nil},
		row{"D7 whitelist", countries("whitelist", `["AD", "ZW"]`), nil},
		row{"D7 lower case", countries("whitelist", `["de"]`), is(hard("D7", places+"[0]"))},
		row{"D7 UK", countries("whitelist", `["DE", "UK"]`), is(hard("D7", places+"[1]"))},
		row{"D7 three letters", countries("whitelist", `["DEU"]`), is(hard("D7", places+"[0]"))},
		row{"D7 three letters of which two are another country", countries("blacklist", `["PRK", "RUS", "UKR", "USA", "CHN", "irn"]`), is(
			hard("D7", places+"[0]"), hard("D7", places+"[1]"), hard("D7", places+"[2]"), hard("D7", places+"[3]"),
			hard("D7", places+"[4]"), hard("D7", places+"[5]"))},
		row{"D7 names", countries("blacklist", `["Iran", "Cuba", "XYZ"]`), is(hard("D7", places+"[0]"), hard("D7", places+"[1]"), hard("D7", places+"[2]"))},
		row{"D7 twice", countries("whitelist", `["DE", "DE"]`), is(hard("D7", places+"[1]"))},
		row{"D8 longest", distribution(`"comment": ` + text(128)), nil},
		row{"D8 too long", distribution(`"comment": ` + text(129)), is(hard("D8", "distribution.comment"))},
		row{"D9 negative", distribution(`"errorCacheSeconds": -1`), is(hard("D9", "distribution.errorCacheSeconds"))},
		row{"D9 longest", distribution(`"errorCacheSeconds": 31536000`), nil},
		row{"R23 kept errors", kept(`"api": {"cache": {}}`), is(takes("api.cache"), poisoned())},
		row{"R23 of a route", kept(`"routes": [{"path": "/v1/models*", "methods": "read", "cache": {}}]`), is(poisoned())},
		row{"R23 other headers", kept(`"routes": [{"path": "/v1/models*", "methods": "read", "cache": {"forwardHeaders": ["X-Trace"]}}]`), is(poisoned())},
		row{"R23 nothing beside the key", kept(`"routes": [{"path": "/v1/models*", "methods": "read", "cache": {"forwardHeaders": []}}]`), nil},
		row{"R23 of CORS", kept(`"routes": [{"path": "/v1/models*", "methods": "read", "cache": {"forwardHeaders": []}}], "cors": {"allowOrigins": ["https://app.example.com"]}`),
			is(poisoned())},
		row{"R23 with a function", kept(`"routes": [{"path": "/v1/models*", "methods": "read", "cache": {}}], "api": {"keys": {}}`), nil},
		row{"R23 of CORS with a function", kept(`"routes": [{"path": "/v1/models*", "methods": "read", "cache": {}}], "api": {"keys": {}}, "cors": {"allowOrigins": ["https://app.example.com"]}`),
			is(poisoned())},
		row{"R23 all in the key", kept(`"routes": [{"path": "/v1/models*", "methods": "read", "cache": {"forwardHeaders": [], "keyHeaders": ["Authorization", "Origin"]}}], "api": {"canary": {"domainName": "canary.example.com", "percent": 5}}, "cors": {"allowOrigins": ["https://app.example.com"]}`), nil},
		row{"R23 models", kept(`"routes": [{"path": "/data/*", "origin": "models", "cache": {"queryStrings": "none"}}]`), nil},
		row{"R23 no error is kept", routes(`{"path": "/v1/models*", "methods": "read", "cache": {}}`), nil},
		row{"D9 too long", distribution(`"errorCacheSeconds": 31536001`), is(hard("D9", "distribution.errorCacheSeconds"))},
	)
}

func edgeRows() []row {
	const acl = "arn:aws:wafv2:us-east-1:111122223333:global/webacl/a/1234abcd"
	firewall := func(fields string) string { return `{"firewall": {"enabled": true, ` + fields + `}}` }
	given := func(arn string) string { return `{"firewall": {"webACLArn": "` + arn + `"}}` }
	monitoring := func(fields string) string {
		if !strings.Contains(fields, "emails") && !strings.Contains(fields, "topicArns") {
			fields += `, "emails": ["a@example.com"]`
		}
		return `{"monitoring": {"enabled": true, ` + fields + `}}`
	}
	logging := func(fields string) string { return `{"logging": {` + fields + `}}` }
	delivered := func(prefix string) string { return logging(`"version": 2, "prefix": "` + prefix + `"`) }
	badFolders := func(prefix string) row {
		return row{"L3 " + prefix, delivered(prefix), is(hard("L3", "logging.prefix"))}
	}
	badACLAt := func(arn string) row {
		return row{"F1 " + arn, given(arn), is(hard("F1", "firewall.webACLArn"))}
	}
	badRange := func(text string) row {
		return row{"F3 range " + text, firewall(`"blockedIPs": ["` + text + `"]`), is(hard("F3", "firewall.blockedIPs[0]"))}
	}
	badRule := func(name string) row {
		return row{"F4 rule " + name, firewall(`"countedRules": ["PROPFIND_METHOD", "` + name + `"]`),
			is(hard("F4", "firewall.countedRules[1]"))}
	}
	badEmail := func(text string) row {
		return row{"M1 address " + text, monitoring(`"emails": ["` + text + `"]`), is(hard("M1", "monitoring.emails[0]"))}
	}
	return inDev(
		row{"L1 slash", logging(`"prefix": "/a"`), is(hard("L1", "logging.prefix"))},
		row{"L1 empty", logging(`"prefix": ""`), nil},
		row{"L1 longest", logging(`"prefix": ` + text(256)), nil},
		row{"L1 too long", logging(`"prefix": ` + text(257)), is(hard("L1", "logging.prefix"))},
		row{"L1 no days", logging(`"retentionDays": 0`), is(hard("L1", "logging.retentionDays"))},
		row{"L1 fewest days", logging(`"retentionDays": 1`), nil},
		row{"L1 most days", logging(`"retentionDays": 3650`), nil},
		row{"L1 too many days", logging(`"retentionDays": 3651`), is(hard("L1", "logging.retentionDays"))},
		row{"L1 version", logging(`"version": 3`), is(hard("L1", "logging.version"))},
		row{"L1 retired version", logging(`"version": 2, "retiredVersion": 2`), is(hard("L1", "logging.retiredVersion"))},
		row{"L2 both versions", logging(`"version": 2, "retiredVersion": 1`), nil},
		row{"L2 version 1 twice", logging(`"retiredVersion": 1`), is(hard("L2", "logging.retiredVersion"))},
		row{"L2 queries of version 1", logging(`"queries": true`), is(hard("L2", "logging.queries"))},
		row{"L2 queries", logging(`"version": 2, "queries": true`), nil},
		row{"L2 cookies", logging(`"includeCookies": true`), nil},
		row{"L2 cookies of version 2", logging(`"version": 2, "includeCookies": true`),
			is(hard("L2", "logging.includeCookies"))},
		row{"L2 cookies of both", logging(`"version": 2, "retiredVersion": 1, "includeCookies": true`),
			is(warning("L2", "logging.includeCookies"))},
		row{"L3 no prefix", delivered(""), nil},
		row{"L3 a folder", delivered("A-z_0.9/"), nil},
		row{"L3 folders", delivered("a/b.c/.d"), nil},
		badFolders("a//b"), badFolders("a//"), badFolders("a/../b"), badFolders("./a"), badFolders("a/."), badFolders("year={yyyy}"),
		badFolders("a=b"), badFolders("a b"), badFolders("a*"), badFolders("é"),
		row{"L3 longest", delivered(strings.Repeat("x", 234) + "/"), nil},
		row{"L3 too long", delivered(strings.Repeat("x", 235)), is(hard("L3", "logging.prefix"))},
		row{"L3 with version 1", logging(`"prefix": "year={yyyy}"`), nil},
		row{"U1 logging", logging(`"enabled": false, "includeCookies": true`), is(warning("U1", "logging"))},
		row{"U1 no logging", logging(`"enabled": false`), nil},
		row{"U1 no logging, and no logs", logging(`"enabled": false, "forceDestroy": true`), nil},

		row{"F1 web ACL", given(acl), nil},
		row{"F1 with other fields", firewall(`"webACLArn": "` + acl + `"`), is(hard("F1", "firewall.webACLArn"))},
		row{"F1 with blockedIPs", `{"firewall": {"webACLArn": "` + acl + `", "blockedIPs": ["192.0.2.0/24"]}}`,
			is(hard("F1", "firewall.webACLArn"))},
		row{"F1 elsewhere", given("arn:aws:wafv2:eu-west-1:111122223333:global/webacl/a/1"), is(hard("F1", "firewall.webACLArn"))},
		row{"F1 of another account", merged(`{"account": {"id": "999922223333"}}`, given(acl)),
			is(hard("F1", "firewall.webACLArn"))},
		badACLAt("arn:aws:wafv2:us-east-1:111122223333:regional/webacl/a/1"),
		badACLAt("arn:aws:wafv2:us-east-1:111122223333:global/rulegroup/a/1"),
		badACLAt("arn:aws:wafv2:us-east-1:111122223333:global/webacl/a"),
		badACLAt("arn:aws:wafv2:us-east-1:111122223333:global/webacl/a/"),
		badACLAt("arn:aws:wafv2:us-east-1:111122223333:global/webacl/a/b/c"),
		badACLAt("arn:aws:waf::111122223333:webacl/1"),
		row{"F2 fewest", firewall(`"requestsPer5Minutes": 10`), nil},
		row{"F2 too few", firewall(`"requestsPer5Minutes": 9`), is(hard("F2", "firewall.requestsPer5Minutes"))},
		row{"F2 most", firewall(`"requestsPer5Minutes": 2000000000`), nil},
		row{"F2 too many", firewall(`"requestsPer5Minutes": 2000000001`), is(hard("F2", "firewall.requestsPer5Minutes"))},
		row{"F3 ranges", firewall(`"blockedIPs": ["128.0.0.0/1", "126.0.0.1/32", "8000::/1", "2001:db8::1/128"], "allowedIPs": ["9.0.0.0/8", "2001:db8::2/128"]`), nil},
		row{"F3 one IPv4 address", firewall(`"blockedIPs": ["192.0.2.1"]`), is(hard("F3", "firewall.blockedIPs[0]"))},
		row{"F3 one IPv6 address", firewall(`"allowedIPs": ["2001:db8::1"]`), is(hard("F3", "firewall.allowedIPs[0]"))},
		badRange("192.0.2.0/33"),
		badRange("2001:db8::/129"),
		badRange("example.com"),
		badRange(""),
		row{"F3 all of IPv4", firewall(`"blockedIPs": ["0.0.0.0/0"], "allowedIPs": ["192.0.2.0/24"]`), is(hard("F3", "firewall.blockedIPs[0]"))},
		row{"F3 all of IPv6", firewall(`"allowedIPs": ["::/0"], "blockedIPs": ["2001:db8::/32"]`), is(hard("F3", "firewall.allowedIPs[0]"))},
		row{"F3 not the first address", firewall(`"blockedIPs": ["192.0.2.1/24"]`), is(hard("F3", "firewall.blockedIPs[0]"))},
		row{"F3 an exception of what is blocked", firewall(`"blockedIPs": ["198.51.100.0/24", "192.0.2.0/24"], "allowedIPs": ["192.0.3.0/24", "192.0.2.7/32"]`),
			nil},
		row{"F3 blocked within what gets in", firewall(`"blockedIPs": ["198.51.100.0/24", "192.0.2.7/32"], "allowedIPs": ["192.0.3.0/24", "192.0.2.0/24"]`),
			is(hard("F3", "firewall.blockedIPs[1]"))},
		row{"F3 twice", firewall(`"blockedIPs": ["192.0.2.0/24", "198.51.100.0/24", "192.0.2.0/24"]`), is(hard("F3", "firewall.blockedIPs[2]"))},
		row{"F3 within another", firewall(`"allowedIPs": ["2001:db8:1::/48", "198.51.100.7/32", "2001:db8::/32"]`), is(hard("F3", "firewall.allowedIPs[2]"))},
		row{"F3 an exception", onlyThese(`"blockedIPs": ["192.0.2.7/32"]`), nil},
		row{"F3 all of it blocked", onlyThese(`"blockedIPs": ["192.0.2.0/24"]`), is(hard("F3", "firewall.allowedIPs[0]"))},
		row{"F3 within what is blocked", onlyThese(`"blockedIPs": ["192.0.0.0/16"]`), is(hard("F3", "firewall.allowedIPs[0]"))},
		row{"F3 blocked by two", onlyThese(`"blockedIPs": ["192.0.2.128/25", "192.0.2.0/25"]`), is(hard("F3", "firewall.allowedIPs[0]"))},
		row{"F3 blocked by all but an address", onlyThese(`"blockedIPs": ["192.0.2.128/25", "192.0.2.0/26", "192.0.2.64/27", "192.0.2.96/28", "192.0.2.112/29",
			"192.0.2.120/30", "192.0.2.124/31", "192.0.2.126/32"]`), nil},
		row{"F3 blocked by many", onlyThese(`"blockedIPs": ["2001:db8::/33", "2001:db8:8000::/34", "2001:db8:c000::/34"]`), is(hard("F3", "firewall.allowedIPs[1]"))},
		row{"F3 of a route, blocked by two", merged(admin(`"8.0.0.0/7"`), firewall(`"blockedIPs": ["9.0.0.0/8", "8.0.0.0/8"]`)), is(hard("F3", "routes[0].allowedIPs[0]"))},
		row{"F7 a route outside of those who get in", merged(admin(`"9.0.0.0/8", "8.0.0.0/8"`), onlyThese("")), is(hard("F7", "routes[0].allowedIPs"))},
		row{"F7 a route for the blocked of those who get in", merged(admin(`"192.0.0.0/16", "9.0.0.0/8"`),
			firewall(`"onlyAllowedIPs": true, "allowedIPs": ["192.0.2.0/24", "8.0.0.0/8"], "blockedIPs": ["192.0.2.0/25", "192.0.2.128/25"]`)),
			is(hard("F3", "firewall.allowedIPs[0]"), hard("F7", "routes[0].allowedIPs"))},
		row{"F7 a route for one that gets in", merged(admin(`"192.0.0.0/16"`), onlyThese(`"blockedIPs": ["192.0.2.0/25"]`)), nil},
		row{"F3 of a route", admin(`"9.0.0.1"`), is(hard("F3", "routes[0].allowedIPs[0]"))},
		row{"F3 of a route, twice", admin(`"9.0.0.0/8", "9.0.0.0/8"`), is(hard("F3", "routes[0].allowedIPs[1]"))},
		row{"F3 of a route, blocked", merged(admin(`"192.0.2.7/32"`), firewall(`"blockedIPs": ["192.0.2.0/24"]`)), is(hard("F3", "routes[0].allowedIPs[0]"))},
		row{"F3 of a route, with an exception", merged(admin(`"192.0.2.0/24"`), firewall(`"blockedIPs": ["192.0.2.7/32"]`)), nil},
		row{"F3 of a route, too many", guarded("/admin*", strings.Trim(ranges(10_001), "[]")), is(quota("F3", "routes[0].allowedIPs"))},
		row{"F7 only these", onlyThese(""), nil},
		row{"F3 a range of IPv4 in IPv6", firewall(`"allowedIPs": ["::ffff:192.0.2.0/120"]`), is(hard("F3", "firewall.allowedIPs[0]"))},
		row{"U1 a private range", firewall(`"allowedIPs": ["192.0.2.0/24", "172.16.0.0/16"], "blockedIPs": ["10.0.0.0/7", "fd00::/8"]`),
			is(warning("U1", "firewall.allowedIPs[1]"), warning("U1", "firewall.blockedIPs[1]"))},
		row{"F7 only private ranges", firewall(`"onlyAllowedIPs": true, "allowedIPs": ["10.0.0.0/8", "fd00::/8"]`),
			is(hard("F7", "firewall.allowedIPs"), warning("U1", "firewall.allowedIPs[0]"), warning("U1", "firewall.allowedIPs[1]"))},
		row{"F7 only private ranges at a path", admin(`"192.168.1.0/24"`),
			is(hard("F7", "routes[0].allowedIPs"), warning("U1", "routes[0].allowedIPs[0]"))},
		row{"F7 only these, without a list", firewall(`"onlyAllowedIPs": true`), is(hard("F7", "firewall.onlyAllowedIPs"))},
		row{"F7 only these, without a web ACL", `{"firewall": {"onlyAllowedIPs": true, "allowedIPs": ["192.0.2.0/24", "2001:db8::/32"]}}`,
			is(hard("F7", "firewall.onlyAllowedIPs"))},
		row{"F1 only these, with a given web ACL", `{"firewall": {"webACLArn": "` + acl + `", "onlyAllowedIPs": true, "allowedIPs": ["192.0.2.0/24", "2001:db8::/32"]}}`,
			is(hard("F1", "firewall.webACLArn"))},
		row{"F7 a route", admin(`"9.0.0.0/8"`), nil},
		row{"F7 a route without a web ACL", merged(admin(`"9.0.0.0/8"`), `{"firewall": null}`), is(hard("F7", "routes[0].allowedIPs"))},
		row{"F7 a route with a given web ACL", merged(merged(admin(`"9.0.0.0/8"`), `{"firewall": null}`), given(acl)), is(hard("F7", "routes[0].allowedIPs"))},
		row{"F7 a route for nobody", admin(""), is(hard("F7", "routes[0].allowedIPs"))},
		row{"F8 no IPv6", firewall(`"onlyAllowedIPs": true, "allowedIPs": ["192.0.2.0/24"]`), is(warning("F8", "firewall.allowedIPs"))},
		row{"F8 no IPv6, and none answered", merged(firewall(`"onlyAllowedIPs": true, "allowedIPs": ["192.0.2.0/24"]`), `{"distribution": {"ipv6": false}}`), nil},
		row{"F8 no IPv6 for a route", merged(admin(`"9.0.0.0/8"`), `{"distribution": {"ipv6": true}}`), is(warning("F8", "routes[0].allowedIPs"))},
		row{"F8 no IPv6 for a route, and none gets in", merged(merged(admin(`"192.0.2.0/28"`), `{"distribution": {"ipv6": true}}`),
			firewall(`"onlyAllowedIPs": true, "allowedIPs": ["192.0.2.0/24"]`)), is(warning("F8", "firewall.allowedIPs"))},
		row{"F9 most wildcards", guarded("/a/*/b?c/*", `"9.0.0.0/8"`), nil},
		row{"F9 too many wildcards", guarded("/a/*/q?z*z?/b", `"9.0.0.0/8"`), is(hard("F9", "routes[0].path"))},
		row{"F9 longest path", guarded("/"+strings.Repeat("z", 184), `"9.0.0.0/8"`), nil},
		row{"F9 too long a path", guarded("/"+strings.Repeat("z", 185), `"9.0.0.0/8"`), is(hard("F9", "routes[0].path"))},
		row{"F9 an open exception", merged(guarded("/admin/*", `"9.0.0.0/8"`), `{"routes": [{"path": "/admin/health"}, {"path": "/admin/*", "allowedIPs": ["9.0.0.0/8"]}]}`),
			is(warning("F9", "routes[1].allowedIPs"))},
		row{"F9 the same list for a part", merged(guarded("/admin/*", `"9.0.0.0/8"`),
			`{"routes": [{"path": "/admin/health", "allowedIPs": ["9.0.0.0/8"]}, {"path": "/admin/*", "allowedIPs": ["9.0.0.0/8"]}]}`), nil},
		row{"F9 the same by strip", merged(guarded("/admin/*", `"9.0.0.0/8"`),
			`{"routes": [{"path": "/admin/*", "allowedIPs": ["9.0.0.0/8"]}, {"path": "/llm/*", "strip": "/llm"}]}`), is(warning("F9", "routes[0].allowedIPs"))},
		row{"F9 the same by strip, with the list", merged(guarded("/admin/*", `"9.0.0.0/8"`),
			`{"routes": [{"path": "/admin/*", "allowedIPs": ["9.0.0.0/8"]}, {"path": "/llm/*", "strip": "/llm", "allowedIPs": ["9.0.0.0/8"]}]}`),
			is(warning("F9", "routes[1].allowedIPs"))},
		row{"F10 most sets", guardedTimes(23), nil},
		row{"F10 too many sets", guardedTimes(24), is(quota("F10", "firewall"))},
		row{"U1 outside", merged(admin(`"9.0.0.0/8", "192.0.2.0/28"`), onlyThese("")), is(warning("U1", "routes[0].allowedIPs[0]"))},
		row{"U1 blocked anyway", onlyThese(`"blockedIPs": ["198.51.100.0/24", "192.0.2.7/32"]`), is(warning("U1", "firewall.blockedIPs[0]"))},
		row{"F3 most", firewall(`"blockedIPs": ` + ranges(10_000)), nil},
		row{"F9 lists of buckets", listed(`{"models": {"allowedIPs": ["9.0.0.0/8"]}, "buckets": {"a": {"path": "/a/*", "allowedIPs": ["8.0.0.0/8"]}}, "web": {"path": "/ui/*", "allowedIPs": ["9.0.0.0/8"]}}`), nil},
		row{"F7 models without a web ACL", `{"models": {"allowedIPs": ["9.0.0.0/8", "2001:db9::/32"]}}`, is(hard("F7", "models.allowedIPs"))},
		row{"F7 a bucket for nobody", listed(`{"buckets": {"a": {"path": "/a/*", "allowedIPs": []}}}`), is(hard("F7", "buckets.a.allowedIPs"))},
		row{"F3 of models, blocked", listed(`{"models": {"allowedIPs": ["9.1.0.0/16"]}, "firewall": {"blockedIPs": ["9.0.0.0/8"]}}`), is(hard("F3", "models.allowedIPs[0]"))},
		row{"F9 a page that is everywhere", listed(`{"web": {"path": "/*", "apiPaths": ["/v1/*"], "allowedIPs": ["9.0.0.0/8"]}}`), is(hard("F9", "web.allowedIPs"))},
		row{"F9 an open exception of models", listed(`{"models": {"allowedIPs": ["9.0.0.0/8"]}, "routes": [{"path": "/models/public/*", "origin": "models"}]}`),
			is(warning("F9", "models.allowedIPs"))},
		row{"F9 an exception of models with the same list", listed(`{"models": {"allowedIPs": ["9.0.0.0/8"]}, "routes": [{"path": "/models/public/*", "origin": "models", "allowedIPs": ["9.0.0.0/8"]}]}`), nil},
		row{"F9 past the list of a bucket by strip", listed(`{"buckets": {"a": {"path": "/a/*", "allowedIPs": ["9.0.0.0/8"]}}, "routes": [{"path": "/b/*", "origin": "a", "strip": "/b"}]}`),
			is(warning("F9", "buckets.a.allowedIPs"))},
		row{"F3 too many", firewall(`"allowedIPs": ` + ranges(10_001)), is(quota("F3", "firewall.allowedIPs"))},
		row{"F4 rules of all groups", firewall(`"countedRules": ["NoUserAgent_HEADER", "Log4JRCE_BODY", "AWSManagedReconnaissanceList"]`), nil},
		badRule("RestrictedExtensions_URI"),
		badRule("log4JRCE_BODY"),
		badRule("Log4JRCE_Body"),         // as its label writes it
		badRule("HostingProviderIPList"), // of a group that isn't in use
		badRule(""),
		row{"F4 twice", firewall(`"countedRules": ["NoUserAgent_HEADER", "PROPFIND_METHOD", "NoUserAgent_HEADER"]`),
			is(hard("F4", "firewall.countedRules[2]"))},
		row{"U1 a rule that counts", firewall(`"countedRules": ["PROPFIND_METHOD", "GenericLFI_BODY", "AWSManagedIPDDoSList"]`),
			is(warning("U1", "firewall.countedRules[1]"),
				warning("U1", "firewall.countedRules[2]"))},
		row{"U1 countedRules", `{"firewall": {"countedRules": ["PROPFIND_METHOD"]}}`, is(warning("U1", "firewall"))},
		row{"U1 firewall", `{"firewall": {"blockedIPs": ["192.0.2.0/24"]}}`, is(warning("U1", "firewall"))},
		row{"U1 no firewall", `{"firewall": {"requestsPer5Minutes": 2000}}`, nil},

		row{"M1 addresses", monitoring(`"emails": ["a@example.com", "b@example.com"]`), nil},
		badEmail("a"),
		badEmail("a@"),
		badEmail("A <a@example.com>"),
		badEmail("a@example.com, b@example.com"),
		row{"M1 address twice", monitoring(`"emails": ["a@example.com", "a@example.com"]`), is(hard("M1", "monitoring.emails[1]"))},
		row{"M1 topic", monitoring(`"topicArns": ["arn:aws:sns:us-east-1:111122223333:alarms"]`), nil},
		row{"M1 no topic", monitoring(`"topicArns": ["alarms"]`),
			is(hard("M1", "monitoring.topicArns[0]"), warning("M1", "monitoring.topicArns"))},
		row{"M1 topic without alarms", monitoring(`"topicArns": ["arn:aws:sns:eu-west-1:111122223333:alarms"]`),
			is(hard("M1", "monitoring.topicArns[0]"), warning("M1", "monitoring.topicArns"))},
		row{"M1 topic beside addresses", `{"region": "eu-west-1", "monitoring": {"enabled": true, "emails": ["a@example.net"],
			"topicArns": ["arn:aws:sns:eu-west-1:111122223333:alarms"]}}`, is(warning("U1", "monitoring.topicArns[0]"))},
		row{"M1 topic beside addresses, of a queue", `{"region": "eu-west-1", "models": {"invalidateOnChange": true}, "monitoring": {"enabled": true,
			"emails": ["a@example.net"], "topicArns": ["arn:aws:sns:eu-west-1:111122223333:alarms"]}}`, nil},
		row{"M1 nobody told", `{"monitoring": {"enabled": true}}`, is(warning("M1", "monitoring"))},
		row{"M1 Slack told", `{"account": {"id": "111122223333"}, "monitoring": {"enabled": true, "slack": {"workspaceId": "T0ACME5X1", "channelId": "C07ALERTS2"}}}`, nil},
		row{"M1 address without a dot", monitoring(`"emails": ["a.b@acme"]`), is(warning("M1", "monitoring.emails[0]"))},
		row{"M1 address in two cases", monitoring(`"emails": ["a@example.com", "A@Example.com"]`), is(warning("M1", "monitoring.emails[1]"))},
		row{"M1 FIFO topic", monitoring(`"topicArns": ["arn:aws:sns:us-east-1:111122223333:alarms.fifo"]`),
			is(warning("M1", "monitoring.topicArns[0]"))},
		row{"M1 topic twice", monitoring(`"topicArns": ["arn:aws:sns:us-east-1:111122223333:alarms", "arn:aws:sns:us-east-1:111122223333:alarms"]`),
			is(hard("M1", "monitoring.topicArns[1]"))},
		row{"M1 nobody told of a queue", `{"region": "eu-west-1", "models": {"invalidateOnChange": true}, "monitoring": {"enabled": true,
			"topicArns": ["arn:aws:sns:us-east-1:111122223333:alarms"]}}`, is(warning("M1", "monitoring.topicArns"))},
		row{"M1 no error rate", monitoring(`"errorRatePercent": 0`), is(hard("M1", "monitoring.errorRatePercent"))},
		row{"M1 low error rate", monitoring(`"errorRatePercent": 0.05`), is(warning("M1", "monitoring.errorRatePercent"))},
		row{"M1 error rate of one in 1,000", monitoring(`"errorRatePercent": 0.1`), nil},
		row{"M1 highest error rate", monitoring(`"errorRatePercent": 100`), nil},
		row{"M1 error rate too high", monitoring(`"errorRatePercent": 100.5`), is(hard("M1", "monitoring.errorRatePercent"))},
		row{"M1 no latency", monitoring(`"originLatencyMilliseconds": 0`), is(hard("M1", "monitoring.originLatencyMilliseconds"))},
		row{"M1 lowest latency", monitoring(`"originLatencyMilliseconds": 1`), is(warning("M1", "monitoring.originLatencyMilliseconds"))},
		row{"M1 latency in seconds", monitoring(`"originLatencyMilliseconds": 19`), is(warning("M1", "monitoring.originLatencyMilliseconds"))},
		row{"M1 low latency", monitoring(`"originLatencyMilliseconds": 20`), nil},
		row{"M1 latency never reached", monitoring(`"originLatencyMilliseconds": 600000`), is(warning("M1", "monitoring"))},
		row{"M1 latency that a route reaches", merged(monitoring(`"originLatencyMilliseconds": 90000`),
			`{"routes": [{"path": "/v1/images*", "readTimeoutSeconds": 120}]}`), nil},
		row{"M1 latency that another backend reaches", merged(monitoring(`"originLatencyMilliseconds": 120000`),
			`{"backends": {"llm": {"domainName": "b.example.com", "readTimeoutSeconds": 120}}, "routes": [{"path": "/a", "origin": "llm"}]}`), nil},
		row{"M1 negative hit rate", monitoring(`"cacheHitRatePercent": -0.5`), is(hard("M1", "monitoring.cacheHitRatePercent"))},
		row{"M1 lowest hit rate", monitoring(`"cacheHitRatePercent": 0`), nil},
		row{"M1 hit rate as a share", monitoring(`"cacheHitRatePercent": 0.8`), is(warning("M1", "monitoring.cacheHitRatePercent"))},
		row{"M1 hit rate of all, as a share", monitoring(`"cacheHitRatePercent": 1`), is(warning("M1", "monitoring.cacheHitRatePercent"))},
		row{"M1 low hit rate", monitoring(`"cacheHitRatePercent": 2`), nil},
		row{"M1 highest hit rate", monitoring(`"cacheHitRatePercent": 100`), nil},
		row{"M1 hit rate too high", monitoring(`"cacheHitRatePercent": 101`), is(hard("M1", "monitoring.cacheHitRatePercent"))},
		row{"U1 monitoring", `{"monitoring": {"emails": ["a@example.com"]}}`, is(warning("U1", "monitoring"))},
		row{"U1 no monitoring", `{"monitoring": {"errorRatePercent": 5}}`, nil},
	)
}

// ranges returns a list of n single addresses.
// onlyThese returns a change to a firewall that lets in nobody else, and more of it.
func onlyThese(more string) string {
	return merged(`{"firewall": {"enabled": true, "onlyAllowedIPs": true, "allowedIPs": ["192.0.2.0/24", "2001:db8::/32"]}}`,
		`{"firewall": {`+more+`}}`)
}

// guarded returns a change to a route with a list of addresses, without IPv6.
func guarded(path, ranges string) string {
	return fmt.Sprintf(`{"distribution": {"ipv6": false}, "firewall": {"enabled": true}, "routes": [{"path": %q, "allowedIPs": [%s]}]}`, path, ranges)
}

// listed returns a change to an environment with a web ACL and without IPv6.
func listed(more string) string {
	return merged(`{"distribution": {"ipv6": false}, "firewall": {"enabled": true}}`, more)
}

func admin(ranges string) string { return guarded("/admin*", ranges) }

// guardedTimes returns a change to so many routes, each with a set of addresses for both versions of IP.
func guardedTimes(n int) string {
	var routes []string
	for i := range n {
		routes = append(routes, fmt.Sprintf(`{"path": "/%d", "allowedIPs": ["192.0.2.0/24", "2001:db8::/32"]}`, i))
	}
	return `{"firewall": {"enabled": true}, "routes": [` + strings.Join(routes, ", ") + `]}`
}

func ranges(n int) string {
	all := make([]string, n)
	for i := range all {
		all[i] = fmt.Sprintf(`"9.0.%d.%d/32"`, i/256, i%256)
	}
	return "[" + strings.Join(all, ",") + "]"
}

func modelsRows() []row {
	models := func(fields string) string { return `{"models": {` + fields + `}}` }
	const key = `"access": "control", "kmsKeyArn": "arn:aws:kms:us-east-1:111122223333:key/`
	rows := inDev(
		row{"M2 access", models(`"access": "public"`), is(hard("M2", "models.access"))},
		row{"M2 identity in a new region", `{"region": "ap-southeast-5", "logging": {"enabled": false}}`,
			is(hard("M2", "models.access"))},
		row{"M2 identity with a replica in a new region", models(`"replicaRegion": "mx-central-1"`),
			is(hard("M2", "models.access"))},
		row{"M2 control in new regions", `{"region": "il-central-1", "logging": {"enabled": false}, "models": {"access": "control", "replicaRegion": "ca-west-1"}}`, nil},
		row{"M2 identity in an older opt-in region", `{"region": "me-central-1", "logging": {"enabled": false}}`, nil},
		row{"M2 control", models(`"access": "control"`), nil},
		row{"M2 key with identity", models(`"kmsKeyArn": "arn:aws:kms:us-east-1:111122223333:key/k"`),
			is(hard("M2", "models.kmsKeyArn"))},
		row{"M2 key with control", models(key + `k"`), nil},
		row{"M3 no days", models(`"noncurrentDays": 0`), is(hard("M3", "models.noncurrentDays"))},
		row{"M3 fewest days", models(`"noncurrentDays": 1`), nil},
		row{"M3 most days", models(`"noncurrentDays": 3650`), nil},
		row{"M3 too many days", models(`"noncurrentDays": 3651`), is(hard("M3", "models.noncurrentDays"))},
		row{"M3 dev is destroyed", models(`"forceDestroy": true`), nil},
		row{"M4 key of one region", models(key + `k", "replicaRegion": "us-west-2"`), is(hard("M4", "models.kmsKeyArn"))},
		row{"M2 identity in the bucket's region", models(`"existing": true, "bucket": "weights", "bucketRegion": "ca-west-1"`),
			is(hard("M2", "models.access"))},
		row{"M2 identity at an access point", models(`"existing": true, "bucket": "weights-0123456789abcdefghijklmnop-s3alias"`),
			is(hard("M2", "models.access"))},
		row{"M5 existing", models(`"existing": true, "bucket": "weights", "bucketRegion": "eu-west-1", "access": "control",
			"kmsKeyArn": "arn:aws:kms:eu-west-1:284719305566:key/k", "strip": "/models", "retiredReplicaRegion": "eu-west-3"`), nil},
		row{"M5 access point", models(`"existing": true, "access": "control", "bucket": "weights-0123456789abcdefghijklmnop-s3alias"`), nil},
		row{"M5 existing without a name", models(`"existing": true`), is(hard("M5", "models.bucket"))},
		row{"M5 existing with a replica", models(`"existing": true, "bucket": "weights", "replicaRegion": "us-east-1"`),
			is(hard("M5", "models.replicaRegion"))},
		row{"M5 existing with versions", models(`"existing": true, "bucket": "weights", "noncurrentDays": 30`),
			is(hard("M5", "models.noncurrentDays"))},
		row{"M5 existing with events", models(`"existing": true, "bucket": "weights", "invalidateOnChange": true`),
			is(hard("M5", "models.invalidateOnChange"))},
		row{"M5 existing deleted", models(`"existing": true, "bucket": "weights", "forceDestroy": true`),
			is(hard("M5", "models.forceDestroy"))},
		row{"M5 another in buckets", `{"buckets": {"voices": {"path": "/voices/*", "existing": true}}}`,
			is(hard("M5", "buckets.voices.bucket"))},
		row{"M5 region of a bucket that is made", models(`"bucketRegion": "us-west-2"`), is(hard("M5", "models.bucketRegion"))},
		row{"N4 key in another region than the bucket", models(`"existing": true, "bucket": "weights", "bucketRegion": "eu-west-1",
			` + key + `k"`), is(hard("N4", "models.kmsKeyArn"))},
		row{"M6 adopted", models(`"adopt": true, "bucket": "weights", "replicaRegion": "us-west-2", "forceDestroy": true`), nil},
		row{"M6 adopted with the suffix of an account", models(`"adopt": true, "bucket": "weights-284719305566-us-east-1-an"`), nil},
		row{"M6 adopted without a name", models(`"adopt": true`), is(hard("M6", "models.bucket"))},
		row{"M6 adopted and existing", models(`"adopt": true, "existing": true, "bucket": "weights"`), is(hard("M6", "models.adopt"))},
		row{"M6 adopted in another region", models(`"adopt": true, "bucket": "weights", "bucketRegion": "eu-west-1"`),
			is(hard("M6", "models.bucketRegion"))},
		row{"N1 access point adopted", models(`"adopt": true, "bucket": "weights-0123456789abcdefghijklmnop-s3alias"`),
			is(hard("N1", "models.bucket"))},
		row{"N1 existing bucket in one zone", models(`"existing": true, "bucket": "weights--use1-az4--x-s3"`), is(hard("N1", "models.bucket"))},
		row{"N1 ARN of a bucket", models(`"existing": true, "bucket": "arn:aws:s3:::weights"`), is(hard("N1", "models.bucket"))},
		row{"N1 URL of a bucket", models(`"existing": true, "bucket": "s3://weights/llama"`), is(hard("N1", "models.bucket"))},
		row{"N1 ARN of an access point", models(`"existing": true, "bucket": "arn:aws:s3:us-east-1:284719305566:accesspoint/weights"`),
			is(hard("N1", "models.bucket"))},
		row{"M4 key of many regions", models(key + `mrk-1", "replicaRegion": "us-west-2"`), nil},
	)
	return append(rows, row{"M3 prod is destroyed", `{"environments": {"dev": null, "prod": {"region": "us-east-1", "api": {"domainName": "b.example.com"}, "models": {"forceDestroy": true}}}}`,
		is(warning("M3", "environments.prod.models.forceDestroy"))},
		row{"L1 logs of prod are destroyed", `{"environments": {"dev": null, "prod": {"region": "us-east-1", "api": {"domainName": "b.example.com"}, "logging": {"forceDestroy": true}}}}`,
			is(warning("L1", "environments.prod.logging.forceDestroy"))},
		row{"M5 existing in prod", `{"environments": {"dev": null, "prod": {"region": "us-east-1", "api": {"domainName": "b.example.com"},
			"models": {"existing": true, "bucket": "weights"}}}}`, nil})
}

// kept returns a change in which errors are kept.
func kept(rest string) string { return `{"distribution": {"errorCacheSeconds": 5}, ` + rest + "}" }

func poisoned() config.Problem {
	return warning("R23", "distribution.errorCacheSeconds")
}
