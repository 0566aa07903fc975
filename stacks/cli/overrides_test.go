package cli_test

import (
	"crypto/rand"
	"crypto/rsa"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// withOverrides is a file of the smallest configuration with overrides, and more fields.
func withOverrides(t *testing.T, overrides, more string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "cdktf.json")
	text := strings.Replace(minimal(""), `"region": "us-east-1", "api"`,
		`"region": "us-east-1", `+more+`
			"overrides": {
				`+overrides+`
			}, "api"`, 1)
	require.NoError(t, os.WriteFile(file, []byte(text), 0o600))
	return file
}

const (
	unreadable = `"aws_cloudfront_distribution.edge": {
		"default_cache_behavior": {"lambda_function_association": [{"event_type": "origin-response", "lambda_arn": "arn:aws:lambda:us-east-1:111122223333:function:a:1"}], "compress": true},
		"http_version": "http3"}`
	readable = `"aws_cloudfront_response_headers_policy.security": {"security_headers_config": {"strict_transport_security": {"preload": true}}}`

	unreadPath = `environments.dev.overrides["aws_cloudfront_distribution.edge"].default_cache_behavior.lambda_function_association: `
	unread     = unreadPath + "sets default_cache_behavior.lambda_function_association, which the model of the edge doesn't read: explain, expect, serve and verify go on as if it weren't set"
)

// TestOverridesOfNothing names what the user typed and where, and nothing is written.
func TestOverridesOfNothing(t *testing.T) {
	if testing.Short() {
		t.Skip("Node.js takes seconds")
	}
	file := withOverrides(t, `"aws_cloudfront_distribution.egde": {"price_class": "PriceClass_100"},
		"data.aws_iam_policy_document.models": {"statement": {}},
		"aws_s3_bucket.models": {"tags": {"a": "b"}}`, "")
	const gone = `environments.dev.overrides["aws_cloudfront_distribution.egde"]: is not in the stack (did you mean aws_cloudfront_distribution.edge?)`
	const kind = `environments.dev.overrides["data.aws_iam_policy_document.models"].statement: must be a list, got an object`
	out := filepath.Join(t.TempDir(), "out")
	for _, args := range [][]string{{"check"}, {"-o", out}, {"explain", "dev"}, {"policy", "dev"}} {
		code, stdout, stderr := run(append(args, "-c", file)...)
		require.Equal(t, 1, code, args)
		require.Empty(t, stdout, args)
		require.Contains(t, stderr, gone, args)
		require.Contains(t, stderr, kind, args)
		require.Contains(t, stderr, "("+file+":4:5)", "where the first stands")
	}
	require.NoDirExists(t, out)
	code, stdout, _ := run("check", "--json", "-c", file)
	require.Equal(t, 1, code)
	require.Equal(t, 2, strings.Count(stdout, `"rule": "V2"`), stdout)

	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	t.Setenv("PATH", "")
	t.Setenv("JSII_NODE", "node")
	code, stdout, stderr := run("check", "-c", file)
	require.Zero(t, code, stderr)
	require.Contains(t, stdout, "some of it not tried")
	require.Contains(t, stderr, "environments.dev.overrides: not tried: node: not found")
}

// TestOverridesThatLeaveNothingThatWorks are refused by check, with or without expectations, with a path that was typed.
func TestOverridesThatLeaveNothingThatWorks(t *testing.T) {
	if testing.Short() {
		t.Skip("Node.js takes seconds")
	}
	const distribution = `environments.dev.overrides["aws_cloudfront_distribution.edge"]`
	for arguments, want := range map[string]string{
		`"default_cache_behavior": {"target_origin_id": "apii"}`: `environments.dev.overrides: leaves a distribution that can't work: ` +
			`aws_cloudfront_distribution.edge.default_cache_behavior.target_origin_id: must be an origin or an origin group, got "apii"; there are api, models`,
		`"default_cache_behavior": null`: `environments.dev.overrides: leaves a distribution that can't work: ` +
			`aws_cloudfront_distribution.edge.default_cache_behavior: is missing, and no distribution goes without it`,
		`"enabled": null`: `environments.dev.overrides: leaves a distribution that can't work: ` +
			`aws_cloudfront_distribution.edge.enabled: is missing, and no distribution goes without it`,
		`"origin": []`:                           `must be an origin or an origin group, got "models"; there are none`,
		`"depends_on": ["aws_s3_bucket.modelz"]`: distribution + `.depends_on: names aws_s3_bucket.modelz, which is not in the stack (did you mean aws_s3_bucket.models?)`,
		`"depends_on": ["aws_s3_bucket.models"], "provider": "aws.edge"`: "fine",
		`"provider": "aws.foo"`:                                               distribution + `.provider: names aws.foo, which is not in the stack; there are aws, aws.edge`,
		`"comment": "${aws_s3_bucket.modles.arn}"`:                            distribution + `.comment: refers to aws_s3_bucket.modles, which is not in the stack (did you mean aws_s3_bucket.models?)`,
		`"comment": "$${aws_s3_bucket.modles.arn} ${join(\"-\", [var.x])}"`:   distribution + `.comment: refers to var.x, which is not in the stack`,
		`"default_cache_behavior": {"cache_policy_id": "${data.aws_x.a.id}"}`: distribution + `.default_cache_behavior.cache_policy_id: refers to data.aws_x.a, which is not in the stack`,
		`"default_cache_behavior": {"viewer_protocol_policy": "allow-alll"}`:  "",
		`"default_cache_behavior": {"allowed_methods": ["GET", "POST"]}`:      "",
		`"default_cache_behavior": {"allowed_methods": ["HEAD", "GET"]}`:      "fine",
		`"comment": "${aws_s3_bucket.models.arn} ${aws_s3_bucket.models.id}"`: "fine",
	} {
		code, stdout, stderr := run("check", "-c", withOverrides(t, `"aws_cloudfront_distribution.edge": {`+arguments+`}`, ""))
		switch want {
		case "":
			require.Zero(t, code, stderr)
			require.Contains(t, stderr, "which the model of the edge doesn't read", arguments)
		case "fine":
			require.Zero(t, code, stderr)
			require.NotContains(t, stderr, "doesn't read", arguments)
		default:
			require.Equal(t, 1, code, arguments)
			require.Empty(t, stdout)
			require.Contains(t, stderr, want)
		}
	}
}

