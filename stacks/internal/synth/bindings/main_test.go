package bindings

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/aws/jsii-runtime-go"

	"ml-api-accelerator/stacks"
	"ml-api-accelerator/stacks/config"
)

// A process can load one assembly only, so the tests synthesize in
// processes of their own: in this test binary, with these variables set.
const (
	modeVariable   = "BINDINGS_TEST_MODE"
	outdirVariable = "BINDINGS_TEST_OUTDIR"
	configVariable = "BINDINGS_TEST_CONFIG"
)

func TestMain(m *testing.M) {
	mode := os.Getenv(modeVariable)
	if mode == "" {
		code := m.Run()
		jsii.Close() // importing the bindings alone makes a folder that must go
		os.Exit(code)
	}
	synth(mode)
}

// synth is what the processes do.
func synth(mode string) {
	submodules := map[string][]string{"pruned": importedSubmodules, "incomplete": {"provider"}}[mode]
	if submodules == nil { // the whole assembly
		defer jsii.Close()
	} else {
		kernel, err := load(os.Stdout, submodules)
		if err != nil {
			panic(err)
		}
		defer kernel.Unload()
	}
	if mode == "incomplete" {
		defer func() { fmt.Println(recover()) }()
	}
	c, _, err := config.Load(os.Getenv(configVariable))
	if err != nil {
		panic(err)
	}
	stacks.New(c, nil, os.Getenv(outdirVariable)).Synth()
}

// The configurations that are synthesized.
const (
	everything = "../../../testdata/everything.json"
	example    = "../../../testdata/example.json"
)

// run is a synthesis in a process of its own.
type run struct {
	mode   string
	cache  string // the user's cache folder
	config string
	env    []string // more variables
}

func (s run) command(outdir string) *exec.Cmd {
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), modeVariable+"="+s.mode, outdirVariable+"="+outdir, configVariable+"="+s.config,
		"XDG_CACHE_HOME="+s.cache)
	cmd.Env = append(cmd.Env, s.env...)
	return cmd
}

// do returns the files that were synthesized and what Load wrote to warn.
func (s run) do(t testing.TB) (files map[string]string, warning string) {
	t.Helper()
	needProcess(t)
	outdir := t.TempDir()
	cmd := s.command(outdir)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil {
		t.Fatalf("%s: %v\n%s%s", s.mode, err, &stdout, &stderr)
	}
	return readFiles(t, outdir), stdout.String()
}

// needProcess skips a test where runs in processes of their own can't be.
func needProcess(t testing.TB) {
	t.Helper()
	if testing.Short() {
		t.Skip("a process of its own takes seconds")
	}
	if runtime.GOOS != "linux" {
		t.Skip("XDG_CACHE_HOME moves the user's cache on Linux only")
	}
}

// readFiles returns the contents of all files below a folder by their paths.
func readFiles(t testing.TB, dir string) map[string]string {
	t.Helper()
	files := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := os.ReadFile(path)
		files[strings.TrimPrefix(path, dir)] = string(content)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func readFile(t testing.TB, path string) []byte {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func writeFile(t testing.TB, path string, data []byte) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
}
