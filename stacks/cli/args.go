package cli

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

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
