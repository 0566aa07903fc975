package publish

import (
	"context"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// inFolder goes to a new folder with files, by name, and links, by name.
func inFolder(t *testing.T, files []string, links map[string]string) {
	t.Helper()
	t.Chdir(t.TempDir())
	for _, name := range files {
		require.NoError(t, os.MkdirAll(filepath.Dir(filepath.FromSlash(name)), 0o755))
		require.NoError(t, os.WriteFile(filepath.FromSlash(name), []byte(name), 0o644))
	}
	for name, to := range links {
		require.NoError(t, os.Symlink(to, name))
	}
}

func TestRead(t *testing.T) {
	inFolder(t, []string{"dist/index.html", "dist/.git/config", "dist/.DS_Store", "dist/a/.env", "dist/a/b.js", "dist/.well-known/security.txt", "dist/CNAME", "dist/.well-known/assetlinks",
		"dist/a-b.js", "dist/Ü ber.svg", "dist/a+b.js"}, map[string]string{"dist/link.js": "a/b.js", "dist/folder": "a", "page": "dist"})
	for _, typed := range []string{"dist", "./page", "page/"} {
		found, err := Read(t.Context(), typed, "")
		require.NoError(t, err)
		var names []string
		for _, f := range found.Files {
			names = append(names, f.Name)
		}
		require.Equal(t, []string{".well-known/assetlinks", ".well-known/security.txt", "CNAME", "a+b.js", "a-b.js", "a/b.js", "folder/b.js", "index.html", "link.js", "Ü ber.svg"}, names)
		require.Equal(t, []string{".DS_Store", ".git/", "a/.env", "folder/.env"}, found.LeftOut)
		require.Equal(t, []string{"a+b.js"}, found.Plus)
		require.Equal(t, []string{".well-known/assetlinks", "CNAME"}, found.NoDot)
	}
	ended, end := context.WithCancel(t.Context())
	end()
	_, err := Read(ended, "dist", "")
	require.ErrorIs(t, err, context.Canceled)
}

func TestReadRefuses(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("links, and names that are refused here, can't be made")
	}
	inFolder(t, []string{"secret", "empty/.keep", "deep/dist/index.html", "deep/a.js", "wrong/Index.html", "out/index.html", "loop/a/index.html", "dangling/index.html",
		"control/a\nb", `backslash/a\b`, "latin/\xfc.txt", "long/" + strings.Repeat("x/", 100) + "y", "private/index.html", "pipe/index.html", "large/index.html"},
		map[string]string{"out/secret": "../secret", "loop/a/b": "..", "dangling/x": "nowhere", "absolute": "/"})
	require.NoError(t, os.Truncate("large/index.html", mostBytes+1))
	for _, row := range []struct{ folder, prefix, want string }{
		{"nowhere", "", "nowhere: no such file or directory"},
		{"secret", "", "secret: is a file; give the folder with index.html"},
		{"empty", "", "empty: has no files to publish"},
		{"deep", "", "deep: has no index.html; did you mean deep/dist?"},
		{"wrong", "", "wrong: has no index.html; give the folder that the build of the page writes"},
		{"out", "", "out/secret: is a link that leads out of the folder, to "},
		{"loop", "", "loop/a/b: is a link to a folder that it is in"},
		{"dangling", "", "dangling/x: is a link to what isn't there"},
		{"control", "", `"control/a\nb": its name has a control character`},
		{"backslash", "", `"backslash/a\\b": its name has a \, which browsers turn into a /`},
		{"latin", "", `"latin/\xfc.txt": its name isn't UTF-8, as S3 wants it`},
		{"long", strings.Repeat("p", 824), "its path has 1025 bytes with what the bucket puts before it, and S3 takes 1024"},
		{"large", "", "large/index.html: has 5.4 GB, and S3 takes 5 GiB in one request: so large a file belongs in the bucket of models"},
	} {
		_, err := Read(t.Context(), row.folder, row.prefix)
		require.ErrorContains(t, err, row.want, row.folder)
		require.NotContains(t, err.Error(), "\n")
	}
	_, err := Read(t.Context(), "long", strings.Repeat("p", 823))
	require.EqualError(t, err, "long: has no index.html; give the folder that the build of the page writes")
}
