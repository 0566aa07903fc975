package render

import "ml-api-accelerator/stacks/config"

// part is what a stack is made from. Its types have no JSON tags, so that two values that differ are two texts. The constructs
// see nothing else of the configuration, so a stack that is kept for its part can't be out of date.
type part struct {
	Name     string // of the stack
	Config   config.Config
	Warnings []config.Problem
}

// partOf leaves out the other environments, and the warnings about them, and what is expected of the stack: it is held to that
// once it is made.
func partOf(c config.Config, warnings []config.Problem, name string) part {
	p := part{Name: name, Config: c}
	p.Config.Environments = map[string]config.Environment{}
	for environment := range c.Environments {
		if c.StackName(environment) == name {
			without := c.Environments[environment]
			without.Expect = nil
			p.Config.Environments[environment] = without
		}
	}
	for _, w := range warnings {
		if environment := w.Environment(); environment == "" || c.StackName(environment) == name {
			w.Line, w.Column = 0, 0 // a stack doesn't change where the file is laid out anew
			p.Warnings = append(p.Warnings, w)
		}
	}
	return p
}
