package config_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/config"
)

// TestProtectionsTakenAwayByNull is apart from the rows, whose null is what is left out.
func TestProtectionsTakenAwayByNull(t *testing.T) {
	got := problems(t, []byte(`{"context": {"accelerator": {"name": "demo", "state": {"bucket": "demo-state", "region": "us-east-1"},
		"environments": {"dev": {"region": "us-east-1", "api": {"domainName": "backend.example.com"},
			"overrides": {"aws_cloudfront_distribution.edge": {"web_acl_id": null}}}}}}}`))
	require.Len(t, got, 1)
	require.Equal(t, "V5", got[0].Rule)
	require.Contains(t, got[0].Message, "no list, limit or rule of firewall holds")
}

// serviceRows are about backends whose names say who runs them, or that everyone can call past the edge.
func serviceRows() []row {
	api := func(name, fields string) string { return `{"api": {"domainName": "` + name + `"` + fields + `}}` }
	const (
		keys    = `, "keys": {}`
		secret  = `, "credential": {"secret": "s"}`
		allowed = `"firewall": {"enabled": true, "onlyAllowedIPs": true, "allowedIPs": ["8.8.8.0/24", "2001:4860::/32"]}`
		admin   = `"firewall": {"enabled": true}, "routes": [{"path": "/admin/*", "allowedIPs": ["8.8.8.0/24", "2001:4860::/32"]}]`
	)
	isOpen := is(warning("O21", "api.domainName"))
	lacks := is(warning("O26", "api"))
	header := is(warning("O26", "api.credential.header"))
	host := func(name string, domain string) string {
		return merged(api(name, `, "publicHost": "host", "verifySecret": "s"`), domain)
	}
	const aliases = `{"domain": {"aliases": ["api.acme.co"], "hostedZoneId": "Z1"}}`
	isHost := is(warning("O17", "api.publicHost"))
	version := is(warning("O4", "api.path"))
	return inDev(
		row{"O21 keys and a public name", api("llm.acme.co", keys), isOpen},
		row{"O21 keys and a secret", api("llm.acme.co", keys+`, "verifySecret": "s"`), nil},
		row{"O21 keys that the backend gets", api("llm.acme.co", `, "keys": {"forward": true}`), nil},
		row{"O21 keys and a credential", api("llm.acme.co", keys+secret), nil},
		row{"O21 keys and a private load balancer", merged(inside(`{}`), `{"api": {"keys": {}}}`), nil},
		row{"O21 keys and a load balancer", balanced(`{"domain": {"aliases": ["api.acme.co"]}, "api": {"keys": {}, "loadBalancer": {"domainName": "origin.acme.co"}}}`),
			is(warning("O21", "api.loadBalancer.domainName"))},
		row{"O21 keys and regions", regional(`{"domain": {"aliases": ["api.acme.co"]}, "api": {"keys": {}, "originAlias": "origin.acme.co"}}`),
			is(warning("O21", "api.originAlias"))},
		row{"O21 keys, canary and second backend", `{"api": {"domainName": "a.acme.co", "keys": {}, "canary": {"domainName": "b.acme.co", "percent": 1}, "failover": {"domainName": "c.acme.co"}},
			"routes": [{"path": "/a", "methods": "read", "failover": true}]}`,
			is(warning("O21", "api.canary.domainName"), warning("O21", "api.domainName"), warning("O21", "api.failover.domainName"))},
		row{"O21 all public", `{"api": {"domainName": "a.acme.co", "verifySecret": "s", "keys": {}}, "backends": {"b": {"domainName": "b.acme.co"}},
			"routes": [{"path": "/b*", "origin": "b", "public": true}]}`, nil},
		row{"O21 addresses", `{"api": {"domainName": "llm.acme.co"}, ` + allowed + `}`, isOpen},
		row{"O21 addresses of a path", `{"api": {"domainName": "llm.acme.co"}, ` + admin + `}`, isOpen},
		row{"O21 signatures", merged(signedAPI(`{}`), `{"api": {"domainName": "llm.acme.co"}}`), isOpen},

		row{"O26 provider without a key", api("api.openai.com", keys), lacks},
		row{"O26 Bedrock without a key", api("bedrock-runtime.us-east-1.amazonaws.com", keys), lacks},
		row{"O26 provider, and keys elsewhere", api("api.openai.com", `, "keys": {"header": "x-key"}`), nil},
		row{"O26 provider, and keys that it gets", api("api.openai.com", `, "keys": {"forward": true}`), nil},
		row{"O26 provider without keys", api("api.openai.com", ``), nil},
		row{"O26 provider with a key", api("API.openai.com", keys+secret), nil},
		row{"O26 second provider without a key", `{"api": {"domainName": "api.openai.com", "keys": {}, "credential": {"secret": "s"}, "failover": {"domainName": "api.groq.com"}},
			"routes": [{"path": "/a", "methods": "read", "failover": true}]}`, is(warning("O26", "api.failover"))},
		row{"O26 Anthropic", api("api.anthropic.com", keys+secret), header},
		row{"O26 Anthropic by its own header", api("api.anthropic.com", keys+`, "credential": {"secret": "s", "header": "X-Api-Key"}`), nil},
		row{"O26 Azure", api("acme.openai.azure.com", keys+secret), header},
		row{"O26 Azure as OpenAI", api("acme.openai.azure.com", keys+secret+`, "path": "/openai"`), nil},
		row{"O26 OpenAI by another's header", api("api.openai.com", keys+`, "credential": {"secret": "s", "header": "api-key"}`), header},
		row{"O26 Gemini by either", api("generativelanguage.googleapis.com", keys+secret), nil},
		row{"O26 alike", api("api.openai.com.acme.co", keys+`, "verifySecret": "s"`), nil},

		row{"O17 callers' name for API Gateway", host("a.execute-api.us-east-1.amazonaws.com", aliases), isHost},
		row{"O17 callers' name for a function", host("a.lambda-url.us-east-1.on.aws", aliases), isHost},
		row{"O17 callers' name for a provider", host("api.groq.com", aliases), isHost},
		row{"O17 callers' name for a domain of API Gateway", host("d-abc.execute-api.us-east-1.amazonaws.com", aliases), nil},
		row{"O17 callers' name for others", host("llm.acme.co", aliases), nil},
		row{"O17 CloudFront's name", host("llm.acme.co", `{}`), isHost},
		row{"O17 CloudFront's name inside", merged(inside(`{}`), `{"api": {"publicHost": "host"}}`), nil},
		row{"O17 distribution", api("d111111abcdef8.cloudfront.net", ``), is(warning("O17", "api.domainName"))},
		row{"O5 port of API Gateway", api("a.execute-api.us-east-1.amazonaws.com", `, "httpsPort": 8443, "verifySecret": "s"`), is(warning("O5", "api.httpsPort"))},
		row{"R10 gRPC to API Gateway", merged(api("a.execute-api.us-east-1.amazonaws.com", `, "verifySecret": "s"`), `{"routes": [{"path": "/a.B/*", "grpc": true}]}`),
			is(warning("R10", "routes[0].grpc"))},

		row{"O4 base URL of a provider", api("api.openai.com", `, "path": "/v1"`), version},
		row{"O4 base URL of Bedrock", api("bedrock-runtime.us-east-1.amazonaws.com", `, "path": "/openai/v1"`), version},
		row{"O4 base URL, and paths without it", merged(api("api.openai.com", `, "path": "/v1"`), `{"routes": [{"path": "/chat/*"}]}`), nil},
		row{"O4 version twice by a route", merged(api("llm.acme.co", `, "path": "/v1"`), `{"routes": [{"path": "/v1/models*", "methods": "read"}]}`), version},
		row{"O4 version twice by an expectation", merged(api("llm.acme.co", `, "path": "/x/v1"`), `{"expect": [{"request": "POST /v1/chat/completions", "origin": "api"}]}`), version},
		row{"O4 version that is stripped", merged(api("llm.acme.co", `, "path": "/v1"`), `{"routes": [{"path": "/v1/*", "strip": "/v1"}], "expect": [{"request": "POST /v1/a", "origin": "api"}]}`), nil},
		row{"O4 version of others", merged(api("llm.acme.co", `, "path": "/v1"`), `{"routes": [{"path": "/v2/*"}]}`), nil},
		row{"O4 version, and nothing known", api("llm.acme.co", `, "path": "/v1"`), nil},
	)
}

