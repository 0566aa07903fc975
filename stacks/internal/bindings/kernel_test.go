package bindings

import (
	"bytes"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestKernelIsOneProcess(t *testing.T) {
	log := filepath.Join(t.TempDir(), "log")
	everyStart := preload(t, fmt.Sprintf(`require("fs").appendFileSync(%q, "start\n");`, log))
	if _, warning := (run{"pruned", t.TempDir(), shipped, []string{everyStart}}).do(t); warning != "" {
		t.Error(warning)
	}
	if starts := string(readFile(t, log)); starts != "start\n" {
		t.Errorf("Node.js started %d times", strings.Count(starts, "\n"))
	}
}

// TestKernelAnywhere has a shell that can do nothing, a path that wants quoting and is below ES modules, and
// libraries that print: with JSII_DEBUG_TIMING the kernel itself does.
func TestKernelAnywhere(t *testing.T) {
	full := fullRun(t)
	home := t.TempDir()
	writeFile(t, filepath.Join(home, "package.json"), []byte(`{"type": "module"}`))
	cache := filepath.Join(home, `it's "mine" $HOME`)
	files, warning := run{"pruned", cache, everything, []string{"SHELL=/bin/false", "JSII_DEBUG_TIMING=1"}}.do(t)
	if warning != "" {
		t.Error(warning)
	}
	if !maps.Equal(files, full) {
		t.Errorf("synthesized %v\nnot %v", files, full)
	}
}

func TestKernelWarnsOfAnOldNode(t *testing.T) {
	needProcess(t)
	old := preload(t, `Object.defineProperty(process, "version", { value: "v16.20.0" });`)
	var stderr bytes.Buffer
	cmd := run{"pruned", t.TempDir(), shipped, []string{old}}.command(t.TempDir())
	cmd.Stderr = &stderr
	if err := cmd.Run(); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(stderr.String(), "Node 16 has reached end-of-life") {
		t.Errorf("wrote %q", &stderr)
	}
}

func TestFallsBackWhenTheKernelDoesNotStart(t *testing.T) {
	full := fullRun(t)
	refuse := preload(t, `if (process.argv[1].endsWith("kernel.js")) process.exit(1);`)
	files, warning := run{"pruned", t.TempDir(), everything, []string{refuse}}.do(t)
	if !maps.Equal(files, full) {
		t.Errorf("synthesized %v\nnot %v", files, full)
	}
	if strings.Count(warning, "\n") != 1 || !strings.Contains(warning, "start the kernel") {
		t.Errorf("warned %q, not in one line about the kernel", warning)
	}
}

func TestRuntimeOfTheUserIsLeftAlone(t *testing.T) {
	t.Setenv("JSII_RUNTIME", "mine")
	cache := t.TempDir()
	if err := startKernel(cache); err != nil || os.Getenv("JSII_RUNTIME") != "mine" || len(readFiles(t, cache)) > 0 {
		t.Errorf("%v, %s, %v", err, os.Getenv("JSII_RUNTIME"), readFiles(t, cache))
	}
}

func TestDamagedProgramIsMadeAgain(t *testing.T) {
	cache := t.TempDir()
	path, err := kernelProgram(cache)
	if err != nil {
		t.Fatal(err)
	}
	good := readFiles(t, cache)
	writeFile(t, path, nil)
	if again, err := kernelProgram(cache); err != nil || again != path || !maps.Equal(readFiles(t, cache), good) {
		t.Errorf("%v, %s", err, again)
	}
}

func TestSetenvSetsBack(t *testing.T) {
	const set, unset = "BINDINGS_TEST_SET", "BINDINGS_TEST_UNSET"
	t.Setenv(set, "before")
	setenv(set, "other")()
	setenv(unset, "other")()
	if value := os.Getenv(set); value != "before" {
		t.Errorf("set to %q", value)
	}
	if value, set := os.LookupEnv(unset); set {
		t.Errorf("set to %q", value)
	}
}

// preload returns the variable that has every Node.js run a script first.
func preload(t *testing.T, script string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "preload.js")
	writeFile(t, path, []byte(script))
	return "NODE_OPTIONS=--require=" + path
}
