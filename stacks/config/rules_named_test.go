package config_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/config"
)

// llm is an environment with one more backend and one more bucket, to each of which a route leads, and a change to it.
func llm(patch string) string {
	return merged(`{
		"backends": {"llm": {"domainName": "llm.example.com"}},
		"buckets": {"adapters": {"path": "/adapters/*"}},
		"routes": [{"path": "/llm/*", "origin": "llm"}]}`, patch)
}

// oneMore is one more route of it.
func oneMore(fields string) string {
	return llm(`{"routes": [{"path": "/llm/*", "origin": "llm"}, {"path": "/a/*", ` + fields + `}]}`)
}

// twoRegions are those of a backend.
const twoRegions = `"regions": [{"region": "us-east-1", "domainName": "a.example.com", "healthPath": "/"},
	{"region": "eu-west-1", "domainName": "b.example.com", "healthPath": "/"}]`

// inTwoRegions is an API in two regions under one name.
func inTwoRegions(alias string) string {
	return `{"domain": {"aliases": ["api.example.com"], "hostedZoneId": "Z1"}, "api": {"domainName": null, "originAlias": "` + alias + `", ` + twoRegions + `}}`
}

func namedRows() []row {
	const (
		chat    = `"domainName": null, "verifySecret": "s", "functionUrl": {"functionArn": "arn:aws:lambda:us-east-1:111122223333:function:chat"`
		group   = `"securityGroupId": "sg-0123456789abcdef0"`
		private = `"domainName": null, "vpcOrigin": {"loadBalancerArn": "` + loadBalancer + `", "protocol": "http", ` + group
	)
	rows := []row{
		{"O22 fine", llm(`{}`), nil},
		{"O22 name of the program's", llm(`{"backends": {"web": {"domainName": "a.example.com"}}}`),
			is(hard("O22", "backends.web"), warning("U1", "backends.web"))},
		{"O22 name of an origin of the program's", llm(`{"backends": {"llm-failover": {"domainName": "a.example.com"}}}`),
			is(hard("O22", "backends.llm-failover"), warning("U1", "backends.llm-failover"))},
		{"O22 name of an origin with a timeout", llm(`{"buckets": {"llm-30s": {"path": "/b/*"}}}`), is(hard("O22", "buckets.llm-30s"))},
		{"O22 name of a backend and a bucket", llm(`{"buckets": {"llm": {"path": "/b/*"}}}`), is(hard("O22", "buckets.llm"))},
		{"O22 characters", llm(`{"buckets": {"Llm": {"path": "/b/*"}}}`), is(hard("O22", "buckets.Llm"))},
		{"O22 long", llm(fmt.Sprintf(`{"buckets": {%q: {"path": "/b/*"}, %q: {"path": "/c/*"}}}`, strings.Repeat("b", 33), strings.Repeat("b", 32))),
			is(hard("O22", "buckets."+strings.Repeat("b", 33)))},
		{"N1 name of a bucket", llm(`{"buckets": {"adapters": {"bucket": "a.b"}}}`), is(hard("N1", "buckets.adapters.bucket"))},
		{"U1 backend that no route leads to", llm(`{"backends": {"idle": {"domainName": "idle.example.com"}}}`), is(warning("U1", "backends.idle"))},
		{"R2 two buckets of one path", llm(`{"buckets": {"more": {"path": "/adapters/*"}}}`), is(hard("R2", "buckets.more.path"))},
		{"S1 key as a field", llm(`{"api": {"keys": {"sk-proj-abcdefghijklmnopqrstuvwxyz0123456789ABCD": "alice"}}}`), is(hard("S1", "api.keys"))},
		{"O1 two kinds", llm(`{"backends": {"llm": {"vpcOrigin": {"loadBalancerArn": "` + loadBalancer + `", "domainName": "a.example.com"}}}}`),
			is(hard("O1", "backends.llm"))},
		{"O7 backend over the quota", llm(`{"backends": {"llm": {"readTimeoutSeconds": 121}}}`), is(quota("O7", "backends.llm.readTimeoutSeconds"))},
		{"O7 route over the quota", oneMore(`"readTimeoutSeconds": 121`), is(quota("O7", "routes[1].readTimeoutSeconds"))},
		{"O7 route at the quota", oneMore(`"readTimeoutSeconds": 120`), nil},
		{"O7 route without a second", oneMore(`"readTimeoutSeconds": 0`), is(hard("O7", "routes[1].readTimeoutSeconds"))},
		{"R12 timeout of a bucket", oneMore(`"origin": "adapters", "readTimeoutSeconds": 60`), is(hard("R12", "routes[1].readTimeoutSeconds"))},
		{"R12 bucket that is written", oneMore(`"origin": "adapters", "methods": "all"`), is(hard("R12", "routes[1].methods"))},
		{"O11 failover of another backend", oneMore(`"origin": "llm", "methods": "read", "failover": true`), is(hard("O11", "routes[1].failover"))},
		{"R16 unknown origin", oneMore(`"origin": "lm"`), is(hard("R16", "routes[1].origin"))},
		{"R16 origin of the canary", oneMore(`"origin": "api-canary"`), is(hard("R16", "routes[1].origin"))},
		{"E1 unknown origin", llm(`{"expect": [{"request": "GET /", "origin": "adapter"}]}`), is(hard("E1", "expect[0].origin"))},
		{"R11 signature for a bucket without signers", merged(oneMore(`"origin": "adapters", "signed": true`), `{"models": {"signers": [`+signer("a", keyRSA)+`]}}`),
			is(hard("R11", "routes[1].signed"))},
		{"R10 gRPC with strip", oneMore(`"grpc": true, "strip": "/a"`), is(hard("R10", "routes[1].strip"))},
		{"R27 fine", oneMore(`"strip": "/a"`), nil},
		{"R27 another path", oneMore(`"strip": "/b"`), is(hard("R27", "routes[1].strip"))},
		{"R27 part of a segment", llm(`{"routes": [{"path": "/llm/*", "origin": "llm", "strip": "/ll"}]}`), is(hard("R27", "routes[0].strip"))},
		{"R27 more than the pattern says", llm(`{"routes": [{"path": "/*/x", "origin": "llm", "strip": "/llm"}]}`), is(hard("R27", "routes[0].strip"))},
		{"R27 the whole pattern", llm(`{"routes": [{"path": "/llm*", "origin": "llm", "strip": "/llm"}]}`), nil},
		{"R27 without a slash in the pattern", llm(`{"routes": [{"path": "llm/*", "origin": "llm", "strip": "/llm"}]}`), nil},
		{"R27 several segments", llm(`{"routes": [{"path": "/a/b/*", "origin": "llm", "strip": "/a/b"}]}`), nil},
		{"R27 slash at the end", oneMore(`"strip": "/a/"`), is(hard("R27", "routes[1].strip"))},
		{"R27 wildcard", oneMore(`"strip": "/*"`), is(hard("R27", "routes[1].strip"))},
		{"R27 dot segment", llm(`{"routes": [{"path": "/a/../*", "origin": "llm", "strip": "/a/.."}]}`),
			is(hard("R27", "routes[0].strip"), warning("R21", "routes[0].path"))},
		{"R27 of a bucket", llm(`{"buckets": {"adapters": {"strip": "/adapter"}}}`), is(hard("R27", "buckets.adapters.strip"))},
		{"R28 without keys", oneMore(`"public": true`), is(hard("R28", "routes[1].public"))},
		{"R28 bucket", merged(oneMore(`"origin": "adapters", "public": true`), `{"api": {"keys": {}}}`), is(hard("R28", "routes[1].public"))},
		{"R28 path with a slash", merged(oneMore(`"public": true`), `{"api": {"keys": {}}}`), is(warning("R28", "routes[1].path"))},
		{"R28 fine", merged(llm(`{"routes": [{"path": "/llm/*", "origin": "llm"}, {"path": "/a/*", "public": true}, {"path": "/a", "public": true}, {"path": "/b*", "public": true}]}`),
			`{"api": {"keys": {}}}`), nil},
		{"O20 key in the header of the signature, another backend", llm(`{"api": {"keys": {"forward": true}}, "backends": {"llm": {"domainName": null,
			"functionUrl": {"functionArn": "arn:aws:lambda:us-east-1:111122223333:function:chat", "access": "control"}}}}`),
			is(hard("O20", "backends.llm.functionUrl.access"), warning("O20", "backends.llm.functionUrl.access"))},
		{"O20 callers' name", llm(`{"backends": {"llm": {"domainName": null, "verifySecret": "s", "publicHost": "host",
			"functionUrl": {"functionArn": "arn:aws:lambda:us-east-1:111122223333:function:chat"}}}}`),
			is(hard("O20", "backends.llm.publicHost"))},
		{"D12 load balancer of another backend and a wildcard", llm(`{"domain": {"aliases": ["*.example.com"], "hostedZoneId": "Z1"}, "backends": {"llm": {"domainName": null,
			"loadBalancer": {"listenerArn": "` + listener + `", "domainName": "example.com"}}}}`), is(hard("D12", "backends.llm.loadBalancer.domainName"))},
		{"R8 public route that everyone shares", merged(llm(`{"routes": [{"path": "/llm/*", "origin": "llm"}, {"path": "/x*", "methods": "read", "public": true, "cache": {"keyHeaders": []}}]}`), `{"api": {"keys": {}}}`), nil},
		{"K3 caller of a public route", merged(llm(`{"routes": [{"path": "/llm/*", "origin": "llm"}, {"path": "/x*", "methods": "read", "public": true, "cache": {"keyHeaders": ["x-caller"]}}]}`), `{"api": {"keys": {}}}`),
			is(hard("K3", "routes[1].cache.keyHeaders[0]"))},
		{"K2 header of another backend", llm(`{"api": {"keys": {}}, "backends": {"llm": {"headers": {"x-caller": "a"}}}}`),
			is(hard("K2", "backends.llm.headers.x-caller"))},
		{"K2 header of publicHost", llm(`{"backends": {"llm": {"publicHost": "header", "headers": {"x-forwarded_host": "a"}}}}`),
			is(hard("K2", "backends.llm.headers.x-forwarded_host"))},
		{"K2 header of strip", oneMore(`"strip": "/a", "origin": "llm"}], "backends": {"llm": {"headers": {"X-Forwarded-Prefix": "a"}}}, "expect": [{"request": "GET /", "status": 0, "origin": "api"`),
			is(hard("K2", "backends.llm.headers.X-Forwarded-Prefix"))},
		{"O24 fine", llm(`{"backends": {"llm": {"publicHost": "host", "viewerHeaders": ["CloudFront-Viewer-Country"]}}}`), is(warning("O17", "backends.llm.publicHost"))},
		{"O24 list", llm(`{"backends": {"llm": {"viewerHeaders": ["CloudFront-Viewer-Country"]}}}`), is(warning("O24", "backends.llm.viewerHeaders"))},
		{"O24 many", llm(`{"backends": {"llm": {"viewerHeaders": ["A", "B", "C", "D", "E", "F", "G", "H", "I", "J"]}}}`),
			is(quota("O24", "backends.llm.viewerHeaders"), warning("O24", "backends.llm.viewerHeaders"))},
		{"O24 many beside all", llm(`{"backends": {"llm": {"publicHost": "host", "viewerHeaders": ["A", "B", "C", "D", "E", "F", "G", "H", "I", "J", "K"]}}}`),
			append(is(quota("O24", "backends.llm.viewerHeaders"), warning("O17", "backends.llm.publicHost")), noEffects(11)...)},
		{"O24 refused", llm(`{"backends": {"llm": {"viewerHeaders": ["authorization", "Cookie", "Host", "x-caller", "CloudFront-Viewer-Cert-Pem", "A", "a"]}}}`),
			is(hard("O24", "backends.llm.viewerHeaders[0]"), hard("O24", "backends.llm.viewerHeaders[1]"),
				hard("O24", "backends.llm.viewerHeaders[2]"), hard("O24", "backends.llm.viewerHeaders[3]"),
				hard("O24", "backends.llm.viewerHeaders[6]"), warning("O24", "backends.llm.viewerHeaders"),
				warning("O24", "backends.llm.viewerHeaders[4]"))},
		{"O17 load balancer that gets the callers' name in each request", llm(`{"backends": {"llm": {"domainName": "a-1.us-east-1.elb.amazonaws.com", "publicHost": "host"}}}`),
			is(warning("O17", "backends.llm.publicHost"))},
		{"O17 load balancer of another backend", llm(`{"backends": {"llm": {"domainName": "a-1.us-east-1.elb.amazonaws.com"}}}`),
			is(hard("O17", "backends.llm.domainName"))},
		{"O3 placeholder of another backend", llm(`{"backends": {"llm": {"domainName": "llm.example.org"}}}`), nil},
		{"O25 the same function", merged(function(`{}`), llm(`{"backends": {"llm": {`+chat+`}}}}`)), is(hard("O25", "backends.llm.functionUrl"))},
		{"O25 an alias of the function", merged(function(`{}`), llm(`{"backends": {"llm": {`+chat+`, "qualifier": "live"}}}}`)), nil},
		{"O25 the same group", merged(inside(`{`+group+`}`), llm(`{"backends": {"llm": {`+private+`}}}}`)), is(hard("O25", "backends.llm.vpcOrigin.securityGroupId"))},
		{"O25 another port of the group", merged(inside(`{`+group+`}`), llm(`{"backends": {"llm": {`+private+`, "httpPort": 8080}}}}`)), nil},
		{"O25 the same name of regions", merged(inTwoRegions("origin.example.com"), llm(`{"backends": {"llm": {"domainName": null, "originAlias": "Origin.example.com", `+twoRegions+`}}}`)),
			is(hard("O25", "backends.llm.originAlias"))},
		{"R18 default that api.headers replaces", llm(`{"api": {"headers": {"content-type": "application/json"}}, "routes": [{"path": "/a", "cache": {}}, {"path": "/llm/*", "origin": "llm"}]}`), nil},
		{"R18 header that api.headers replaces", llm(`{"api": {"headers": {"content-type": "application/json"}}, "routes": [{"path": "/a", "cache": {"forwardHeaders": ["Content-Type"]}}, {"path": "/llm/*", "origin": "llm"}]}`),
			is(hard("R18", "routes[0].cache.forwardHeaders[0]"))},
		{"O24 header that CloudFront doesn't make", llm(`{"backends": {"llm": {"publicHost": "host", "viewerHeaders": ["CloudFront-Viewer-Contry", "CloudFront-Viewer-JA3-Fingerprint", "cloudfront-viewer-country", "CloudFront-Xyz"]}}}`),
			is(warning("O17", "backends.llm.publicHost"), warning("O24", "backends.llm.viewerHeaders[0]"), warning("O24", "backends.llm.viewerHeaders[3]"))},
		{"R7 and R18 headers that CloudFront doesn't make", llm(`{"routes": [{"path": "/a", "cache": {"keyHeaders": ["Authorization", "CloudFront-Is-Mobil-Viewer"], "forwardHeaders": ["CloudFront-Viewer-Postal-Kode"]}}, {"path": "/llm/*", "origin": "llm"}]}`),
			is(warning("R18", "routes[0].cache.forwardHeaders[0]"), warning("R7", "routes[0].cache.keyHeaders[1]"))},
		{"O13 name of regions that is a domain", inTwoRegions("Example.com"), is(hard("O13", "api.originAlias"))},
		{"O13 name of regions that is a domain below a public suffix", merged(inTwoRegions("acme.co.uk"), `{"domain": {"aliases": ["api.acme.co.uk"]}}`), is(hard("O13", "api.originAlias"))},
		{"O13 name of regions that is a domain with a zone", merged(inTwoRegions("ml.example.com"), `{"domain": {"hostedZoneId": null, "hostedZones": {"ml.example.com": "Z1", "example.com": "Z2"}}}`),
			is(hard("O13", "api.originAlias"))},
		{"O13 name of regions below a domain", merged(inTwoRegions("o.ml.example.com"), `{"domain": {"hostedZoneId": null, "hostedZones": {"ml.example.com": "Z1", "example.com": "Z2"}}}`), nil},
		{"O23 many origins", llm(manyTimeouts(99)), is(quota("O23", ""), quota("R4", "routes"))},
		{"O23 as many as may be", llm(manyTimeouts(72)), nil},
	}
	return inDev(rows...)
}

