package config

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"golang.org/x/net/publicsuffix"
)

// What the plans include is from PlansSource, as read on PlansRead.
const (
	PlansSource = srcPlans
	PlansRead   = "2026-11-30"
)

// PricingPlan is one of CloudFront's flat-rate pricing plans.
type PricingPlan struct {
	Name     string
	Dollars  int    // a month
	Requests string // a month, and not a hard limit
	Transfer string // a month, likewise

	behaviors   int
	webACLRules int
}

// pricingPlans begin with the cheapest; each includes all that those before it do (CloudFront Developer Guide, CloudFront
// flat-rate pricing plans, Pricing plan features and Monthly usage allowances; Amazon CloudFront Pricing).
var pricingPlans = []PricingPlan{
	{Name: "free", Dollars: 0, Requests: "1 million", Transfer: "100 GB", behaviors: 5, webACLRules: 5},
	{Name: "pro", Dollars: 15, Requests: "10 million", Transfer: "50 TB", behaviors: 10, webACLRules: 25},
	{Name: "business", Dollars: 200, Requests: "125 million", Transfer: "50 TB", behaviors: 50, webACLRules: 50},
	{Name: "premium", Dollars: 1000, Requests: "500 million", Transfer: "50 TB", behaviors: 100, webACLRules: 75},
}

// planFeature is what plans include from one of them on.
type planFeature struct {
	what string
	row  string // of the guide's table
	from string
}

// The rows of the guide's table that a distribution made here can need, but for those that every plan has.
var (
	ownCachePolicies   = planFeature{"cache policies of your own", "Custom caching rules", "business"}
	ownResponseHeaders = planFeature{"response headers policies of your own", "Custom response header rules", "business"}
	originShield       = planFeature{"Origin Shield", "Origin load reduction", "premium"}
	originFailover     = planFeature{"origin failover", "Automatic origin failover", "premium"}
	vpcOrigins         = planFeature{"VPC origins", "Private origins within VPC", "business"}
	keyValueStores     = planFeature{"key value stores", "Edge key-value store", "pro"}
	accessLogs         = planFeature{"access logs", "Access Logs", "pro"}
	firewallLogs       = planFeature{"the firewall's log", "WAF request logs", "pro"}
	firewallAnswers    = planFeature{"the firewall's answer 429", "Custom WAF response", "pro"}
	headerRules        = planFeature{"firewall rules on headers", "Header-based threat filtering", "pro"}
	regexRules         = planFeature{"firewall rules with regular expressions", "Regex-based threat filtering", "business"}
)

// planNames are those of the plans from one on; "" is before the first.
func planNames(from string) []string {
	var names []string
	for _, p := range pricingPlans {
		if from == "" || p.Name == from || names != nil {
			names = append(names, p.Name)
		}
	}
	return names
}

func pricingPlan(name string) (PricingPlan, bool) {
	i := slices.IndexFunc(pricingPlans, func(p PricingPlan) bool { return p.Name == name })
	if i < 0 {
		return PricingPlan{}, false
	}
	return pricingPlans[i], true
}

func (p PricingPlan) includes(f planFeature) bool { return slices.Contains(planNames(f.from), p.Name) }

// String says which plans include the feature.
func (f planFeature) String() string {
	names, verb := planNames(f.from), "include"
	if len(names) == 1 {
		verb = "includes"
	}
	return fmt.Sprintf("only %s %s %s (%q)", listed(names, "and"), verb, f.what, f.row)
}

// listed is a list as it is said: a, b and c.
func listed(names []string, last string) string {
	if len(names) == 1 {
		return names[0]
	}
	return strings.Join(names[:len(names)-1], ", ") + " " + last + " " + names[len(names)-1]
}

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
		list = append(list, obstacle{Hard, rulePlanModelsAccess, path{"models", "access"}, `must be "` + AccessControl + `"`, "no plan takes an origin access identity", ""})
	}
	for _, need := range e.planNeeds() {
		if !plan.includes(need.feature) {
			list = append(list, obstacle{Hard, rulePlanFeatures, need.at, need.instead, need.feature.String() + need.always, ""})
		}
	}
	list = append(list, e.Domain.apexObstacles()...)
	for _, doubt := range e.planDoubts(plan) {
		list = append(list, obstacle{Warning, rulePlanUndocumented, doubt.at, "may be refused", doubt.why, ""})
	}
	return list
}

// webACLObstacles: a distribution on a plan has a web ACL, and no other distribution has the same one.
func (c Config) webACLObstacles(name string) []obstacle {
	w := c.Environments[name].Firewall
	if !w.Enabled && w.WebACLARN == "" {
		return []obstacle{{Hard, rulePlanWebACL, path{"firewall"}, "must be enabled or have a webACLArn", "no plan goes without a web ACL", ""}}
	}
	for _, other := range c.EnvironmentNames() {
		if w.WebACLARN != "" && other != name && c.Environments[other].Firewall.WebACLARN == w.WebACLARN {
			at := path{environments, other, "firewall", "webACLArn"}
			return []obstacle{{Hard, rulePlanWebACL, path{"firewall", "webACLArn"}, fmt.Sprintf("must not also be %s", at), "with a plan, a web ACL protects one distribution only", ""}}
		}
	}
	return nil
}

