package logs

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"ml-api-accelerator/stacks/internal/terminal"
)

// File is a file of a log.
type File struct {
	Path  string
	Bytes int64

	hour string // empty: neither its name nor its folder tells one
	kind kind
}

// ErrParquet is in the way of a program that was built without the tag parquet.
var ErrParquet = errors.New("is Parquet, which takes modules that aren't built in by default (80 MB)")

// Find lists the files that patterns such as logs/*.gz match, or that are in the folders that these match, in the order of their hours and
// names. It refuses what can't be counted: an hour in both versions, and Parquet without its modules.
func Find(patterns []string) ([]File, error) {
	found := map[string]File{}
	for _, pattern := range patterns {
		files, err := matching(pattern)
		if err != nil {
			return nil, err
		}
		if len(files) == 0 {
			return nil, fmt.Errorf("%s: no file matches", pattern)
		}
		for _, f := range files {
			found[filepath.Clean(f.Path)] = f
		}
	}
	var list []File
	for _, f := range found {
		list = append(list, f)
	}
	slices.SortFunc(list, func(a, b File) int {
		return cmp.Or(cmp.Compare(a.hour, b.hour), cmp.Compare(filepath.Base(a.Path), filepath.Base(b.Path)), cmp.Compare(a.Path, b.Path))
	})
	for _, f := range list {
		if f.kind == parquetFile && !readsParquet {
			return nil, fmt.Errorf("%s: %w", terminal.Harmless(f.Path), ErrParquet)
		}
	}
	return list, oneVersion(list)
}

// matching are the files of a pattern.
func matching(pattern string) ([]File, error) {
	matches, err := filepath.Glob(pattern)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", pattern, err)
	}
	var files []File
	for _, path := range matches {
		info, err := os.Stat(path)
		if err != nil {
			return nil, err
		}
		below := []File{}
		if info.IsDir() {
			below, err = inFolder(path)
		} else {
			below, err = append(below, File{Path: path, Bytes: info.Size()}), nil
		}
		if err != nil {
			return nil, err
		}
		files = append(files, below...)
	}
	for i := range files {
		if err := files[i].look(); err != nil {
			return nil, err
		}
	}
	return files, nil
}

// inFolder are the files below a folder, but for those of programs that hide theirs, such as .DS_Store.
func inFolder(folder string) ([]File, error) {
	var files []File
	err := fs.WalkDir(os.DirFS(folder), ".", func(path string, entry fs.DirEntry, err error) error {
		switch hidden := path != "." && strings.HasPrefix(entry.Name(), "."); {
		case err != nil:
			return err
		case hidden && entry.IsDir():
			return fs.SkipDir
		case hidden:
			return nil
		}
		path = filepath.Join(folder, filepath.FromSlash(path))
		info, err := os.Stat(path) // where a link leads to
		if err == nil && !info.IsDir() {
			files = append(files, File{Path: path, Bytes: info.Size()})
		}
		return err
	})
	return files, err
}

// look finds out the hour of a file and what it is.
func (f *File) look() error {
	hour, inFolder, err := hourOf(f.Path)
	if err != nil {
		return err
	}
	f.hour, f.kind = hour, textFile
	if inFolder {
		f.kind = textInHours
	}
	if strings.HasSuffix(f.Path, ".parquet") || begins(f.Path, parquetMagic) {
		f.kind = parquetFile
	}
	return nil
}

// begins tells whether a file begins with some bytes. Of a pipe nothing is read here: it could wait, and be read once only.
func begins(path, magic string) bool {
	info, err := os.Stat(path)
	if err != nil || !info.Mode().IsRegular() {
		return false
	}
	file, err := os.Open(path)
	if err != nil {
		return false // reading says why
	}
	defer file.Close()
	start := make([]byte, len(magic))
	_, err = io.ReadFull(file, start)
	return err == nil && string(start) == magic
}

// maxOpen is how many files are read at a time.
const maxOpen = 64

// together are the files of which the lines are put in order, those of an hour; the rest one by one.
func together(files []File) [][]File {
	var groups [][]File
	for i, f := range files {
		last := len(groups) - 1
		if i > 0 && f.hour != "" && f.hour == files[i-1].hour && len(groups[last]) < maxOpen {
			groups[last] = append(groups[last], f)
		} else {
			groups = append(groups, []File{f})
		}
	}
	return groups
}
