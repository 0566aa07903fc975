package cli

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"ml-api-accelerator/stacks/config/declare"
	"ml-api-accelerator/stacks/internal/shared/format"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// usageError is a mistake in the command line itself.
type usageError struct{ error }

func (e usageError) Unwrap() error { return e.error }

func usageErrorf(format string, args ...any) error { return usageError{fmt.Errorf(format, args...)} }

// execute runs a command line. Mistakes in it are told in our own words, before the library sees them.
func execute(ctx context.Context, root *cobra.Command, args []string) error {
	args, err := checkFlags(root, args)
	if err != nil {
		return usageError{err}
	}
	show := root.HelpFunc()
	root.SetHelpFunc(func(cmd *cobra.Command, words []string) {
		if cmd.HasSubCommands() { // chek --help is no question about the program
			err = unknownCommand(cmd, cmd.Flags().Args())
		}
		if err == nil {
			show(cmd, words)
		}
	})
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return usageError{err} })
	root.SetArgs(args)
	if failed := root.ExecuteContext(ctx); failed != nil {
		return failed
	}
	return err
}

// widest is how long the lines of help are: some terminals are no wider.
const widest = 100

// reflow breaks the paragraphs of a text into lines of that length. What is indented stays as it is.
func reflow(text string) string {
	paragraphs := strings.Split(text, "\n\n")
	for i, p := range paragraphs {
		if !strings.HasPrefix(p, " ") {
			paragraphs[i] = format.Wrap(p, "", "", widest)
		}
	}
	return strings.Join(paragraphs, "\n\n")
}

// reflowAll does so with the help of a command and those below it.
func reflowAll(cmd *cobra.Command) {
	cmd.Long = reflow(cmd.Long)
	for _, c := range cmd.Commands() {
		reflowAll(c)
	}
}

// addHelp adds the commands that are about the others, and completes what all have in common.
func addHelp(root *cobra.Command) {
	reflowAll(root)
	wrapped := fmt.Sprintf(".FlagUsagesWrapped %d", widest)
	root.SetUsageTemplate(strings.ReplaceAll(root.UsageTemplate(), ".FlagUsages", wrapped))
	root.PersistentFlags().BoolP("help", "h", false, "show this help")
	root.Flags().BoolP("version", "v", false, "print which revision of the program this is")
	root.SetHelpCommand(&cobra.Command{
		Use:   "help [COMMAND]",
		Short: "Show the help of a command",
		RunE: func(_ *cobra.Command, args []string) error {
			cmd, rest, _ := root.Find(args)
			if len(rest) > 0 {
				return unknownCommand(cmd, rest)
			}
			cmd.InitDefaultHelpFlag()
			return cmd.Help()
		},
	})
	root.InitDefaultHelpCmd()
	root.InitDefaultCompletionCmd()
	root.AddCommand(newVersion())
	for _, c := range root.Commands() {
		if !c.HasSubCommands() {
			continue
		}
		c.Args = unknownCommand
		for _, below := range c.Commands() {
			if below.Args == nil || c.Name() == "completion" {
				below.Args = takesNone
			}
		}
	}
	completeFlags(root)
}

// unknownCommand refuses the arguments of a command that has others below it.
func unknownCommand(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	var names []string
	for _, c := range cmd.Commands() {
		if !c.Hidden {
			names = append(names, c.Name())
		}
		if slices.Contains(c.SuggestFor, args[0]) {
			return usageErrorf("unknown command %q (did you mean %s?); %s --help lists all",
				args[0], c.Name(), cmd.CommandPath())
		}
	}
	if theirs := cdktfCommands[args[0]]; theirs != "" && cmd == cmd.Root() {
		return usageErrorf("unknown command %q; that is the cdktf CLI's: %s", args[0],
			strings.Join(append([]string{"cdktf", theirs}, args[1:]...), " "))
	}
	return usageErrorf("unknown command %q%s; %s --help lists all",
		args[0], declare.Suggestion(args[0], names), cmd.CommandPath())
}

