package cli_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/config"
)

// TestExpectations holds the stacks to what is expected before they are written, also under the cdktf CLI.
func TestExpectations(t *testing.T) {
	if testing.Short() {
		t.Skip("Node.js takes seconds")
	}
	out := t.TempDir()
	code, _, stderr := run("-c", explained, "-o", out)
	require.Zero(t, code, stderr)
	written := filepath.Join(out, "stacks", "ml-api-prod", "cdk.tf.json")
	require.NoError(t, os.WriteFile(written, []byte("before"), 0o600))

	broken := edited(t, "environments.prod.expect", []any{
		map[string]any{"request": "POST /v1/embeddings", "cached": true},
		map[string]any{"request": "GET /models/llama.gguf", "status": 403},
	})
	want := fmt.Sprintf(`%[1]s: 2 problems in context.accelerator
  environments.prod.expect[0].cached: expected true, is false: POST is none of the cached methods (%[1]s:28:15)
  environments.prod.expect[1].status: expected 403, but CloudFront doesn't answer this itself, it goes to models as https://(bucket ml-api-prod-models-…)/models/llama.gguf, `+
		`cached for 86400 s, or from 1 to 31536000 s as the origin says; say in "origin" who must answer (%[1]s:33:15)
`, broken)
	unreached := fmt.Sprintf("warning: environments.prod.expect: says nothing of /v1/models*, *: expect something of a request to each route (%s:26:11)\n", broken)
	for _, c := range []struct {
		inCDKTF string
		command []string
		want    string
	}{
		{"", []string{"synth", "-o", out}, unreached + want},
		{"", []string{"check"}, unreached + want},
		{"{}", []string{"-o", out}, want},
	} {
		t.Setenv("CDKTF_CONTEXT_JSON", c.inCDKTF)
		code, stdout, stderr := run(append(c.command, "-c", broken)...)
		require.Equal(t, 1, code)
		require.Empty(t, stdout)
		require.Contains(t, stderr, c.want)
		text, err := os.ReadFile(written)
		require.NoError(t, err)
		require.Equal(t, "before", string(text))
	}
	code, stdout, _ := run("check", "--json", "-c", broken)
	require.Equal(t, 1, code)
	require.Contains(t, stdout, `"rule": "E2"`)
}

// TestCheckOfWhatIsNotKept makes the stacks, and keeps them for the next time, which needs no Node.js. Without Node.js it says what it
// couldn't try.
func TestCheckOfWhatIsNotKept(t *testing.T) {
	if testing.Short() {
		t.Skip("Node.js takes seconds")
	}
	dir, path := t.TempDir(), os.Getenv("PATH")
	broken := edited(t, "environments.prod.expect", []any{map[string]any{"request": "POST /v1/embeddings", "cached": true}})
	const unmet = "environments.prod.expect[0].cached: expected true, is false: POST is none of the cached methods"
	notTried := func(why string) string { return "environments.prod.expect: 1 expectation not tried: " + why }
	t.Setenv("JSII_NODE", "node")
	for _, c := range []struct {
		name, cache, path string
		code              int
		stdout, stderr    string
	}{
		{"an empty cache", "a", path, 1, "", unmet},
		{"what the first has kept", "a", "", 1, "", unmet},
		{"no Node.js", "b", "", 0, broken + ": no problems, 7 to think about, some of it not tried\n", notTried("node: not found")},
		{"a Node.js that is too old", "b", nodeSaying(t, "echo v12.1.0"), 0, "some of it not tried\n", notTried("node: Node.js v12.1.0 is too old")},
		{"a Node.js that doesn't run", "b", nodeSaying(t, "exit 1"), 0, "some of it not tried\n", notTried("node --version: exit status 1")},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Setenv("XDG_CACHE_HOME", filepath.Join(dir, c.cache))
			t.Setenv("PATH", c.path)
			code, stdout, stderr := run("check", "-c", broken)
			require.Equal(t, c.code, code, stderr)
			require.Contains(t, stdout, c.stdout)
			require.Contains(t, stderr, c.stderr)

			code, stdout, stderr = run("check", "--json", "-c", broken)
			require.Equal(t, c.code, code, stderr)
			var problems []config.Problem
			require.NoError(t, json.Unmarshal([]byte(stdout), &problems))
			last := problems[len(problems)-1]
			if code == 1 {
				last = problems[0]
			}
			require.Contains(t, last.String(), c.stderr)
			require.Equal(t, "E2", last.Rule)
			require.Positive(t, last.Line)
		})
	}
}

// nodeSaying returns a folder in which node is a script.
func nodeSaying(t *testing.T, script string) string {
	t.Helper()
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "node"), []byte("#!/bin/sh\n"+script+"\n"), 0o700))
	return dir
}

// TestCheckTriesWhatItCan: of two environments one is kept, and the other can't be made.
func TestCheckTriesWhatItCan(t *testing.T) {
	if testing.Short() {
		t.Skip("Node.js takes seconds")
	}
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	expect := func(request string) any { return []any{map[string]any{"request": request, "cached": true}} }
	one := edited(t, "environments.prod.expect", expect("POST /a"))
	code, _, stderr := run("check", "-c", one)
	require.Equal(t, 1, code, stderr)

	both := editedAlso(t, one, "environments.dev.expect", expect("POST /b"))
	t.Setenv("PATH", "")
	code, _, stderr = run("check", "-c", both)
	require.Equal(t, 1, code, stderr)
	require.Contains(t, stderr, "environments.prod.expect[0].cached: expected true")
	require.Contains(t, stderr, "environments.dev.expect: 1 expectation not tried: node: not found")
	require.NotContains(t, stderr, "environments.prod.expect: 1 expectation not tried")
}
