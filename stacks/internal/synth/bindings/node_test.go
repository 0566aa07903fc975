package bindings

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestNodeOptionsOfTheUserWin has a temporary folder whose path wants quoting, and a script of the user that every process runs.
func TestNodeOptionsOfTheUserWin(t *testing.T) {
	temporary := filepath.Join(t.TempDir(), `it's "mine" $HOME`)
	log := filepath.Join(t.TempDir(), "log")
	script := filepath.Join(t.TempDir(), "user.js")
	writeFile(t, script, fmt.Appendf(nil, `require("fs").appendFileSync(%q, process.env.NODE_OPTIONS + "\n")`, log))
	if err := os.MkdirAll(temporary, 0o700); err != nil {
		t.Fatal(err)
	}
	options := "--max-semi-space-size=8 --require=" + script
	_, warning := run{"pruned", t.TempDir(), example, []string{"TMPDIR=" + temporary, "NODE_OPTIONS=" + options}}.do(t)
	if warning != "" {
		t.Error(warning)
	}
	for line := range strings.Lines(string(readFile(t, log))) {
		if !strings.HasSuffix(line, " "+options+"\n") {
			t.Errorf("Node.js ran with %s, which doesn't end with the user's options", line)
		}
	}
}

// TestEnvironmentDecidesNothing sets what the cdktf CLI sets.
func TestEnvironmentDecidesNothing(t *testing.T) {
	userCache := t.TempDir()
	plain, _ := run{"pruned", userCache, everything, nil}.do(t)
	files, _ := run{"pruned", userCache, everything, []string{
		"SYNTH_HCL_OUTPUT=true",
		`CDKTF_CONTEXT_JSON={"excludeStackIdFromLogicalIds": "", "allowSepCharsInLogicalIds": ""}`,
	}}.do(t)
	if len(plain) == 0 || !maps.Equal(files, plain) {
		t.Errorf("synthesized %v\nnot %v", files, plain)
	}
}

func TestSetenvSetsBack(t *testing.T) {
	const set, unset = "BINDINGS_TEST_SET", "BINDINGS_TEST_UNSET"
	t.Setenv(set, "before")
	restore := setenv(map[string]string{set: "other", unset: "other"})
	if os.Getenv(set) != "other" || os.Getenv(unset) != "other" {
		t.Errorf("set to %q and %q", os.Getenv(set), os.Getenv(unset))
	}
	restore()
	if value := os.Getenv(set); value != "before" {
		t.Errorf("set to %q", value)
	}
	if value, set := os.LookupEnv(unset); set {
		t.Errorf("set to %q", value)
	}
}

func TestCheckNode(t *testing.T) {
	for output, want := range map[string]string{
		"echo v22.1.0":     "",
		"echo v24.18.3":    "",
		"echo v20.20.2":    "Node.js v20.20.2 isn't tested with this program, 22 and 24 are",
		"echo v25.0.0":     "Node.js v25.0.0 isn't tested with this program, 22 and 24 are",
		"echo v16.20.0":    "NODE: Node.js v16.20.0 is too old; install 22 or 24",
		"echo Hello":       `NODE --version: is no version of Node.js: "Hello"`,
		"exit 3":           "NODE --version: exit status 3; this Node.js doesn't work: install 22 or 24",
		"exit 0; echo v22": `NODE --version: is no version of Node.js: ""`,
	} {
		node := filepath.Join(t.TempDir(), "node")
		if err := os.WriteFile(node, []byte("#!/bin/sh\n"+output+"\n"), 0o700); err != nil {
			t.Fatal(err)
		}
		t.Setenv("JSII_NODE", node)
		said, err := CheckNode(t.Context())
		if err != nil {
			said = strings.ReplaceAll(err.Error(), node, "NODE")
		}
		if said != want {
			t.Errorf("%s: said %q, want %q", output, said, want)
		}
	}
	t.Setenv("JSII_NODE", filepath.Join(t.TempDir(), "missing"))
	if _, err := CheckNode(t.Context()); err == nil || !strings.HasSuffix(err.Error(), ": not found; install Node.js 22 or 24: cdktf's constructs run in it") {
		t.Errorf("missing: %v", err)
	}
}
