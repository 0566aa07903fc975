package cache

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"
)

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
