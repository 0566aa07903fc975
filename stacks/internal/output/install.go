package output

import (
	"io/fs"
	"os"
	"path/filepath"
)

// install moves every file below from to the same place below to, or none.
func install(from, to string) error {
	files, err := filesBelow(from)
	if err != nil {
		return err
	}
	for _, file := range files {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(to, file)), 0o755); err != nil {
			return err
		}
	}
	for i, file := range files {
		path, by := filepath.Join(to, file), filepath.Join(from, file)
		_ = os.Link(path, by+former) // fails if there is none
		if err := os.Rename(by, path); err != nil {
			for _, file := range files[:i] {
				putBack(filepath.Join(from, file)+former, filepath.Join(to, file))
			}
			return err
		}
	}
	return nil
}

// former is what the name of a file ends with that another one has taken the place of.
const former = ".former"

func putBack(former, path string) {
	if os.Rename(former, path) != nil {
		os.Remove(path) // there was none
	}
}

func filesBelow(dir string) (files []string, err error) {
	err = filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		below, err := filepath.Rel(dir, path)
		files = append(files, below)
		return err
	})
	return files, err
}
