package stacks_test

import (
	"flag"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks"
	"ml-api-accelerator/stacks/cli"
	"ml-api-accelerator/stacks/config"
	"ml-api-accelerator/stacks/internal/shared/stackjson"
	"ml-api-accelerator/stacks/internal/synth/bindings"
	"ml-api-accelerator/stacks/internal/synth/override"
)

func TestMain(m *testing.M) {
	if os.Getenv(runVariable) != "" {
		os.Exit(cli.Run(os.Args[1:], os.Stdout, os.Stderr))
	}
	if err := flag.Set("test.parallel", "4"); err != nil { // deployments wait more than they compute
		panic(err)
	}
	kernel, err := bindings.Load(os.Stderr)
	if err != nil {
		panic(err)
	}
	code := m.Run()
	kernel.Unload()
	removeProvider()
	os.Exit(code)
}

// deploying is how many tests are past sideBySide.
var deploying atomic.Int32

// sideBySide has a test run beside others, once all that don't are done. From here on it must not synthesize.
func sideBySide(t *testing.T) {
	t.Helper()
	t.Parallel()
	deploying.Add(1)
	t.Cleanup(func() { deploying.Add(-1) })
}

// The configurations that tests synthesize.
const (
	example    = "testdata/example.json"
	everything = "testdata/everything.json"
)

func load(t *testing.T, file string) config.Config {
	t.Helper()
	c, _, err := config.Load(file)
	require.NoError(t, err)
	return c
}

// synthesize returns the Terraform JSON of every stack of a cdktf.json, by the name of the stack.
func synthesize(t *testing.T, cdktfJSON string) map[string][]byte {
	t.Helper()
	c, _, err := config.Parse("cdktf.json", []byte(cdktfJSON))
	require.NoError(t, err)
	return synthesizeConfig(t, c)
}

// synthesizeConfig never runs in parallel: jsii has one Node.js process.
func synthesizeConfig(t *testing.T, c config.Config) map[string][]byte {
	t.Helper()
	return synthesizeStacks(t, c, c.StackNames()...)
}

func synthesizeStack(t *testing.T, c config.Config, name string) []byte {
	t.Helper()
	return synthesizeStacks(t, c, name)[name]
}

func synthesizeStacks(t *testing.T, c config.Config, names ...string) map[string][]byte {
	t.Helper()
	require.Zero(t, deploying.Load(), "synthesize before sideBySide")
	out := t.TempDir()
	stacks.New(c, nil, out, names...).Synth()
	synthesized := map[string][]byte{}
	for _, name := range names {
		text, err := os.ReadFile(filepath.Join(out, "stacks", name, "cdk.tf.json"))
		require.NoError(t, err)
		synthesized[name] = text
	}
	for environment, e := range c.Environments {
		stack := c.StackName(environment)
		if synthesized[stack] == nil {
			continue
		}
		merged, mistakes, err := override.Apply(synthesized[stack], e.Overrides)
		require.NoError(t, err)
		require.Empty(t, mistakes)
		synthesized[stack] = merged
	}
	return synthesized
}

// object is any JSON object of a synthesized stack.
type object = stackjson.Object

// parsed is a synthesized stack as its readers see it.
type parsed = stackjson.Stack

func parse(t *testing.T, synthesized []byte) parsed {
	t.Helper()
	p, err := stackjson.Parse(synthesized)
	require.NoError(t, err)
	return p
}

// users is the configuration of whoever has this repository. Only tests that hold of every stack read it.
const users = "../cdktf.json"

// synthesizedOnce are the stacks of all configurations by name; no test changes them.
var synthesizedOnce map[string][]byte

func allTexts(t *testing.T) map[string][]byte {
	t.Helper()
	if synthesizedOnce == nil {
		synthesizedOnce = map[string][]byte{}
		for _, file := range []string{users, example, everything} { // the last wins where two have a name
			maps.Copy(synthesizedOnce, synthesizeConfig(t, load(t, file)))
		}
	}
	return synthesizedOnce
}

// allStacks returns the stacks of all configurations by name.
func allStacks(t *testing.T) map[string]parsed {
	t.Helper()
	all := map[string]parsed{}
	for name, text := range allTexts(t) {
		all[name] = parse(t, text)
	}
	return all
}

func write(t *testing.T, path, text string) {
	t.Helper()
	require.NoError(t, os.WriteFile(path, []byte(text), 0o644))
}

// missing skips a test that lacks a tool, or fails it where ACCELERATOR_TERRAFORM=required says that
// all must run.
func missing(t *testing.T, what string) {
	t.Helper()
	if os.Getenv("ACCELERATOR_TERRAFORM") == "required" {
		t.Fatal(what)
	}
	t.Skip(what)
}

// needTerraform returns the path of Terraform.
func needTerraform(t *testing.T) string {
	t.Helper()
	if testing.Short() {
		t.Skip("Terraform takes seconds")
	}
	path, err := exec.LookPath("terraform")
	if err != nil {
		missing(t, "terraform is not on the PATH: install Terraform 1.10 or later (https://developer.hashicorp.com/terraform/install)")
	}
	return path
}
