package edge

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/internal/edge/block"
)

// object is any JSON object.
type object = map[string]any

// overridden is the fixture with an argument of a resource, at names and indexes, set to a value, and a list of what
// overrides set.
func overridden(t *testing.T, address string, at []any, value any, set ...string) (*Distribution, error) {
	t.Helper()
	text, err := os.ReadFile(fixture)
	require.NoError(t, err)
	var stack object
	require.NoError(t, json.Unmarshal(text, &stack))
	kind, name, _ := strings.Cut(address, ".")
	holder := stack["resource"].(object)[kind].(object)[name]
	for i, step := range at {
		switch step := step.(type) {
		case int:
			holder = holder.([]any)[step]
		case string:
			if i == len(at)-1 {
				holder.(object)[step] = value
			} else {
				holder = holder.(object)[step]
			}
		}
	}
	stack["//"] = object{"overrides": object{address: set}}
	text, err = json.Marshal(stack)
	require.NoError(t, err)
	return Parse(text)
}

const distribution = "aws_cloudfront_distribution.edge"

// TestOverrides lets through what an override sets, and says so where it can't be read.
func TestOverrides(t *testing.T) {
	path := func(steps ...any) []any { return steps }
	for name, c := range map[string]struct {
		address  string
		at       []any
		value    any
		set      string
		unread   string // empty: it is read
		unreadAs any
	}{
		"read":                   {distribution, path("http_version"), "http3", "http_version", "", nil},
		"of no account":          {distribution, path("price_class"), "PriceClass_100", "price_class", "", nil},
		"of no account, below":   {distribution, path("viewer_certificate", "new"), 1, "viewer_certificate.new", "", nil},
		"new":                    {distribution, path("anycast_ip_list_id"), "a", "anycast_ip_list_id", "anycast_ip_list_id", "a"},
		"new in a block":         {distribution, path("default_cache_behavior", "new"), 1.5, "default_cache_behavior.new", "default_cache_behavior.new", 1.5},
		"new block":              {distribution, path("mtls"), object{"mode": "required"}, "mtls.mode", "mtls.mode", "required"},
		"new in a list":          {distribution, path("origin", 1, "new"), "a", "origin", "origin[1].new", "a"},
		"another type":           {distribution, path("http_version"), []any{"http2"}, "http_version", "http_version", []any{"http2"}},
		"policy of others":       {distribution, path("default_cache_behavior", "cache_policy_id"), "${data.aws_x.y.id}", "default_cache_behavior.cache_policy_id", "default_cache_behavior.cache_policy_id", "${data.aws_x.y.id}"},
		"signers of others":      {distribution, path("default_cache_behavior", "trusted_key_groups"), []any{"a"}, "default_cache_behavior.trusted_key_groups", "default_cache_behavior.trusted_key_groups", []any{"a"}},
		"headers of others":      {distribution, path("default_cache_behavior", "response_headers_policy_id"), "a", "default_cache_behavior.response_headers_policy_id", "default_cache_behavior.response_headers_policy_id", "a"},
		"function of others":     {distribution, path("default_cache_behavior", "function_association"), []any{object{"event_type": "viewer-request", "function_arn": "a"}}, "default_cache_behavior.function_association", "default_cache_behavior.function_association[0].function_arn", "a"},
		"code that isn't":        {"aws_cloudfront_function.keys", path("code"), "function (", "code", "code", "function ("},
		"off":                    {distribution, path("enabled"), false, "enabled", "enabled", false},
		"many":                   {distribution, path("count"), 2.0, "count", "count", 2.0},
		"provider and lifecycle": {distribution, path("lifecycle"), object{"prevent_destroy": true}, "lifecycle.prevent_destroy", "", nil},
	} {
		t.Run(name, func(t *testing.T) {
			d, err := overridden(t, c.address, c.at, c.value, c.set)
			require.NoError(t, err)
			var want []block.Unread
			if c.unread != "" {
				want = []block.Unread{{Address: c.address, Argument: c.unread, Value: c.unreadAs}}
			}
			require.Equal(t, want, d.Unread)
			require.NotPanics(t, func() {
				for _, b := range d.Behaviors {
					d.Decide(Request{URL: strings.ReplaceAll("/"+strings.TrimPrefix(b.Path, "/"), "*", "x")})
				}
			})
		})
	}
	d, err := overridden(t, distribution, path("default_cache_behavior", "compress"), true, "default_cache_behavior.compress")
	require.NoError(t, err)
	require.True(t, d.Behaviors[len(d.Behaviors)-1].Compress)
	_, err = overridden(t, distribution, path("default_cache_behavior", "new"), true, "default_cache_behavior.newer", "origin")
	require.EqualError(t, err, distribution+".default_cache_behavior.new: is not part of the model of the edge")

	// What nothing can work with, also where an override sets it.
	const policy = "aws_cloudfront_cache_policy.block"
	_, err = overridden(t, policy, path("min_ttl"), 61, "min_ttl")
	require.EqualError(t, err, policy+".min_ttl: must be at most max_ttl, 60, got 61")
	_, err = overridden(t, policy, path("min_ttl"), 60, "min_ttl")
	require.NoError(t, err)
	_, err = overridden(t, distribution, path("enabled"), nil, "enabled")
	require.EqualError(t, err, distribution+".enabled: is missing, and no distribution goes without it")
}

// TestOverridesOfWhatIsNotRead names the resources that have a part in answers, and no others.
func TestOverridesOfWhatIsNotRead(t *testing.T) {
	text, err := os.ReadFile(fixture)
	require.NoError(t, err)
	var stack object
	require.NoError(t, json.Unmarshal(text, &stack))
	for address, read := range map[string]bool{
		"aws_wafv2_rule_group.edge": true, "aws_cloudfront_function.other": true, "aws_s3_bucket_policy.models": true, "data.aws_cloudfront_cache_policy.a": true,
		"aws_s3_bucket.models": false, "aws_cloudwatch_metric_alarm.errors": false, "aws_cloudfront_monitoring_subscription.edge": false,
	} {
		stack["//"] = object{"overrides": object{address: []string{"a.b"}}}
		text, err := json.Marshal(stack)
		require.NoError(t, err)
		d, err := Parse(text)
		require.NoError(t, err)
		var want []block.Unread
		if read {
			want = []block.Unread{{Address: address, Argument: "a.b"}}
		}
		require.Equal(t, want, d.Unread, address)
	}
}

// TestParseOverridden adds an argument to every block of the fixture in turn, as an override does.
func TestParseOverridden(t *testing.T) {
	text, err := os.ReadFile(fixture)
	require.NoError(t, err)
	var stack object
	require.NoError(t, json.Unmarshal(text, &stack))
	tried := 0
	eachBlock(stack, func(at string, value object) {
		kind, rest, _ := strings.Cut(at, ".")
		name, rest, _ := strings.Cut(rest, ".")
		argument := strings.TrimPrefix(rest+".surprise", ".")
		set, _, _ := strings.Cut(argument, "[") // a list is replaced
		stack["//"] = object{"overrides": object{kind + "." + name: []string{set}}}
		value["surprise"] = object{"a": "b"}
		changed, err := json.Marshal(stack)
		require.NoError(t, err)
		d, err := Parse(changed)
		require.NoError(t, err)
		require.Equal(t, []block.Unread{{Address: kind + "." + name, Argument: argument, Value: object{"a": "b"}}}, d.Unread)
		delete(value, "surprise")
		tried++
	})
	require.Greater(t, tried, 100)
}
