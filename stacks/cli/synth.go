package cli

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"ml-api-accelerator/stacks/internal/render"
)

func newSynth() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "synth",
		Short: "Write the Terraform JSON of every stack (default)",
		Long: `Checks the configuration and writes the Terraform JSON of every stack below the output folder.
A wrong configuration is refused with all its problems, and what was written before stays as it is.
So is one whose stacks don't do what expect says.

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
	c, warnings, err := load(cmd)
	if err != nil {
		return err
	}
	rendered, err := renderStacks(cmd, c, warnings, c.StackNames())
	if err != nil {
		return err
	}
	file := cmd.Flag("config").Value.String()
	warnings, err = holdToExpectations(file, c, rendered)
	warn(cmd, warnings)
	if err != nil {
		return err
	}
	if err := save(out, rendered); err != nil {
		return err
	}
	return list(cmd.OutOrStdout(), c.StackNames(), rendered, out)
}

// save writes the files into a folder of its own first, and once all are complete moves each to the place of
// the one before.
func save(out string, rendered map[string]render.Stack) error {
	if err := os.MkdirAll(out, 0o755); err != nil {
		return err
	}
	complete, err := os.MkdirTemp(out, ".synth-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(complete)
	if err := write(complete, rendered); err != nil {
		return err
	}
	return install(complete, out)
}

// write writes the files of cdktf's output folder.
func write(dir string, rendered map[string]render.Stack) error {
	for name, s := range rendered {
		path := stackFile(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(path, s.JSON, 0o644); err != nil {
			return err
		}
	}
	manifest, err := render.Manifest(rendered)
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, "manifest.json"), manifest, 0o644)
}

// stackFile is where a stack is written below a folder.
func stackFile(dir, name string) string { return filepath.Join(dir, "stacks", name, "cdk.tf.json") }

// install moves every file below from to the same place below to.
func install(from, to string) error {
	return filepath.WalkDir(from, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		below, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		if entry.IsDir() {
			return os.MkdirAll(filepath.Join(to, below), 0o755)
		}
		return os.Rename(path, filepath.Join(to, below))
	})
}

func list(w io.Writer, names []string, rendered map[string]render.Stack, out string) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, name := range names {
		fmt.Fprintf(table, "%s\t%d resources\t%s\n", name, rendered[name].Resources, stackFile(out, name))
	}
	return table.Flush()
}
