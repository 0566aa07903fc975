package render

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/aws/jsii-runtime-go"
	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks"
	"ml-api-accelerator/stacks/config"
	"ml-api-accelerator/stacks/internal/synth/bindings"
	"ml-api-accelerator/stacks/internal/synth/cache"
)

func TestMain(m *testing.M) {
	code := m.Run()
	unload()
	jsii.Close()
	os.Exit(code)
}

// The configurations that are rendered: one in which everything is on, and one with every kind of warning's path.
var fixtures = []string{"../../../testdata/everything.json", "testdata/small.json"}

// configuration is a valid one, with the warnings about it.
type configuration struct {
	config.Config
	warnings []config.Problem
}

func load(t *testing.T, file string) configuration {
	t.Helper()
	c, warnings, err := config.Load(file)
	require.NoError(t, err)
	return configuration{c, warnings}
}

func (c configuration) parts() (parts []part) {
	for _, name := range c.StackNames() {
		parts = append(parts, partOf(c.Config, c.warnings, name))
	}
	return parts
}

// output is what cdktf writes, by its path in the output folder.
type output map[string]string

// direct is the output of one app with all the stacks, which knows nothing of parts.
func (c configuration) direct(t *testing.T) output {
	t.Helper()
	needKernel(t)
	dir := t.TempDir()
	stacks.New(c.Config, c.warnings, dir).Synth()
	written := output{}
	require.NoError(t, filepath.WalkDir(dir, func(path string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		below, _ := filepath.Rel(dir, path)
		written[filepath.ToSlash(below)] = string(text)
		return err
	}))
	return written
}

// rendered is the output that a kept or new stack gives.
func (c configuration) rendered(t *testing.T, k kept, o Options, synthesize synthesizer) output {
	t.Helper()
	rendered, err := render(t.Context(), c.parts(), k, o, synthesize)
	require.NoError(t, err)
	manifest, err := Manifest(rendered)
	require.NoError(t, err)
	out := output{"manifest.json": string(manifest)}
	for name, s := range rendered {
		out["stacks/"+name+"/cdk.tf.json"] = string(s.JSON)
	}
	return out
}

// counting makes stacks with the kernel of the tests, and counts them.
func counting(t *testing.T, count *int) synthesizer {
	return func(_ context.Context, parts []part, _ io.Writer, done func(part, Stack)) error {
		needKernel(t)
		for _, p := range parts {
			stack, err := synthesizeOne(p)
			if err != nil {
				return err
			}
			done(p, stack)
			*count++
		}
		return nil
	}
}

// emptyCache is one of the program "a".
func emptyCache(t *testing.T) kept {
	t.Helper()
	return kept{folder: cache.In(t.TempDir()), program: "a"}
}

// unload removes what the kernel of the tests leaves.
var unload = func() {}

// loaded reports whether the kernel of the tests runs.
var loaded bool

func needKernel(t *testing.T) {
	t.Helper()
	if testing.Short() {
		t.Skip("Node.js takes seconds")
	}
	if !loaded {
		kernel, err := bindings.Load(os.Stderr)
		require.NoError(t, err)
		unload, loaded = kernel.Unload, true
	}
}
