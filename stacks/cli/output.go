package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"unicode/utf16"

	"github.com/spf13/cobra"

	"ml-api-accelerator/stacks/internal/terminal"
)

// errSilent ends the program with exit code 1 when everything has been said.
var errSilent = errors.New("")

// interruptible is read from until a context ends.
type interruptible struct {
	ctx  context.Context
	from io.Reader
}

func (r interruptible) Read(p []byte) (int, error) {
	type result struct {
		text []byte
		err  error
	}
	done := make(chan result, 1)
	go func() {
		text := make([]byte, len(p)) // what comes later is nobody's
		n, err := r.from.Read(text)
		done <- result{text[:n], err}
	}()
	select {
	case got := <-done:
		return copy(p, got.text), got.err
	case <-r.ctx.Done():
		return 0, r.ctx.Err()
	}
}

// printText prints to stdout.
func printText(cmd *cobra.Command, text string) error {
	_, err := fmt.Fprint(cmd.OutOrStdout(), text)
	return err
}

// printJSON prints a value as JSON that people read too.
func printJSON(cmd *cobra.Command, value any) error {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(value); err != nil {
		return err
	}
	return printText(cmd, asciiWhereUnseen(out.String()))
}

// asciiWhereUnseen escapes in JSON what a terminal doesn't print as itself: the library leaves the controls from
// U+007F on, and those that turn the direction of text around. They only stand in strings.
func asciiWhereUnseen(text string) string {
	var out strings.Builder
	for _, r := range text {
		switch {
		case r == '\n' || terminal.Harmless(string(r)) == string(r):
			out.WriteRune(r)
		case r > 0xffff:
			high, low := utf16.EncodeRune(r)
			fmt.Fprintf(&out, `\u%04x\u%04x`, high, low)
		default:
			fmt.Fprintf(&out, `\u%04x`, r)
		}
	}
	return out.String()
}

// underCDKTF reports whether the cdktf CLI runs the program. It shows what is written to stderr as an error, and
// warnings from the annotations in the output.
func underCDKTF() bool { return os.Getenv("CDKTF_CONTEXT_JSON") != "" }

// warningWriter is where warnings go: to stderr, but nowhere under the cdktf CLI.
func warningWriter(cmd *cobra.Command) io.Writer {
	if underCDKTF() {
		return io.Discard
	}
	return cmd.ErrOrStderr()
}

func warn(cmd *cobra.Command, format string, args ...any) {
	w := warningWriter(cmd)
	fmt.Fprintln(w, terminal.Paint(w, terminal.Yellow, "warning:"), harmless(fmt.Sprintf(format, args...)))
}

// harmless makes each line of a text harmless.
func harmless(text string) string {
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		lines[i] = terminal.Harmless(line)
	}
	return strings.Join(lines, "\n")
}

// painted is an error of which the first line is red on a terminal.
func painted(w io.Writer, err error) string {
	first, rest, more := strings.Cut(harmless(err.Error()), "\n")
	first = terminal.Paint(w, terminal.Red, first)
	if more {
		return first + "\n" + rest
	}
	return first
}
