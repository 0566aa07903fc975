package config_test

// paid is an environment whose callers have keys, with one more backend, to which a route leads, and a change to it.
func paid(patch string) string {
	return merged(`{
		"api": {"keys": {}},
		"backends": {"llm": {"domainName": "llm.example.com"}},
		"routes": [{"path": "/llm/*", "origin": "llm"}]}`, patch)
}

func credentialRows() []row {
	const stored, secret = `{"store": true}`, `{"secret": "demo/llm"}`
	route := func(fields string) string { return `{"routes": [{"path": "/llm/*", "origin": "llm", ` + fields + `}]}` }
	api := func(credential string) string { return `{"api": {"credential": ` + credential + `}}` }
	llm := func(credential string) string { return `{"backends": {"llm": {"credential": ` + credential + `}}}` }
	second := func(credential string) string {
		return `{"backends": {"llm": {"failover": {"domainName": "second.example.com", "credential": ` + credential + `}}}}`
	}
	const reads = `"methods": "read", "failover": true`
	signed := merged(route(`"signed": true`), `{"models": {"signers": [`+signer("a", keyRSA)+`]}}`)
	return inDev(
		row{"O26 fine", paid(merged(api(stored), llm(secret))), nil},
		row{"O26 empty", paid(llm(`{}`)), is(hard("O26", "backends.llm.credential"))},
		row{"O26 both", paid(llm(`{"store": true, "secret": "demo/llm"}`)), is(hard("O26", "backends.llm.credential"))},
		row{"O26 ARN of another region", paid(llm(`{"secret": "arn:aws:secretsmanager:eu-west-1:111122223333:secret:llm-a1b2c3"}`)),
			is(hard("O26", "backends.llm.credential.secret"))},
		row{"O26 header that CloudFront has", paid(llm(`{"store": true, "header": "X-Amz-Key"}`)), is(hard("O26", "backends.llm.credential.header"))},
		row{"O26 header that functions don't see", paid(llm(`{"store": true, "header": "Via"}`)), is(hard("O26", "backends.llm.credential.header"))},
		row{"O26 header of the edge", paid(llm(`{"store": true, "header": "x_caller"}`)), is(hard("O26", "backends.llm.credential.header"))},
		row{"O26 header that the backend has anyway", paid(`{"backends": {"llm": {"headers": {"X-Tenant": "a"}, "credential": {"secret": "demo/llm", "header": "x-tenant"}}}}`),
			is(hard("O26", "backends.llm.credential.header"))},
		row{"O26 scheme of two words", paid(llm(`{"store": true, "scheme": "Bearer key"}`)), is(hard("O26", "backends.llm.credential.scheme"))},
		row{"O26 failover from the store", paid(merged(second(stored), route(reads))),
			is(hard("O26", "backends.llm.failover.credential"), hard("S1", "backends.llm.failover.credential.store"))},
		row{"O18 credential itself", paid(llm(`{"secret": "sk-proj-abcdefghijklmnopqrstuvwxyz0123456789ABCD"}`)),
			is(hard("O18", "backends.llm.credential.secret"))},
		row{"O9 one header too many", paid(merged(`{"api": {"headers": `+object(30, `"h%d": "a"`)+`}}`, `{"api": {"credential": `+secret+`}}`)), is(quota("O9", "api.headers"))},
		row{"O9 header of the function's", paid(merged(`{"api": {"headers": `+object(30, `"h%d": "a"`)+`}}`, api(stored))), nil},
		row{"O27 no keys", paid(merged(`{"api": {"keys": null}}`, llm(secret))), is(hard("O27", "backends.llm.credential"))},
		row{"O27 no keys for the store", paid(merged(`{"api": {"keys": null}}`, llm(stored))), is(hard("O27", "backends.llm.credential.store"))},
		row{"O27 signature", paid(merged(signed, merged(`{"api": {"keys": null}}`, llm(secret)))), nil},
		row{"O27 public", paid(merged(route(`"public": true`), llm(secret))),
			is(hard("O27", "routes[0].public"), warning("R28", "routes[0].path"))},
		row{"O27 public and signed", paid(merged(merged(signed, route(`"public": true, "signed": true`)), llm(secret))), is(warning("R28", "routes[0].path"))},
		row{"O27 public and signed from the store", paid(merged(merged(signed, route(`"public": true, "signed": true`)), llm(stored))),
			is(hard("O27", "routes[0].public"), warning("R28", "routes[0].path"))},
		row{"O27 public of another backend", paid(merged(`{"routes": [{"path": "/llm/*", "origin": "llm"}, {"path": "/health*", "public": true}]}`, llm(secret))), nil},
		row{"O27 caller's key in the same header", paid(merged(`{"api": {"keys": {"forward": true}}}`, llm(secret))),
			is(hard("O27", "backends.llm.credential.header"))},
		row{"O27 caller's key in another header", paid(merged(`{"api": {"keys": {"forward": true, "header": "x-key"}}}`, llm(secret))), nil},
		row{"O27 canary's", paid(`{"api": {"keys": null, "canary": {"domainName": "canary.example.com", "percent": 1, "credential": ` + secret + `}}}`),
			is(hard("O27", "api.canary.credential"))},
		row{"O27 failover on a public route", paid(merged(second(secret), route(reads+`, "public": true`))),
			is(hard("O27", "routes[0].public"), warning("R28", "routes[0].path"))},
		row{"O28 cached", paid(merged(llm(stored), route(`"methods": "read", "cache": {}`))), is(hard("O28", "routes[0].cache"))},
		row{"O28 cached from a secret", paid(merged(llm(secret), route(`"methods": "read", "cache": {}`))), nil},
		row{"O28 list of headers", paid(merged(llm(stored), `{"backends": {"llm": {"viewerHeaders": ["CloudFront-Viewer-Country"]}}}`)),
			is(hard("O28", "backends.llm.credential.store"), warning("O24", "backends.llm.viewerHeaders"))},
		row{"O28 list of headers with another", paid(merged(llm(`{"store": true, "header": "api-key"}`), `{"backends": {"llm": {"viewerHeaders": ["CloudFront-Viewer-Country"]}}}`)),
			is(warning("O24", "backends.llm.viewerHeaders"))},
		row{"O28 second backend", paid(merged(merged(llm(stored), route(reads)), `{"backends": {"llm": {"failover": {"domainName": "second.example.com"}}}}`)),
			is(hard("O28", "routes[0].failover"))},
		row{"O28 second backend with another header", paid(merged(merged(llm(stored), route(reads)), second(`{"secret": "demo/second", "header": "x-api-key"}`))),
			is(hard("O28", "routes[0].failover"))},
		row{"O28 second backend with its own", paid(merged(merged(llm(stored), route(reads)), second(`{"secret": "demo/second"}`))), nil},
		row{"O28 second backend without", paid(merged(merged(llm(secret), route(reads)), `{"backends": {"llm": {"failover": {"domainName": "second.example.com"}}}}`)), nil},
		row{"O28 second backend of the canary", paid(`{"api": {"failover": {"domainName": "second.example.com"}, "canary": {"domainName": "canary.example.com", "percent": 1, "credential": ` +
			stored + `}}, "routes": [{"path": "/llm/*", "origin": "llm"}, {"path": "/v1/models*", ` + reads + `}]}`), is(hard("O28", "routes[1].failover"))},
		row{"O20 credential in the header of the signature", paid(`{"backends": {"llm": {"domainName": null, "credential": ` + secret + `,
			"functionUrl": {"functionArn": "arn:aws:lambda:us-east-1:111122223333:function:chat", "access": "control"}}}}`),
			is(hard("O20", "backends.llm.credential.header"), warning("O20", "backends.llm.functionUrl.access"))},
		row{"O24 credential's header", paid(`{"backends": {"llm": {"credential": {"store": true, "header": "api-key"}, "viewerHeaders": ["Api-Key"]}}}`),
			is(hard("O24", "backends.llm.viewerHeaders[0]"), warning("O24", "backends.llm.viewerHeaders"))},
		row{"O22 name of a credential's", paid(`{"backends": {"origin-credential": {"domainName": "a.example.com"}}}`),
			is(hard("O22", "backends.origin-credential"), warning("U1", "backends.origin-credential"))},
	)
}
