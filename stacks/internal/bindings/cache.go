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

// cached returns the pruned tarball from the user's cache, and makes it if it is
// not there or not intact.
func cached(full source, submodules []string) ([]byte, error) {
	path, err := cachePath(full, submodules)
	if err != nil {
		return nil, err
	}
	if pruned, err := readCache(path); err == nil {
		return pruned, nil
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return nil, err
	}
	// Before the pruning, which would be in vain if the folder is read-only.
	temp, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*.tmp")
	if err != nil {
		return nil, err
	}
	defer os.Remove(temp.Name())
	defer temp.Close()

	pruned, err := prune(full, submodules)
	if err != nil {
		return nil, err
	}
	return pruned, writeCache(temp, path, pruned)
}

// cachePath names the file by all that its content depends on.
func cachePath(full source, submodules []string) (string, error) {
	dir, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	list := sha256.Sum256([]byte(format + "\n" + strings.Join(submodules, "\n")))
	name := fmt.Sprintf("provider-aws-%s-%s-%x.cache", full.version, full.identity(), list[:8])
	return filepath.Join(dir, "ml-api-accelerator", name), nil
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

func writeCache(temp *os.File, path string, pruned []byte) error {
	sum := sha256.Sum256(pruned)
	if _, err := temp.Write(append(sum[:], pruned...)); err != nil {
		return err
	}
	if err := temp.Close(); err != nil {
		return err
	}
	return os.Rename(temp.Name(), path)
}
