package main

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/cli"
	"ml-api-accelerator/stacks/golden"
)

var update = flag.Bool("update", false, "write the snapshots anew, and remove those of stacks that are gone")

const (
	snapshots     = "stacks/testdata"
	updateCommand = "go test . -update"
)

// TestSnapshots compares every stack of the user's configuration, and of those that tests read, with what was
// reviewed, which another process wrote at another time in another folder.
func TestSnapshots(t *testing.T) {
	known := map[string]bool{}
	for _, file := range []string{"cdktf.json", filepath.Join(snapshots, "example.json"), filepath.Join(snapshots, "everything.json")} {
		for name, text := range synth(t, file) {
			for suffix, content := range map[string][]byte{".tf.json": text, ".strings.json": stringsOf(t, text)} {
				if content == nil {
					continue
				}
				path := filepath.Join(snapshots, name+suffix)
				known[path] = true
				golden.Equal(t, path, content, *update, updateCommand)
			}
		}
	}
	for _, suffix := range []string{".tf.json", ".strings.json"} {
		kept, err := filepath.Glob(filepath.Join(snapshots, "*"+suffix))
		require.NoError(t, err)
		for _, path := range kept {
			if known[path] {
				continue
			}
			if *update {
				require.NoError(t, os.Remove(path))
			} else {
				t.Errorf("%s is of a stack that is gone: %s", path, updateCommand)
			}
		}
	}
}

// synth runs the program on a configuration and returns what it wrote, by stack.
func synth(t *testing.T, file string) map[string][]byte {
	t.Helper()
	var stdout, stderr bytes.Buffer
	out := t.TempDir()
	require.Zero(t, cli.Run([]string{"--fresh", "--config", file, "--output", out}, &stdout, &stderr), "%s", &stderr)
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

// stringsOf returns the texts of a stack that are JSON themselves, such as a dashboard, or code of many lines, so that a
// reviewer can read what changed in them; nil where there are none.
func stringsOf(t *testing.T, stack []byte) []byte {
	t.Helper()
	var whole any
	require.NoError(t, json.Unmarshal(stack, &whole))
	found := map[string]any{}
	var look func(at string, v any)
	look = func(at string, v any) {
		switch v := v.(type) {
		case map[string]any:
			for name, member := range v {
				look(strings.TrimPrefix(at+"."+name, "."), member)
			}
		case []any:
			for i, item := range v {
				look(at+"."+strconv.Itoa(i), item)
			}
		case string:
			var object map[string]any
			if json.Unmarshal([]byte(v), &object) == nil {
				found[at] = object
			} else if strings.HasSuffix(at, ".code") {
				found[at] = strings.Split(v, "\n")
			}
		}
	}
	look("", whole)
	if len(found) == 0 {
		return nil
	}
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	require.NoError(t, encoder.Encode(found))
	return text.Bytes()
}
