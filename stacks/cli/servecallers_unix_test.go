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

	"github.com/stretchr/testify/require"
)

// TestServeCallers has a caller send the key that the start shows, and one that was given, which it doesn't show.
func TestServeCallers(t *testing.T) {
	if testing.Short() {
		t.Skip("waits for a synthesis")
	}
	server := func(name string) string {
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.WriteString(w, name+" for "+r.Header.Get("X-Caller"))
		}))
		t.Cleanup(s.Close)
		return s.URL
	}
	const (
		made    = "callers need a key; for this run there is one, of the caller local: Authorization: "
		missing = "no server stands for api-canary: name one with --canary\n"
	)
	for _, r := range []struct {
		name           string
		args           []string
		header, answer string
		says, omits    string
	}{
		{"a key that is made", []string{"--canary-percent", "0"}, "", "api for local", made, "hunter2"},
		{"without a canary", []string{"--canary-percent", "0", "--key", "alice=hunter2"}, "Bearer hunter2", "api for alice", missing, made},
		{"the canary", []string{"--canary", server("canary"), "--canary-percent", "100", "--key", "alice=hunter2"}, "Bearer hunter2", "canary for alice", "listening", missing},
	} {
		t.Run(r.name, func(t *testing.T) {
			var stderr bytes.Buffer
			args := append([]string{"serve", "prod", "-c", "testdata/callers.json", "--listen", "localhost:0", "--api", server("api")}, r.args...)
			cmd := exec.CommandContext(t.Context(), os.Args[0], args...)
			cmd.Env = append(os.Environ(), runVariable+"=1", "TMPDIR="+t.TempDir())
			cmd.Stderr = &stderr
			stdout, err := cmd.StdoutPipe()
			require.NoError(t, err)
			require.NoError(t, cmd.Start())
			said, address := begin(stdout)
			require.NotEmpty(t, address, &stderr)
			require.Contains(t, said, r.says)
			require.NotContains(t, said, r.omits)
			require.NotContains(t, said, "hunter2")
			if _, key, shown := strings.Cut(said, made); shown {
				r.header, _, _ = strings.Cut(key, "\n")
			}
			require.Equal(t, r.answer, posted(t, address, r.header))
			require.NoError(t, cmd.Process.Signal(syscall.SIGINT))
			require.NoError(t, cmd.Wait(), &stderr)
		})
	}
}

// begin reads what a server says at its start, up to where it listens.
func begin(stdout io.Reader) (said, address string) {
	for lines := bufio.NewScanner(stdout); lines.Scan(); {
		said += lines.Text() + "\n"
		if address, found := strings.CutPrefix(lines.Text(), "listening on "); found {
			return said, address
		}
	}
	return said, ""
}

func posted(t *testing.T, address, authorization string) string {
	t.Helper()
	r, err := http.NewRequest(http.MethodPost, address+"/v1/chat", nil)
	require.NoError(t, err)
	r.Header.Set("Authorization", authorization)
	answer, err := http.DefaultClient.Do(r)
	require.NoError(t, err)
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	require.NoError(t, err)
	return string(text)
}
