package cli_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/cli"
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
	require.Greater(t, len(files), 4)
	return files
}

func TestHCL(t *testing.T) {
	t.Setenv("SYNTH_HCL_OUTPUT", "true")
	out := t.TempDir()
	code, stdout, stderr := run("-c", example, "-o", out)
	require.Equal(t, 1, code)
	require.Empty(t, stdout)
	left, err := os.ReadDir(out)
	require.NoError(t, err)
	require.Empty(t, left)
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

// TestRemovedEnvironment says that its stack is gone.
func TestRemovedEnvironment(t *testing.T) {
	if testing.Short() {
		t.Skip("Node.js takes seconds")
	}
	t.Chdir(t.TempDir())
	configure := func(environments string) {
		require.NoError(t, os.WriteFile("cdktf.json", []byte(strings.Replace(minimal(""), `"environments": {`, `"environments": {`+environments, 1)), 0o644))
	}
	configure(`"old": {"region": "us-east-1", "api": {"domainName": "a.example.com"}},`)
	code, _, stderr := run()
	require.Zero(t, code, stderr)
	require.FileExists(t, "cdktf.out/stacks/ml-api-old/cdk.tf.json")
	configure("")
	code, stdout, stderr := run()
	require.Zero(t, code)
	require.NotContains(t, stdout, "old")
	require.Equal(t, "removed ml-api-old, which isn't configured any more; if it is deployed, put it back and destroy it first: cdktf destroy ml-api-old\n"+next, stderr)
	require.NoDirExists(t, "cdktf.out/stacks/ml-api-old")
	_, _, stderr = run()
	require.Equal(t, next, stderr)
	configure(`"a": {"region": "us-east-1", "api": {"domainName": "a.backend.dev"}, "domain": {"aliases": ["a.edge.dev"], "dns": "manual"}},`)
	_, _, stderr = run()
	require.Contains(t, stderr, "next: cdktf deploy ml-api-state, then cdktf deploy ml-api-a; while the second waits for its certificate, "+
		"go run . dns a has the records to make\n")
}

// next is what synth says comes next.
const next = "next: cdktf deploy ml-api-state, then cdktf deploy ml-api-dev\n"

// TestSynthJSON has stdout for programs, and says nothing else.
func TestSynthJSON(t *testing.T) {
	if testing.Short() {
		t.Skip("Node.js takes seconds")
	}
	t.Chdir(t.TempDir())
	require.NoError(t, os.WriteFile("cdktf.json", []byte(minimal("")), 0o644))
	run() // makes the stacks, for which it may warn of Node.js
	for _, args := range [][]string{{"--json"}, {"synth", "--json"}} {
		code, stdout, stderr := run(args...)
		require.Zero(t, code, stderr)
		require.Empty(t, stderr)
		require.Regexp(t, `(?s)^\[\s*\{\s*"stack": "ml-api-state",\s*"resources": \d+,\s*"file": "cdktf.out/stacks/ml-api-state/cdk.tf.json"`, stdout)
	}
	t.Setenv("CDKTF_CONTEXT_JSON", "{}")
	_, _, stderr := run()
	require.Empty(t, stderr, "the cdktf CLI would show it as an error")
}

// fullDisk is stdout on one.
type fullDisk struct{}

func (fullDisk) Write([]byte) (int, error) { return 0, syscall.ENOSPC }

func TestFullStdout(t *testing.T) {
	for _, args := range [][]string{{"schema"}, {"check", "-c", example}, {"check", "-c", example, "--json"}, {"policy", "dev", "-c", example, "-o", t.TempDir()}} {
		var stderr bytes.Buffer
		require.Equal(t, 1, cli.Run(args, fullDisk{}, &stderr), args)
		require.Regexp(t, "(?m)^no space left on device$", stderr.String())
	}
}
