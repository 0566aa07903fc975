//go:build unix

package cli_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestNodeThatFails is told in a line, and leaves what was written before.
func TestNodeThatFails(t *testing.T) {
	if testing.Short() {
		t.Skip("Node.js takes seconds")
	}
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		require.NoError(t, os.WriteFile(path, []byte(text), 0o700))
		return path
	}
	broken := write("node", "#!/bin/sh\n[ \"$1\" = --version ] && echo v22.1.0 && exit\necho 'Illegal instruction' >&2\nexit 132\n")
	killed := write("killed.js", "setTimeout(() => process.kill(process.pid, 'SIGKILL'), 300)")
	exhausted := write("exhausted.js", "setTimeout(() => { const all = []; for (;;) all.push(new Array(1e6).fill(Math.random())) }, 300)")
	written := write("cdk.tf.json", "before")
	for variable, want := range map[string]string{
		"JSII_NODE=" + broken:                                         broken + ": Node.js ended before it had made all stacks: Illegal instruction",
		"NODE_OPTIONS=--require=" + killed:                            "node: Node.js ended before it had made all stacks: something killed it; it takes about 200 MB of memory",
		"NODE_OPTIONS=--require=" + dir + "/none.js":                  "node: Node.js ended before it had made all stacks: Cannot find module '" + dir + "/none.js'",
		"NODE_OPTIONS=--max-old-space-size=50 --require=" + exhausted: "node: Node.js ended before it had made all stacks: Reached heap limit Allocation failed - JavaScript heap out of memory",
	} {
		out := t.TempDir()
		file := filepath.Join(out, "stacks", "everything-full", "cdk.tf.json")
		require.NoError(t, os.MkdirAll(filepath.Dir(file), 0o700))
		require.NoError(t, os.Link(written, file))
		var stdout, stderr bytes.Buffer
		cmd := exec.CommandContext(t.Context(), os.Args[0], "--fresh", "-c", "../testdata/everything.json", "-o", out)
		cmd.Env = append(os.Environ(), runVariable+"=1", "TMPDIR="+t.TempDir(), variable)
		cmd.Stdout, cmd.Stderr = &stdout, &stderr
		require.Error(t, cmd.Run())
		require.Equal(t, 1, cmd.ProcessState.ExitCode())
		require.Empty(t, stdout.String())
		lines := bytes.Split(bytes.TrimSpace(stderr.Bytes()), []byte("\n"))
		require.Equal(t, want, string(lines[len(lines)-1]))
		for _, line := range lines[:len(lines)-1] {
			require.Regexp(t, "^(warning:|bindings:|Node.js v)", string(line))
		}
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		require.Equal(t, "before", string(text))
	}
}
