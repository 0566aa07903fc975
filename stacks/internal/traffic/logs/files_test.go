package logs

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// files makes empty files in a folder.
func files(t *testing.T, paths ...string) string {
	t.Helper()
	dir := t.TempDir()
	for _, path := range paths {
		path = filepath.Join(dir, path)
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o700))
		require.NoError(t, os.WriteFile(path, nil, 0o600))
	}
	return dir
}

// TestFindFolders takes what is in a folder that is named or matches, in the order of hours, and leaves out what is
// hidden.
func TestFindFolders(t *testing.T) {
	dir := files(t, "2026/01/31/11/E.2026-01-31-11.a.gz", "2026/01/31/10/b.gz", ".DS_Store", ".cache/c.gz", "2026/01/31/10/.hidden")
	want := []string{filepath.Join(dir, "2026/01/31/10/b.gz"), filepath.Join(dir, "2026/01/31/11/E.2026-01-31-11.a.gz")}
	require.NoError(t, os.Symlink(filepath.Join(dir, "2026"), filepath.Join(dir, "link")))
	for _, pattern := range []string{dir, filepath.Join(dir, "20*"), filepath.Join(dir, "2026", "*", "*", "*", "*.gz")} {
		found, err := Find([]string{pattern, want[0]})
		require.NoError(t, err)
		var paths []string
		for _, f := range found {
			if f.unusable == "" { // the link is
				paths = append(paths, f.Path)
			}
		}
		require.Equal(t, want, paths, pattern)
	}
	found, err := Find([]string{filepath.Join(dir, "link")})
	require.NoError(t, err)
	require.Len(t, found, 2)
	empty := files(t)
	_, err = Find([]string{empty})
	require.EqualError(t, err, empty+": the folder has no files, or only hidden ones")
}

func TestHourOf(t *testing.T) {
	for _, r := range []struct {
		path, hour string
		inFolder   bool
	}{
		{"/logs/E2EXAMPLE.2026-01-31-10.abc.gz", "2026-01-31-10", false},
		{"/logs/E2EXAMPLE.2026-01-31-10.abc", "2026-01-31-10", false},
		{"/logs/2026/01/31/10/abc.gz", "2026-01-31-10", true},
		{"/logs/year=2026/month=01/day=31/hour=10/abc.gz", "2026-01-31-10", true},
		{"/logs/2026/01/31/10/logs/abc.gz", "2026-01-31-10", true},
		{"/2025/01/02/03/logs/2026/01/31/10/abc.gz", "2026-01-31-10", true},
		{"/logs/2026/01/31/abc.gz", "", false},
		{"/logs/12026/01/31/10/abc.gz", "", false},
		{"/logs/E2EXAMPLE.2026-01-31.abc.gz", "", false},
		{"/logs/10", "", false},
	} {
		hour, inFolder, err := hourOf(filepath.FromSlash(r.path))
		require.NoError(t, err)
		require.Equal(t, r.hour, hour, r.path)
		require.Equal(t, r.inFolder, inFolder, r.path)
	}
	t.Chdir(files(t, "2026/01/31/10/a"))
	t.Chdir("2026/01")
	hour, inFolder, err := hourOf(filepath.Join("31", "10", "a"))
	require.NoError(t, err)
	require.Equal(t, "2026-01-31-10", hour)
	require.True(t, inFolder)
}

// TestBothVersions refuses an hour that would count twice, and takes hours from before and after a change of versions.
func TestBothVersions(t *testing.T) {
	one, other := "E.2026-01-31-10.a.gz", filepath.Join("2026", "01", "31", "10", "E.2026-01-31-10.b.gz")
	dir := files(t, one, other, filepath.Join("2026", "01", "31", "11", "c.gz"))
	_, err := Find([]string{dir})
	require.EqualError(t, err, filepath.Join(dir, one)+" and "+filepath.Join(dir, other)+
		" are logs of both versions for the same hour, so its requests would count twice: name those of one version")
	found, err := Find([]string{filepath.Join(dir, one), filepath.Join(dir, "2026", "01", "31", "11")})
	require.NoError(t, err)
	require.Len(t, found, 2)
}

// TestHeading has one request without an s.
func TestHeading(t *testing.T) {
	at := time.Date(2026, 1, 31, 12, 0, 0, 0, time.UTC)
	require.Equal(t, "1 request in 1 file, 2026-01-31 12:00:00 to 2026-01-31 12:00:00 UTC", Heading(1, 1, at, at))
	require.Equal(t, "1,000 requests in 2 files, 2026-01-31 12:00:00 to 2026-01-31 12:00:00 UTC", Heading(1000, 2, at, at))
}
