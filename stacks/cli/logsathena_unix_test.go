//go:build unix

package cli_test

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/internal/awstest/queries"
)

// TestLogsInterrupted stops the query.
func TestLogsInterrupted(t *testing.T) {
	s := deployedLogs(t)
	s.Athena().Next(queries.Plan{States: []string{"QUEUED", "RUNNING"}})
	var stdout, stderr bytes.Buffer
	cmd := exec.CommandContext(t.Context(), os.Args[0], "logs", "dev", "errors", "-c", queried)
	cmd.Env = append(os.Environ(), runVariable+"=1")
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	require.NoError(t, cmd.Start())
	running := func() bool {
		asked := s.Athena().Queries()
		return len(asked) == 1 && asked[0].State == "RUNNING"
	}
	require.Eventually(t, running, time.Minute, 5*time.Millisecond)
	require.NoError(t, cmd.Process.Signal(os.Interrupt))
	var exit *exec.ExitError
	require.True(t, errors.As(cmd.Wait(), &exit))
	require.Equal(t, 130, exit.ExitCode(), &stderr)
	require.Empty(t, stdout.String())
	require.Equal(t, "interrupted\n", stderr.String())
	require.Equal(t, "CANCELLED", s.Athena().Queries()[0].State)
}
