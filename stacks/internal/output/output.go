// Package output is the folder that stacks are synthesized into, cdktf.out, as cdktf lays it out.
package output

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"ml-api-accelerator/stacks/internal/render"
)

// unfinished is what the folders begin with in which stacks are written first.
const unfinished = ".synth-"

// StackFile is where a stack is written below the folder.
func StackFile(dir, name string) string { return filepath.Join(dir, "stacks", name, "cdk.tf.json") }

// Save writes all stacks, or leaves the folder as it was, and then removes those that are no longer among them. It returns their
// names.
func Save(dir string, stacks map[string]render.Stack) (removed []string, err error) {
	if err := save(dir, stacks); err != nil {
		return nil, fmt.Errorf("%s: can't be written, and stays as it was: %w", dir, reason(err))
	}
	if removed, err = removeOthers(dir, stacks); err != nil {
		return removed, fmt.Errorf("%s: is written, but a stack that isn't configured any more can't be removed: %w", dir, err)
	}
	return removed, nil
}

func save(dir string, stacks map[string]render.Stack) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	removeUnfinished(dir)
	complete, err := os.MkdirTemp(dir, unfinished)
	if err != nil {
		return err
	}
	defer os.RemoveAll(complete)
	if err := write(complete, stacks); err != nil {
		return err
	}
	return install(complete, dir)
}

// WriteFile writes all of a file, or leaves the one that was there.
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
	temp, err := os.MkdirTemp(dir, unfinished)
	if err != nil {
		return err
	}
	defer os.RemoveAll(temp)
	complete := filepath.Join(temp, filepath.Base(path))
	if err := os.WriteFile(complete, data, 0o644); err != nil {
		return err
	}
	return os.Rename(complete, path)
}

// write writes the files of the folder.
func write(dir string, stacks map[string]render.Stack) error {
	for name, s := range stacks {
		path := StackFile(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(path, s.JSON, 0o644); err != nil {
			return err
		}
	}
	manifest, err := render.Manifest(stacks)
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, "manifest.json"), manifest, 0o644)
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
