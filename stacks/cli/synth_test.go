package cli_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestKeptStacks are written without Node.js, and are the same files.
func TestKeptStacks(t *testing.T) {
	if testing.Short() {
		t.Skip("Node.js takes seconds")
	}
	const file = "../testdata/everything.json"
	fresh, kept := t.TempDir(), t.TempDir()
	code, freshLines, stderr := run("--fresh", "-c", file, "-o", fresh)
	require.Zero(t, code, stderr)

	t.Setenv("PATH", "")
	code, keptLines, stderr := run("-c", file, "-o", kept)
	require.Zero(t, code, stderr)
	require.Equal(t, strings.ReplaceAll(freshLines, fresh, kept), keptLines)
	require.Equal(t, tree(t, fresh), tree(t, kept))
	code, _, stderr = run("policy", "full", "-c", file)
	require.Zero(t, code, stderr)
	code, _, _ = run("--fresh", "-c", file, "-o", kept)
	require.Equal(t, 1, code, "--fresh needs Node.js")
	require.Equal(t, tree(t, fresh), tree(t, kept), "a run that fails leaves what was written")
}

func tree(t *testing.T, dir string) map[string]string {
	t.Helper()
	files := map[string]string{}
	require.NoError(t, filepath.WalkDir(dir, func(path string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		below, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		text, err := os.ReadFile(path)
		files[below] = string(text)
		return err
	}))
	require.Len(t, files, 5)
	return files
}

func TestHCL(t *testing.T) {
	t.Setenv("SYNTH_HCL_OUTPUT", "true")
	code, stdout, stderr := run("-c", example, "-o", t.TempDir())
	require.Equal(t, 1, code)
	require.Empty(t, stdout)
	require.Equal(t, "cdktf synth --hcl: not supported; the JSON that cdktf synth writes is plain Terraform\n", stderr)
}

// TestWithoutTerraform has nothing on the PATH.
func TestWithoutTerraform(t *testing.T) {
	if testing.Short() {
		t.Skip("Node.js takes seconds")
	}
	node, err := exec.LookPath("node")
	require.NoError(t, err)
	t.Setenv("JSII_NODE", node)
	t.Setenv("PATH", "")
	code, _, stderr := run("--fresh", "-c", "../testdata/everything.json", "-o", t.TempDir())
	require.Zero(t, code, stderr)
}
