package cli

import (
	"fmt"

	"github.com/spf13/cobra"

	"ml-api-accelerator/stacks/config"
	"ml-api-accelerator/stacks/internal/edge"
	"ml-api-accelerator/stacks/internal/shared/format"
	"ml-api-accelerator/stacks/internal/synth/bindings"
	"ml-api-accelerator/stacks/internal/synth/render"
	"ml-api-accelerator/stacks/internal/terminal"
)

// project is the configuration that a command line names.
type project struct {
	cmd      *cobra.Command
	file     string
	config   config.Config
	warnings []config.Problem // also of one that is wrong
	kernel   *bindings.Kept   // that renders; nil: one each time
}

func open(cmd *cobra.Command) (project, error) { return openWith(cmd, config.Load) }

// openWith loads the configuration in another way.
func openWith(cmd *cobra.Command, load func(string) (config.Config, []config.Problem, error)) (project, error) {
	c, warnings, err := load(cmd.Flag("config").Value.String())
	return project{cmd, cmd.Flag("config").Value.String(), c, warnings, nil}, err
}

// warn prints warnings about the configuration.
func (p project) warn(warnings []config.Problem) {
	for _, w := range warnings {
		warn(p.cmd, "%s", w.In(p.file))
	}
}

// addFresh gives the flag to a command that renders stacks.
func addFresh(cmd *cobra.Command) {
	cmd.Flags().Bool("fresh", false, "take no stack from the cache: make each anew, and keep it")
}

// render returns the Terraform JSON of the named stacks, with what overrides set. With an error it may return some of
// them.
func (p project) render(names ...string) (map[string]render.Stack, error) {
	fresh, _ := p.cmd.Flags().GetBool("fresh") // false for a command without the flag
	line := terminal.Start(warningWriter(p.cmd), "reading what is kept")
	defer line.Stop()
	tell := func(made, all int) {
		line.Tell(fmt.Sprintf("making %s in Node.js, %d done", format.Count(all, "stack"), made))
	}
	options := render.Options{Fresh: fresh, Warn: line, Progress: tell, Kernel: p.kernel}
	rendered, err := render.Stacks(p.cmd.Context(), p.config, p.warnings, names, options)
	if wrong := p.override(rendered); wrong != nil {
		return nil, wrong
	}
	return rendered, err
}

// environment is one of a project.
type environment struct {
	project
	config.Environment
	name, stack string
}

func (p project) environment(name string) (environment, error) {
	e, err := p.config.Environment(name)
	if err != nil {
		return environment{}, usageError{err}
	}
	return environment{p, e, name, p.config.StackName(name)}, nil
}

// openEnvironment opens an environment whose warnings are no concern of the command.
func openEnvironment(cmd *cobra.Command, name string) (environment, error) {
	p, err := open(cmd)
	if err != nil {
		return environment{}, err
	}
	return p.environment(name)
}

// wrong is an error about a field of the environment, which begins with the field.
func (e environment) wrong(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("environments.%s.%w", e.name, err)
}

// json returns the Terraform JSON of the environment's stack.
func (e environment) json() ([]byte, error) {
	rendered, err := e.render(e.stack)
	return rendered[e.stack].JSON, err
}

// distribution returns the environment's distribution as it would be deployed now.
func (e environment) distribution() (*edge.Distribution, error) {
	text, err := e.json()
	if err != nil {
		return nil, err
	}
	return e.parse(text)
}

// parse reads the environment's distribution, and warns of what overrides set and the model can't read.
func (e environment) parse(stack []byte) (*edge.Distribution, error) {
	d, err := edge.Parse(stack)
	if err != nil {
		return nil, err
	}
	unread, err := e.unread(e.name, d)
	e.warn(unread)
	return d, err
}
