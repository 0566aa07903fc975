package iampolicy_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/internal/live/iampolicy"
)

const stacks = "../../../testdata"

// policies returns the deployers' policies of all reviewed stacks, by the stack's name.
func policies(t *testing.T) map[string]iampolicy.Policy {
	t.Helper()
	return derived(t, iampolicy.New)
}

func derived(t *testing.T, derive func(synthesized []byte) (iampolicy.Policy, error)) map[string]iampolicy.Policy {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(stacks, "*.tf.json"))
	require.NoError(t, err)
	require.NotEmpty(t, files)
	found := map[string]iampolicy.Policy{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		p, err := derive(text)
		require.NoError(t, err, file)
		found[strings.TrimSuffix(filepath.Base(file), ".tf.json")] = p
	}
	return found
}

var (
	sid    = regexp.MustCompile(`^[A-Za-z0-9]+$`)
	action = regexp.MustCompile(`^[a-z0-9-]+:[A-Z][A-Za-z0-9]+$`)
	arn    = regexp.MustCompile(`^(\*|arn:aws:[a-z0-9]+:[a-z0-9*-]*:(\d{12}|\*)?:[^{}$ ]+)$`)
)

func TestPoliciesAreWellFormed(t *testing.T) {
	requireWellFormed(t, policies(t))
	requireWellFormed(t, planPolicies(t))
	requireWellFormed(t, map[string]iampolicy.Policy{"keys": iampolicy.NewForKeys(""), "keys of an account": iampolicy.NewForKeys("111122223333"),
		"logs":               iampolicy.NewForLogs(iampolicy.LogQueries{Region: "eu-west-1", Stack: "example-dev"}),
		"logs of an account": iampolicy.NewForLogs(iampolicy.LogQueries{Account: "111122223333", Region: "eu-west-1", Stack: "example-dev", Prefix: "cf-logs/"})})
}

func requireWellFormed(t *testing.T, policies map[string]iampolicy.Policy) {
	t.Helper()
	for name, p := range policies {
		require.Equal(t, "2012-10-17", p.Version)
		sids := map[string]bool{}
		for _, s := range p.Statement {
			require.Regexp(t, sid, s.Sid, name)
			require.False(t, sids[s.Sid], "%s: %s twice", name, s.Sid)
			sids[s.Sid] = true
			require.NotEmpty(t, s.Action, "%s: %s", name, s.Sid)
			require.NotEmpty(t, s.Resource, "%s: %s", name, s.Sid)
			for _, list := range [][]string{s.Action, s.Resource} {
				require.True(t, slices.IsSorted(list), "%s: %s", name, s.Sid)
				require.Len(t, slices.Compact(slices.Clone(list)), len(list), "%s: %s", name, s.Sid)
			}
			for _, a := range s.Action {
				require.Regexp(t, action, a, "%s: %s", name, s.Sid)
			}
			for _, r := range s.Resource {
				require.Regexp(t, arn, r, "%s: %s", name, s.Sid)
			}
			for operator, keys := range s.Condition {
				for key, values := range keys {
					require.NotEmpty(t, values, "%s: %s: %s %s", name, s.Sid, operator, key)
					require.NotContains(t, values, "", "%s: %s: %s %s", name, s.Sid, operator, key)
				}
			}
		}
	}
}

func TestPolicyOfDev(t *testing.T) {
	p := policies(t)["example-dev"]
	require.Equal(t, []string{"arn:aws:s3:::example-dev-logs-*", "arn:aws:s3:::example-dev-models-*"}, statement(t, p, "Buckets").Resource)
	state := "arn:aws:s3:::example-terraform-state/example/dev.tfstate"
	require.Equal(t, iampolicy.Statement{Sid: "State", Effect: "Allow",
		Action: []string{"s3:GetObject", "s3:PutObject"}, Resource: []string{state, state + ".tflock"}}, statement(t, p, "State"))
	require.Equal(t, iampolicy.Statement{Sid: "StateLock", Effect: "Allow",
		Action: []string{"s3:DeleteObject"}, Resource: []string{state + ".tflock"}}, statement(t, p, "StateLock"))
}

func TestPolicyOfProd(t *testing.T) {
	p := policies(t)["example-prod"]
	roles := []string{"arn:aws:iam::*:role/example-prod-invalidation", "arn:aws:iam::*:role/example-prod-invalidation-start", "arn:aws:iam::*:role/example-prod-replication"}
	require.Equal(t, roles, statement(t, p, "Roles").Resource)
	require.Equal(t, iampolicy.Statement{Sid: "PassRoles", Effect: "Allow", Action: []string{"iam:PassRole"}, Resource: roles,
		Condition: map[string]map[string][]string{"StringEquals": {
			"iam:PassedToService": {"events.amazonaws.com", "s3.amazonaws.com", "states.amazonaws.com"}}}}, statement(t, p, "PassRoles"))
	require.Equal(t, []string{"arn:aws:route53:::hostedzone/Z0123456789ABC"}, statement(t, p, "Records").Resource)
	require.Equal(t, []string{"arn:aws:secretsmanager:us-east-1:*:secret:ml-api/prod/origin-verify-??????"}, statement(t, p, "Secrets").Resource)
}