// cdktfCommands are those that work on what this program writes, by their names there and in Terraform.
var cdktfCommands = map[string]string{
	"apply": "deploy", "deploy": "deploy", "destroy": "destroy", "diff": "diff", "list": "list", "output": "output",
	"plan": "diff",
}

// takes is how many arguments a command takes (most < 0: any number), in words, and an example.
func takes(least, most int, what, example string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) < least || most >= 0 && len(args) > most {
			return usageErrorf("%s takes %s: %s", nameOf(cmd), what, example)
		}
		return nil
	}
}

// takesNone refuses arguments.
func takesNone(cmd *cobra.Command, args []string) error {
	if len(args) > 0 {
		return usageErrorf("%s takes no arguments, got %q", nameOf(cmd), args[0])
	}
	return nil
}

// nameOf is a command's name as typed, such as key add.
func nameOf(cmd *cobra.Command) string {
	return strings.TrimSpace(strings.TrimPrefix(cmd.CommandPath(), program))
}

// exclusive has a command take only one of some flags, beside those of earlier calls.
func exclusive(cmd *cobra.Command, flags ...string) {
	before := cmd.PreRunE
	cmd.PreRunE = func(cmd *cobra.Command, args []string) error {
		if before != nil {
			if err := before(cmd, args); err != nil {
				return err
			}
		}
		var given []string
		for _, name := range flags {
			if cmd.Flags().Changed(name) {
				given = append(given, "--"+name)
			}
		}
		if len(given) > 1 {
			return usageErrorf("%s exclude each other: give one of them", strings.Join(given, " and "))
		}
		return nil
	}
}

// formerName has a command take a flag by the name that it had before.
func formerName(cmd *cobra.Command, former, name string) {
	cmd.Flags().SetNormalizeFunc(func(_ *pflag.FlagSet, typed string) pflag.NormalizedName {
		if typed == former {
			typed = name
		}
		return pflag.NormalizedName(typed)
	})
}

// checkFlags refuses unknown flags, and those that lack a value or have one too many. A long flag may have one dash,
// as other Go programs spell it; to the library -outptu=x would be -o with the value utptu=x.
func checkFlags(root *cobra.Command, args []string) ([]string, error) {
	if len(args) > 0 && strings.HasPrefix(args[0], cobra.ShellCompRequestCmd) {
		return args, nil // what is typed so far
	}
	args = slices.Clone(args)
	all := allFlags(root) // which command it is isn't known before the flags are
	_ = eachFlag(args, all, func(w word) error {
		if !w.long && len(w.name) > 1 && w.flag != nil {
			args[w.index] = "-" + args[w.index]
		}
		return nil
	})
	cmd, _, _ := root.Find(args)
	cmd.InitDefaultHelpFlag()
	flags := pflag.NewFlagSet("", pflag.ContinueOnError)
	flags.SetNormalizeFunc(cmd.Flags().GetNormalizeFunc())
	flags.AddFlagSet(cmd.Flags())
	flags.AddFlagSet(root.PersistentFlags())
	return args, eachFlag(args, flags, func(w word) error {
		switch {
		case w.flag == nil:
			return unknownFlag(cmd, flags, args[w.index])
		case w.isSwitch() && w.hasValue:
			if _, err := strconv.ParseBool(w.value); err != nil {
				return fmt.Errorf("--%s is a switch, and takes no value, got %q", w.flag.Name, w.value)
			}
		case !w.isSwitch() && !w.hasValue && w.index+1 == len(args):
			placeholder, _ := pflag.UnquoteUsage(w.flag)
			return fmt.Errorf("--%s takes a value: --%[1]s %s", w.flag.Name, placeholder)
		}
		return nil
	})
}

// word is a flag as it stands on a command line.
type word struct {
	index       int
	name, value string
	long        bool // has two dashes
	hasValue    bool // after =
	flag        *pflag.Flag
}

