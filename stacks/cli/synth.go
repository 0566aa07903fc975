package cli

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"os"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"ml-api-accelerator/stacks/config"
	"ml-api-accelerator/stacks/internal/synth/output"
	"ml-api-accelerator/stacks/internal/synth/render"
	"ml-api-accelerator/stacks/internal/terminal"
)

func newSynth() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "synth",
		Short: "Write the Terraform JSON of every stack (default)",
		Long: `Checks the configuration and writes the Terraform JSON of every stack below the output folder.
A wrong configuration is refused with all its problems, and what was written before stays as it is.
So is one whose stacks don't do what expect says.
Stacks that were written before and are no longer configured are removed.

A stack is taken from the cache unless the program or its part of the configuration has changed.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if os.Getenv("SYNTH_HCL_OUTPUT") == "true" {
				return errHCL
			}
			out, err := cmd.Flags().GetString("output")
			if err != nil {
				return err
			}
			return synth(cmd, out)
		},
	}
	cmd.Flags().StringP("output", "o", cmp.Or(os.Getenv("CDKTF_OUTDIR"), "cdktf.out"), "folder to write to")
	addFresh(cmd)
	return cmd
}

// errHCL refuses a switch of the cdktf CLI: in the HCL that cdktf makes, Terraform refuses the required version.
var errHCL = errors.New("cdktf synth --hcl: not supported; the JSON that cdktf synth writes is plain Terraform")

// synth writes every stack below out, and lists them.
func synth(cmd *cobra.Command, out string) error {
	begun := time.Now()
	c, warnings, err := load(cmd)
	if err != nil {
		return err
	}
	rendered, err := renderStacks(cmd, c, warnings, c.StackNames())
	if err != nil {
		return err
	}
	file := cmd.Flag("config").Value.String()
	unreached, err := holdToExpectations(file, c, rendered)
	warnOf(cmd, unreached)
	if err != nil {
		return err
	}
	removed, err := output.Save(out, rendered)
	for _, name := range removed {
		fmt.Fprintf(warningWriter(cmd), "removed %[1]s, which isn't configured any more; if it is deployed, put it back and destroy it first: cdktf destroy %[1]s\n", terminal.Harmless(name))
	}
	if err != nil {
		return err
	}
	if err := list(cmd.OutOrStdout(), c.StackNames(), rendered, out); err != nil {
		return err
	}
	return summarize(cmd.OutOrStdout(), rendered, len(warnings)+len(unreached), time.Since(begun))
}

func list(w io.Writer, names []string, rendered map[string]render.Stack, out string) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, name := range names {
		fmt.Fprintf(table, "%s\t%d resources\t%s\n", name, rendered[name].Resources, output.StackFile(out, name))
	}
	return table.Flush()
}

func newSchema() *cobra.Command {
	return &cobra.Command{
		Use:   "schema",
		Short: "Print the JSON Schema of cdktf.json",
		Long: `Prints the JSON Schema of cdktf.json, by which an editor completes the configuration, explains its
fields and marks wrong values.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return printJSON(cmd, config.Schema())
		},
	}
}
