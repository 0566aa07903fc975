package render

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"ml-api-accelerator/stacks"
	"ml-api-accelerator/stacks/internal/synth/bindings"
)

// synthesize has the constructs make the stacks, in Node.js, and calls done with each. The end of the context ends it
// after the stack that is under way, since the kernel can't stop halfway.
func synthesize(ctx context.Context, parts []part, warn io.Writer, done func(part, Stack)) error {
	untested, err := bindings.CheckNode(ctx)
	if err != nil {
		return err
	}
	if untested != "" {
		fmt.Fprintln(warn, untested)
	}
	err = synthesizeEach(ctx, parts, warn, done)
	return cmp.Or(ctx.Err(), err) // what fails then, fails for that
}

func synthesizeEach(ctx context.Context, parts []part, warn io.Writer, done func(part, Stack)) error {
	kernel, err := bindings.Load(warn)
	if err != nil {
		return err
	}
	defer kernel.Unload()
	for _, p := range parts {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		stack, err := synthesizeOne(p)
		if err != nil {
			return kernel.Explain(err)
		}
		done(p, stack)
	}
	return nil
}

func synthesizeOne(p part) (s Stack, err error) {
	dir, err := os.MkdirTemp("", "synth-")
	if err != nil {
		return Stack{}, err
	}
	defer os.RemoveAll(dir)
	defer func() {
		if problem := recover(); problem != nil {
			err = fmt.Errorf("synthesis failed, please report this as a bug: %v", problem)
		}
	}()
	stacks.New(p.Config, p.Warnings, dir, p.Name).Synth()
	if s.JSON, err = os.ReadFile(filepath.Join(dir, "stacks", p.Name, "cdk.tf.json")); err != nil {
		return Stack{}, err
	}
	if s.Manifest, err = os.ReadFile(filepath.Join(dir, "manifest.json")); err != nil {
		return Stack{}, err
	}
	s.Resources, err = countResources(s.JSON)
	return s, err
}

func countResources(stack []byte) (count int, err error) {
	var synthesized struct {
		Resource map[string]map[string]json.RawMessage
	}
	err = json.Unmarshal(stack, &synthesized)
	for _, ofType := range synthesized.Resource {
		count += len(ofType)
	}
	return count, err
}
