// Package cache keeps files that can be made again, in the user's cache folder.
package cache

import (
	"crypto/sha256"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// Folder is where the files are. One that can't be used holds nothing.
type Folder struct {
	path     string
	unusable error
}

// Open returns the folder of this program in the user's cache.
func Open() Folder {
	dir, err := os.UserCacheDir()
	if err != nil {
		return Folder{unusable: err}
	}
	return In(filepath.Join(dir, "ml-api-accelerator"))
}

// In returns the folder at a path, and makes it if there is none.
func In(path string) Folder { return Folder{path, os.MkdirAll(path, 0o755)} }

// Get returns what was put under a name, unless it is gone or damaged.
func (f Folder) Get(name string) (data []byte, found bool) {
	if f.unusable != nil {
		return nil, false
	}
	path := filepath.Join(f.path, name)
	file, err := os.ReadFile(path)
	if err != nil || len(file) < sha256.Size {
		return nil, false
	}
	sum, data := file[:sha256.Size], file[sha256.Size:]
	if sealOf(name, data) != [sha256.Size]byte(sum) {
		return nil, false
	}
	now := time.Now()
	_ = os.Chtimes(path, now, now) // Prune goes by it
	return data, true
}

// Put keeps data under a name, in one step: others see all of it or nothing.
func (f Folder) Put(name string, data []byte) error {
	if f.unusable != nil {
		return f.unusable
	}
	temp, err := os.CreateTemp(f.path, name+".*.tmp")
	if err != nil {
		return err
	}
	defer os.Remove(temp.Name())
	defer temp.Close()
	sum := sealOf(name, data)
	if _, err := temp.Write(append(sum[:], data...)); err != nil {
		return err
	}
	if err := temp.Close(); err != nil {
		return err
	}
	return os.Rename(temp.Name(), filepath.Join(f.path, name))
}

// sealOf is what a file begins with. It covers the name, so that a file under another one isn't taken for it.
func sealOf(name string, data []byte) [sha256.Size]byte {
	return sha256.Sum256(fmt.Appendf(nil, "%s\n%s", name, data))
}

// What the folder may hold.
const (
	maxAge   = 30 * 24 * time.Hour
	maxBytes = 64 << 20
)

// Prune deletes what wasn't used for maxAge, and what was used longest ago as far as all is over maxBytes.
func (f Folder) Prune() {
	if f.unusable != nil {
		return
	}
	entries, _ := os.ReadDir(f.path)
	var files []fs.FileInfo
	for _, entry := range entries {
		if info, err := entry.Info(); err == nil && info.Mode().IsRegular() {
			files = append(files, info)
		}
	}
	slices.SortFunc(files, func(a, b fs.FileInfo) int { return b.ModTime().Compare(a.ModTime()) })
	var size int64
	for _, file := range files {
		size += file.Size()
		if size > maxBytes || time.Since(file.ModTime()) > maxAge {
			os.Remove(filepath.Join(f.path, file.Name()))
		}
	}
}
