package cli

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"ml-api-accelerator/stacks/config"
	"ml-api-accelerator/stacks/internal/shared/format"
	"ml-api-accelerator/stacks/internal/synth/output"
	"ml-api-accelerator/stacks/internal/synth/render"
	"ml-api-accelerator/stacks/internal/terminal"
)

// defaultOutput is where cdktf looks for the stacks.
const defaultOutput = "cdktf.out"

func newSynth() *cobra.Command {
	var out string
	var asJSON bool
	cmd := &cobra.Command{
		Use:        "synth",
		SuggestFor: []string{"build", "init", "synthesize"},
		Short:      "Write the Terraform JSON of every stack (default)",
		Long: `Checks the configuration and writes the Terraform JSON of every stack below the output folder.
A configuration with problems is refused, with all of them at once, and so is one whose stacks don't do
what expect says; what was written before then stays as it is. Stacks that are no longer configured are
removed.

A stack is taken from the cache unless the program or its part of the configuration has changed.`,
		Example: `  go run .
  go run . synth --output cdktf.out.main`,
		Args: takesNone,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if os.Getenv("SYNTH_HCL_OUTPUT") == "true" {
				return errHCL
			}
			return synth(cmd, out, asJSON)
		},
	}
	cmd.Flags().StringVarP(&out, "output", "o", cmp.Or(os.Getenv("CDKTF_OUTDIR"), defaultOutput), "`DIR` to write to")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print a list of {stack, resources, file}")
	addFresh(cmd)
	return cmd
}

// errHCL refuses a switch of the cdktf CLI: in the HCL that cdktf makes, Terraform refuses the required version.
var errHCL = errors.New("cdktf synth --hcl: not supported; the JSON that cdktf synth writes is plain Terraform")

// written is a stack as JSON.
type written struct {
	Stack     string `json:"stack"`
	Resources int    `json:"resources"`
	File      string `json:"file"`
}

// synth writes every stack below out, and lists them.
func synth(cmd *cobra.Command, out string, asJSON bool) error {
	begun := time.Now()
	p, err := open(cmd)
	p.warn(p.warnings)
	if err != nil {
		return err
	}
	rendered, err := p.render(p.config.StackNames()...)
	if err != nil {
		return err
	}
	unreached, err := p.holdToExpectations(rendered)
	p.warn(unreached)
	if err != nil {
		return err
	}
	removed, err := output.Save(out, rendered)
	for _, name := range removed {
		fmt.Fprintf(warningWriter(cmd), "removed %[1]s, which isn't configured any more; if it is deployed, put it back and destroy it first: "+
			"cdktf destroy %[1]s\n", terminal.Harmless(name))
	}
	if err != nil {
		return err
	}
	var list []written
	for _, name := range p.config.StackNames() {
		list = append(list, written{name, rendered[name].Resources, output.StackFile(out, name)})
	}
	if asJSON {
		return printJSON(cmd, list)
	}
	if err := listStacks(cmd.OutOrStdout(), list); err != nil {
		return err
	}
	if err := summarize(cmd.OutOrStdout(), rendered, len(p.warnings)+len(unreached), time.Since(begun)); err != nil {
		return err
	}
	if out == defaultOutput {
		fmt.Fprintln(warningWriter(cmd), nextCommand(p.config, p.warnings))
	}
	return nil
}

// nextCommand says what to do with stacks where cdktf finds them.
func nextCommand(c config.Config, warnings []config.Problem) string {
	first := c.EnvironmentNames()[0]
	var having []string
	for _, of := range []struct{ environment, name string }{{"", "the state"}, {first, first}} {
		if slices.ContainsFunc(warnings, func(p config.Problem) bool {
			return config.IsPlaceholder(p) && config.EnvironmentOf(p) == of.environment
		}) {
			having = append(having, of.name)
		}
	}
	if len(having) > 0 {
		return "next: replace the placeholders, at least those of " + strings.Join(having, " and of ")
	}
	next := fmt.Sprintf("next: cdktf deploy %s, then cdktf deploy %s", c.StateStackName(), c.StackName(first))
	if c.Environments[first].Domain.DNS == config.DNSManual {
		next += fmt.Sprintf("; while the second waits for its certificate, %s dns %s has the records to make", program, first)
	}
	return next
}

func listStacks(w io.Writer, list []written) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, s := range list {
		fmt.Fprintf(table, "%s\t%s\t%s\n", s.Stack, format.Count(s.Resources, "resource"), s.File)
	}
	return table.Flush()
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
	summary := format.Count(len(rendered), "stack") + ", " + format.Count(resources, "resource")
	if warnings > 0 {
		summary += ", " + format.Count(warnings, "warning")
	}
	_, err := fmt.Fprintln(w, terminal.Paint(w, terminal.Green, fmt.Sprintf("%s in %.1f s", summary, took.Seconds())))
	return err
}

func newSchema() *cobra.Command {
	return &cobra.Command{
		Use:   "schema",
		Short: "Print the JSON Schema of cdktf.json",
		Long: `Prints the JSON Schema of cdktf.json. With it an editor completes the configuration, explains its fields
and marks wrong values.`,
		Example: `  go run . schema > cdktf.schema.json`,
		Args:    takesNone,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return printJSON(cmd, config.Schema())
		},
	}
}
