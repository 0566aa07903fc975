package config

import (
	"fmt"
	"strings"

	"golang.org/x/net/publicsuffix"
)

// planPlace is the field that says which plan a distribution is on.
var planPlace = path{"distribution", "pricingPlan"}

// obstacle is what stands, or may stand, between an environment and a plan.
type obstacle struct {
	class Class
	rule  *Rule
	at    path
	must  string
	why   string // may be empty
	got   string // may be empty
}

// text is the obstacle as a message; it names the plan if one is set.
func (o obstacle) text(set string) string {
	text := o.must
	switch {
	case set == "":
	case o.at.equal(planPlace):
		text += fmt.Sprintf(", got %q", set)
	default:
		text += fmt.Sprintf(" with %s %q", planPlace, set)
	}
	if o.why != "" {
		text += ": " + o.why
	}
	if o.got != "" {
		text += ", got " + o.got
	}
	return text
}

// checkPricingPlans holds each environment to what its plan includes.
func (c Config) checkPricingPlans(r *report) {
	for _, name := range c.EnvironmentNames() {
		plan, found := pricingPlan(c.Environments[name].Distribution.PricingPlan)
		if !found {
			continue
		}
		for _, o := range c.obstacles(name, plan) {
			r.add(o.class, o.rule, path{environments, name}.join(o.at), "%s", o.text(plan.Name))
		}
	}
}

// obstacles are what stands between an environment and a plan.
func (c Config) obstacles(name string, plan PricingPlan) []obstacle {
	e := c.Environments[name]
	list := append(c.webACLObstacles(name), e.countObstacles(plan)...)
	if e.Models.Access == AccessIdentity {
		list = append(list, obstacle{Hard, ruleP3, path{"models", "access"}, `must be "` + AccessControl + `"`, "no plan takes an origin access identity", ""})
	}
	for _, need := range e.planNeeds() {
		if !plan.includes(need.feature) {
			list = append(list, obstacle{Hard, ruleP5, need.at, need.instead, need.feature.String() + need.always, ""})
		}
	}
	list = append(list, e.Domain.apexObstacles()...)
	for _, doubt := range e.planDoubts(plan) {
		list = append(list, obstacle{Warning, ruleP7, doubt.at, "may be refused", doubt.why, ""})
	}
	return list
}

// webACLObstacles: a distribution on a plan has a web ACL, and no other distribution has the same one.
func (c Config) webACLObstacles(name string) []obstacle {
	w := c.Environments[name].Firewall
	if !w.Enabled && w.WebACLARN == "" {
		return []obstacle{{Hard, ruleP2, path{"firewall"}, "must be enabled or have a webACLArn", "no plan goes without a web ACL", ""}}
	}
	for _, other := range c.EnvironmentNames() {
		if w.WebACLARN != "" && other != name && c.Environments[other].Firewall.WebACLARN == w.WebACLARN {
			at := path{environments, other, "firewall", "webACLArn"}
			return []obstacle{{Hard, ruleP2, path{"firewall", "webACLArn"}, fmt.Sprintf("must not also be %s", at), "with a plan, a web ACL protects one distribution only", ""}}
		}
	}
	return nil
}

func (e Environment) countObstacles(plan PricingPlan) []obstacle {
	var list []obstacle
	if n := len(e.Behaviors()); n > plan.behaviors {
		list = append(list, obstacle{Quota, ruleP4, path{"routes"}, fmt.Sprintf("must be at most %d behaviors with those of api and models", plan.behaviors), "", fmt.Sprint(n)})
	}
	if n := e.Firewall.WebACLRules(); e.Firewall.Enabled && n > plan.webACLRules {
		list = append(list, obstacle{Quota, ruleP4, path{"firewall"}, fmt.Sprintf("must make at most %d rules with those for AWS's managed groups", plan.webACLRules), "", fmt.Sprint(n)})
	}
	return list
}

// apexObstacles: a plan covers the names of one apex domain.
func (d Domain) apexObstacles() []obstacle {
	var list []obstacle
	var first string
	for i, alias := range d.Aliases {
		apex, err := publicsuffix.EffectiveTLDPlusOne(strings.TrimPrefix(alias, "*."))
		switch {
		case err != nil: // no domain name
		case first == "":
			first = apex
		case apex != first && (d.HostedZoneID == "" || oneZone(d.Aliases[0], alias)): // or else D13 says so
			list = append(list, obstacle{Hard, ruleP6, path{"domain", "aliases", i}, "must be a name of " + first, "a plan covers one apex domain", fmt.Sprintf("%q", alias)})
		}
	}
	return list
}
