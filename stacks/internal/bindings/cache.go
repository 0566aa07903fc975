package bindings

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// format is part of the name of a cache file: count it up when prune writes
// something else for the same input.
const format = "1"

// cacheFolder is where this package keeps files, in the user's cache; it is made if
// there is none. With the error comes "", or a folder that can't be used.
func cacheFolder() (string, error) {
	dir, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	dir = filepath.Join(dir, "ml-api-accelerator")
	return dir, os.MkdirAll(dir, 0o755)
}

// cached returns the pruned tarball from the cache. If it is not there or not intact,
// cached makes it, and may return it together with why it couldn't be kept.
func cached(dir string, full source, submodules []string) ([]byte, error) {
	if dir == "" {
		return prune(full, submodules)
	}
	path := cachePath(dir, full, submodules)
	if pruned, err := readCache(path); err == nil {
		return pruned, nil
	}
	pruned, err := prune(full, submodules)
	if err != nil {
		return nil, err
	}
	return pruned, replace(path, seal(pruned))
}

// cachePath names the file by all that its content depends on.
func cachePath(dir string, full source, submodules []string) string {
	list := sha256.Sum256([]byte(format + "\n" + strings.Join(submodules, "\n")))
	return filepath.Join(dir, fmt.Sprintf("provider-aws-%s-%s-%x.cache", full.version, full.identity(), list[:8]))
}

// A cache file is the SHA-256 of a tarball and the tarball. In one file, since
// two would not be replaced in one step.

func readCache(path string) ([]byte, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	if len(data) < sha256.Size {
		return nil, errors.New("short cache file")
	}
	sum, pruned := data[:sha256.Size], data[sha256.Size:]
	if actual := sha256.Sum256(pruned); !bytes.Equal(sum, actual[:]) {
		return nil, errors.New("damaged cache file")
	}
	return pruned, nil
}

func seal(pruned []byte) []byte {
	sum := sha256.Sum256(pruned)
	return append(sum[:], pruned...)
}

// replace writes a file in one step.
func replace(path string, text []byte) error {
	temp, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*.tmp")
	if err != nil {
		return err
	}
	defer os.Remove(temp.Name())
	defer temp.Close()
	if _, err := temp.Write(text); err != nil {
		return err
	}
	if err := temp.Close(); err != nil {
		return err
	}
	return os.Rename(temp.Name(), path)
}
