package cli_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

const example = "../testdata/example.json"

// TestPolicy runs the command; what is in the policies is tested where they are made.
func TestPolicy(t *testing.T) {
	temporary := t.TempDir()
	t.Setenv("TMPDIR", temporary)
	code, stdout, stderr := run("policy", "state", "-c", example)
	require.Zero(t, code, stderr)
	var policy struct{ Statement []struct{ Resource []string } }
	require.NoError(t, json.Unmarshal([]byte(stdout), &policy))
	require.NotEmpty(t, policy.Statement)
	left, err := os.ReadDir(temporary)
	require.NoError(t, err)
	require.Empty(t, left)
}

func TestManagedPolicies(t *testing.T) {
	out := filepath.Join(t.TempDir(), "policies")
	code, stdout, stderr := run("policy", "prod", "-c", example, "-o", out)
	require.Zero(t, code, stderr)
	for _, name := range []string{"prod-1.json", "prod-2.json"} {
		text, err := os.ReadFile(filepath.Join(out, name))
		require.NoError(t, err)
		require.True(t, json.Valid(text), name)
		require.Contains(t, stdout, filepath.Join(out, name))
	}
}

// TestPlanPolicy has one role plan for the environment, and another read its state.
func TestPlanPolicy(t *testing.T) {
	code, stdout, stderr := run("policy", "full", "--plan", "-c", "../testdata/everything.json")
	require.Zero(t, code, stderr)
	require.NotContains(t, stderr, "permissionsBoundaryArn")
	for _, has := range []string{`"arn:aws:iam::111122223333:role/plan"`, `"arn:aws:iam::444455556666:role/terraform-state-reader"`} {
		require.Contains(t, stdout, has)
	}
	for _, not := range []string{"role/deploy", `role/terraform-state"`, "Delete", "Create", "Put", "Update"} {
		require.NotContains(t, stdout, not)
	}
}

func TestPolicyWarns(t *testing.T) {
	_, _, stderr := run("policy", "prod", "-c", example)
	require.Contains(t, stderr, "warning: environments.prod.account.permissionsBoundaryArn: is not set: whoever has this policy writes what the roles "+
		"made here may do and who may assume them, and so can take every right in the account\n")
	require.Contains(t, stderr, "warning: it makes KMS keys, but neither deletes them nor changes their policies: before you destroy")
	_, _, stderr = run("policy", "prod", "--plan", "-c", example)
	require.NotContains(t, stderr, "KMS")
	require.NotContains(t, stderr, "permissionsBoundaryArn")
	_, _, stderr = run("policy", "full", "-c", "../testdata/everything.json")
	require.NotContains(t, stderr, "permissionsBoundaryArn")
}

func TestPolicyOfAnUnknownEnvironment(t *testing.T) {
	code, stdout, stderr := run("policy", "stage", "-c", example)
	require.Equal(t, 1, code)
	require.Empty(t, stdout)
	require.Contains(t, stderr, `environment "stage": not found; there are dev, prod, and state for the bucket of the state`+"\n")
}
