package render

import (
	"errors"
	"io"
	"os"
	"regexp"
	"runtime"
)

// buildID is how the Go toolchain marks a program near the beginning of its file: in a note of an ELF file,
// before the code in others (cmd/internal/buildid). It is four hashes that cover all that went into the build: the
// sources of this program and its dependencies, what they embed, the toolchain and its flags
// (cmd/go/internal/work/buildid.go).
var buildID = regexp.MustCompile(`(?:Go\x00\x00|Go build ID: ")((?:[\w-]{20}/){3}[\w-]{20})`)

// program returns the identity of the running program: the same wherever the file is, another for any other.
func program() (string, error) {
	path, err := os.Executable()
	if err != nil {
		return "", err
	}
	if runtime.GOOS == "linux" {
		path = "/proc/self/exe" // the file that runs, even if another has taken its place
	}
	file, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer file.Close()
	return readBuildID(file)
}

func readBuildID(file io.Reader) (string, error) {
	start, err := io.ReadAll(io.LimitReader(file, 64<<10))
	if err != nil {
		return "", err
	}
	id := buildID.FindSubmatch(start)
	if id == nil {
		return "", errors.New("the program has no build ID")
	}
	return string(id[1]), nil
}