func (e Environment) countObstacles(plan PricingPlan) []obstacle {
	var list []obstacle
	if n := len(e.Behaviors()); n > plan.behaviors {
		list = append(list, obstacle{Quota, rulePlanCounts, path{"routes"}, fmt.Sprintf("must be at most %d behaviors with those of api and models", plan.behaviors), "", fmt.Sprint(n)})
	}
	if n := e.Firewall.WebACLRules(); e.Firewall.Enabled && n > plan.webACLRules {
		list = append(list, obstacle{Quota, rulePlanCounts, path{"firewall"}, fmt.Sprintf("must make at most %d rules with those for AWS's managed groups", plan.webACLRules), "", fmt.Sprint(n)})
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
			list = append(list, obstacle{Hard, rulePlanAliases, path{"domain", "aliases", i}, "must be a name of " + first, "a plan covers one apex domain", fmt.Sprintf("%q", alias)})
		}
	}
	return list
}

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
	ofFit := []*Rule{rulePlanWebACL, rulePlanModelsAccess, rulePlanCounts, rulePlanFeatures, rulePlanAliases, rulePlanUndocumented}
	return loadBut(file, func(p Problem) bool {
		return slices.ContainsFunc(ofFit, func(r *Rule) bool { return r.ID == p.Rule })
	})
}

// planNeed is something of an environment that not every plan includes.
type planNeed struct {
	feature planFeature
	at      path
	instead string // what there must be without it
	always  string // why it is always needed; may be empty
}

// planNeeds are those of an environment.
func (e Environment) planNeeds() []planNeed {
	needs := []planNeed{{
		ownResponseHeaders, planPlace, "must be " + listed(planNames(ownResponseHeaders.from), "or"), ", and every distribution made here has one",
	}}
	add := func(needed bool, f planFeature, at path, instead string) {
		if needed {
			needs = append(needs, planNeed{f, at, instead, ""})
		}
	}
	for _, b := range e.Behaviors() {
		add(b.Cache != nil, ownCachePolicies, b.at.field("cache"), "must be absent") // its origin request policy goes with it
	}
	add(e.API.ShieldRegion != "", originShield, path{"api", "shieldRegion"}, "must be absent")
	add(e.API.Failover.DomainName != "", originFailover, path{"api", "failover"}, "must be absent")
	add(e.Models.ReplicaRegion != "", originFailover, path{"models", "replicaRegion"}, "must be absent")
	add(e.API.VPCOrigin != (VPCOrigin{}), vpcOrigins, path{"api", "vpcOrigin"}, "must be absent")
	add(e.API.Keys != nil, keyValueStores, path{"api", "keys"}, "must be absent")
	add(e.API.Canary != nil, keyValueStores, path{"api", "canary"}, "must be absent")
	add(e.Logging.Enabled, accessLogs, path{"logging", "enabled"}, "must be false")
	if e.Firewall.Enabled {
		needs = append(needs, e.Firewall.planNeeds()...)
	}
	return needs
}

// planNeeds are those of a web ACL made here.
func (w Firewall) planNeeds() []planNeed {
	const given = "must be false (set a webACLArn instead)"
	needs := []planNeed{{firewallLogs, path{"firewall", "enabled"}, given, ""}, {firewallAnswers, path{"firewall", "enabled"}, given, ""}}
	if w.LimitHeader() != "" {
		needs = append(needs, planNeed{headerRules, path{"firewall", "limitBy"}, `must be "` + LimitByIP + `"`, ""})
	}
	for i, limit := range w.Limits {
		if limit.Match().Expression != "" {
			needs = append(needs, planNeed{regexRules, path{"firewall", "limits", i, "path"}, "must have no ?, no + and * only at its end", ""})
		}
	}
	return needs
}

// WebACLRules is how many rules a web ACL made here has; one of AWS's managed groups counts as one.
func (w Firewall) WebACLRules() int {
	path, whole := w.rateRules()
	n := len(w.RuleGroups()) + len(w.Limits)*path + whole
	for _, ranges := range [][]string{w.AllowedIPs, w.BlockedIPs} {
		v4, v6 := ByIPVersion(ranges)
		n += min(1, len(v4)) + min(1, len(v6))
	}
	return n
}

// planDoubt is something of which the guide doesn't say whether a plan includes it.
type planDoubt struct {
	at  path
	why string
}

// planDoubts are those of an environment with a plan.
func (e Environment) planDoubts(plan PricingPlan) []planDoubt {
	var doubts []planDoubt
	add := func(open bool, at path, why string) {
		if open {
			doubts = append(doubts, planDoubt{at, why})
		}
	}
	add(e.Distribution.PriceClass != unset[Distribution]().PriceClass, path{"distribution", "priceClass"}, "AWS's guide to plans doesn't mention price classes")
	for i, route := range e.Routes {
		add(route.GRPC, path{"routes", i, "grpc"}, "AWS's guide to plans doesn't mention gRPC")
	}
	w := e.Firewall
	add(w.WebACLARN != "", path{"firewall", "webACLArn"}, "what rules it has isn't known here")
	if !w.Enabled {
		return doubts
	}
	add(len(w.AllowedIPs) > 0, path{"firewall", "allowedIPs"}, "AWS's guide to plans doesn't mention IP sets")
	add(len(w.BlockedIPs) > 0, path{"firewall", "blockedIPs"}, "AWS's guide to plans doesn't mention IP sets")
	add(w.LimitHeader() != "" && plan.includes(headerRules), path{"firewall", "limitBy"}, "AWS's guide to plans mentions rate limits by IP address only")
	for i, limit := range w.Limits {
		add(limit.Match().Expression == "" && !plan.includes(regexRules), path{"firewall", "limits", i, "path"}, "AWS's guide to plans doesn't mention rules on paths")
	}
	return doubts
}
