package terminal_test

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/internal/terminal"
	"ml-api-accelerator/stacks/internal/terminal/pty"
)

func TestPaint(t *testing.T) {
	t.Setenv("TERM", "xterm")
	t.Setenv("NO_COLOR", "")
	screen, written := pty.Open(t)
	defer written()
	require.Equal(t, "\x1b[31mtext\x1b[0m", terminal.Paint(screen, terminal.Red, "text"))
	null, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	require.NoError(t, err)
	defer null.Close()
	for _, w := range []io.Writer{null, &bytes.Buffer{}} {
		require.Equal(t, "text", terminal.Paint(w, terminal.Red, "text"))
	}
	t.Setenv("NO_COLOR", "1")
	require.Equal(t, "text", terminal.Paint(screen, terminal.Red, "text"))
	t.Setenv("NO_COLOR", "")
	t.Setenv("TERM", "dumb")
	require.Equal(t, "text", terminal.Paint(screen, terminal.Red, "text"))
}

func TestProgress(t *testing.T) {
	t.Setenv("TERM", "xterm")
	screen, written := pty.Open(t)
	quick := terminal.Start(screen, "quick")
	quick.Stop()
	line := terminal.Start(screen, "reading")
	line.Tell("making")
	time.Sleep(1300 * time.Millisecond)
	fmt.Fprintln(line, "warning")
	line.Stop()
	fmt.Fprintln(screen, "end")
	require.Equal(t, "\r\x1b[Kmaking, 1 s\r\x1b[Kwarning\r\nend\r\n", written())
}

func TestProgressElsewhere(t *testing.T) {
	var out bytes.Buffer
	line := terminal.Start(&out, "reading")
	time.Sleep(1100 * time.Millisecond)
	fmt.Fprintln(line, "warning")
	line.Stop()
	require.Equal(t, "warning\n", out.String())
}
