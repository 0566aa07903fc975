// Package output is the folder that stacks are synthesized into, cdktf.out, as cdktf lays it out.
package output

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"ml-api-accelerator/stacks/internal/synth/render"
)

// unfinished is what the folders begin with in which stacks are written first.
const unfinished = ".synth-"

// StackFile is where a stack is written below the folder.
func StackFile(dir, name string) string { return filepath.Join(dir, "stacks", name, "cdk.tf.json") }

// Save writes all stacks, or leaves the folder as it was, and then removes those that are no longer among them. It returns their
// names.
func Save(dir string, stacks map[string]render.Stack) (removed []string, err error) {
	if partly, err := save(dir, stacks); err != nil {
		what := "and stays as it was"
		if partly {
			what = "and is only in part what was synthesized"
		}
		return nil, fmt.Errorf("%s: can't be written, %s: %w", dir, what, reason(err))
	}
	if removed, err = removeOthers(dir, stacks); err != nil {
		return removed, fmt.Errorf("%s: is written, but a stack that isn't configured any more can't be removed: %w", dir, err)
	}
	return removed, nil
}

// save writes every file beside its place before the first one takes it, so that little can be in the way of the rest: partly is whether
// something was.
func save(dir string, stacks map[string]render.Stack) (partly bool, err error) {
	manifest, err := render.Manifest(stacks)
	if err != nil {
		return false, err
	}
	files := map[string][]byte{filepath.Join(dir, "manifest.json"): manifest}
	for name, s := range stacks {
		files[StackFile(dir, name)] = s.JSON
	}
	complete := map[string]string{}
	for path, data := range files {
		temp, err := beside(path, data)
		if temp != "" {
			defer os.RemoveAll(filepath.Dir(temp))
		}
		if err != nil {
			return false, err
		}
		complete[path] = temp
	}
	for _, path := range slices.Sorted(maps.Keys(complete)) {
		if err := os.Rename(complete[path], path); err != nil {
			return partly, err
		}
		partly = true
	}
	return false, nil
}

// beside writes a file into a folder beside its place, which has to be free of a folder.
func beside(path string, data []byte) (temp string, err error) {
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", err
	}
	if info, err := os.Lstat(path); err == nil && info.IsDir() {
		return "", &fs.PathError{Op: "write", Path: path, Err: errors.New(filepath.Base(path) + " is a folder")}
	}
	removeUnfinished(dir)
	folder, err := os.MkdirTemp(dir, unfinished)
	if err != nil {
		return "", err
	}
	temp = filepath.Join(folder, filepath.Base(path))
	return temp, os.WriteFile(temp, data, 0o644)
}

// WriteFile writes all of a file, or leaves the one that was there.
func WriteFile(path string, data []byte) error {
	if err := writeFile(path, data); err != nil {
		return fmt.Errorf("%s: can't be written, and stays as it was: %w", path, reason(err))
	}
	return nil
}

func writeFile(path string, data []byte) error {
	temp, err := beside(path, data)
	if temp != "" {
		defer os.RemoveAll(filepath.Dir(temp))
	}
	if err != nil {
		return err
	}
	return os.Rename(temp, path)
}

// removeUnfinished removes what a run left that was killed. One that is new may be of a run that is under way.
func removeUnfinished(dir string) {
	entries, _ := os.ReadDir(dir) // one that can't be read is refused below
	for _, entry := range entries {
		info, err := entry.Info()
		if strings.HasPrefix(entry.Name(), unfinished) && err == nil && time.Since(info.ModTime()) > time.Minute {
			os.RemoveAll(filepath.Join(dir, entry.Name()))
		}
	}
}

// reason is an error without the name of the file, which is one of ours.
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
