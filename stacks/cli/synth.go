package cli

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"syscall"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"ml-api-accelerator/stacks"
	"ml-api-accelerator/stacks/config"
	"ml-api-accelerator/stacks/internal/bindings"
)

func newSynth() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "synth",
		Short: "Write the Terraform JSON of every stack (default)",
		Long: `Checks the configuration and writes the Terraform JSON of every stack below the output folder.
A wrong configuration is refused with all its problems, and what was written before stays as it is.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, warnings, err := load(cmd)
			if err != nil {
				return err
			}
			out, err := cmd.Flags().GetString("output")
			if err != nil {
				return err
			}
			written, err := synth(c, warnings, out, warningWriter(cmd))
			if err != nil {
				return err
			}
			return list(cmd.OutOrStdout(), written)
		},
	}
	cmd.Flags().StringP("output", "o", cmp.Or(os.Getenv("CDKTF_OUTDIR"), "cdktf.out"), "folder to write to")
	return cmd
}

// stack is one that was written.
type stack struct {
	Name      string
	Resources int
	Path      string
}

// synth writes every stack below out: first into a folder of its own, and once all are complete each
// file in the place of the one before.
func synth(c config.Config, warnings []config.Problem, out string, warn io.Writer) ([]stack, error) {
	if err := needNode(); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(out, 0o755); err != nil {
		return nil, err
	}
	fresh, err := os.MkdirTemp(out, ".synth-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(fresh)
	if err := render(c, warnings, fresh, warn); err != nil {
		return nil, err
	}
	if err := install(fresh, out); err != nil {
		return nil, err
	}
	return summarize(c, out)
}

// needNode reports a missing Node.js.
func needNode() error {
	if _, err := exec.LookPath(bindings.Node()); err != nil {
		return fmt.Errorf("%s: not found; install Node.js 22 or later: cdktf's constructs run in it", bindings.Node())
	}
	return nil
}

// render has the constructs write every stack below an empty folder. Ctrl-C and SIGTERM make it an error once
// that is done, since the kernel can't stop halfway and leave nothing behind; a second one ends the program.
func render(c config.Config, warnings []config.Problem, dir string, warn io.Writer) (err error) {
	interrupted, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(interrupted, stop)
	defer stop()
	defer func() {
		if problem := recover(); problem != nil {
			err = fmt.Errorf("synthesis failed, please report this as a bug: %v", problem)
		}
	}()
	unload, err := bindings.Load(warn)
	if err != nil {
		return err
	}
	defer unload()
	stacks.New(c, warnings, dir).Synth()
	return interrupted.Err()
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

func summarize(c config.Config, out string) ([]stack, error) {
	var written []stack
	for _, name := range c.StackNames() {
		s := stack{Name: name, Path: stackFile(out, name)}
		data, err := os.ReadFile(s.Path)
		if err != nil {
			return nil, err
		}
		var synthesized struct {
			Resource map[string]map[string]json.RawMessage
		}
		if err := json.Unmarshal(data, &synthesized); err != nil {
			return nil, fmt.Errorf("%s: %w", s.Path, err)
		}
		for _, ofType := range synthesized.Resource {
			s.Resources += len(ofType)
		}
		written = append(written, s)
	}
	return written, nil
}

func list(w io.Writer, written []stack) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, s := range written {
		fmt.Fprintf(table, "%s\t%d resources\t%s\n", s.Name, s.Resources, s.Path)
	}
	return table.Flush()
}
