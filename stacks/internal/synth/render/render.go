// Package render makes the Terraform JSON of stacks, and keeps it: a stack is made anew only if the program or
// its part of the configuration has changed.
package render

import (
	"context"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"ml-api-accelerator/stacks/config"
	"ml-api-accelerator/stacks/internal/synth/cache"
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

// Stacks renders the named stacks of a valid configuration. With an error it returns those that are kept or were made before. The error is
// context.Canceled where the context ends, and a *bindings.UnusableNode where stacks have to be made and can't.
func Stacks(ctx context.Context, c config.Config, warnings []config.Problem, names []string, o Options) (map[string]Stack, error) {
	var parts []part
	for _, name := range names {
		parts = append(parts, partOf(c, warnings, name))
	}
	return render(ctx, parts, keptIn(cache.Open()), o, synthesize)
}

// synthesizer makes stacks and calls done with each.
type synthesizer func(ctx context.Context, parts []part, warn io.Writer, done func(part, Stack)) error

// render returns the stacks that are kept, and has the others made.
func render(ctx context.Context, parts []part, k kept, o Options, synthesize synthesizer) (map[string]Stack, error) {
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
	unkept := map[string][]string{} // the stacks that can't be kept, by why
	made := 0
	o.tell(made, len(missing))
	err := synthesize(ctx, missing, o.Warn, func(p part, stack Stack) {
		stacks[p.Name] = stack
		if err := k.put(p, stack); err != nil {
			unkept[err.Error()] = append(unkept[err.Error()], p.Name)
		}
		made++
		o.tell(made, len(missing))
	})
	k.folder.Prune()
	for _, why := range slices.Sorted(maps.Keys(unkept)) {
		fmt.Fprintf(o.Warn, "render: not kept, and made anew each time: %s: %s\n", strings.Join(unkept[why], ", "), why)
	}
	return stacks, err
}
