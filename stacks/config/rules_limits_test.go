package config_test

import (
	"fmt"
	"strings"
)

func limitRows() []row {
	const acl = "arn:aws:wafv2:us-east-1:111122223333:global/webacl/a/1234abcd"
	firewall := func(fields string) string { return `{"firewall": {"enabled": true, ` + fields + `}}` }
	limit := func(path string, requests int) string {
		return fmt.Sprintf(`{"path": %q, "requestsPer5Minutes": %d}`, path, requests)
	}
	limits := func(list ...string) string { return firewall(`"limits": [` + strings.Join(list, ", ") + `]`) }
	some := func(n int) []string {
		var list []string
		for i := range n {
			list = append(list, limit(fmt.Sprint("/", i), 10))
		}
		return list
	}
	return inDev(
		row{"F5 address", firewall(`"limitBy": "ip"`), nil},
		row{"F5 Authorization", firewall(`"limitBy": "Authorization"`), nil},
		row{"F5 longest", firewall(`"limitBy": "` + strings.Repeat("a", 64) + `"`), nil},
		row{"F5 too long", firewall(`"limitBy": "` + strings.Repeat("a", 65) + `"`), is(hard("F5", "firewall.limitBy"))},
		row{"F5 empty", firewall(`"limitBy": ""`), is(hard("F5", "firewall.limitBy"))},
		row{"F5 space", firewall(`"limitBy": "x api key"`), is(hard("F5", "firewall.limitBy"))},
		row{"F5 a header's sign that WAF's provider refuses", firewall(`"limitBy": "x.key"`), is(hard("F5", "firewall.limitBy"))},
		row{"F5 IP", firewall(`"limitBy": "IP"`), is(hard("F5", "firewall.limitBy"))},
		row{"F5 Host", firewall(`"limitBy": "Host"`), is(warning("F5", "firewall.limitBy"))},
		row{"F5 cookie", firewall(`"limitBy": "cookie"`), is(warning("F5", "firewall.limitBy"))},
		row{"F5 forwarded", firewall(`"limitBy": "X-Forwarded-For"`), is(warning("F5", "firewall.limitBy"))},
		row{"F5 with a web ACL", `{"firewall": {"webACLArn": "` + acl + `", "limitBy": "x-api-key"}}`,
			is(hard("F1", "firewall.webACLArn"))},
		row{"U1 limitBy", `{"firewall": {"limitBy": "x-api-key"}}`, is(warning("U1", "firewall"))},
		row{"U1 limits", `{"firewall": {"limits": [{"path": "/a", "requestsPer5Minutes": 10}]}}`, is(warning("U1", "firewall"))},

		row{"F2 limit too low", limits(limit("/a", 9)), is(hard("F2", "firewall.limits[0].requestsPer5Minutes"))},
		row{"F2 limit too high", limits(limit("/a", 2_000_000_001)), is(hard("F2", "firewall.limits[0].requestsPer5Minutes"))},
		row{"F6 limits", limits(limit("/v1/embeddings*", 10), limit("v1/*/tune", 1999), limit("/a+b", 20)), nil},
		row{"F6 most by address", limits(some(9)...), nil},
		row{"F6 too many by address", limits(some(10)...), is(quota("F6", "firewall.limits"))},
		row{"F6 most by a header", firewall(`"limitBy": "x-api-key", "limits": [` + strings.Join(some(3), ", ") + `]`), nil},
		row{"F6 too many by a header", firewall(`"limitBy": "x-api-key", "limits": [` + strings.Join(some(4), ", ") + `]`),
			is(quota("F6", "firewall.limits"))},
		row{"F6 no path", limits(`{"path": "", "requestsPer5Minutes": 10}`), is(hard("F6", "firewall.limits[0].path"))},
		row{"F6 character", limits(limit("/a b", 10)), is(hard("F6", "firewall.limits[0].path"))},
		row{"F6 everything", limits(limit("/*", 10)), is(hard("F6", "firewall.limits[0].path"))},
		row{"F6 twice", limits(limit("/v1/a*", 10), limit("/b", 10), limit("V1/A*", 20)), is(hard("F6", "firewall.limits[2].path"))},
		row{"F6 longest text", limits(limit("/"+strings.Repeat("a", 199), 10)), nil},
		row{"F6 text too long", limits(limit("/"+strings.Repeat("a", 200), 10)), is(hard("F6", "firewall.limits[0].path"))},
		row{"F6 longest expression", limits(limit("/*/"+strings.Repeat("a", 189), 10)), nil},
		row{"F6 expression too long", limits(limit("/*/"+strings.Repeat("a", 190), 10)),
			is(hard("F6", "firewall.limits[0].path"))},
		row{"F6 most wildcards", limits(limit("/*/a/*/b*", 10)), nil},
		row{"F6 too many wildcards", limits(limit("/*/a/*/b/*/c*", 10)), is(hard("F6", "firewall.limits[0].path"))},
		row{"F6 two slashes", limits(limit("/v1//a", 10)), is(hard("F6", "firewall.limits[0].path"))},
		row{"F6 dots at the end", limits(limit("/v1/..", 10)), is(hard("F6", "firewall.limits[0].path"))},
		row{"F6 as many as all", limits(limit("/a", 2000)), is(warning("F6", "firewall.limits[0].requestsPer5Minutes"))},
		row{"F6 after a wider one", limits(limit("/v1/chat*", 100), limit("/V1/*", 100)),
			is(warning("F6", "firewall.limits[0].requestsPer5Minutes"))},
		row{"F6 below a wider one", limits(limit("/v1/chat*", 99), limit("/v1/*", 100)), nil},
	)
}
