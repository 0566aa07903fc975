package cli

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"ml-api-accelerator/stacks/internal/terminal"
	"ml-api-accelerator/stacks/internal/traffic/logs"
)

// readingLogs shows on a terminal how far it is with logs, until it is done or interrupted.
func readingLogs(cmd *cobra.Command, read func(ctx context.Context, tell func(logs.Progress)) error) error {
	line := terminal.Start(warningWriter(cmd), "reading logs")
	defer line.Stop()
	return read(cmd.Context(), func(p logs.Progress) {
		line.Tell(fmt.Sprintf("reading logs, %d %%, %s", 100*p.Read/max(p.TotalBytes, 1), count(p.Lines, "request")))
	})
}
