//go:build unix

package cli_test

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/internal/awstest/pages"
)

// TestWebPublishInterrupted says what callers get.
func TestWebPublishInterrupted(t *testing.T) {
	for at, want := range map[string]string{
		"list":                       "interrupted\n",
		"PUT assets/app-BfZ3d9aQ.js": "callers get the page as it was; run it again\ninterrupted\n",
		"PUT index.html":             "callers get the page as it was, or as it is now; run it again\ninterrupted\n",
	} {
		t.Run(at, func(t *testing.T) {
			a := pages.Start(t)
			a.Setenv(t)
			inPage(t, map[string]string{"index.html": "new", "assets/app-BfZ3d9aQ.js": "new"})
			var stdout, stderr bytes.Buffer
			cmd := exec.CommandContext(t.Context(), os.Args[0], "web", "publish", "dev", "dist")
			cmd.Env = append(os.Environ(), runVariable+"=1")
			cmd.Stdout, cmd.Stderr = &stdout, &stderr
			ended := make(chan struct{})
			a.Cut(func(int) error {
				if a.LastCall() == at {
					_ = cmd.Process.Signal(syscall.SIGINT) // no other way to fail than by what follows
					<-ended
					return errors.New("cut")
				}
				return nil
			}, nil)
			require.NoError(t, cmd.Start())
			var exit *exec.ExitError
			require.True(t, errors.As(cmd.Wait(), &exit))
			close(ended)
			require.Equal(t, 130, exit.ExitCode())
			require.Equal(t, want, stderr.String())
			require.Empty(t, stdout.String())
			require.NotContains(t, a.Objects(), "index.html")
		})
	}
}
