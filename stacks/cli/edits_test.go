package cli_test

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/internal/shared/longtest"
)

// TestLongTestsSurviveEdits edits cdktf.json in a copy of the repository as its users do, and runs the fast tests
// there: after an edit, go test . -update is all there is to do.
func TestLongTestsSurviveEdits(t *testing.T) {
	longtest.Only(t, "tests a copy of the program")
	repository := t.TempDir()
	copyRepository(t, "../..", repository)
	file := filepath.Join(repository, "cdktf.json")
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	var whole object
	require.NoError(t, json.Unmarshal(text, &whole))
	accelerator := whole["context"].(object)["accelerator"].(object)
	accelerator["name"] = "acme"
	accelerator["state"] = object{"bucket": "acme-state", "region": "eu-west-1"}
	environments := accelerator["environments"].(object)
	test := environments["dev"].(object)
	delete(test, "distribution")
	delete(test["api"].(object), "cache")
	accelerator["environments"] = object{
		"test":  test,
		"stage": object{"region": "eu-west-1", "api": object{"domainName": "stage.acme.example"}},
	}
	text, err = json.Marshal(whole)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(file, text, 0o600))

	require.Error(t, goTest(t, repository, "-short", ".").Run(), "the snapshots are of another configuration")
	for _, arguments := range [][]string{{".", "-update"}, {"-short", "./..."}} {
		output, err := goTest(t, repository, arguments...).CombinedOutput()
		require.NoError(t, err, "go test %s: %s", strings.Join(arguments, " "), output)
	}
	snapshots, err := filepath.Glob(filepath.Join(repository, "stacks/testdata/ml-api-*"))
	require.NoError(t, err)
	require.Empty(t, snapshots, "those of what is gone go as well")
}

type object = map[string]any

// goTest runs tests in a copy of the repository. They are built here, where all of it but the tests is built already.
func goTest(t *testing.T, repository string, arguments ...string) *exec.Cmd {
	t.Helper()
	here, err := filepath.Abs("../..")
	require.NoError(t, err)
	there := filepath.Join(t.TempDir(), "there")
	script := fmt.Sprintf("cd %q\"${PWD#%q}\" && exec \"$@\"\n", repository, here)
	require.NoError(t, os.WriteFile(there, []byte(script), 0o600))
	cmd := exec.Command("go", "test", "-vet=off", "-count=1", "-exec", fmt.Sprintf("sh %q", there))
	cmd.Args = append(cmd.Args, arguments...)
	cmd.Dir = here
	cmd.Env = append(os.Environ(), "CI=") // what is installed beside the repository isn't there
	return cmd
}

// copyRepository copies all files but those of Git, and what synthesis and Terraform leave.
func copyRepository(t *testing.T, from, to string) {
	t.Helper()
	require.NoError(t, filepath.WalkDir(from, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		below, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		if entry.IsDir() {
			if slices.Contains([]string{".git", "cdktf.out", "node_modules", ".terraform"}, entry.Name()) {
				return filepath.SkipDir
			}
			return os.MkdirAll(filepath.Join(to, below), 0o755)
		}
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(to, below), content, 0o644)
	}))
}