func (w word) isSwitch() bool { return w.flag.NoOptDefVal != "" }

// eachFlag visits the flags of a command line up to --, but not their values, whatever these look like.
func eachFlag(args []string, flags *pflag.FlagSet, visit func(word) error) error {
	for i := 0; i < len(args) && args[i] != "--"; i++ {
		name, dashes := strings.CutPrefix(args[i], "-")
		if !dashes || name == "" {
			continue
		}
		w := word{index: i}
		name, w.long = strings.CutPrefix(name, "-")
		w.name, w.value, w.hasValue = strings.Cut(name, "=")
		if len(w.name) == 1 && !w.long {
			w.flag = flags.ShorthandLookup(w.name)
		} else {
			w.flag = flags.Lookup(w.name)
		}
		if err := visit(w); err != nil {
			return err
		}
		if w.flag != nil && !w.hasValue && !w.isSwitch() {
			i++
		}
	}
	return nil
}

// allFlags are those of all commands.
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

// insteadOfJSON is why commands have no --json, and what people want who ask for it.
var insteadOfJSON = map[string]string{
	"credential set":    "prints one line; what there is as JSON: credential list prod --json",
	"credential remove": "prints one line; what there is as JSON: credential list prod --json",
	"diagram":           "prints Mermaid; the routes as JSON: explain prod --json",
	"key add":           "prints the key alone; the keys as JSON: key list prod --json",
	"key remove":        "prints nothing to read; the keys as JSON: key list prod --json",
	"policy":            "prints JSON as it is",
	"schema":            "prints JSON as it is",
	"serve":             "runs until it is interrupted; its requests, for logs ENVIRONMENT QUERY FILE --json: --log FILE",
	"version":           "prints one line",
}

func unknownFlag(cmd *cobra.Command, flags *pflag.FlagSet, typed string) error {
	name, long := strings.CutPrefix(typed, "--")
	if instead := insteadOfJSON[nameOf(cmd)]; name == "json" && instead != "" {
		return fmt.Errorf("%s has no --json: it %s", nameOf(cmd), instead)
	}
	if !long {
		if f := flags.ShorthandLookup(typed[1:2]); f != nil && f.NoOptDefVal == "" {
			return fmt.Errorf("unknown flag %s: a value stands apart, -%s VALUE, and a long flag has two dashes, --%s",
				typed, f.Shorthand, f.Name)
		}
		name = typed[1:]
	}
	var names []string
	flags.VisitAll(func(f *pflag.Flag) {
		if !f.Hidden {
			names = append(names, "--"+f.Name)
		}
	})
	name, _, _ = strings.Cut(name, "=")
	typed, _, _ = strings.Cut(typed, "=")
	return fmt.Errorf("unknown flag %s%s; %s --help lists all",
		typed, declare.Suggestion("--"+name, names), cmd.CommandPath())
}

// completeEnvironments has a shell complete the first argument: an environment of the configuration, or one of the
// others.
func completeEnvironments(others ...string) cobra.CompletionFunc {
	return func(cmd *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
		if len(args) > 0 {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		p, _ := open(cmd) // none if it is wrong
		return append(p.config.EnvironmentNames(), others...), cobra.ShellCompDirectiveNoFileComp
	}
}

// completeFlags has a shell complete the values of flags. An error would be a flag that doesn't exist.
func completeFlags(root *cobra.Command) {
	_ = root.MarkPersistentFlagFilename("config", "json")
	for _, c := range append(root.Commands(), root) {
		if c.Flags().Lookup("output") != nil {
			_ = c.MarkFlagDirname("output")
		}
	}
}

// completeNothing has a shell offer no files as the values of flags.
func completeNothing(cmd *cobra.Command, flags ...string) {
	for _, name := range flags {
		_ = cmd.RegisterFlagCompletionFunc(name, cobra.NoFileCompletions)
	}
}
