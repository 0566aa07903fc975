package cli

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"ml-api-accelerator/stacks/internal/synth/render"
	"ml-api-accelerator/stacks/internal/terminal"
)

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

// summarize says on a terminal what was synthesized.
func summarize(w io.Writer, rendered map[string]render.Stack, warnings int, took time.Duration) error {
	if !terminal.Is(w) {
		return nil
	}
	resources := 0
	for _, s := range rendered {
		resources += s.Resources
	}
	summary := count(len(rendered), "stack") + ", " + count(resources, "resource")
	if warnings > 0 {
		summary += ", " + count(warnings, "warning")
	}
	_, err := fmt.Fprintln(w, terminal.Paint(w, terminal.Green, fmt.Sprintf("%s in %.1f s", summary, took.Seconds())))
	return err
}

func count(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}
