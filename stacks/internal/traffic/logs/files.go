package logs

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"ml-api-accelerator/stacks/internal/shared/format"
	"ml-api-accelerator/stacks/internal/terminal"
)

// File is a file of a log.
type File struct {
	Path  string
	Bytes int64

	hour     string // empty: neither its name nor its folder tells one
	version2 bool   // as far as that can be told before it is read
	// Why it isn't opened; empty: it is.
	unusable string
}

// Find lists the files that patterns such as logs/*.gz match, or that are in the folders that these match, in the order
// of their hours and names. It refuses what can't be counted: an hour in both versions. What can't be opened is among
// them, for Read to tell.
func Find(patterns []string) ([]File, error) {
	found := map[string]File{}
	for _, pattern := range patterns {
		files, err := matching(pattern)
		if err != nil {
			return nil, err
		}
		if len(files) == 0 {
			return nil, fmt.Errorf("%s: %s", pattern, whyNone(pattern))
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
		return cmp.Or(cmp.Compare(a.hour, b.hour), cmp.Compare(filepath.Base(a.Path), filepath.Base(b.Path)),
			cmp.Compare(a.Path, b.Path))
	})
	return list, oneVersion(list)
}

// whyNone says why a pattern has no files.
func whyNone(pattern string) string {
	fixed := pattern
	if i := strings.IndexAny(pattern, `*?[`); i >= 0 {
		fixed = filepath.Dir(pattern[:i] + "*")
	}
	switch info, err := os.Stat(fixed); {
	case errors.Is(err, fs.ErrNotExist) && fixed == pattern:
		return "not found"
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Sprintf("no file matches: there is no folder %s", fixed)
	case err != nil:
		return cantRead(err)
	case fixed != pattern:
		return "no file matches"
	case info.IsDir():
		return "the folder has no files, or only hidden ones"
	}
	return "no file matches"
}

// matching are the files of a pattern.
func matching(pattern string) ([]File, error) {
	matches, err := filepath.Glob(pattern)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", pattern, err)
	}
	var files []File
	for _, path := range matches {
		if info, err := os.Stat(path); err == nil && info.IsDir() {
			files = append(files, inFolder(path)...)
		} else {
			files = append(files, fileAt(path, path == pattern))
		}
	}
	for i := range files {
		if files[i].unusable != "" {
			continue
		}
		if err := files[i].look(); err != nil {
			return nil, err
		}
	}
	return files, nil
}

// inFolder are the files below a folder, but for those of programs that hide theirs, such as .DS_Store.
func inFolder(folder string) []File {
	var files []File
	// what fails is among the files
	_ = filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		switch hidden := path != folder && strings.HasPrefix(filepath.Base(path), "."); {
		case hidden && entry.IsDir():
			return fs.SkipDir
		case hidden:
		case err != nil:
			files = append(files, File{Path: path, unusable: cantRead(err)})
		case path == folder && entry.Type()&fs.ModeSymlink != 0:
			files = append(files, inFolder(path+string(filepath.Separator))...) // only the link itself isn't walked
		case !entry.IsDir():
			files = append(files, fileAt(path, false))
		}
		return nil
	})
	return files
}

// What isn't opened.
const (
	linkToFolder = "is a link to a folder, which isn't followed"
	noFile       = "is no file, but a pipe, a socket or a device"
	isParquet    = "is Parquet, which isn't read: DuckDB turns it into JSON (COPY (FROM 'a.parquet') TO 'a.json')"
)

// fileAt is the file at a path, or where a link leads. A pipe is read if it is named itself: one that is found among
// others would be waited for.
func fileAt(path string, named bool) File {
	switch info, err := os.Stat(path); {
	case err != nil:
		return File{Path: path, unusable: cantRead(err)}
	case info.IsDir():
		return File{Path: path, unusable: linkToFolder}
	case !info.Mode().IsRegular() && !named:
		return File{Path: path, unusable: noFile}
	default:
		return File{Path: path, Bytes: info.Size()}
	}
}

// cantRead leaves the path out of an error.
func cantRead(err error) string {
	if pathError := (*fs.PathError)(nil); errors.As(err, &pathError) {
		err = pathError.Err
	}
	return "can't be read: " + err.Error()
}

