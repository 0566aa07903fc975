package cache

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestGetReturnsWhatWasPut(t *testing.T) {
	f := In(filepath.Join(t.TempDir(), "made", "if missing"))
	for _, data := range []string{"first", "second", ""} {
		require.NoError(t, f.Put("a", []byte(data)))
		got, found := f.Get("a")
		require.True(t, found)
		require.Equal(t, data, string(got))
	}
	_, found := f.Get("b")
	require.False(t, found)
	require.Equal(t, []string{"a"}, names(t, f), "nothing else is left")
}

func TestOpenIsInTheCacheOfTheUser(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("XDG_CACHE_HOME", dir) // Linux
	t.Setenv("HOME", dir)           // macOS
	t.Setenv("LocalAppData", dir)   // Windows
	f := Open()
	require.NoError(t, f.Put("a", nil))
	below, err := filepath.Rel(dir, f.path)
	require.NoError(t, err)
	require.True(t, filepath.IsLocal(below), f.path)
}

// TestUselessFiles are not taken for what was put.
func TestUselessFiles(t *testing.T) {
	f := In(t.TempDir())
	require.NoError(t, f.Put("a", []byte("data")))
	good, err := os.ReadFile(filepath.Join(f.path, "a"))
	require.NoError(t, err)
	for what, file := range map[string][]byte{
		"empty":       {},
		"cut":         good[:len(good)-1],
		"seal alone":  good[:32],
		"half a seal": good[:16],
		"changed":     append(good[:len(good)-1:len(good)-1], 'A'),
		"longer":      append(good[:len(good):len(good)], 'a'),
		"foreign":     []byte("a text of another program that is longer than a seal"),
	} {
		require.NoError(t, os.WriteFile(filepath.Join(f.path, "a"), file, 0o600))
		_, found := f.Get("a")
		require.False(t, found, what)
	}
	require.NoError(t, os.WriteFile(filepath.Join(f.path, "b"), good, 0o600))
	_, found := f.Get("b")
	require.False(t, found, "under another name")
}

func TestUnusableFolder(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(file, nil, 0o600))
	gone := In(t.TempDir())
	require.NoError(t, os.RemoveAll(gone.path))
	for what, f := range map[string]Folder{"is a file": In(file), "below a file": In(filepath.Join(file, "x")), "gone": gone} {
		require.Error(t, f.Put("a", []byte("data")), what)
		_, found := f.Get("a")
		require.False(t, found, what)
		f.Prune()
	}
}

func TestPruneGoesByTheLastUse(t *testing.T) {
	f := In(t.TempDir())
	for days, name := range []string{"today", "yesterday"} {
		put(t, f, name, days, 0)
	}
	put(t, f, "unused", 31, 0)
	put(t, f, "used", 31, 0)
	put(t, f, "left.123.tmp", 31, 0)
	require.NoError(t, os.Mkdir(filepath.Join(f.path, "a folder"), 0o700))
	_, found := f.Get("used")
	require.True(t, found)
	f.Prune()
	require.Equal(t, []string{"a folder", "today", "used", "yesterday"}, names(t, f))
}

func TestPruneBoundsTheSize(t *testing.T) {
	f := In(t.TempDir())
	for days := range 5 {
		put(t, f, fmt.Sprint(days, " days ago"), days, maxBytes/4)
	}
	f.Prune()
	require.Equal(t, []string{"0 days ago", "1 days ago", "2 days ago"}, names(t, f), "the seals are over the bound")
}

// put keeps zeros under a name, used so many days ago.
func put(t *testing.T, f Folder, name string, days, size int) {
	t.Helper()
	require.NoError(t, f.Put(name, make([]byte, size)))
	then := time.Now().AddDate(0, 0, -days)
	require.NoError(t, os.Chtimes(filepath.Join(f.path, name), then, then))
}

func names(t *testing.T, f Folder) (names []string) {
	t.Helper()
	entries, err := os.ReadDir(f.path)
	require.NoError(t, err)
	for _, entry := range entries {
		names = append(names, entry.Name())
	}
	return names
}