// TestPolicyOfCredentials lets Terraform read the secrets of backends, of second ones too, and nothing in key value stores.
func TestPolicyOfCredentials(t *testing.T) {
	p := policies(t)["everything-providers"]
	require.Equal(t, []string{
		"arn:aws:secretsmanager:eu-west-1:111122223333:secret:everything/anthropic-??????",
		"arn:aws:secretsmanager:eu-west-1:111122223333:secret:everything/anthropic-second-??????",
		"arn:aws:secretsmanager:eu-west-1:111122223333:secret:everything/second-provider-??????",
	}, statement(t, p, "Secrets").Resource)
	require.NotContains(t, p.String(), "cloudfront-keyvaluestore:")
}

func TestPolicyOfAnAccount(t *testing.T) {
	p := policies(t)["everything-full"]
	require.Equal(t, []string{"arn:aws:sqs:eu-west-1:111122223333:everything-full-failed-invalidations"}, statement(t, p, "Queues").Resource)
	require.Contains(t, statement(t, p, "Topics").Resource, "arn:aws:sns:us-east-1:111122223333:everything-full-alerts")
	require.Equal(t, []string{"arn:aws:iam::111122223333:role/deploy"}, statement(t, p, "AssumeDeployRole").Resource)
	require.Equal(t, []string{"arn:aws:iam::444455556666:role/terraform-state"}, statement(t, p, "AssumeStateRole").Resource)
	require.Equal(t, []string{"kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey"}, statement(t, p, "StateKey").Action)
	require.Contains(t, statement(t, p, "EmptyBuckets").Resource, "arn:aws:s3:::everything-models/*")
	require.Equal(t, []string{"arn:aws:cloudfront::111122223333:function/everything-full-api", "arn:aws:cloudfront::111122223333:function/everything-full-api-failover"},
		statement(t, p, "Functions").Resource)
	require.Equal(t, []string{"arn:aws:cloudfront::111122223333:key-value-store/*"}, statement(t, p, "KeyValueStores").Resource)
	private := policies(t)["everything-private"]
	require.Equal(t, []string{"arn:aws:wafv2:us-east-1:111122223333:global/webacl/company/1234abcd-12ab-34cd-56ef-1234567890ab"}, statement(t, private, "Firewall").Resource)
	require.Equal(t, []string{"wafv2:GetWebACL"}, statement(t, private, "Firewall").Action)
}

func TestPoliciesFit(t *testing.T) {
	for name, p := range policies(t) {
		if strings.HasPrefix(name, "example-") {
			require.LessOrEqual(t, p.Length(), iampolicy.InlineLimit, name)
		}
		var dealt []iampolicy.Statement
		parts := p.Split(iampolicy.ManagedLimit)
		require.LessOrEqual(t, len(parts), 10, "%s: a role takes 10 managed policies", name)
		for _, part := range parts {
			require.LessOrEqual(t, part.Length(), iampolicy.ManagedLimit, name)
			require.Equal(t, p.Version, part.Version)
			dealt = append(dealt, part.Statement...)
		}
		require.Equal(t, p.Statement, dealt, name)
	}
}

func TestUnknownType(t *testing.T) {
	_, err := iampolicy.New([]byte(`{"provider": {"aws": [{"default_tags": [{"tags": {"ml-api-accelerator:stack": "a"}}]}]}, "resource": {"aws_instance": {"a": {}}}}`))
	require.EqualError(t, err, "aws_instance: not in the policy table: add the actions with which Terraform creates, reads, updates "+
		"and deletes it to stacks/internal/live/iampolicy/table.go")
}

func TestStackWithoutItsTag(t *testing.T) {
	_, err := iampolicy.New([]byte(`{"provider": {"aws": [{"region": "us-east-1"}]}}`))
	require.EqualError(t, err, "no provider has the tag ml-api-accelerator:stack in default_tags, so no policy can tell the stack's resources apart")
}

func TestPolicyIsJSON(t *testing.T) {
	p := policies(t)["example-prod"]
	var read iampolicy.Policy
	require.NoError(t, json.Unmarshal([]byte(p.String()), &read))
	require.Equal(t, p, read)
	require.Equal(t, p.String(), policies(t)["example-prod"].String())
}

func statement(t *testing.T, p iampolicy.Policy, sid string) iampolicy.Statement {
	t.Helper()
	for _, s := range p.Statement {
		if s.Sid == sid {
			return s
		}
	}
	t.Fatal("no statement ", sid)
	return iampolicy.Statement{}
}
