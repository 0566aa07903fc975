package logs

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
)

// File is a file of a log.
type File struct {
	Path  string
	Bytes int64

	hour string // empty: its name tells none
}

// hourOf is in the name of a file that CloudFront delivers (Configure standard logging (legacy), File name format).
var hourOf = regexp.MustCompile(`\.(\d{4}-\d{2}-\d{2}-\d{2})\.[^.]+(\.gz)?$`)

// Find lists the files that patterns such as logs/*.gz match, in the order of their hours and names.
func Find(patterns []string) ([]File, error) {
	found := map[string]File{}
	for _, pattern := range patterns {
		matches, err := filepath.Glob(pattern)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", pattern, err)
		}
		files := 0
		for _, path := range matches {
			info, err := os.Stat(path)
			if err != nil {
				return nil, err
			}
			if info.IsDir() {
				continue
			}
			files++
			f := File{Path: path, Bytes: info.Size()}
			if hour := hourOf.FindStringSubmatch(filepath.Base(path)); hour != nil {
				f.hour = hour[1]
			}
			found[filepath.Clean(path)] = f
		}
		if files == 0 {
			return nil, fmt.Errorf("%s: no file matches", pattern)
		}
	}
	var list []File
	for _, f := range found {
		list = append(list, f)
	}
	slices.SortFunc(list, func(a, b File) int {
		return cmp.Or(cmp.Compare(a.hour, b.hour), cmp.Compare(filepath.Base(a.Path), filepath.Base(b.Path)), cmp.Compare(a.Path, b.Path))
	})
	return list, nil
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
