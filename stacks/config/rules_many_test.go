package config_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/config"
)

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
			hard("R7", "environments.a.api.cache.keyHeaders[0]"),
			hard("S3", "environments.a.region"),
			hard("S4", "environments.a.routes[0].path"),
			hard("O11", "environments.a.routes[1].failover"),
			hard("O11", "environments.a.routes[1].failover"),
			hard("O2", "environments.b.api.domainName"),
			quota("O7", "environments.b.api.readTimeoutSeconds"),
			hard("N0", "name"),
			hard("N1", "state.bucket"),
			hard("N2", "state.region"),
			hard("S1", "zone"),
			takes("environments.a.api.cache"),
			warning("R8", "environments.a.api.cache.keyHeaders"),
		)},
		{"a misspelt field is one problem, whatever its value", `{"environments": {"dev": {"api": {"readTimeoutSecnds": 0}}}}`, is(
			hard("S1", "environments.dev.api.readTimeoutSecnds"))},
		{"a misspelt field of a wrong type", `{"environments": {"dev": {"api": {"readTimeoutSecnds": "60"}}}}`, is(
			hard("S1", "environments.dev.api.readTimeoutSecnds"))},
		{"a misspelt section with misspelt fields", `{"environments": {"dev": {"modles": {"pahts": "/m/*", "zzzzzzzz": 1}}}}`, is(
			hard("S1", "environments.dev.modles"),
			hard("S1", "environments.dev.modles.pahts"),
			hard("S1", "environments.dev.modles.zzzzzzzz"))},
		{"a misspelt required field isn't missing", `{"state": {"bucket": null, "bukket": "a-bucket"}}`,
			is(hard("S1", "state.bukket"))},
		{"a misspelt field beside the right one", `{"state": {"bukket": "b"}}`, is(hard("S1", "state.bukket"))},
		{"two misspellings of one field", `{"environments": {"dev": {"api": {"domainName": null, "domainNam": "a.example.com", "domainNames": "B"}}}}`, is(
			hard("S1", "environments.dev.api.domainNam"),
			hard("S1", "environments.dev.api.domainNames"))},
		{"a misspelt key keeps its lines", `{"environments": {"dev": {"models": {"signers": [{"name": "a", "publickey": "-----BEGIN\n"}]}}}}`, is(
			hard("S1", "environments.dev.models.signers[0].publickey"))},
		{"what follows from a wrong type is left out", `{"environments": {"dev": {"api": {"domainName": 5}}}}`,
			is(hard("S3", "environments.dev.api.domainName"))},
		{"what follows from a wrong text is left out", `{"environments": {"dev": {"api": {"domainName": "a.example.com "}}}}`,
			is(hard("T3", "environments.dev.api.domainName"))},
		{"what follows from a missing section is left out", `{"environments": {"dev": {"api": null}}}`, is(hard("S4", "environments.dev.api"))},
		{"what follows from wrong items is left out", `{"environments": {"dev": {"routes": [1, {"path": 2}, "a"], "domain": {"hostedZoneId": "Z1", "aliases": [1, 2]}}}}`, is(
			hard("S3", "environments.dev.domain.aliases[0]"),
			hard("S3", "environments.dev.domain.aliases[1]"),
			hard("S3", "environments.dev.routes[0]"),
			hard("S3", "environments.dev.routes[1].path"),
			hard("S3", "environments.dev.routes[2]"))},
	}
}

func TestInvalidNamesTheFileAndEveryProblem(t *testing.T) {
	_, _, err := config.Parse("my.json", row{patch: `{"name": "D", "zone": 1}`}.file(t))
	require.EqualError(t, err, "my.json: 2 problems in context.accelerator\n  name: must have 2 to 25 characters of a-z, 0-9 and -, with a letter first, got \"D\" (my.json:1:117)\n  zone: unknown field (my.json:1:181)")
	_, _, err = config.Parse("my.json", row{patch: `{"zone": 1}`}.file(t))
	require.EqualError(t, err, "my.json: 1 problem in context.accelerator\n  zone: unknown field (my.json:1:184)")
}

func TestWarningsStopNothing(t *testing.T) {
	c, warnings, err := config.Parse("cdktf.json", row{patch: `{"environments": {"dev": {"monitoring": {"errorRatePercent": 1}}}}`}.file(t))
	require.NoError(t, err)
	warnings = butPlaceholders(warnings)
	require.Len(t, warnings, 1)
	require.Equal(t, `environments.dev.monitoring: has no effect without "enabled": true`, warnings[0].String())
	require.InDelta(t, 1, c.Environments["dev"].Monitoring.ErrorRatePercent, 0)
}
