// Package config is what a user may write in cdktf.json: the fields, each declared once with its
// documentation, default and limits, strict decoding, and the rules a configuration must keep. It knows
// nothing of cdktf or Terraform.
package config

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Config is the whole configuration: context.accelerator of cdktf.json.
type Config struct {
	Name         string
	State        State
	Environments map[string]Environment
}

func (c *Config) declare(f *fields) {
	f.text("name", &c.Name, "First part of every stack and resource name.").required().
		matches(ruleN0, projectName, "be 2 to 25 of a-z, 0-9 and -, beginning with a letter")
	object(f, "state", &c.State, "Where Terraform keeps its state.").required()
	objectsByName(f, environments, &c.Environments, "Environments by name, one stack each.").required().
		filled(ruleN0).
		namesMatch(ruleN0, environmentName, "be named with 1 to 16 of a-z, 0-9 and -, beginning with a letter")
}

// StackName returns the name of an environment's stack, with which every name in AWS begins too.
func (c Config) StackName(environment string) string { return c.Name + "-" + environment }

// StateStackName returns the name of the state bucket's stack.
func (c Config) StateStackName() string { return c.Name + "-" + stateName }

// StackNames returns the names of all stacks in the order they are deployed.
func (c Config) StackNames() []string {
	names := []string{c.StateStackName()}
	for _, name := range c.EnvironmentNames() {
		names = append(names, c.StackName(name))
	}
	return names
}

// EnvironmentNames returns the names of the environments, sorted.
func (c Config) EnvironmentNames() []string { return slices.Sorted(maps.Keys(c.Environments)) }

// Environment returns one by its name, and an error that suggests another where there is none.
func (c Config) Environment(name string) (Environment, error) {
	environment, found := c.Environments[name]
	if !found {
		names := c.EnvironmentNames()
		return Environment{}, fmt.Errorf("environment %q: not found%s; there are %s", name, didYouMean(name, names), strings.Join(names, ", "))
	}
	return environment, nil
}
