//go:build unix

package cli_test

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/internal/traffic/logs"
)

// TestReplayInterrupted ends while it waits for more of a log.
func TestReplayInterrupted(t *testing.T) {
	if testing.Short() {
		t.Skip("Node.js takes seconds")
	}
	pipe := filepath.Join(t.TempDir(), "log")
	require.NoError(t, syscall.Mkfifo(pipe, 0o600))
	var stdout, stderr bytes.Buffer
	cmd := exec.CommandContext(t.Context(), os.Args[0], "replay", "prod", pipe, "-c", explained)
	cmd.Env = append(os.Environ(), runVariable+"=1")
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	require.NoError(t, cmd.Start())
	log, err := os.OpenFile(pipe, os.O_WRONLY, 0) // waits until it is read
	require.NoError(t, err)
	defer log.Close()
	_, err = log.WriteString(logs.Header)
	require.NoError(t, err)
	require.NoError(t, cmd.Process.Signal(os.Interrupt))
	var exit *exec.ExitError
	require.True(t, errors.As(cmd.Wait(), &exit))
	require.Equal(t, 130, exit.ExitCode())
	require.Empty(t, stdout.String())
	require.Equal(t, "interrupted", lastLine(stderr.String()))
}
