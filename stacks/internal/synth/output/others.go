package output

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"

	"ml-api-accelerator/stacks/internal/synth/render"
)

// removeOthers removes what was synthesized for stacks that there are no longer, and returns their names. A folder in which
// there is more than that, and what Terraform can make again, stays with the rest.
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

// synthesized tells whether a file is what cdktf writes for a stack.
func synthesized(path, name string) bool {
	text, err := os.ReadFile(path)
	var stack struct {
		Comment struct {
			Metadata struct{ StackName, Version string }
		} `json:"//"`
	}
	return err == nil && json.Unmarshal(text, &stack) == nil && stack.Comment.Metadata.StackName == name && stack.Comment.Metadata.Version != ""
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
