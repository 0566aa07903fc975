//go:build unix

package bucket

import (
	"path/filepath"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestAPipe would wait for ever if it were opened.
func TestAPipe(t *testing.T) {
	dir := folder(t)
	require.NoError(t, syscall.Mkfifo(filepath.Join(dir, "models", "pipe"), 0o600))
	answer, _ := ask(t, open(t, dir, nil), "GET", "/models/pipe")
	require.Equal(t, 403, answer.StatusCode)
}
