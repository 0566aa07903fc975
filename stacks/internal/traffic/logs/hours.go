package logs

import (
	"fmt"
	"path/filepath"
	"regexp"
	"strings"

	"ml-api-accelerator/stacks/internal/terminal"
)

// kind is what a file is, as far as that can be told before it is read.
type kind int

const (
	textFile kind = iota
	textInHours
	parquetFile
)

// parquetMagic begins and ends a Parquet file (Apache Parquet, File Format).
const parquetMagic = "PAR1"

// hourInName is in the name of a file that CloudFront delivers (Configure standard logging (legacy), File name format). The guide doesn't say
// what files of version 2 are called; people have seen the same.
var hourInName = regexp.MustCompile(`\.(\d{4}-\d{2}-\d{2}-\d{2})\.`)

// hourInFolder is the path of files of version 2 that are delivered to {yyyy}/{MM}/{dd}/{HH}, also with the names of the parts (Configure
// standard logging (v2), Partitioning, Hive-compatible file name format).
var hourInFolder = regexp.MustCompile(`^(?:.*/)?(?:year=)?(\d{4})/(?:month=)?(\d{2})/(?:day=)?(\d{2})/(?:hour=)?(\d{2})/`)

// hourOf is the hour of a file's requests, such as 2026-01-31-10, or empty, and whether the file is in a folder of that hour.
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

// oneVersion refuses files of both versions for the same hour, which are delivered while version 2 takes the place of version 1: their
// requests would count twice. Version 1 puts all files in one folder, and packs text.
func oneVersion(files []File) error {
	for i := 1; i < len(files); i++ {
		a, b := files[i-1], files[i]
		if a.hour != "" && a.hour == b.hour && a.kind != b.kind {
			return fmt.Errorf("%s and %s are logs of both versions for the same hour, so its requests would count twice: name those of one version",
				terminal.Harmless(a.Path), terminal.Harmless(b.Path))
		}
	}
	return nil
}