// signedAPI is an API that wants signatures everywhere below /v1, and a change to it.
func signedAPI(change string) string {
	return merged(`{"models": {"signers": [`+signer("a", keyP256)+`]}, "routes": [{"path": "/v1/*", "signed": true}]}`, change)
}

// protectionRows are about what is protected less than it seems.
func protectionRows() []row {
	override := func(address, arguments string) string {
		return `{"overrides": {"` + address + `": {` + arguments + `}}}`
	}
	edge := func(arguments string) string { return override("aws_cloudfront_distribution.edge", arguments) }
	const at = `overrides["aws_cloudfront_distribution.edge"]`
	behavior := func(argument string) []config.Problem {
		return is(warning("V5", at+".default_cache_behavior."+argument))
	}
	only := func(path string) string {
		return `{"firewall": {"enabled": true}, "routes": [{"path": "` + path + `", "allowedIPs": ["8.8.8.0/24", "2001:4860::/32"]}]}`
	}
	below := is(warning("R21", "routes[0].path"))
	cached := func(seconds string) string {
		return `{"distribution": {"errorCacheSeconds": ` + seconds + `}, "routes": [{"path": "/v1/models", "methods": "read", "cache": {"keyHeaders": ["Authorization"], "forwardHeaders": []}}]}`
	}
	return inDev(
		row{"V5 web ACL", edge(`"web_acl_id": ""`), is(warning("V5", at+".web_acl_id"))},
		row{"V5 plain HTTP", edge(`"default_cache_behavior": {"viewer_protocol_policy": "allow-all"}`), behavior("viewer_protocol_policy")},
		row{"V5 HTTPS", edge(`"default_cache_behavior": {"viewer_protocol_policy": "https-only"}`), nil},
		row{"V5 no signature", edge(`"default_cache_behavior": {"trusted_key_groups": []}`), behavior("trusted_key_groups")},
		row{"V5 no function", edge(`"default_cache_behavior": {"function_association": []}`), behavior("function_association")},
		row{"V5 old TLS", edge(`"viewer_certificate": {"minimum_protocol_version": "TLSv1"}`),
			is(warning("V3", at+".viewer_certificate"), warning("V5", at+".viewer_certificate.minimum_protocol_version"))},
		row{"V5 plain HTTP to an origin", edge(`"origin": [{"custom_origin_config": {"origin_protocol_policy": "http-only"}}]`),
			is(warning("V3", at+".origin"), warning("V5", at+".origin[0].custom_origin_config.origin_protocol_policy"))},
		row{"V5 security headers", override("aws_cloudfront_response_headers_policy.security", `"security_headers_config": []`),
			is(warning("V5", `overrides["aws_cloudfront_response_headers_policy.security"].security_headers_config`))},
		row{"V5 public bucket", override("aws_s3_bucket_public_access_block.models", `"block_public_policy": false, "block_public_acls": true`),
			is(warning("V5", `overrides["aws_s3_bucket_public_access_block.models"].block_public_policy`))},
		row{"V5 policy of a bucket", override("aws_s3_bucket_policy.models", `"policy": "{}"`), is(warning("V5", `overrides["aws_s3_bucket_policy.models"].policy`))},
		row{"V5 rules", override("aws_wafv2_web_acl.edge", `"rule": []`), is(warning("V5", `overrides["aws_wafv2_web_acl.edge"].rule`))},
		row{"U1 empty override", override("aws_s3_bucket.models", ``), is(warning("U1", `overrides["aws_s3_bucket.models"]`))},

		row{"R21 allowed at one path", only("/admin"), below},
		row{"R21 allowed at one path of others", only("/v1/internal"), below},
		row{"R21 allowed at one path that has none below", only("/metrics"), nil},
		row{"R21 allowed at a path and below", only("/admin*"), nil},
		row{"R21 allowed at a path, and below by another route", `{"firewall": {"enabled": true}, "routes": [{"path": "/admin", "allowedIPs": ["8.8.8.0/24", "2001:4860::/32"]},
			{"path": "/admin/*", "allowedIPs": ["8.8.8.0/24", "2001:4860::/32"]}]}`, nil},
		row{"R21 signed at one path", signedAPI(`{"routes": [{"path": "/internal", "signed": true}]}`), below},

		row{"R20 models in the way of the API", `{"models": {"path": "/v1/*"}}`, is(warning("R20", "models.path"))},
		row{"R20 page in the way of the API", `{"web": {"path": "/api/*"}}`, is(warning("R20", "web.path"))},
		row{"R20 route to a bucket in the way of the API", `{"routes": [{"path": "/v1/*", "origin": "models"}]}`, is(warning("R20", "routes[0].path"))},
		row{"R20 models behind the API", `{"models": {"path": "/v1/*"}, "routes": [{"path": "/v1/chat/*"}, {"path": "/v1/?*s"}]}`, nil},

		row{"R28 login with keys", `{"api": {"keys": {}}, "web": {"path": "/*", "apiPaths": ["/v1/*", "/login"]}}`, is(warning("R28", "web.apiPaths[1]"))},
		row{"R28 login without keys", `{"web": {"path": "/*", "apiPaths": ["/v1/*", "/login"]}}`, nil},

		row{"D9 errors for long", cached("301"), is(warning("D9", "distribution.errorCacheSeconds"))},
		row{"D9 errors for five minutes", cached("300"), nil},
		row{"D9 errors for long without a cache", `{"distribution": {"errorCacheSeconds": 301}}`, nil},

		row{"F3 all of IPv4 in halves", `{"firewall": {"enabled": true, "blockedIPs": ["0.0.0.0/1", "128.0.0.0/1"]}}`, is(warning("F3", "firewall.blockedIPs"))},
		row{"F5 header of none with keys", `{"api": {"keys": {}}, "firewall": {"enabled": true, "limitBy": "User-Agent"}}`, is(warning("F5", "firewall.limitBy"))},
	)
}
