// Package cli is the commands of the program.
package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"time"
	"unicode/utf16"

	"github.com/aws/jsii-runtime-go"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"ml-api-accelerator/stacks/config"
	"ml-api-accelerator/stacks/internal/synth/render"
	"ml-api-accelerator/stacks/internal/terminal"
)

// Run runs a command line and returns the exit code: 0, or 1 with one message on stderr, or 130 if it was interrupted. Ctrl-C and
// SIGTERM end the context of the command; a second one ends the program.
func Run(args []string, stdout, stderr io.Writer) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop)
	defer stop()
	jsii.Close() // removes the folder that importing jsii alone makes; a kernel that is needed gets one of its own
	root := newRoot()
	root.SetOut(stdout)
	root.SetErr(stderr)
	root.SetIn(interruptible{ctx, os.Stdin})
	args, err := withTwoDashes(root, args)
	if err == nil {
		root.SetArgs(args)
		err = root.ExecuteContext(ctx)
	}
	switch {
	case err == nil:
		return 0
	case errors.Is(err, context.Canceled):
		fmt.Fprintln(stderr, "interrupted")
		return 130
	case !errors.Is(err, errSilent):
		fmt.Fprintln(stderr, painted(stderr, err))
	}
	return 1
}

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

func newRoot() *cobra.Command {
	synth := newSynth()
	root := &cobra.Command{
		Use:   "ml-api-accelerator",
		Short: "CloudFront in front of an inference API and a private bucket of models",
		Long: `Synthesizes the Terraform stacks that put CloudFront in front of an inference API and of a
private S3 bucket of models, from the configuration in cdktf.json. Without a command it does synth.`,
		Args:          cobra.NoArgs,
		RunE:          synth.RunE,
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	root.PersistentFlags().StringP("config", "c", "cdktf.json", "file with the configuration, under context.accelerator")
	root.Flags().AddFlagSet(synth.Flags())
	addGroup(root, "Build:", synth, newCheck(), newSchema())
	addGroup(root, "Understand:", newExplain(), newCompare(), newDiagram(), newReplay(), newLogs())
	addGroup(root, "Try:", newServe(), newVerify())
	addGroup(root, "Operate:", newPolicy(), newKey(), newCanary())
	completeFlags(root)
	return root
}

// addGroup adds commands that help lists together.
func addGroup(root *cobra.Command, title string, commands ...*cobra.Command) {
	root.AddGroup(&cobra.Group{ID: title, Title: title})
	for _, c := range commands {
		c.GroupID = title
	}
	root.AddCommand(commands...)
}

// load reads the configuration that the command line names, and prints its warnings.
func load(cmd *cobra.Command) (config.Config, []config.Problem, error) {
	file, err := cmd.Flags().GetString("config")
	if err != nil {
		return config.Config{}, nil, err
	}
	c, warnings, err := config.Load(file)
	warnOf(cmd, warnings)
	return c, warnings, err
}

// configured is an environment of the configuration, whose warnings are no concern of the command.
func configured(cmd *cobra.Command, environment string) (config.Config, config.Environment, error) {
	c, _, err := config.Load(cmd.Flag("config").Value.String())
	if err != nil {
		return config.Config{}, config.Environment{}, err
	}
	e, err := c.Environment(environment)
	return c, e, err
}

// warnOf prints warnings about the configuration that the command line names.
func warnOf(cmd *cobra.Command, warnings []config.Problem) {
	for _, w := range warnings {
		warn(cmd, "%s", w.In(cmd.Flag("config").Value.String()))
	}
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
	_, err := fmt.Fprint(cmd.OutOrStdout(), asciiWhereUnseen(out.String()))
	return err
}

// asciiWhereUnseen escapes in JSON what a terminal doesn't print as itself: the library leaves the controls from U+007F on, and those
// that turn the direction of text around. They only stand in strings.
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

// warningWriter is where warnings go: to stderr, but nowhere when the cdktf CLI runs the program. It shows
// what is written to stderr as an error, and the warnings themselves from the annotations in the output.
func warningWriter(cmd *cobra.Command) io.Writer {
	if os.Getenv("CDKTF_CONTEXT_JSON") != "" {
		return io.Discard
	}
	return cmd.ErrOrStderr()
}

// withTwoDashes takes a long flag with one dash, as other Go programs spell it, for one with two. It refuses other words with
// one: to the library -outptu=x is -o with the value utptu=x.
func withTwoDashes(root *cobra.Command, args []string) ([]string, error) {
	if len(args) > 0 && strings.HasPrefix(args[0], cobra.ShellCompRequestCmd) {
		return args, nil // what is typed so far
	}
	flags := allFlags(root)
	args = slices.Clone(args)
	for i := 0; i < len(args) && args[i] != "--"; i++ {
		name, dashes := strings.CutPrefix(args[i], "-")
		if !dashes || name == "" {
			continue
		}
		name, long := strings.CutPrefix(name, "-")
		name, _, hasValue := strings.Cut(name, "=")
		flag := flags.Lookup(name)
		switch {
		case len(name) == 1 && !long:
			flag = flags.ShorthandLookup(name)
		case flag == nil && !long:
			return nil, unknownFlag(flags, args[i])
		case !long:
			args[i] = "-" + args[i]
		}
		if flag != nil && !hasValue && flag.NoOptDefVal == "" {
			i++ // its value, whatever that looks like
		}
	}
	return args, nil
}

// allFlags are those of all commands: which command it is isn't known before the flags are.
func allFlags(root *cobra.Command) *pflag.FlagSet {
	all := pflag.NewFlagSet("", pflag.ContinueOnError)
	root.InitDefaultHelpFlag()
	addFlags(all, root)
	all.AddFlagSet(root.PersistentFlags())
	return all
}

// addFlags adds those of the commands below a command before its own.
func addFlags(all *pflag.FlagSet, cmd *cobra.Command) {
	for _, c := range cmd.Commands() {
		addFlags(all, c)
	}
	cmd.Flags().VisitAll(func(f *pflag.Flag) {
		if all.Lookup(f.Name) == nil {
			all.AddFlag(f)
		}
	})
}

func unknownFlag(flags *pflag.FlagSet, arg string) error {
	if f := flags.ShorthandLookup(arg[1:2]); f != nil && f.NoOptDefVal == "" {
		return fmt.Errorf("unknown flag: %s; a value stands apart, -%s VALUE, and a long flag has two dashes, --%s", arg, f.Shorthand, f.Name)
	}
	return fmt.Errorf("unknown flag: %s", arg)
}

// completeEnvironments has a shell complete the first argument: an environment of the configuration, or one of the others.
func completeEnvironments(others ...string) cobra.CompletionFunc {
	return func(cmd *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
		if len(args) > 0 {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		c, _, _ := config.Load(cmd.Flag("config").Value.String()) // none if it is wrong
		return append(c.EnvironmentNames(), others...), cobra.ShellCompDirectiveNoFileComp
	}
}

// completeFlags has a shell complete the values of flags.
func completeFlags(root *cobra.Command) {
	_ = root.MarkPersistentFlagFilename("config", "json") // an error is a flag that doesn't exist, as a test would see
	for _, c := range append(root.Commands(), root) {
		if c.Flags().Lookup("output") != nil {
			_ = c.MarkFlagDirname("output")
		}
	}
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
