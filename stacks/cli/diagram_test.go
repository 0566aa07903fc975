package cli_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestDiagram runs the command; what is drawn is tested where it is drawn.
func TestDiagram(t *testing.T) {
	drawn, err := os.ReadFile("../internal/edge/diagram/testdata/full.mmd")
	require.NoError(t, err)
	code, stdout, stderr := run("diagram", "--stack", "../internal/edge/diagram/testdata/full.tf.json")
	require.Zero(t, code)
	require.Empty(t, stderr)
	require.Equal(t, string(drawn), stdout)

	file := filepath.Join(t.TempDir(), "cdk.tf.json")
	require.NoError(t, os.WriteFile(file, []byte(`{}`), 0o600))
	for want, args := range map[string][]string{
		`environment "stage": not found; there are dev, prod` + "\n":    {"stage", "-c", example},
		`environment "state": not found; there are dev, prod` + "\n":    {"state", "-c", example},
		file + ": has no distribution to draw\n":                        {"--stack", file},
		"accepts 1 arg(s), received 0\n":                                {},
		`unknown command "dev" for "ml-api-accelerator diagram"` + "\n": {"dev", "--stack", file},
		"missing.json: not found\n":                                     {"--stack", "missing.json"},
	} {
		code, stdout, stderr := run(append([]string{"diagram"}, args...)...)
		require.Equal(t, 1, code)
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
