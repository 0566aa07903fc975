package edge

import (
	"encoding/json"
	"errors"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/internal/edge/policy"
)

// fixture is a stack with everything that the model knows.
const fixture = "edgetest/edge.tf.json"

func parsed(t testing.TB) *Distribution {
	t.Helper()
	text, err := os.ReadFile(fixture)
	require.NoError(t, err)
	d, err := Parse(text)
	require.NoError(t, err)
	return d
}

// TestParseSnapshots holds that nothing is added to a stack that the model doesn't know.
func TestParseSnapshots(t *testing.T) {
	snapshots, err := filepath.Glob("../../testdata/*.tf.json")
	require.NoError(t, err)
	require.NotEmpty(t, snapshots)
	for _, file := range snapshots {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		d, err := Parse(text)
		if strings.HasSuffix(file, "-state.tf.json") {
			require.ErrorIs(t, err, ErrNoDistribution, file)
			continue
		}
		require.NoError(t, err, file)
		require.NotEmpty(t, d.Behaviors, file)
	}
}

func TestParse(t *testing.T) {
	d := parsed(t)
	require.Equal(t, []string{"api.example.com", "*.ml.example.com"}, d.Aliases)
	require.Equal(t, "index.html", d.DefaultRootObject)
	require.Equal(t, "http2and3", d.HTTPVersion)
	require.Equal(t, "${aws_wafv2_web_acl.edge.arn}", d.WebACL)
	require.Equal(t, "whitelist", d.GeoType)
	require.Equal(t, []string{"DE", "FR"}, d.GeoLocations)
	require.Equal(t, map[int]ErrorResponse{403: {0, 404, "/errors/404.html"}, 404: {}, 502: {MinTTL: 7}}, d.Errors)

	behaviors := map[string]Behavior{}
	for _, b := range d.Behaviors {
		behaviors[b.Path] = b
	}
	require.Len(t, behaviors, 11)
	require.Equal(t, "*", d.Behaviors[10].Path)
	require.True(t, behaviors["/inference.GRPCInferenceService/*"].GRPC)
	require.True(t, behaviors["/v1/embeddings*"].Compress)
	require.Len(t, behaviors["models/signed/*"].Keys, 2)
	require.Equal(t, "test-keys", behaviors["/viewer/*"].Function.Name)
	require.Equal(t, policy.Cache{
		MinTTL: 1, DefaultTTL: 10, MaxTTL: 100, Brotli: true, Gzip: true,
		Headers: policy.Selection{Behavior: "whitelist", Names: []string{"Authorization", "Accept"}}, Cookies: policy.Selection{Behavior: "all"}, Query: policy.Selection{Behavior: "none"},
	}, behaviors["/v1/embeddings*"].CachePolicy)
	require.Equal(t, policy.OriginRequest{
		Headers: policy.Selection{Behavior: "allExcept", Names: []string{"X-Secret", "Host"}},
		Cookies: policy.Selection{Behavior: "allExcept", Names: []string{"b"}}, Query: policy.Selection{Behavior: "allExcept", Names: []string{"b"}},
	}, behaviors["/block/*"].OriginRequestPolicy)
	require.Equal(t, &Origin{
		ID: "private", Domain: "internal.example.com", Protocol: "https-only", HTTPPort: 80, HTTPSPort: 8443, CustomHeaders: map[string]Value{},
		ReadTimeout: 60, KeepaliveTimeout: 5, ConnectionAttempts: 3, ConnectionTimeout: 10,
	}, behaviors["/private/*"].Origin)
	require.Equal(t, &Failover{&Origin{
		ID: "models-replica", Domain: "(bucket test-replica-…)", S3: true, SignedBy: "the origin access control", CustomHeaders: map[string]Value{},
		CORS:     &BucketCORS{[]string{"https://app.example.com"}, []string{"Range"}, []string{"ETag"}, 600},
		Protocol: "match-viewer", HTTPPort: 80, HTTPSPort: 443,
		ReadTimeout: 30, KeepaliveTimeout: 5, ConnectionAttempts: 3, ConnectionTimeout: 10,
	}, []int{500, 502}}, behaviors["/models/*"].Failover)
	require.Equal(t, "(bucket test-models)", behaviors["/models/*"].Origin.Domain)
	require.Equal(t, "the origin access identity", behaviors["/models/*"].Origin.SignedBy)
}

