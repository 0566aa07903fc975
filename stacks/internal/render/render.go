// Package render makes the Terraform JSON of stacks, and keeps it: a stack is made anew only if the program or
// its part of the configuration has changed.
package render

import (
	"fmt"
	"io"

	"ml-api-accelerator/stacks/config"
	"ml-api-accelerator/stacks/internal/cache"
)

// Stack is what cdktf writes for a stack.
type Stack struct {
	JSON      []byte // cdk.tf.json
	Manifest  []byte // manifest.json of an app with this stack alone
	Resources int    // how many it has
}

// Options say how to render.
type Options struct {
	Fresh bool      // use nothing that was kept
	Warn  io.Writer // is told what makes it slow
	// Is told how many of the stacks that must be made are made, if there are any.
	Progress func(made, all int)
}

func (o Options) tell(made, all int) {
	if o.Progress != nil {
		o.Progress(made, all)
	}
}

// Stacks renders the named stacks of a valid configuration. With an error it returns those that are kept or were made
// before. The error is context.Canceled after Ctrl-C or SIGTERM, and a *bindings.UnusableNode where stacks have to be
// made and can't.
func Stacks(c config.Config, warnings []config.Problem, names []string, o Options) (map[string]Stack, error) {
	var parts []part
	for _, name := range names {
		parts = append(parts, partOf(c, warnings, name))
	}
	return render(parts, keptIn(cache.Open()), o, synthesize)
}

// synthesizer makes stacks and calls done with each.
type synthesizer func(parts []part, warn io.Writer, done func(part, Stack)) error

// render returns the stacks that are kept, and has the others made.
func render(parts []part, k kept, o Options, synthesize synthesizer) (map[string]Stack, error) {
	stacks := map[string]Stack{}
	var missing []part
	for _, p := range parts {
		if stack, found := k.get(p); found && !o.Fresh {
			stacks[p.Name] = stack
		} else {
			missing = append(missing, p)
		}
	}
	if len(missing) == 0 {
		return stacks, nil
	}
	var unkept error
	made := 0
	o.tell(made, len(missing))
	err := synthesize(missing, o.Warn, func(p part, stack Stack) {
		stacks[p.Name] = stack
		unkept = k.put(p, stack)
		made++
		o.tell(made, len(missing))
	})
	k.folder.Prune()
	if unkept != nil {
		fmt.Fprintf(o.Warn, "render: the stacks aren't kept, and will be made anew each time: %v\n", unkept)
	}
	return stacks, err
}
