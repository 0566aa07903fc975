package config_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/config"
)

func TestManyProblems(t *testing.T) { check(t, manyRows()) }

func manyRows() []row {
	return []row{
		{"many everywhere, in the order of their paths", `{
			"name": "D",
			"state": {"bucket": "d", "region": "nowhere"},
			"zone": 1,
			"environments": {
				"b": {"region": "us-east-1", "api": {"domainName": "B_", "readTimeoutSeconds": 121}},
				"a": {"region": 5, "api": {"domainName": "your-backend-endpoint.amazonaws.com", "cache": {"keyHeaders": ["Cookie"]}}, "routes": [{}, {"path": "x", "failover": true}]}
			}
		}`, is(
			hard("R7", "environments.a.api.cache.keyHeaders[0]", `must not be part of the cache key: CloudFront refuses "Cookie"`),
			hard("S3", "environments.a.region", "must be a text, got 5"),
			hard("S4", "environments.a.routes[0].path", "is required"),
			hard("O11", "environments.a.routes[1].failover", "needs api.failover"),
			hard("O11", "environments.a.routes[1].failover", `needs methods "read": CloudFront only fails over for requests that don't write`),
			hard("O2", "environments.b.api.domainName", badDomain+`with at least one dot, got "B_"`),
			quota("O7", "environments.b.api.readTimeoutSeconds", "must be at most 120, got 121; if AWS raised this quota for you, say so in quotas.originReadTimeoutSeconds"),
			hard("N0", "name", badName+`"D"`),
			hard("N1", "state.bucket", badBucket+`"d"`),
			hard("N2", "state.region", badRegion+`"nowhere"`),
			hard("S1", "zone", "unknown field"),
			takes("environments.a.api.cache"),
			warning("R8", "environments.a.api.cache.keyHeaders", "has no Authorization: every caller gets the same cached answer"),
		)},
		{"a misspelt field is one problem, whatever its value", `{"environments": {"dev": {"api": {"readTimeoutSecnds": 0}}}}`, is(
			hard("S1", "environments.dev.api.readTimeoutSecnds", "unknown field (did you mean readTimeoutSeconds?)"))},
		{"a misspelt field of a wrong type", `{"environments": {"dev": {"api": {"readTimeoutSecnds": "60"}}}}`, is(
			hard("S1", "environments.dev.api.readTimeoutSecnds", "unknown field (did you mean readTimeoutSeconds?)"))},
		{"a misspelt section with misspelt fields", `{"environments": {"dev": {"modles": {"pahts": "/m/*", "zzzzzzzz": 1}}}}`, is(
			hard("S1", "environments.dev.modles", "unknown field (did you mean models?)"),
			hard("S1", "environments.dev.modles.pahts", "unknown field (did you mean path?)"),
			hard("S1", "environments.dev.modles.zzzzzzzz", "unknown field"))},
		{"a misspelt required field isn't missing", `{"state": {"bucket": null, "bukket": "a-bucket"}}`,
			is(hard("S1", "state.bukket", "unknown field (did you mean bucket?)"))},
		{"a misspelt field beside the right one", `{"state": {"bukket": "b"}}`, is(hard("S1", "state.bukket", "unknown field (did you mean bucket?)"))},
		{"two misspellings of one field", `{"environments": {"dev": {"api": {"domainName": null, "domainNam": "a.example.com", "domainNames": "B"}}}}`, is(
			hard("S1", "environments.dev.api.domainNam", "unknown field (did you mean domainName?)"),
			hard("S1", "environments.dev.api.domainNames", "unknown field (did you mean domainName?)"))},
		{"a misspelt key keeps its lines", `{"environments": {"dev": {"models": {"signers": [{"name": "a", "publickey": "-----BEGIN\n"}]}}}}`, is(
			hard("S1", "environments.dev.models.signers[0].publickey", "unknown field (did you mean publicKey?)"))},
		{"what follows from a wrong type is left out", `{"environments": {"dev": {"api": {"domainName": 5}}}}`,
			is(hard("S3", "environments.dev.api.domainName", `must be a text, got 5: write "5"`))},
		{"what follows from a wrong text is left out", `{"environments": {"dev": {"api": {"domainName": "a.example.com "}}}}`,
			is(hard("T3", "environments.dev.api.domainName", `must not begin or end with space, got "a.example.com "`))},
		{"what follows from a missing section is left out", `{"environments": {"dev": {"api": null}}}`, is(hard("S4", "environments.dev.api", "is required"))},
		{"what follows from wrong items is left out", `{"environments": {"dev": {"routes": [1, {"path": 2}, "a"], "domain": {"hostedZoneId": "Z1", "aliases": [1, 2]}}}}`, is(
			hard("S3", "environments.dev.domain.aliases[0]", `must be a text, got 1: write "1"`),
			hard("S3", "environments.dev.domain.aliases[1]", `must be a text, got 2: write "2"`),
			hard("S3", "environments.dev.routes[0]", "must be an object, got 1"),
			hard("S3", "environments.dev.routes[1].path", `must be a text, got 2: write "2"`),
			hard("S3", "environments.dev.routes[2]", "must be an object, got a text"))},
	}
}

func TestInvalidNamesTheFileAndEveryProblem(t *testing.T) {
	_, _, err := config.Parse("my.json", row{patch: `{"name": "D", "zone": 1}`}.file(t))
	require.EqualError(t, err, "my.json: 2 problems in context.accelerator\n  name: "+badName+"\"D\" (my.json:1:117)\n  zone: unknown field (my.json:1:181)")
	_, _, err = config.Parse("my.json", row{patch: `{"zone": 1}`}.file(t))
	require.EqualError(t, err, "my.json: 1 problem in context.accelerator\n  zone: unknown field (my.json:1:184)")
}

func TestWarningsStopNothing(t *testing.T) {
	c, warnings, err := config.Parse("cdktf.json", row{patch: `{"environments": {"dev": {"monitoring": {"errorRatePercent": 1}}}}`}.file(t))
	require.NoError(t, err)
	warnings = butPlaceholders(warnings)
	require.Len(t, warnings, 1)
	require.Equal(t, "environments.dev.monitoring: "+noEffect, warnings[0].String())
	require.InDelta(t, 1, c.Environments["dev"].Monitoring.ErrorRatePercent, 0)
}
