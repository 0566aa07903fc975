package cli_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestCompare compares what was synthesized before and after a change, by the folder of cdktf or that of the stacks.
func TestCompare(t *testing.T) {
	if testing.Short() {
		t.Skip("Node.js takes seconds")
	}
	before, after := synthesized(t, explained), synthesized(t, edited(t, "environments.prod.api.readTimeoutSeconds", 60))
	file := edited(t, "environments.prod.expect", []any{map[string]any{"request": "PUT /v1/chat", "route": "*"}})
	t.Chdir(t.TempDir()) // where no configuration is
	for _, r := range []struct {
		args []string
		want string
	}{
		{[]string{before, before}, "No request is treated differently.\n"},
		{[]string{before, filepath.Join(before, "stacks"), "--markdown"}, "No request is treated differently.\n"},
		{[]string{before, before, "--json"}, "[]\n"},
		{[]string{before, after}, `prod
  GET, POST, OPTIONS /, /v1/embeddings*, *; GET, OPTIONS /v1/models*
    - waiting: 120 s for an answer, tries to connect 2 times for 5 s
    + waiting: 60 s for an answer, tries to connect 2 times for 5 s
`},
	} {
		code, stdout, stderr := run(append([]string{"compare"}, r.args...)...)
		require.Zero(t, code, stderr)
		require.Equal(t, r.want, stdout)
	}
	// A request that something is expected of is tried, too.
	code, stdout, stderr := run("compare", before, after, "--markdown", "-c", file)
	require.Zero(t, code, stderr)
	require.Contains(t, stdout, "; PUT /v1/chat` | `waiting: 120 s")

	for want, args := range map[int][]string{0: {before, before, "--exit-code"}, 1: {before, after, "--exit-code", "--json"}} {
		code, _, stderr := run(append([]string{"compare"}, args...)...)
		require.Equal(t, want, code)
		require.Empty(t, stderr)
	}

	require.NoError(t, os.RemoveAll(filepath.Join(after, "stacks", "ml-api-dev")))
	code, stdout, stderr = run("compare", before, after)
	require.Zero(t, code, stderr)
	require.True(t, strings.HasPrefix(stdout, "dev\n  every request\n    - served\n    + no such environment\nprod\n"), stdout)
}

// synthesized is the folder that a configuration is synthesized to.
func synthesized(t *testing.T, file string) string {
	t.Helper()
	out := t.TempDir()
	code, _, stderr := run("-c", file, "-o", out)
	require.Zero(t, code, stderr)
	return out
}

func TestCompareRefuses(t *testing.T) {
	dir := t.TempDir()
	for _, r := range []struct {
		args []string
		want string
		code int
	}{
		{[]string{dir}, "compare takes two folders of synthesized stacks: compare cdktf.out.main cdktf.out", 2},
		{[]string{dir, dir}, dir + ": has no stacks; name a folder that synth wrote to", 1},
		{[]string{filepath.Join(dir, "a"), dir}, filepath.Join(dir, "a") + ": not found", 1},
		{[]string{dir, dir, "--json", "--markdown"}, "--json and --markdown exclude each other: give one of them", 2},
	} {
		code, stdout, stderr := run(append([]string{"compare"}, r.args...)...)
		require.Equal(t, r.code, code)
		require.Empty(t, stdout)
		require.Equal(t, r.want+"\n", stderr)
	}
}

// TestDiagram runs the command; what is drawn is tested where it is drawn.
func TestDiagram(t *testing.T) {
	drawn, err := os.ReadFile("../internal/edge/diagram/testdata/full.mmd")
	require.NoError(t, err)
	code, stdout, stderr := run("diagram", "--stack", "../internal/edge/diagram/testdata/full.tf.json")
	require.Zero(t, code)
	require.Empty(t, stderr)
	require.Equal(t, string(drawn), stdout)

	dir := t.TempDir()
	file := filepath.Join(dir, "cdk.tf.json")
	empty := t.TempDir()
	require.NoError(t, os.WriteFile(file, []byte(`{}`), 0o600))
	for want, args := range map[string][]string{
		`environment "stage": not found; there are dev, prod` + "\n":                        {"stage", "-c", example},
		`environment "state": not found; there are dev, prod` + "\n":                        {"state", "-c", example},
		file + ": has no distribution to draw\n":                                            {"--stack", file},
		"diagram takes an environment: diagram prod\n":                                      {},
		"diagram takes an environment or --stack, not both: diagram --stack " + file + "\n": {"dev", "--stack", file},
		dir + ": is a folder; name a file in it: " + file + "\n":                            {"--stack", dir},
		empty + ": is a folder without a cdk.tf.json; name one that synth wrote: ":          {"--stack", empty},
		"missing.json: not found\n":                                                         {"--stack", "missing.json"},
	} {
		code, stdout, stderr := run(append([]string{"diagram"}, args...)...)
		require.NotZero(t, code)
		require.Empty(t, stdout)
		require.Contains(t, "\n"+stderr, "\n"+want)
	}
}

func TestDiagramOfAnEnvironment(t *testing.T) {
	if testing.Short() {
		t.Skip("Node.js takes seconds")
	}
	code, stdout, stderr := run("diagram", "private", "-c", "../testdata/everything.json")
	require.Zero(t, code, stderr)
	require.Contains(t, stdout, "private.example.com")
}