// look finds out the hour of a file and what it is.
func (f *File) look() error {
	hour, inFolder, err := hourOf(f.Path)
	if err != nil {
		return err
	}
	start := beginning(f.Path)
	f.hour, f.version2 = hour, inFolder || strings.HasPrefix(start, "{")
	if start == parquetMagic {
		f.unusable = isParquet
	}
	return nil
}

// beginning is how a file begins once it is unpacked. Of a pipe nothing is read here: it could wait, and be read once
// only.
func beginning(path string) string {
	info, err := os.Stat(path)
	if err != nil || !info.Mode().IsRegular() {
		return ""
	}
	file, err := os.Open(path)
	if err != nil {
		return "" // reading says why
	}
	defer file.Close()
	from, err := unpacked(file)
	if err != nil {
		return ""
	}
	start := make([]byte, len(parquetMagic))
	n, _ := io.ReadFull(from, start) // what is shorter is neither
	return string(start[:n])
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

// parquetMagic begins and ends a Parquet file (Apache Parquet, File Format).
const parquetMagic = "PAR1"

// hourInName is in the name of a file that CloudFront delivers (Configure standard logging (legacy), File name format).
// The guide doesn't say what files of version 2 are called; people have seen the same.
var hourInName = regexp.MustCompile(`\.(\d{4}-\d{2}-\d{2}-\d{2})\.`)

// hourInFolder is the path of files of version 2 that are delivered to {yyyy}/{MM}/{dd}/{HH}, also with the names of
// the parts (Configure standard logging (v2), Partitioning, Hive-compatible file name format).
var hourInFolder = regexp.MustCompile(`^(?:.*/)?(?:year=)?(\d{4})/(?:month=)?(\d{2})/(?:day=)?(\d{2})/(?:hour=)?(\d{2})/`)

// hourOf is the hour of a file's requests, such as 2026-01-31-10, or empty, and whether the file is in a folder of that
// hour.
func hourOf(path string) (hour string, inFolder bool, err error) {
	path, err = filepath.Abs(path)
	if err != nil {
		return "", false, err
	}
	if parts := hourInFolder.FindStringSubmatch(filepath.ToSlash(path)); parts != nil {
		hour, inFolder = strings.Join(parts[1:], "-"), true
	}
	if name := hourInName.FindStringSubmatch(filepath.Base(path)); name != nil {
		hour = name[1]
	}
	return hour, inFolder, nil
}

// oneVersion refuses files of both versions for the same hour, which are delivered while version 2 takes the place of
// version 1: their requests would count twice. Version 1 puts all files in one folder, and packs text.
func oneVersion(files []File) error {
	for i := 1; i < len(files); i++ {
		a, b := files[i-1], files[i]
		if a.hour != "" && a.hour == b.hour && a.version2 != b.version2 {
			return fmt.Errorf("%s and %s are logs of both versions for the same hour, so its requests would count twice: "+
				"name those of one version",
				terminal.Harmless(a.Path), terminal.Harmless(b.Path))
		}
	}
	return nil
}

// Span is how many lines there are, and their first and last second.
type Span struct {
	Lines       int
	first, last int64
}

// Add counts lines.
func (s *Span) Add(lines []Line) {
	for i := range lines {
		s.AddLine(&lines[i])
	}
}

// AddLine counts a line.
func (s *Span) AddLine(l *Line) {
	if s.Lines == 0 || l.Time < s.first {
		s.first = l.Time
	}
	s.last = max(s.last, l.Time)
	s.Lines++
}

// From is the first second, in UTC.
func (s *Span) From() time.Time { return time.Unix(s.first, 0).UTC() }

// To is the last second, in UTC.
func (s *Span) To() time.Time { return time.Unix(s.last, 0).UTC() }

// Heading says what was read, above what came of it.
func Heading(requests, files int, from, to time.Time) string {
	return fmt.Sprintf("%s in %s, %s to %s UTC", format.Count(requests, "request"), format.Count(files, "file"),
		from.Format(time.DateTime), to.Format(time.DateTime))
}
