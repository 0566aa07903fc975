package cli

import (
	"errors"
	"io/fs"
	"os"

	"github.com/spf13/cobra"

	"ml-api-accelerator/stacks/internal/edge"
	"ml-api-accelerator/stacks/internal/edge/compare"
	"ml-api-accelerator/stacks/internal/edge/expect"
)

func newCompare() *cobra.Command {
	var asJSON, asMarkdown, exitCode bool
	cmd := &cobra.Command{
		Use:   "compare OLD NEW",
		Short: "Show which requests two syntheses treat differently",
		Long: `Compares two folders of synthesized stacks, such as cdktf.out, and shows for every environment which
requests are treated differently, and how. It tries GET, POST and OPTIONS on a path of each route of
either side, with and without Authorization, Origin and a query string, with and without a known API key
where either side checks them, and in and outside of a canary where either side has one; and the requests
in expect, if there is a configuration. Signatures count as valid.

Below the requests, - is what OLD does with them, and + what NEW does.`,
		Example: `  go run . compare cdktf.out.main cdktf.out
  go run . compare cdktf.out.main cdktf.out --exit-code`,
		Args: takes(2, 2, "two folders of synthesized stacks", "compare cdktf.out.main cdktf.out"),
		RunE: func(cmd *cobra.Command, args []string) error {
			before, err := compare.Read(args[0])
			if err != nil {
				return err
			}
			after, err := compare.Read(args[1])
			if err != nil {
				return err
			}
			expected, err := expectedRequests(cmd)
			if err != nil {
				return err
			}
			differences := compare.Compare(before, after, expected)
			switch {
			case asJSON:
				err = printJSON(cmd, append([]compare.Difference{}, differences...))
			case asMarkdown:
				err = printText(cmd, compare.Markdown(differences))
			default:
				err = printText(cmd, compare.Text(differences))
			}
			if err == nil && exitCode && len(differences) > 0 {
				return errSilent
			}
			return err
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print a list of {environment, requests, before, after}; requests is "+
		"a list of {methods, paths, with, without, ways, ofWays}, or null for all")
	cmd.Flags().BoolVar(&asMarkdown, "markdown", false, "print tables for a pull request")
	cmd.Flags().BoolVar(&exitCode, "exit-code", false, "exit with 1 if a request is treated differently")
	exclusive(cmd, "json", "markdown")
	return cmd
}

// expectedRequests are those of the configuration, by environment; none where there is no configuration.
func expectedRequests(cmd *cobra.Command) (map[string][]edge.Request, error) {
	file := cmd.Flag("config")
	if _, err := os.Stat(file.Value.String()); errors.Is(err, fs.ErrNotExist) && !file.Changed {
		return nil, nil
	}
	p, err := open(cmd)
	requests := map[string][]edge.Request{}
	for name, environment := range p.config.Environments {
		for _, e := range environment.Expect {
			requests[name] = append(requests[name], expect.Request(e))
		}
	}
	return requests, err
}