// noEffects are warnings of as many headers that are forwarded anyway.
func noEffects(n int) []config.Problem {
	var list []config.Problem
	for i := range n {
		list = append(list, warning("U1", fmt.Sprintf("backends.llm.viewerHeaders[%d]", i)))
	}
	slices.SortFunc(list, func(a, b config.Problem) int { return strings.Compare(a.Path, b.Path) })
	return list
}

// manyTimeouts has as many routes to one backend, each with a read timeout of its own.
func manyTimeouts(n int) string {
	routes := make([]string, n)
	for i := range routes {
		routes[i] = fmt.Sprintf(`{"path": "/llm/%d", "origin": "llm", "readTimeoutSeconds": %d}`, i, i+1)
	}
	return `{"routes": [` + strings.Join(routes, ", ") + `]}`
}

// TestOriginsOf: a backend has an origin for each read timeout that routes have, and not two for one.
func TestOriginsOf(t *testing.T) {
	env := parsed(t, inDev(row{patch: llm(`{"backends": {"idle": {"domainName": "idle.example.com"}, "llm": {"failover": {"domainName": "f.example.com"}}}, "routes": [
		{"path": "/1", "origin": "llm"}, {"path": "/2", "origin": "llm", "readTimeoutSeconds": 60}, {"path": "/3", "origin": "llm", "readTimeoutSeconds": 90},
		{"path": "/4", "origin": "llm", "readTimeoutSeconds": 90, "methods": "read", "failover": true}, {"path": "/5", "readTimeoutSeconds": 30}]}`)})[0].file(t))
	require.Equal(t, []config.BackendOrigin{{}, {ReadTimeoutSeconds: 90, Failover: true}}, env.OriginsOf("llm"))
	require.Equal(t, []config.BackendOrigin{{}, {ReadTimeoutSeconds: 30}}, env.OriginsOf("api"))
	require.Empty(t, env.OriginsOf("idle"))
}

