package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sebdah/goldie/v2"
	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/cli"
)

const snapshots = "stacks/testdata"

// TestSnapshots compares every stack of the shipped configuration, and of the one in which everything
// is on, with what was reviewed, which another process wrote at another time in another folder.
// After a change that is meant: go test . -update
func TestSnapshots(t *testing.T) {
	golden := goldie.New(t, goldie.WithFixtureDir(snapshots), goldie.WithNameSuffix(".tf.json"), goldie.WithDiffEngine(goldie.ColoredDiff))
	var known []string
	for _, file := range []string{"cdktf.json", filepath.Join(snapshots, "everything.json")} {
		for name, text := range synth(t, file) {
			known = append(known, filepath.Join(snapshots, name+".tf.json"))
			golden.Assert(t, name, text)
		}
	}
	kept, err := filepath.Glob(filepath.Join(snapshots, "*.tf.json"))
	require.NoError(t, err)
	require.ElementsMatch(t, known, kept, "a snapshot whose stack is gone must be deleted")
}

// synth runs the program on a configuration and returns what it wrote, by stack.
func synth(t *testing.T, file string) map[string][]byte {
	t.Helper()
	var stdout, stderr bytes.Buffer
	out := t.TempDir()
	require.Zero(t, cli.Run([]string{"--config", file, "--output", out}, &stdout, &stderr), "%s", &stderr)
	paths, err := filepath.Glob(filepath.Join(out, "stacks", "*", "cdk.tf.json"))
	require.NoError(t, err)
	require.Len(t, paths, strings.Count(stdout.String(), "\n"), "one line for each stack: %s", &stdout)
	written := map[string][]byte{}
	for _, path := range paths {
		written[filepath.Base(filepath.Dir(path))], err = os.ReadFile(path)
		require.NoError(t, err)
	}
	return written
}
