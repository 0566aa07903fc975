package stacks_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestLongDeployOverrides deploys an environment with overrides, changes them and takes them away: what they set goes
// with them, and nothing is left to do each time.
func TestLongDeployOverrides(t *testing.T) {
	aws := needAWS(t)
	synth := func(overrides string) []byte {
		c := backendConfig(t, `"api": {"domainName": "backend.example.com"}, "overrides": {`+overrides+`}`)
		return synthesizeConfig(t, c)["demo-dev"]
	}
	c := backendConfig(t, `"api": {"domainName": "backend.example.com"}`)
	aws.CreateBucket(t, c.State.Region, c.State.Bucket)
	first := synth(`
		"aws_cloudfront_response_headers_policy.security": {
			"security_headers_config": {"strict_transport_security": {"preload": true, "include_subdomains": true}, "frame_options": null},
			"server_timing_headers_config": {"enabled": true, "sampling_rate": 12.5}},
		"aws_cloudfront_distribution.edge": {"default_cache_behavior": {
			"lambda_function_association": [{"event_type": "origin-response", "lambda_arn": "arn:aws:lambda:us-east-1:111122223333:function:label:7"}]}},
		"aws_s3_bucket.models": {"tags": {"read-by": "${aws_cloudfront_origin_access_identity.models.id}", "team": "ml"}}`)
	second := synth(`
		"aws_cloudfront_response_headers_policy.security": {"server_timing_headers_config": {"enabled": true, "sampling_rate": 100}},
		"aws_cloudfront_distribution.edge": {"default_cache_behavior": {
			"lambda_function_association": [{"event_type": "origin-response", "lambda_arn": "arn:aws:lambda:us-east-1:111122223333:function:label:8", "include_body": false}]}},
		"aws_s3_bucket.models": {"tags": {"team": "search"}}`)
	plain := synth("")
	sideBySide(t)

	d := newDeployment(t, aws, first, patience(t, first))
	var addresses []string
	requireSet := func(t *testing.T, wanted map[string]string) {
		t.Helper()
		if addresses == nil {
			addresses = d.state(t).addresses()
		}
		require.Equal(t, addresses, d.state(t).addresses())
		has := d.attributes(t)
		for path, want := range wanted {
			text, err := json.Marshal(has(path))
			require.NoError(t, err)
			require.JSONEq(t, want, string(text), path)
		}
		d.requireNoChanges(t)
	}
	const (
		headers = "aws_cloudfront_response_headers_policy.security."
		hsts    = headers + "security_headers_config.strict_transport_security."
		timing  = headers + "server_timing_headers_config"
		lambda  = "aws_cloudfront_distribution.edge.default_cache_behavior.lambda_function_association"
		tags    = "aws_s3_bucket.models.tags"
	)
	step(t, "deployed, they count", func(t *testing.T) {
		d.apply(t)
		requireSet(t, map[string]string{
			hsts + "preload": `true`, hsts + "include_subdomains": `true`, hsts + "access_control_max_age_sec": `31536000`,
			headers + "security_headers_config.frame_options": `[]`, timing + ".sampling_rate": `12.5`,
			lambda + ".lambda_arn": `"arn:aws:lambda:us-east-1:111122223333:function:label:7"`,
			tags + ".team":         `"ml"`,
		})
		require.Equal(t, d.state(t).ids()["aws_cloudfront_origin_access_identity.models"], []string{d.attributes(t)(tags + ".read-by").(string)})
	})
	step(t, "changed, they count as well", func(t *testing.T) {
		d.deploy(t, second)
		requireSet(t, map[string]string{
			hsts + "preload": `false`, headers + "security_headers_config.frame_options.frame_option": `"DENY"`,
			timing + ".sampling_rate": `100`,
			lambda + ".lambda_arn":    `"arn:aws:lambda:us-east-1:111122223333:function:label:8"`,
			tags:                      `{"team": "search"}`,
		})
	})
	step(t, "taken away, they leave nothing", func(t *testing.T) {
		d.deploy(t, plain)
		requireSet(t, map[string]string{hsts + "include_subdomains": `false`, timing: `[]`, lambda: `[]`, tags: `{}`})
	})
	step(t, "and can come back", func(t *testing.T) {
		d.deploy(t, first)
		requireSet(t, map[string]string{timing + ".sampling_rate": `12.5`})
	})
	step(t, "destroyed, it leaves nothing", func(t *testing.T) {
		d.destroy(t, withoutRefresh)
		require.Empty(t, aws.Resources())
	})
}

// attributes returns what finds an attribute in the state by address and names. Of a list or a set it takes the only
// item.
func (d deployment) attributes(t *testing.T) func(path string) any {
	t.Helper()
	var state struct {
		Resources []struct {
			Type, Name string
			Instances  []struct{ Attributes object }
		}
	}
	require.NoError(t, json.Unmarshal(d.stateText(t), &state))
	all := object{}
	for _, r := range state.Resources {
		set(all, r.Instances[0].Attributes, r.Type, r.Name)
	}
	return func(path string) any {
		var value any = all
		for _, name := range strings.Split(path, ".") {
			if list, isList := value.([]any); isList {
				require.Len(t, list, 1, path)
				value = list[0]
			}
			value = value.(object)[name]
		}
		return value
	}
}
