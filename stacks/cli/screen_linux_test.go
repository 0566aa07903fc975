package cli_test

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/cli"
	"ml-api-accelerator/stacks/internal/terminal/pty"
)

// TestColours are on a terminal only.
func TestColours(t *testing.T) {
	t.Setenv("TERM", "xterm")
	t.Setenv("NO_COLOR", "")
	t.Chdir(t.TempDir())
	for text, want := range map[string]string{
		minimal(""):         "cdktf.json: \x1b[32mfine\x1b[0m\r\n",
		minimal(`"nam": 1`): "\x1b[31mcdktf.json: 1 problem in context.accelerator\x1b[0m\r\n  nam: unknown field (did you mean name?) (cdktf.json:2:93)\r\n",
		"{":                 "\x1b[31mcdktf.json:1:2: the file ends before the { of line 1 is closed\x1b[0m\r\n",
		strings.ReplaceAll(minimal(""), "a.backend.dev", "your-backend-endpoint.amazonaws.com"): "\x1b[33mwarning:\x1b[0m environments.dev.api.domainName: is a placeholder, " +
			"\"your-backend-endpoint.amazonaws.com\": replace it with the name of your backend, or every call will be answered 502 (cdktf.json:2:59)\r\ncdktf.json: \x1b[33mno problems, 1 to think about\x1b[0m\r\n",
	} {
		require.NoError(t, os.WriteFile("cdktf.json", []byte(text), 0o644))
		screen, written := pty.Open(t)
		cli.Run([]string{"check"}, screen, screen)
		require.Equal(t, want, written())
	}
}

func TestSummary(t *testing.T) {
	if testing.Short() {
		t.Skip("Node.js takes seconds")
	}
	t.Setenv("TERM", "xterm")
	t.Setenv("NO_COLOR", "1")
	screen, written := pty.Open(t)
	require.Zero(t, cli.Run([]string{"-c", example, "-o", t.TempDir()}, screen, screen))
	require.Regexp(t, `(?s)^warning: environments.dev.*cdk.tf.json\r\n3 stacks, \d+ resources, \d+ warnings in \d+\.\d s\r\n$`, written())
}
