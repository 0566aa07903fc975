package cli_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

const shipped = "../../cdktf.json"

// TestPolicy runs the command; what is in the policies is tested where they are made.
func TestPolicy(t *testing.T) {
	temporary := t.TempDir()
	t.Setenv("TMPDIR", temporary)
	code, stdout, stderr := run("policy", "state", "-c", shipped)
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
	code, stdout, stderr := run("policy", "prod", "-c", shipped, "-o", out)
	require.Zero(t, code, stderr)
	for _, name := range []string{"prod-1.json", "prod-2.json"} {
		text, err := os.ReadFile(filepath.Join(out, name))
		require.NoError(t, err)
		require.True(t, json.Valid(text), name)
		require.Contains(t, stdout, filepath.Join(out, name))
	}
}

func TestPolicyOfAnUnknownEnvironment(t *testing.T) {
	code, stdout, stderr := run("policy", "stage", "-c", shipped)
	require.Equal(t, 1, code)
	require.Empty(t, stdout)
	require.Contains(t, stderr, `environment "stage": not found; there are dev, prod, and state for the bucket of the state`+"\n")
}
