package config_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/config"
)

func overrideRows() []row {
	overrides := func(members string) string { return `{"overrides": {` + members + `}}` }
	edge := func(arguments string) string {
		return overrides(`"aws_cloudfront_distribution.edge": {` + arguments + `}`)
	}
	const at = `overrides["aws_cloudfront_distribution.edge"]`
	header := func(name, value string) string {
		return edge(`"default_cache_behavior": {"custom_header": [{"name": "` + name + `", "value": "` + value + `"}]}`)
	}
	return inDev(
		row{"V1 fine", overrides(`"aws_s3_bucket.models": {"tags": {"a.b": "c"}}, "data.aws_lb.api": {"tags": {}}, "aws_x._a-1": {"n": [{}, null, 1]}`), nil},
		row{"V1 no name", overrides(`"aws_s3_bucket": {}`), is(hard("V1", "overrides.aws_s3_bucket"))},
		row{"V1 an argument", overrides(`"aws_s3_bucket.models.tags": {}`), is(hard("V1", `overrides["aws_s3_bucket.models.tags"]`))},
		row{"V1 of a list", overrides(`"aws_s3_bucket.models[0]": {}`), is(hard("V1", `overrides["aws_s3_bucket.models[0]"]`))},
		row{"V1 section", overrides(`"resource.aws_s3_bucket.models": {}`), is(hard("V1", `overrides["resource.aws_s3_bucket.models"]`))},
		row{"S3 no object", overrides(`"aws_s3_bucket.models": "sk-a"`), is(hard("S3", `overrides["aws_s3_bucket.models"]`))},
		row{"S3 no objects", `{"overrides": ["aws_s3_bucket.models"]}`, is(hard("S3", "overrides"))},
		row{"T1 reference in an override", edge(`"default_cache_behavior": {"realtime_log_config_arn": "${data.aws_x.y.arn}", "%{if}": 1}`), nil},
		row{"T1 reference in a name", overrides(`"aws_s3_bucket.${x}": {}`), is(hard("T1", `overrides["aws_s3_bucket.${x}"]`))},
		row{"T2 lines of code", overrides(`"aws_cloudfront_function.api": {"code": " a\n\tb "}`), nil},
		row{"T4 invisible", edge(`"default_cache_behavior": [{"a": ["b\u200b"]}]`), is(hard("T4", at+".default_cache_behavior[0].a[0]"))},
		row{"T5 key", edge(`"default_cache_behavior": {"a": [{"b": "x AKIAIOSFODNN7EXAMPLE"}]}`), is(hard("T5", at+".default_cache_behavior.a[0].b"))},
		row{"T5 key as a name", edge(`"tags": {"AKIAIOSFODNN7EXAMPLE": "a"}`), is(hard("T5", at+".tags"))},
		row{"O18 key in a header", header("X-Api-Key", "mine"), is(hard("O18", at+".default_cache_behavior.custom_header[0].value"))},
		row{"O18 reference in a header", header("X-Api-Key", "${data.aws_secretsmanager_secret_version.x.secret_string}"), nil},
		row{"O18 another header", header("X-Team", "mine"), nil},
		row{"V3 field", edge(`"price_class": "PriceClass_100", "default_cache_behavior": {"price_class": 1}`), is(warning("V3", at+".price_class"))},
		row{"V3 list", edge(`"origin": []`), is(warning("V3", at+".origin"))},
		row{"V3 other resource", overrides(`"aws_s3_bucket.models": {"origin": []}`), nil},
	)
}

// TestOverridesStayAsWritten keeps what numbers and null are, and that null isn't what is left out.
func TestOverridesStayAsWritten(t *testing.T) {
	c, _, err := config.Parse("cdktf.json", row{patch: inDev(row{"", `{"overrides": {}}`, nil})[0].patch}.file(t))
	require.NoError(t, err)
	require.Empty(t, c.Environments["dev"].Overrides)

	text := func(overrides string) []byte {
		return []byte(`{"context": {"accelerator": {"name": "demo", "state": {"bucket": "demo-state", "region": "us-east-1"}, "environments": {"dev": {
		"region": "us-east-1", "api": {"domainName": "backend.example.com"}, "overrides": ` + overrides + `}}}}}`)
	}
	const written = `{"aws_x.y":{"a":12.50,"b":[null,4294967296],"c":{"d":null,"e":true}}}`
	c, _, err = config.Parse("cdktf.json", text(written))
	require.NoError(t, err)
	kept, err := json.Marshal(c.Environments["dev"].Overrides)
	require.NoError(t, err)
	require.Equal(t, written, string(kept))

	for wrong, path := range map[string]string{`{"aws_x.y": null}`: "", `{"aws_x.y": {"a": 9007199254740993}}`: ".a"} {
		got := problems(t, text(wrong))
		require.Len(t, got, 1, wrong)
		require.Equal(t, `environments.dev.overrides["aws_x.y"]`+path, got[0].Path)
		require.Equal(t, "S3", got[0].Rule)
	}
}

// TestUnread leads to what the user typed, wherever in it the model gave up.
func TestUnread(t *testing.T) {
	e := config.Environment{Overrides: map[string]map[string]any{"aws_x.y": {"a": map[string]any{"b": []any{}}, "c": nil}}}
	for argument, path := range map[string]string{
		"a.b": ".a.b", "a.b[0].z": ".a", "a": ".a", "c": "", "z": "",
	} {
		p := e.Unread("dev", "aws_x.y", argument)
		require.Equal(t, `environments.dev.overrides["aws_x.y"]`+path, p.Path, argument)
		require.Equal(t, "sets "+argument+", which the model of the edge doesn't read: explain, expect, serve and verify go on as if it weren't set", p.Message)
		require.Equal(t, config.Warning, p.Class)
	}
	u := config.Unfit(config.Hard, "dev", "is wrong", "aws_x.y", "a")
	require.Equal(t, `environments.dev.overrides["aws_x.y"].a`, u.Path)
}
