package stacks_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/internal/shared/longtest"
)

// former is the version before this one, its last commit, and a configuration with the stacks that it made from it.
const (
	former       = "0.3.0"
	formerCommit = "98cf6f6"
	formerFolder = "testdata/update"
	changelog    = "../.github/CHANGELOG.md"
)

// TestUpdateChangesWhatTheChangelogSays compares the stacks of the former version with today's. Nothing may be gone or
// new that the changelog doesn't name.
func TestUpdateChangesWhatTheChangelogSays(t *testing.T) {
	said := newest(t)
	for name, now := range synthesizeConfig(t, load(t, filepath.Join(formerFolder, "cdktf.json"))) {
		before, err := os.ReadFile(filepath.Join(formerFolder, name+".tf.json"))
		require.NoError(t, err)
		was, is := resourcesOf(t, before), resourcesOf(t, now)
		for address := range was {
			require.Contains(t, is, address, "%s is gone from %s", address, name)
		}
		for address, resource := range is {
			if reflect.DeepEqual(was[address], resource) {
				continue
			}
			kind, _, _ := strings.Cut(strings.TrimPrefix(address, "data."), ".")
			require.Contains(t, said, "`"+kind+"`", "%s of %s differs from that of version %s", address, name, former)
		}
	}
}

// newest is what the changelog has on all that the former version lacks.
func newest(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(changelog)
	require.NoError(t, err)
	_, section, _ := strings.Cut(string(text), "\n## [")
	section, _, found := strings.Cut(section, "\n## ["+former+"]")
	require.True(t, found)
	return section
}

// resourcesOf are the resources and data sources of a stack by their addresses, without what cdktf says about them.
func resourcesOf(t *testing.T, stack []byte) map[string]any {
	t.Helper()
	var parsed struct {
		Resource, Data map[string]map[string]map[string]any
	}
	require.NoError(t, json.Unmarshal(stack, &parsed))
	all := map[string]any{}
	for prefix, kinds := range map[string]map[string]map[string]map[string]any{"": parsed.Resource, "data.": parsed.Data} {
		for kind, byName := range kinds {
			for name, resource := range byName {
				delete(resource, "//")
				all[prefix+kind+"."+name] = resource
			}
		}
	}
	return all
}

// TestLongUpdateACopy takes a copy of the former version whose owner has edited cdktf.json, and then another one who has
// edited more, to the newest commit with the changelog's commands, and holds the stacks to those that a new copy makes.
func TestLongUpdateACopy(t *testing.T) {
	longtest.Only(t, "clones this repository twice, and builds the clones")
	if exec.Command("git", "cat-file", "-e", formerCommit+"^{commit}").Run() != nil {
		t.Skipf("there is no commit %s in this clone", formerCommit)
	}
	root, err := filepath.Abs("..")
	require.NoError(t, err)
	edited, err := os.ReadFile(filepath.Join(formerFolder, "cdktf.json"))
	require.NoError(t, err)
	commands := regexp.MustCompile("(?s)```sh\n(.*?)```").FindAllStringSubmatch(updating(t), -1)
	require.Len(t, commands, 2, "one for those who have edited cdktf.json, one for those who have edited more")
	const owners = "# Ours, and ours alone.\n"
	dir := filepath.Join(t.TempDir(), "copy") // the same for both, so that the Go toolchain builds the program once
	for i, more := range []bool{false, true} {
		t.Run(fmt.Sprintf("more: %t", more), func(t *testing.T) {
			require.NoError(t, os.RemoveAll(dir))
			require.NoError(t, os.Mkdir(dir, 0o700))
			shell := shellIn(t, dir)
			shell("git clone -q " + root + " . && git checkout -q -B main " + formerCommit)
			require.NoError(t, os.WriteFile(shell("pwd")+"/cdktf.json", edited, 0o600))
			if more {
				shell("printf '" + owners + "' | cat - .github/dependabot.yml > d && mv d .github/dependabot.yml")
			}
			shell("rm stacks/testdata/ml-api-*")
			for _, stack := range []string{"acme-state", "acme-dev", "acme-prod"} {
				text, err := os.ReadFile(filepath.Join(formerFolder, stack+".tf.json"))
				require.NoError(t, err)
				require.NoError(t, os.WriteFile(shell("pwd")+"/stacks/testdata/"+stack+".tf.json", text, 0o600))
			}
			shell("git add -A && git commit -qm Ours")
			shell(strings.ReplaceAll(commands[i][1], "https://github.com/OWNER/ml-api-accelerator", root))
			require.Equal(t, string(edited), shell("cat cdktf.json")+"\n")
			require.Empty(t, shell("git diff --name-only --diff-filter=U"))
			differ := strings.Fields(shell("git diff --name-only upstream/main"))
			slices.Sort(differ)
			want := []string{"cdktf.json"}
			if more {
				want = append(want, ".github/dependabot.yml")
				require.True(t, strings.HasPrefix(shell("cat .github/dependabot.yml"), owners))
			}
			differ = slices.DeleteFunc(differ, func(path string) bool {
				return strings.HasSuffix(path, ".tf.json") || strings.HasSuffix(path, ".strings.json")
			})
			require.ElementsMatch(t, want, differ)
			for name, stack := range synthesizeConfig(t, load(t, filepath.Join(formerFolder, "cdktf.json"))) {
				require.Equal(t, string(stack), shell("cat stacks/testdata/"+name+".tf.json"), name)
			}
		})
	}
}

// updating is what the changelog says before its versions.
func updating(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(changelog)
	require.NoError(t, err)
	before, _, found := strings.Cut(string(text), "\n## [")
	require.True(t, found)
	return before
}

// shellIn runs commands in a folder and returns what they print.
func shellIn(t *testing.T, dir string) func(commands string) string {
	t.Helper()
	return func(commands string) string {
		t.Helper()
		cmd := exec.Command("bash", "-euc", commands)
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL=/dev/null", "GIT_AUTHOR_NAME=a", "GIT_AUTHOR_EMAIL=a@example.com",
			"GIT_COMMITTER_NAME=a", "GIT_COMMITTER_EMAIL=a@example.com")
		var stderr bytes.Buffer
		cmd.Stderr = &stderr
		out, err := cmd.Output()
		require.NoError(t, err, "%s\n%s%s", commands, out, &stderr)
		return strings.TrimSuffix(string(out), "\n")
	}
}
