package output_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/internal/synth/output"
	"ml-api-accelerator/stacks/internal/synth/render"
)

// stacks are of a version, by name.
func stacks(version string, names ...string) map[string]render.Stack {
	made := map[string]render.Stack{}
	for _, name := range names {
		made[name] = render.Stack{
			JSON:     fmt.Appendf(nil, `{"//": {"metadata": {"stackName": %q, "version": %q}}}`, name, version),
			Manifest: fmt.Appendf(nil, `{"stacks": {%q: {}}, "version": %q}`, name, version),
		}
	}
	return made
}

// files are those below a folder, with their texts.
func files(t *testing.T, dir string) map[string]string {
	t.Helper()
	found := map[string]string{}
	require.NoError(t, filepath.WalkDir(dir, func(path string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		below, _ := filepath.Rel(dir, path)
		text, err := os.ReadFile(path)
		found[filepath.ToSlash(below)] = string(text)
		return err
	}))
	return found
}

func write(t *testing.T, text string, path ...string) string {
	t.Helper()
	file := filepath.Join(path...)
	require.NoError(t, os.MkdirAll(filepath.Dir(file), 0o755))
	require.NoError(t, os.WriteFile(file, []byte(text), 0o644))
	return file
}

func TestSave(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "out")
	for _, version := range []string{"1", "2"} {
		want := stacks(version, "a", "b")
		removed, err := output.Save(dir, want)
		require.NoError(t, err)
		require.Empty(t, removed)
		manifest, err := render.Manifest(want)
		require.NoError(t, err)
		require.Equal(t, map[string]string{
			"manifest.json": string(manifest), "stacks/a/cdk.tf.json": string(want["a"].JSON), "stacks/b/cdk.tf.json": string(want["b"].JSON),
		}, files(t, dir))
	}
}

func TestUnwritable(t *testing.T) {
	dir := t.TempDir()
	_, err := output.Save(dir, stacks("1", "a"))
	require.NoError(t, err)
	write(t, "mine", output.StackFile(dir, "z"), "file")
	_, err = output.Save(dir, stacks("1", "a", "z"))
	require.ErrorContains(t, err, output.StackFile(dir, "z")+": can't be written, and stays as it was: ")
	require.Len(t, files(t, dir), 3, "no temporary file is left")

	file := write(t, "", t.TempDir(), "file")
	_, err = output.Save(file, stacks("1", "a"))
	require.EqualError(t, err, output.StackFile(file, "a")+": can't be written, and stays as it was: not a directory")
}

func TestStacksThatAreGone(t *testing.T) {
	dir := t.TempDir()
	_, err := output.Save(dir, stacks("1", "a", "bare", "mine", "renamed", "terraform"))
	require.NoError(t, err)
	write(t, "", dir, "stacks", "terraform", ".terraform.lock.hcl")
	write(t, "", dir, "stacks", "terraform", ".terraform", "providers", "aws")
	write(t, "", dir, "stacks", "mine", ".terraform", "providers", "aws")
	write(t, "mine", dir, "stacks", "mine", "terraform.tfstate")
	write(t, "mine", dir, "stacks", "other", "main.tf")
	write(t, `{"resource": {}}`, dir, "stacks", "hand", "cdk.tf.json")
	require.NoError(t, os.Rename(filepath.Join(dir, "stacks", "renamed"), filepath.Join(dir, "stacks", "copy")))

	removed, err := output.Save(dir, stacks("1", "a"))
	require.NoError(t, err)
	require.Equal(t, []string{"bare", "mine", "terraform"}, removed)
	left := files(t, dir)
	delete(left, "manifest.json")
	require.Equal(t, map[string]string{
		"stacks/a/cdk.tf.json":                 string(stacks("1", "a")["a"].JSON),
		"stacks/mine/.terraform/providers/aws": "",
		"stacks/mine/terraform.tfstate":        "mine",
		"stacks/other/main.tf":                 "mine",
		"stacks/hand/cdk.tf.json":              `{"resource": {}}`,
		"stacks/copy/cdk.tf.json":              string(stacks("1", "renamed")["renamed"].JSON),
	}, left)
	require.NoDirExists(t, filepath.Join(dir, "stacks", "bare"))
	require.NoDirExists(t, filepath.Join(dir, "stacks", "terraform"))
}

func TestWriteFile(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "below", "file")
	for _, text := range []string{"1", "2"} {
		require.NoError(t, output.WriteFile(file, []byte(text)))
		require.Equal(t, map[string]string{"below/file": text}, files(t, dir))
	}
	require.EqualError(t, output.WriteFile(filepath.Join(file, "x"), nil), file+"/x: can't be written, and stays as it was: not a directory")
	require.Error(t, output.WriteFile(filepath.Dir(file), []byte("3")))
	require.Equal(t, map[string]string{"below/file": "2"}, files(t, dir))
}

// TestLinkedFolder writes where the folder of a stack leads.
func TestLinkedFolder(t *testing.T) {
	dir, elsewhere := t.TempDir(), t.TempDir()
	require.NoError(t, os.Mkdir(filepath.Join(dir, "stacks"), 0o755))
	require.NoError(t, os.Symlink(elsewhere, filepath.Join(dir, "stacks", "a")))
	_, err := output.Save(dir, stacks("1", "a"))
	require.NoError(t, err)
	require.Equal(t, map[string]string{"cdk.tf.json": string(stacks("1", "a")["a"].JSON)}, files(t, elsewhere))
}
