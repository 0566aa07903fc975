package cli_test

import (
	"os"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestFlagsWithOneDash are those with two, or refused in a line; none makes a folder of an odd name.
func TestFlagsWithOneDash(t *testing.T) {
	t.Chdir(t.TempDir())
	require.NoError(t, os.WriteFile("other.json", []byte(minimal("")), 0o644))
	right := [][]string{
		{"check", "-config", "other.json"},
		{"-config", "other.json", "check"},
		{"-config=other.json", "check", "-json"},
		{"check", "-c=other.json", "-json=false"},
		{"check", "-c", "other.json"},
		{"check", "-help"},
	}
	made := []string{"other.json"}
	if !testing.Short() { // these need Node.js
		right = append(right, []string{"policy", "state", "-config", "other.json", "-output", "-json"},
			[]string{"-output=out", "-fresh", "-config=other.json"})
		made = []string{"-json", "other.json", "out"}
	}
	for _, args := range right {
		code, _, stderr := run(args...)
		require.Zero(t, code, "%s: %s", args, stderr)
	}
	for want, args := range map[string][]string{
		"unknown flag: -outptu=x; a value stands apart, -o VALUE, and a long flag has two dashes, --output\n": {"-outptu=x"},
		"unknown flag: -oout; a value stands apart, -o VALUE, and a long flag has two dashes, --output\n":     {"policy", "dev", "-oout"},
		"unknown flag: -jsn\n":      {"check", "-jsn"},
		"unknown flag: -hc\n":       {"-hc"},
		"unknown flag: --json\n":    {"schema", "-json"},
		"unknown flag: --configs\n": {"--configs"},
	} {
		code, stdout, stderr := run(args...)
		require.Equal(t, 1, code)
		require.Empty(t, stdout)
		require.Equal(t, want, stderr)
	}
	code, _, stderr := run("check", "-c", "other.json", "--", "-outptu=x")
	require.Equal(t, 1, code)
	require.Contains(t, stderr, `unknown command "-outptu=x"`)
	entries, err := os.ReadDir(".")
	require.NoError(t, err)
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	require.Equal(t, made, names)
}

func TestCompletionSeesWhatIsTyped(t *testing.T) {
	code, stdout, _ := run("__complete", "synth", "-out")
	require.Zero(t, code)
	require.NotContains(t, stdout, "unknown")
}
