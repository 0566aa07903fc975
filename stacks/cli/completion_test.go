package cli_test

import (
	"os"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestCompletion(t *testing.T) {
	t.Chdir(t.TempDir())
	require.NoError(t, os.WriteFile("other.json", []byte(minimal("")), 0o644))
	for want, args := range map[string][]string{
		"dev\nstate\n:4\n": {"policy", "-c", "other.json", ""},
		"dev\n:4\n":        {"diagram", "-c", "other.json", ""},
		"state\n:4\n":      {"policy", ""}, // there is no cdktf.json
		":4\n":             {"policy", "-c", "other.json", "dev", ""},
		"json\n:8\n":       {"policy", "--config", ""},
		":16\n":            {"synth", "--output", ""},
		"policy\n:4\n":     {"pol"},
		"completion\n:4\n": {"compl"},
		"bash\n:4\n":       {"completion", "ba"},
	} {
		code, stdout, _ := run(append([]string{"__completeNoDesc"}, args...)...)
		require.Zero(t, code, args)
		require.Equal(t, want, stdout, args)
	}
	for _, args := range [][]string{{"verify", "-c", "other.json", ""}, {"explain", "-c", "other.json", ""}} {
		_, stdout, _ := run(append([]string{"__completeNoDesc"}, args...)...)
		require.Equal(t, "dev\n:4\n", stdout)
	}
	_, stdout, _ := run("__completeNoDesc", "verify", "--url", "")
	require.Equal(t, ":4\n", stdout)
	_, stdout, _ = run("--help")
	require.Contains(t, stdout, "completion ")
}