// unread are the arguments below which the model reads nothing.
var unread = []string{
	"//", "lifecycle", "action", "default_action", "override_action", "managed_rule_group_statement", "field_to_match", "logging_config", "viewer_certificate", "origin_shield", "origin_ssl_protocols", "aws_s3_bucket", "aws_secretsmanager_secret_version",
}

// TestParseUnknown adds an argument to every block of the fixture in turn.
func TestParseUnknown(t *testing.T) {
	text, err := os.ReadFile(fixture)
	require.NoError(t, err)
	var stack map[string]any
	require.NoError(t, json.Unmarshal(text, &stack))
	tried := 0
	eachBlock(stack, func(at string, block map[string]any) {
		block["surprise"] = map[string]any{"a": 1}
		changed, err := json.Marshal(stack)
		require.NoError(t, err)
		_, err = Parse(changed)
		require.EqualError(t, err, at+".surprise: is not part of the model of the edge")
		delete(block, "surprise")
		tried++
	})
	require.Greater(t, tried, 100)
}

// eachBlock visits every resource of a stack that the model reads, and every block of one.
func eachBlock(stack map[string]any, see func(at string, block map[string]any)) {
	var visit func(at string, value any)
	visit = func(at string, value any) {
		switch value := value.(type) {
		case []any:
			for i, item := range value {
				visit(at+"["+string(rune('0'+i))+"]", item)
			}
		case map[string]any:
			if strings.Count(at, ".") > 2 { // a resource or a block of one
				see(strings.TrimPrefix(at, ".resource."), value)
			}
			for _, name := range slices.Sorted(maps.Keys(value)) {
				if !slices.Contains(unread, name) {
					visit(at+"."+name, value[name])
				}
			}
		}
	}
	visit("", map[string]any{"resource": stack["resource"]})
}

