//go:build unix

package cli_test

import (
	"bufio"
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestServeInterrupted ends in order in the middle of a download, and leaves no file.
func TestServeInterrupted(t *testing.T) {
	if testing.Short() {
		t.Skip("waits for a synthesis")
	}
	origin := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "max-age=60")
		for r.Context().Err() == nil {
			_, _ = w.Write(make([]byte, 1<<20))
			time.Sleep(10 * time.Millisecond)
		}
	}))
	defer origin.Close()
	temporary := t.TempDir()
	var stderr bytes.Buffer
	cmd := exec.CommandContext(t.Context(), os.Args[0], "serve", "private", "-c", "../testdata/everything.json", "--api", origin.URL, "--listen", "localhost:0")
	cmd.Env = append(os.Environ(), runVariable+"=1", "TMPDIR="+temporary)
	cmd.Stderr = &stderr
	stdout, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	address := ""
	for lines := bufio.NewScanner(stdout); address == "" && lines.Scan(); {
		address, _ = strings.CutPrefix(lines.Text(), "listening on ")
		if address == lines.Text() {
			address = ""
		}
	}
	require.NotEmpty(t, address, &stderr)
	go func() { _, _ = io.Copy(io.Discard, stdout) }()
	answer, err := http.Get(address + "/")
	require.NoError(t, err)
	defer answer.Body.Close()
	_, err = io.CopyN(io.Discard, answer.Body, 4<<20)
	require.NoError(t, err)

	begun := time.Now()
	require.NoError(t, cmd.Process.Signal(syscall.SIGINT))
	_, err = io.Copy(io.Discard, answer.Body)
	require.Error(t, err, "it is cut off")
	require.NoError(t, cmd.Wait())
	require.Less(t, time.Since(begun), time.Minute)
	for line := range strings.Lines(stderr.String()) {
		require.Regexp(t, "^Node.js", line, "beside what it may say about the version")
	}
	left, err := os.ReadDir(temporary)
	require.NoError(t, err)
	require.Empty(t, left)
}
