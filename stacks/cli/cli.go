// Package cli is the commands of the program.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"

	"github.com/aws/jsii-runtime-go"
	"github.com/spf13/cobra"
)

// Exit codes of all commands.
const (
	exitFine        = 0
	exitWrong       = 1 // something is wrong with what was looked at
	exitUsage       = 2 // the command line is
	exitInterrupted = 130
)

// Run runs a command line and returns the exit code; what is wrong is one message on stderr. Ctrl-C and SIGTERM end
// the context of the command; a second one ends the program.
func Run(args []string, stdout, stderr io.Writer) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop)
	defer stop()
	jsii.Close() // removes the folder that importing jsii alone makes; a kernel that is needed gets one of its own
	root := newRoot()
	root.SetOut(stdout)
	root.SetErr(stderr)
	root.SetIn(interruptible{ctx, os.Stdin})
	err := execute(ctx, root, args)
	var usage usageError
	switch {
	case err == nil:
		return exitFine
	case errors.Is(err, context.Canceled):
		fmt.Fprintln(stderr, "interrupted")
		return exitInterrupted
	case !errors.Is(err, errSilent):
		fmt.Fprintln(stderr, painted(stderr, err))
	}
	if errors.As(err, &usage) {
		return exitUsage
	}
	return exitWrong
}

// program is what stands before a command in help.
const program = "go run ."

func newRoot() *cobra.Command {
	synth := newSynth()
	root := &cobra.Command{
		Use:         "ml-api-accelerator",
		Annotations: map[string]string{cobra.CommandDisplayNameAnnotation: program},
		Short:       "CloudFront in front of an inference API and a private bucket of models",
		Long: `Writes the Terraform stacks that put CloudFront in front of an inference API and a private S3 bucket of
models, from the configuration in cdktf.json. Without a command it does synth.

Exit codes: 0 all is fine, 1 something is wrong with what was looked at, 2 the command line is wrong,
130 interrupted.`,
		Args:          unknownCommand,
		RunE:          synth.RunE,
		SilenceErrors: true,
		SilenceUsage:  true,
		Version:       version(debug.ReadBuildInfo()),
	}
	root.SetVersionTemplate("{{.Version}}\n")
	root.PersistentFlags().StringP("config", "c", "cdktf.json", "`FILE` with the configuration, under context.accelerator")
	root.Flags().AddFlagSet(synth.Flags())
	addGroup(root, "Build:", synth, newExample(), newCheck(), newSchema())
	addGroup(root, "Understand:", newExplain(), newCompare(), newDiagram(), newReplay(), newLogs())
	addGroup(root, "Try:", newServe(), newVerify())
	addGroup(root, "Operate:", newPolicy(), newDNS(), newQuotas(), newKey(), newCredential(), newCanary(),
		newPause(), newResume(), newSign(), newWeb())
	root.AddCommand(newPlanChanges())
	addHelp(root)
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
