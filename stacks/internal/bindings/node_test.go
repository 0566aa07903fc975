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
	_, warning := run{"pruned", t.TempDir(), shipped, []string{"TMPDIR=" + temporary, "NODE_OPTIONS=" + options}}.do(t)
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
	full := fullRun(t)
	files, _ := run{"pruned", t.TempDir(), everything, []string{
		"SYNTH_HCL_OUTPUT=true",
		`CDKTF_CONTEXT_JSON={"excludeStackIdFromLogicalIds": "", "allowSepCharsInLogicalIds": ""}`,
	}}.do(t)
	if !maps.Equal(files, full) {
		t.Errorf("synthesized %v\nnot %v", files, full)
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