// TestOverridesThatReplaceLists are said to leave out what protected the items of the configuration.
func TestOverridesThatReplaceLists(t *testing.T) {
	if testing.Short() {
		t.Skip("Node.js takes seconds")
	}
	const distribution = `environments.dev.overrides["aws_cloudfront_distribution.edge"].`
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	require.NoError(t, err)
	signed := fmt.Sprintf(`"models": {"signers": [{"name": "a", "publicKey": %q}]},`, publicPEM(t, key))
	const item = `{"path_pattern": "/models/*", "target_origin_id": "models", "viewer_protocol_policy": "https-only",
		"allowed_methods": ["GET", "HEAD"], "cached_methods": ["GET", "HEAD"]}`
	for arguments, want := range map[string]string{
		`"ordered_cache_behavior": [` + item + `]`: distribution + `ordered_cache_behavior: replaces the list, in which ` +
			`/models/* has no trusted_key_groups now: it needs no signature`,
		`"ordered_cache_behavior": []`: distribution + `ordered_cache_behavior: replaces the list, which has nothing for ` +
			`/models/* now: another route answers its requests`,
		`"origin": [{"origin_id": "api", "domain_name": "api.example.com"},
			{"origin_id": "models", "domain_name": "${aws_s3_bucket.models.bucket_regional_domain_name}"}]`: distribution +
			`origin: replaces the list, in which models has no s3_origin_config and no origin_access_control_id now: the bucket`,
		`"default_cache_behavior": {"compress": false}`: "",
	} {
		code, _, stderr := run("check", "-c", withOverrides(t, `"aws_cloudfront_distribution.edge": {`+arguments+`}`, signed))
		require.Zero(t, code, stderr)
		if want == "" {
			require.NotContains(t, stderr, "replaces the list")
		} else {
			require.Contains(t, stderr, want)
		}
	}
}

// TestOverridesThatReplaceCheckedRoutes are said to let in callers without keys, and to have a backend refuse CloudFront.
func TestOverridesThatReplaceCheckedRoutes(t *testing.T) {
	if testing.Short() {
		t.Skip("Node.js takes seconds")
	}
	methods := []any{"GET", "HEAD"}
	keys := edited(t, "environments.prod.api.keys", map[string]any{})
	file := editedAlso(t, keys, "environments.prod.overrides", map[string]any{"aws_cloudfront_distribution.edge": map[string]any{
		"ordered_cache_behavior": []any{map[string]any{"path_pattern": "/v1/embeddings*", "target_origin_id": "api",
			"viewer_protocol_policy": "https-only", "allowed_methods": methods, "cached_methods": methods}},
		"default_cache_behavior": map[string]any{"function_association": []any{}},
		"origin": []any{
			map[string]any{"origin_id": "api", "domain_name": "api.example.com"},
			map[string]any{"origin_id": "models", "domain_name": "models.s3.us-east-1.amazonaws.com"},
		},
		"origin_group": nil,
	}})
	_, _, stderr := run("check", "-c", file)
	const distribution = `environments.prod.overrides["aws_cloudfront_distribution.edge"].`
	require.Contains(t, stderr, distribution+"ordered_cache_behavior: replaces the list, in which /v1/embeddings* has no "+
		"function_association now: what the function checks, such as api.keys, isn't checked")
	require.Contains(t, stderr, distribution+"origin: replaces the list, in which api has fewer custom_header now: a backend that "+
		"checks X-Origin-Verify or a key refuses CloudFront")
	require.NotContains(t, stderr, "in which * has", "the default behavior isn't in the list")
}

// TestOverridesThatCount are read by the model, and nothing is said of them.
func TestOverridesThatCount(t *testing.T) {
	if testing.Short() {
		t.Skip("Node.js takes seconds")
	}
	file := withOverrides(t, readable, "")
	code, stdout, stderr := run("explain", "dev", "GET", "/", "-c", file)
	require.Zero(t, code, stderr)
	require.NotContains(t, stderr, "warning")
	require.Contains(t, stdout, "Strict-Transport-Security: max-age=31536000; preload")
}

