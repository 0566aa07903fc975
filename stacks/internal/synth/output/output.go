// Package output is the folder that stacks are synthesized into, cdktf.out, as cdktf lays it out.
package output

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"ml-api-accelerator/stacks/internal/shared/stackjson"
	"ml-api-accelerator/stacks/internal/synth/render"
)

// StackFile returns where a stack is written below the folder.
func StackFile(dir, name string) string { return filepath.Join(dir, "stacks", name, "cdk.tf.json") }

// Save writes all stacks, then removes those that are no longer among them, and returns their names.
func Save(dir string, stacks map[string]render.Stack) (removed []string, err error) {
	manifest, err := render.Manifest(stacks)
	if err != nil {
		return nil, err
	}
	for _, name := range slices.Sorted(maps.Keys(stacks)) {
		if err := WriteFile(StackFile(dir, name), stacks[name].JSON); err != nil {
			return nil, err
		}
	}
	if err := WriteFile(filepath.Join(dir, "manifest.json"), manifest); err != nil {
		return nil, err
	}
	if removed, err = removeOthers(dir, stacks); err != nil {
		return removed, fmt.Errorf("%s: is written, but a stack that isn't configured any more can't be removed: %w", dir, err)
	}
	return removed, nil
}

// WriteFile writes a file as a whole, or leaves it as it was.
func WriteFile(path string, data []byte) error {
	if err := writeFile(path, data); err != nil {
		return fmt.Errorf("%s: can't be written, and stays as it was: %w", path, reason(err))
	}
	return nil
}

func writeFile(path string, data []byte) error {
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	temp := filepath.Join(dir, ".synth-"+rand.Text())
	defer os.Remove(temp)
	if err := os.WriteFile(temp, data, 0o644); err != nil {
		return err
	}
	return os.Rename(temp, path)
}

// reason returns an error without the name of the temporary file.
func reason(err error) error {
	path, link := (*fs.PathError)(nil), (*os.LinkError)(nil)
	switch {
	case errors.As(err, &path):
		return path.Err
	case errors.As(err, &link):
		return link.Err
	}
	return err
}

// removeOthers removes stacks that were synthesized but aren't configured any more, and returns their names. The folder
// of one stays if it has more in it than what Terraform makes again.
func removeOthers(dir string, stacks map[string]render.Stack) (removed []string, err error) {
	entries, err := os.ReadDir(filepath.Join(dir, "stacks"))
	if err != nil {
		return nil, err
	}
	for _, entry := range entries {
		name := entry.Name()
		if _, found := stacks[name]; found || !synthesized(StackFile(dir, name), name) {
			continue
		}
		if err := removeStack(filepath.Dir(StackFile(dir, name))); err != nil {
			return removed, err
		}
		removed = append(removed, name)
	}
	return removed, nil
}

// synthesized reports whether a file is what cdktf writes for a stack.
func synthesized(path, name string) bool {
	text, err := os.ReadFile(path)
	if err != nil {
		return false
	}
	stack, err := stackjson.Parse(text)
	metadata := stack.Comment.Metadata
	return err == nil && metadata.StackName == name && metadata.Version != ""
}

// terraforms are what terraform init makes again.
var terraforms = []string{".terraform", ".terraform.lock.hcl"}

func removeStack(folder string) error {
	if err := os.Remove(filepath.Join(folder, "cdk.tf.json")); err != nil {
		return err
	}
	entries, err := os.ReadDir(folder)
	if err != nil {
		return err
	}
	for _, entry := range entries {
		if !slices.Contains(terraforms, entry.Name()) {
			return nil
		}
	}
	return os.RemoveAll(folder)
}
