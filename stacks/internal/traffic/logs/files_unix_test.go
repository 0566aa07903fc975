//go:build unix

package logs

import (
	"net"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestOddFiles has what else may be in a folder: the logs are read, and the rest is told.
func TestOddFiles(t *testing.T) {
	dir, err := os.MkdirTemp("", "") // the path of a socket is short
	require.NoError(t, err)
	defer os.RemoveAll(dir)
	at := func(name string) string { return filepath.Join(dir, name) }
	file(t, dir, "good", columnsRead+line("10:00:00", "/"))
	file(t, dir, "empty.gz", "")
	require.NoError(t, os.WriteFile(at("nothing.gz"), nil, 0o600))
	require.NoError(t, os.Symlink("gone", at("dangling")))
	require.NoError(t, os.Symlink("self", at("self")))
	require.NoError(t, os.Symlink(".", at("loop")))
	require.NoError(t, os.Symlink("good", at("link")))
	require.NoError(t, syscall.Mkfifo(at("pipe"), 0o600))
	socket, err := net.Listen("unix", at("socket"))
	require.NoError(t, err)
	defer socket.Close()
	want := map[string]string{
		"empty.gz": notALog, "nothing.gz": notALog, "dangling": "can't be read: " + syscall.ENOENT.Error(), "self": "can't be read: " + syscall.ELOOP.Error(),
		"loop": linkToFolder, "pipe": noFile, "socket": noFile,
	}
	if os.Getuid() != 0 {
		require.NoError(t, os.WriteFile(at("secret"), nil, 0))
		require.NoError(t, os.Mkdir(at("closed"), 0))
		want["secret"], want["closed"] = "can't be read: "+syscall.EACCES.Error(), "can't be read: "+syscall.EACCES.Error()
	}
	for _, pattern := range []string{dir, at("loop"), dir + "/", at("*")} {
		lines, problems, err := all(t, pattern)
		require.NoError(t, err)
		got := map[string]string{}
		for _, p := range problems {
			got[filepath.Base(p.File)] = p.Problem
		}
		if pattern == at("*") { // which names the folder that is linked, too
			require.Subset(t, got, map[string]string{"dangling": want["dangling"], "pipe": noFile})
			continue
		}
		require.Equal(t, want, got, pattern)
		require.Len(t, lines, 2, pattern)
	}
	_, _, err = all(t, at("dangling"))
	require.ErrorContains(t, err, "dangling: can't be read: "+syscall.ENOENT.Error())
}
