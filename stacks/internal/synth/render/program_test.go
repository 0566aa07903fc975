package render

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestProgramIsItsBuildID(t *testing.T) {
	got, err := program()
	require.NoError(t, err)
	want, err := exec.Command("go", "tool", "buildid", os.Args[0]).Output()
	require.NoError(t, err)
	require.Equal(t, strings.TrimSpace(string(want)), got)
}

// TestBuildIDs builds for each kind of executable file: a change of a dependency, and of what it embeds, is
// another program.
func TestBuildIDs(t *testing.T) {
	if testing.Short() {
		t.Skip("building takes seconds")
	}
	dir := t.TempDir()
	write := func(file, text string) {
		path := filepath.Join(dir, file)
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o700))
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	}
	const dependency = "package p\n\nimport _ \"embed\"\n\n//go:embed text\nvar Text string\n\nconst Number = "
	write("go.mod", "module program\n\ngo 1.25\n")
	write("main.go", "package main\n\nimport \"program/p\"\n\nfunc main() { println(p.Text, p.Number) }\n")
	for _, system := range []string{"linux", "darwin", "windows"} {
		write("p/text", "a")
		write("p/p.go", dependency+"1\n")
		id := func(output string, flags ...string) string {
			cmd := exec.Command("go", append([]string{"build", "-o", output}, flags...)...)
			cmd.Dir = dir
			cmd.Env = append(os.Environ(), "GOOS="+system, "GOARCH=amd64", "CGO_ENABLED=0", "GOFLAGS=", "GOWORK=off")
			text, err := cmd.CombinedOutput()
			require.NoError(t, err, "%s", text)
			file, err := os.Open(filepath.Join(dir, output))
			require.NoError(t, err)
			defer file.Close()
			id, _ := readBuildID(file)
			return id
		}
		first := id("first")
		require.Len(t, first, 83, system)
		require.Equal(t, first, id("second"), "elsewhere")
		ids := map[string]bool{first: true, id("flags", "-ldflags=-X=program/p.Text=b"): true}
		write("p/text", "b")
		ids[id("embedded")] = true
		write("p/p.go", dependency+"2\n")
		ids[id("constant")] = true
		require.Len(t, ids, 4, system)
		for _, flag := range []string{"", "redacted"} {
			require.Empty(t, id("without", "-ldflags=-buildid="+flag), system)
		}
	}
}

func TestNoBuildID(t *testing.T) {
	for _, start := range []string{"", "text", "Go\x00\x00abc/def/ghi/jkl", "0123456789abcdefghij/0123456789abcdefghij/0123456789abcdefghij/0123456789abcdefghij"} {
		_, err := readBuildID(strings.NewReader(start))
		require.EqualError(t, err, "the program has no build ID", "%q", start)
	}
}