// TestStrippedPrefixInKey: where the paths that two origins see may be the same, the key of a cache tells them apart.
func TestStrippedPrefixInKey(t *testing.T) {
	for name, c := range map[string]struct {
		patch string
		keyed []string // paths of the behaviors whose key has the prefix
	}{
		"nothing is cached":            {`{"routes": [{"path": "/llm/*", "origin": "llm", "strip": "/llm"}], "models": {"path": "/m/*"}}`, nil},
		"the models' paths":            {`{"routes": [{"path": "/llm/*", "origin": "llm", "strip": "/llm", "cache": {}}]}`, []string{"/llm/*"}},
		"paths of nobody else":         {`{"routes": [{"path": "/llm/v1/*", "origin": "llm", "strip": "/llm", "cache": {}}]}`, nil},
		"paths of another backend":     {`{"api": {"cache": {}}, "routes": [{"path": "/llm/v1/*", "origin": "llm", "strip": "/llm", "cache": {}}]}`, []string{"/llm/v1/*"}},
		"paths of the same origin":     {`{"routes": [{"path": "/a/v1/*", "strip": "/a", "cache": {}}, {"path": "/v1/*", "cache": {}}, {"path": "/llm/*", "origin": "llm"}]}`, nil},
		"a bucket and the models":      {`{"buckets": {"adapters": {"strip": "/adapters"}}}`, []string{"/adapters/*"}},
		"two buckets":                  {`{"models": {"strip": "/models"}, "buckets": {"adapters": {"strip": "/adapters"}}}`, []string{"/models/*", "/adapters/*"}},
		"a bucket of other paths":      {`{"buckets": {"adapters": {"path": "/adapters/v1/*", "strip": "/adapters"}}}`, nil},
		"a cached route to the bucket": {`{"routes": [{"path": "/adapters/i/*", "origin": "adapters", "strip": "/adapters", "cache": {}}, {"path": "/llm/*", "origin": "llm"}, {"path": "/i/*", "cache": {}}]}`, []string{"/adapters/i/*"}},
	} {
		var keyed []string
		for _, b := range parsed(t, inDev(row{patch: llm(c.patch)})[0].file(t)).Behaviors() {
			if b.Cache != nil && slices.Contains(b.Cache.KeyHeaders, config.PrefixHeader) {
				keyed = append(keyed, b.Path)
			} else if b.Cache != nil && b.Strip != "" && !b.ToBucket {
				require.Contains(t, b.Forwards.Headers, config.PrefixHeader, "%s: %s", name, b.Path)
			}
		}
		require.Equal(t, c.keyed, keyed, name)
	}
}