// TestOverridesWithoutEffect are warned of, where they stand.
func TestOverridesWithoutEffect(t *testing.T) {
	if testing.Short() {
		t.Skip("Node.js takes seconds")
	}
	file := withOverrides(t, `"aws_cloudfront_distribution.edge": {"price_klass": null}`, "")
	const want = `environments.dev.overrides["aws_cloudfront_distribution.edge"].price_klass: has no effect: null takes an argument away, ` +
		`and the stack has none of this name here (did you mean price_class?)`
	for _, args := range [][]string{{"check"}, {"-o", t.TempDir()}} {
		code, _, stderr := run(append(args, "-c", file)...)
		require.Zero(t, code, stderr)
		require.Contains(t, stderr, "warning: "+want+" ("+file+":4:")
	}
	_, stdout, _ := run("check", "--json", "-c", file)
	require.Equal(t, 1, strings.Count(stdout, `"rule": "V2"`), stdout)
}

// TestOverridesThatAreNotRead are named by all who ask the model.
func TestOverridesThatAreNotRead(t *testing.T) {
	if testing.Short() {
		t.Skip("Node.js takes seconds")
	}
	file := withOverrides(t, unreadable, `"expect": [{"request": "GET /", "origin": "api"}, {"request": "GET /models/a", "origin": "models"}],`)
	taken, err := net.Listen("tcp", "localhost:0")
	require.NoError(t, err)
	defer taken.Close()
	out := filepath.Join(t.TempDir(), "out")
	for _, c := range []struct {
		code int
		args []string
	}{
		{0, []string{"explain", "dev"}},
		{0, []string{"explain", "dev", "GET", "/", "--json"}},
		{1, []string{"serve", "dev", "--api", "localhost:8000", "--listen", taken.Addr().String()}},
		{1, []string{"verify", "dev", "--url", "http://127.0.0.1:1"}},
		{0, []string{"check"}},
		{0, []string{"-o", out}},
	} {
		code, _, stderr := run(append(c.args, "-c", file)...)
		require.Equal(t, c.code, code, "%s: %s", c.args, stderr)
		require.Equal(t, 1, strings.Count(stderr, unread), "%s: %s", c.args, stderr)
	}
	code, stdout, _ := run("check", "--json", "-c", file)
	require.Zero(t, code)
	require.Contains(t, stdout, `"rule": "V4"`)
	_, _, stderr := run("policy", "dev", "-c", file)
	require.Contains(t, stderr, "environments.dev.overrides: the policy has what the types of the resources need")

	stack := filepath.Join(out, "stacks", "ml-api-dev", "cdk.tf.json")
	for _, args := range [][]string{{"diagram", "dev", "-c", file}, {"diagram", "--stack", stack}} {
		code, stdout, stderr := run(args...)
		require.Zero(t, code, stderr)
		require.Contains(t, stdout, "flowchart")
		require.Contains(t, stderr, "an override sets aws_cloudfront_distribution.edge.default_cache_behavior.lambda_function_association, which can't be drawn")
	}
}

// TestOverridesAreCompared by what they do, where that is known, and by what they say.
func TestOverridesAreCompared(t *testing.T) {
	if testing.Short() {
		t.Skip("Node.js takes seconds")
	}
	dirs := map[string]string{}
	for name, overrides := range map[string]string{
		"none": "", "unread": unreadable, "other": strings.Replace(unreadable, ":a:1", ":a:2", 1), "read": readable,
		"aside": `"aws_s3_bucket.models": {"tags": {"a": "b"}}`,
	} {
		dirs[name] = t.TempDir()
		code, _, stderr := run("-c", withOverrides(t, overrides, ""), "-o", dirs[name])
		require.Zero(t, code, stderr)
	}
	for _, c := range []struct {
		from, to string
		want     []string // empty: nothing differs
	}{
		{"none", "unread", []string{
			"- no override of aws_cloudfront_distribution.edge.default_cache_behavior.lambda_function_association",
			`+ override of aws_cloudfront_distribution.edge.default_cache_behavior.lambda_function_association: [{"event_type":"origin-response","lambda_arn":"arn:aws:lambda:us-east-1:111122223333:function:a:1"}]`,
			"+ HTTP versions: http3",
		}},
		{"unread", "other", []string{`function:a:1"}]`, `function:a:2"}]`}},
		{"none", "read", []string{"preload"}},
		{"unread", "unread", nil},
		{"none", "aside", nil},
	} {
		_, stdout, stderr := run("compare", dirs[c.from], dirs[c.to])
		require.Empty(t, stderr)
		for _, part := range c.want {
			require.Contains(t, strings.Join(strings.Fields(stdout), " "), part, "%s, %s", c.from, c.to)
		}
		code, _, _ := run("compare", "--exit-code", dirs[c.from], dirs[c.to])
		require.Equal(t, len(c.want) > 0, code == 1, "%s, %s: %s", c.from, c.to, stdout)
	}
}
