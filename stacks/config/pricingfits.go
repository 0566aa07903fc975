package config

import (
	"cmp"
	"slices"
	"strings"
)

// PlanFit is how an environment and a plan go together.
type PlanFit struct {
	Plan PricingPlan
	// Whether it is the one that is set.
	Set bool
	// What of the environment the plan doesn't take, by path; none: it fits.
	InTheWay []Misfit
	// What it may not take: AWS's guide doesn't say.
	Unsure []Misfit
}

// Misfit is something of an environment that a plan doesn't take.
type Misfit struct {
	Path    string `json:"path"`
	Rule    string `json:"rule"`
	Message string `json:"message"`
}

// Fits tells whether nothing is in the way.
func (f PlanFit) Fits() bool { return len(f.InTheWay) == 0 }

// PlanFits returns how an environment goes with each plan, from the cheapest on.
func (c Config) PlanFits(environment string) []PlanFit {
	fits := make([]PlanFit, len(pricingPlans))
	for i, plan := range pricingPlans {
		fits[i] = PlanFit{Plan: plan, Set: plan.Name == c.Environments[environment].Distribution.PricingPlan}
		for _, o := range c.obstacles(environment, plan) {
			list := &fits[i].InTheWay
			if o.class == Warning {
				list = &fits[i].Unsure
			}
			*list = append(*list, Misfit{o.at.String(), o.rule.ID, o.text("")})
		}
		for _, list := range [][]Misfit{fits[i].InTheWay, fits[i].Unsure} {
			slices.SortStableFunc(list, func(a, b Misfit) int {
				return cmp.Or(strings.Compare(a.Path, b.Path), strings.Compare(a.Message, b.Message))
			})
		}
	}
	return fits
}

// LoadForPlans is Load for who asks about plans: that the one which is set doesn't fit is an answer then, and no problem.
func LoadForPlans(file string) (Config, []Problem, error) {
	ofFit := []*Rule{ruleP2, ruleP3, ruleP4, ruleP5, ruleP6, ruleP7}
	return loadBut(file, func(p Problem) bool {
		return slices.ContainsFunc(ofFit, func(r *Rule) bool { return r.ID == p.Rule })
	})
}
