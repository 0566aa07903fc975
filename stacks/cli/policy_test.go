package cli_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/cli"
)

const shipped = "../../cdktf.json"

// TestPolicy runs the command; what is in the policies is tested where they are made.
func TestPolicy(t *testing.T) {
	temporary := t.TempDir()
	t.Setenv("TMPDIR", temporary)
	for _, environment := range []string{"dev", "state"} {
		var stdout, stderr bytes.Buffer
		require.Zero(t, cli.Run([]string{"policy", environment, "-c", shipped}, &stdout, &stderr), "%s", &stderr)
		var policy struct{ Statement []struct{ Resource []string } }
		require.NoError(t, json.Unmarshal(stdout.Bytes(), &policy))
		require.NotEmpty(t, policy.Statement)
	}
	left, err := filepath.Glob(filepath.Join(temporary, "policy-*"))
	require.NoError(t, err)
	require.Empty(t, left)
}

func TestManagedPolicies(t *testing.T) {
	var stdout, stderr bytes.Buffer
	out := filepath.Join(t.TempDir(), "policies")
	require.Zero(t, cli.Run([]string{"policy", "prod", "-c", shipped, "-o", out}, &stdout, &stderr), "%s", &stderr)
	for _, name := range []string{"prod-1.json", "prod-2.json"} {
		text, err := os.ReadFile(filepath.Join(out, name))
		require.NoError(t, err)
		require.True(t, json.Valid(text), name)
		require.Contains(t, stdout.String(), filepath.Join(out, name))
	}
}

func TestPolicyOfAnUnknownEnvironment(t *testing.T) {
	var stdout, stderr bytes.Buffer
	require.Equal(t, 1, cli.Run([]string{"policy", "stage", "-c", shipped}, &stdout, &stderr))
	require.Empty(t, stdout.String())
	require.Contains(t, stderr.String(), `environment "stage": not found; there are dev, prod, and state for the bucket of the state`+"\n")
}
