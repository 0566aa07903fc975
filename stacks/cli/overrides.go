package cli

import (
	"maps"
	"slices"

	"ml-api-accelerator/stacks/config"
	"ml-api-accelerator/stacks/internal/edge"
	"ml-api-accelerator/stacks/internal/synth/override"
	"ml-api-accelerator/stacks/internal/synth/render"
)

// override merges what overrides say into rendered stacks.
func (p project) override(rendered map[string]render.Stack) error {
	var problems []config.Problem
	for _, name := range p.config.EnvironmentNames() {
		stack, found := rendered[p.config.StackName(name)]
		if !found {
			continue
		}
		overrides := p.config.Environments[name].Overrides
		text, mistakes, err := override.Apply(stack.JSON, overrides)
		if err != nil {
			return err
		}
		wrong := len(problems)
		for _, m := range mistakes {
			if m.NoEffect {
				stack.Warnings = append(stack.Warnings, config.Unfit(config.Warning, name, m.Message, m.Steps...))
			} else {
				problems = append(problems, config.Unfit(config.Hard, name, m.Message, m.Steps...))
			}
		}
		if len(problems) == wrong && len(overrides) > 0 {
			lost, err := lostProtections(name, overrides, stack.JSON, text)
			if err != nil {
				problems = append(problems, config.Unfit(config.Hard, name, "leaves a distribution that can't work: "+err.Error()))
			}
			stack.Warnings = append(stack.Warnings, lost...)
		}
		if err := config.Locate(p.file, stack.Warnings); err != nil {
			return err
		}
		stack.JSON = text
		rendered[p.config.StackName(name)] = stack
	}
	if len(problems) == 0 {
		return nil
	}
	if err := config.Locate(p.file, problems); err != nil {
		return err
	}
	return &config.Invalid{File: p.file, Under: config.Under, Problems: problems}
}

// unread returns warnings of what the overrides of an environment set and the model can't read.
func (p project) unread(name string, d *edge.Distribution) ([]config.Problem, error) {
	var problems []config.Problem
	for _, u := range d.Unread {
		problems = append(problems, p.config.Environments[name].Unread(name, u.Address, u.Argument))
	}
	return problems, config.Locate(p.file, problems)
}

// lostProtections warns of lists of the distribution that overrides of an environment replace, where an item leaves out
// what protects the one that the configuration makes. It reads the stack before and after, and fails where one has no
// distribution that works.
func lostProtections(
	environment string, overrides map[string]map[string]any, before, after []byte,
) (all []config.Problem, err error) {
	overridden, err := edge.Parse(after)
	if err != nil {
		return nil, err
	}
	const distribution, behaviors, origins = "aws_cloudfront_distribution.edge", "ordered_cache_behavior", "origin"
	_, otherBehaviors := overrides[distribution][behaviors].([]any)
	_, otherOrigins := overrides[distribution][origins].([]any)
	if !otherBehaviors && !otherOrigins {
		return nil, nil
	}
	made, err := edge.Parse(before)
	if err != nil {
		return nil, err
	}
	lost := func(list, message string) {
		all = append(all, config.Unprotected(environment, message, distribution, list))
	}
	if otherBehaviors {
		for _, b := range made.Behaviors[:len(made.Behaviors)-1] { // the last is the default one, which isn't in the list
			i := slices.IndexFunc(overridden.Behaviors, func(other edge.Behavior) bool { return other.Path == b.Path })
			switch {
			case i < 0:
				lost(behaviors, "replaces the list, which has nothing for "+b.Path+" now: another route answers its requests")
			case len(b.Keys) > 0 && len(overridden.Behaviors[i].Keys) == 0:
				lost(behaviors, "replaces the list, in which "+b.Path+" has no trusted_key_groups now: it needs no signature")
			case b.Function != nil && overridden.Behaviors[i].Function == nil:
				lost(behaviors, "replaces the list, in which "+b.Path+" has no function_association now: what the function checks, "+
					"such as api.keys, isn't checked")
			}
		}
	}
	if otherOrigins {
		for _, id := range slices.Sorted(maps.Keys(made.Origins)) {
			former, now := made.Origins[id], overridden.Origins[id]
			if now != nil && former.SignedBy != "" && now.SignedBy == "" {
				lost(origins, "replaces the list, in which "+id+" has no s3_origin_config and no origin_access_control_id now: the "+
					"bucket or the function refuses CloudFront unless it is open to everyone")
			}
			if now != nil && len(now.CustomHeaders) < len(former.CustomHeaders) {
				lost(origins, "replaces the list, in which "+id+" has fewer custom_header now: a backend that checks X-Origin-Verify "+
					"or a key refuses CloudFront")
			}
		}
	}
	return all, nil
}