func TestParseRefuses(t *testing.T) {
	for _, r := range []struct{ name, old, new, want string }{
		{
			"a policy that AWS doesn't have", "4135ea2d-6df8-44a3-9df3-4b5a84be39ad", "4135ea2d",
			`aws_cloudfront_distribution.edge.ordered_cache_behavior[4].cache_policy_id: must refer to an aws_cloudfront_cache_policy, got "4135ea2d"`,
		},
		{
			"a missing resource", "aws_cloudfront_cache_policy.catalog.id", "aws_cloudfront_cache_policy.no.id",
			"aws_cloudfront_distribution.edge.ordered_cache_behavior[1].cache_policy_id: refers to ${aws_cloudfront_cache_policy.no.id}, which isn't in the stack",
		},
		{
			"a missing origin", `"target_origin_id": "open"`, `"target_origin_id": "closed"`,
			`aws_cloudfront_distribution.edge.ordered_cache_behavior[7].target_origin_id: must be an origin or an origin group, got "closed"; there are ` +
				"api, api-failover, api-with-failover, models, models-replica, models-with-replica, open, private",
		},
		{
			"an unknown kind of selection", `"cookie_behavior": "whitelist"`, `"cookie_behavior": "some"`,
			`aws_cloudfront_origin_request_policy.forward.cookies_config.cookie_behavior: is not part of the model of the edge: "some"`,
		},
		{
			"a wrong type", `"origin_path": "/api"`, `"origin_path": 3`,
			"aws_cloudfront_distribution.edge.origin[3].origin_path: must be a string, got float64",
		},
		{
			"a list of the wrong type", `"GET",`, `["GET"],`,
			"aws_cloudfront_distribution.edge.ordered_cache_behavior[0].allowed_methods: must be a list of string, got []interface {}",
		},
		{
			"a distribution that is off", `"enabled": true,
        "http_version"`, `"enabled": false,
        "http_version"`,
			"aws_cloudfront_distribution.edge.enabled: must be true: what is off answers nothing",
		},
		{
			"a key that is none", "-----BEGIN PUBLIC KEY-----", "-----BEGIN KEY-----",
			"aws_cloudfront_public_key.rsa.encoded_key: must be a public key in PEM format",
		},
		{
			"a value that isn't known", "${data.aws_secretsmanager_secret_version.origin-verify.secret_string}", "${var.secret}",
			`aws_cloudfront_distribution.edge.origin[0].custom_header[0].value: must refer to an aws_secretsmanager_secret_version, got "${var.secret}"`,
		},
		{
			"a function of another runtime", `"cloudfront-js-2.0"`, `"cloudfront-js-1.0"`,
			`aws_cloudfront_function.keys.runtime: must be cloudfront-js-2.0, got "cloudfront-js-1.0"`,
		},
		{
			"a function for another event", `"event_type": "viewer-request"`, `"event_type": "viewer-response"`,
			`aws_cloudfront_distribution.edge.ordered_cache_behavior[4].function_association[0].event_type: is not part of the model of the edge: "viewer-response"`,
		},
		{
			"code that is none", "function handler(event) {", "function handler(event {",
			"aws_cloudfront_function.keys.code: function test-keys: SyntaxError: test-keys: Line 1:24 Unexpected token { (and 5 more errors)",
		},
		{
			"code in which Terraform would put a value", "return event.request;", "return `${event.request}`;",
			"aws_cloudfront_function.keys.code: has ${ or %{, where Terraform would put a value in; write $${ or %%{",
		},
		{
			"code with the origin of another stack", "function handler(event) {", "\\nconst CANARY_ORIGIN = 'elsewhere';\\nfunction handler(event) {",
			`aws_cloudfront_function.keys.code: chooses "elsewhere": must be an origin of the distribution`,
		},
		{
			"code with a failover of another stack", "function handler(event) {", "\\nconst CANARY_ORIGIN = 'models';\\nconst FAILOVER_ORIGIN = 'elsewhere';\\nfunction handler(event) {",
			`aws_cloudfront_function.keys.code: chooses "elsewhere": must be an origin of the distribution`,
		},
		{
			"two functions", `"event_type": "viewer-request",`, `"event_type": "viewer-request", "function_arn": "${aws_cloudfront_function.keys.arn}"}, {"event_type": "viewer-request",`,
			"aws_cloudfront_distribution.edge.ordered_cache_behavior[4].function_association: must be one for each event",
		},
		{
			"a store that is missing", "${aws_cloudfront_key_value_store.keys.arn}", "${aws_cloudfront_key_value_store.no.arn}",
			"aws_cloudfront_function.keys.key_value_store_associations: refers to ${aws_cloudfront_key_value_store.no.arn}, which isn't in the stack",
		},
		{
			"a group of one", `"member": [
              {
                "origin_id": "models"
              },`, `"member": [`,
			"aws_cloudfront_distribution.edge.origin_group[1].member: must be two origins, got 1",
		},
		{
			"a group with a stranger", `"origin_id": "models-replica"
              }`, `"origin_id": "nobody"
              }`,
			"aws_cloudfront_distribution.edge.origin_group[1].member: must be origins of the distribution",
		},
	} {
		text, err := os.ReadFile(fixture)
		require.NoError(t, err)
		changed := strings.ReplaceAll(string(text), r.old, r.new)
		require.NotEqual(t, string(text), changed, r.name)
		_, err = Parse([]byte(changed))
		require.EqualError(t, err, r.want, r.name)
	}
	_, err := Parse([]byte(`{`))
	require.Error(t, err)
	_, err = Parse([]byte(`{"resource": {"aws_cloudfront_distribution": {"a": {}, "b": {}}}}`))
	require.EqualError(t, err, "aws_cloudfront_distribution: must be one, got 2")
	require.False(t, errors.Is(err, ErrNoDistribution))
}
