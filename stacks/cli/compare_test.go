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
  request                                                             before                                                          after
  GET, POST, OPTIONS /, /v1/embeddings*, *; GET, OPTIONS /v1/models*  waiting: 120 s for an answer, tries to connect 2 times for 5 s  waiting: 60 s for an answer, tries to connect 2 times for 5 s
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

	require.NoError(t, os.RemoveAll(filepath.Join(after, "stacks", "ml-api-dev")))
	code, stdout, stderr = run("compare", before, after)
	require.Zero(t, code, stderr)
	require.True(t, strings.HasPrefix(stdout, "dev\n  request        before  after\n  every request  served  no such environment\nprod\n"), stdout)
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
	}{
		{[]string{dir}, "accepts 2 arg(s), received 1"},
		{[]string{dir, dir}, dir + ": has no stacks; name a folder that synth wrote to"},
		{[]string{filepath.Join(dir, "a"), dir}, filepath.Join(dir, "a") + ": not found"},
		{[]string{dir, dir, "--json", "--markdown"}, "if any flags in the group [json markdown] are set none of the others can be; [json markdown] were all set"},
	} {
		code, stdout, stderr := run(append([]string{"compare"}, r.args...)...)
		require.Equal(t, 1, code)
		require.Empty(t, stdout)
		require.Equal(t, r.want+"\n", stderr)
	}
}
