package config

import (
	"fmt"
	"slices"
	"strings"

	"golang.org/x/net/publicsuffix"

	"ml-api-accelerator/stacks/config/declare"
)

// What the plans include is from PlansSource, as read on PlansRead.
const (
	PlansSource = srcPlans
	PlansRead   = "2026-11-30"
)

// PricingPlan is one of CloudFront's flat-rate pricing plans.
type PricingPlan struct {
	Name       string
	Dollars    int // a month
	Requests   int // a month, and not a hard limit
	TransferGB int // a month, likewise

	behaviors   int
	webACLRules int
}

// pricingPlans begin with the cheapest; each includes all that those before it do (CloudFront Developer Guide,
// CloudFront flat-rate pricing plans, Pricing plan features and Monthly usage allowances; Amazon CloudFront Pricing).
var pricingPlans = []PricingPlan{
	{Name: "free", Dollars: 0, Requests: 1_000_000, TransferGB: 100, behaviors: 5, webACLRules: 5},
	{Name: "pro", Dollars: 15, Requests: 10_000_000, TransferGB: 50_000, behaviors: 10, webACLRules: 25},
	{Name: "business", Dollars: 200, Requests: 125_000_000, TransferGB: 50_000, behaviors: 50, webACLRules: 50},
	{Name: "premium", Dollars: 1000, Requests: 500_000_000, TransferGB: 50_000, behaviors: 100, webACLRules: 75},
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
	return fmt.Sprintf("only %s %s %s (%q)", declare.Listed(names, "and"), verb, f.what, f.row)
}

// planPlace is the field that says which plan a distribution is on.
var planPlace = declare.Path{"distribution", "pricingPlan"}

// obstacle is what stands, or may stand, between an environment and a plan.
type obstacle struct {
	class Class
	rule  *declare.Rule
	at    declare.Path
	must  string
	why   string // may be empty
	got   string // may be empty
}

// text is the obstacle as a message; it names the plan if one is set.
func (o obstacle) text(set string) string {
	text := o.must
	switch {
	case set == "":
		text = strings.TrimSuffix(text, ",") // which ends what is put in before the plan
	case o.at.Equal(planPlace):
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

// obstacles are what stands between an environment and a plan.
func (e Environment) obstacles(plan PricingPlan, sharedACL declare.Path) []obstacle {
	list := append(e.Firewall.planObstacles(sharedACL), e.countObstacles(plan)...)
	for _, name := range e.BucketNames() {
		if bucket, at := e.Bucket(name); bucket.Access == AccessIdentity {
			list = append(list, obstacle{Hard, rulePlanModelsAccess, at.Field("access"), `must be "` +
				AccessControl + `"`, "no plan takes an origin access identity", ""})
		}
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

// planObstacles: a distribution on a plan has a web ACL, and no other distribution has the same one.
func (w Firewall) planObstacles(shared declare.Path) []obstacle {
	switch at := (declare.Path{"firewall"}); {
	case !w.Enabled && w.WebACLARN == "":
		return []obstacle{{Hard, rulePlanWebACL, at, "must be enabled or have a webACLArn", "no plan goes without a web ACL",
			""}}
	case shared != nil:
		return []obstacle{{Hard, rulePlanWebACL, at.Field("webACLArn"), fmt.Sprintf("must not also be %s", shared),
			"with a plan, a web ACL protects one distribution only", ""}}
	}
	return nil
}

func (e Environment) countObstacles(plan PricingPlan) []obstacle {
	var list []obstacle
	if n := len(e.Behaviors()); n > plan.behaviors {
		list = append(list, obstacle{Quota, rulePlanCounts, declare.Path{"routes"}, fmt.Sprintf("must have at most %d "+
			"behaviors, including those of api and models,", plan.behaviors), "", fmt.Sprint(n)})
	}
	if n := e.WebACLRules(); e.Firewall.Enabled && n > plan.webACLRules {
		list = append(list, obstacle{Quota, rulePlanCounts, declare.Path{"firewall"}, fmt.Sprintf("must make at most %d "+
			"rules, including those for AWS's managed groups,", plan.webACLRules), "", fmt.Sprint(n)})
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
			list = append(list, obstacle{Hard, rulePlanAliases, declare.Path{"domain", "aliases", i}, "must be a name of " +
				first, "a plan covers one apex domain", fmt.Sprintf("%q", alias)})
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

// planNeed is something of an environment that not every plan includes.
type planNeed struct {
	feature planFeature
	at      declare.Path
	instead string // what there must be without it
	always  string // why it is always needed; may be empty
}

// planNeeds are those of an environment.
func (e Environment) planNeeds() []planNeed {
	needs := []planNeed{{
		ownResponseHeaders, planPlace, "must be " + declare.Listed(planNames(ownResponseHeaders.from), "or"),
		", and every distribution made here has one",
	}}
	add := func(needed bool, f planFeature, at declare.Path, instead string) {
		if needed {
			needs = append(needs, planNeed{f, at, instead, ""})
		}
	}
	for _, b := range e.Behaviors() {
		add(b.Cache != nil, ownCachePolicies, b.at.Field("cache"), "must be absent") // its origin request policy goes with it
	}
	add(e.Web != nil, ownCachePolicies, declare.Path{"web"}, "must be absent")
	for _, name := range e.BackendNames() {
		backend, at := e.Backend(name)
		add(backend.ShieldRegion != "", originShield, at.Field("shieldRegion"), "must be absent")
		add(backend.Failover.DomainName != "", originFailover, at.Field("failover"), "must be absent")
		add(backend.VPCOrigin.Given(), vpcOrigins, at.Field("vpcOrigin"), "must be absent")
	}
	for _, name := range e.BucketNames() {
		bucket, at := e.Bucket(name)
		add(bucket.ReplicaRegion != "", originFailover, at.Field("replicaRegion"), "must be absent")
	}
	add(e.API.Keys != nil, keyValueStores, declare.Path{"api", "keys"}, "must be absent")
	add(e.API.Canary != nil, keyValueStores, declare.Path{"api", "canary"}, "must be absent")
	add(e.Logging.Enabled, accessLogs, declare.Path{"logging", "enabled"}, "must be false")
	if e.Firewall.Enabled {
		needs = append(needs, e.Firewall.planNeeds()...)
	}
	for _, b := range e.Behaviors() {
		add(e.Firewall.Enabled && len(b.AllowedIPs) > 0, regexRules, b.at.Field("allowedIPs"), "must be absent")
	}
	return needs
}

// planNeeds are those of a web ACL made here.
func (w Firewall) planNeeds() []planNeed {
	const given = "must be false (set a webACLArn instead)"
	needs := []planNeed{{firewallLogs, declare.Path{"firewall", "enabled"}, given, ""}, {firewallAnswers,
		declare.Path{"firewall", "enabled"}, given, ""}}
	if w.LimitHeader() != "" {
		needs = append(needs, planNeed{headerRules, declare.Path{"firewall", "limitBy"}, `must be "` + LimitByIP + `"`, ""})
	}
	for i, limit := range w.Limits {
		if limit.Match().Expression != "" {
			needs = append(needs, planNeed{regexRules, declare.Path{"firewall", "limits", i, "path"},
				"must have no ?, no + and * only at its end", ""})
		}
	}
	return needs
}

// planDoubt is something of which the guide doesn't say whether a plan includes it.
type planDoubt struct {
	at  declare.Path
	why string
}

// planDoubts are those of an environment with a plan.
func (e Environment) planDoubts(plan PricingPlan) []planDoubt {
	var doubts []planDoubt
	add := func(open bool, at declare.Path, why string) {
		if open {
			doubts = append(doubts, planDoubt{at, why})
		}
	}
	add(e.Distribution.PriceClass != declare.Unset[Distribution]().PriceClass, declare.Path{"distribution", "priceClass"},
		"AWS's guide to plans doesn't mention price classes")
	for i, route := range e.Routes {
		add(route.GRPC, declare.Path{"routes", i, "grpc"}, "AWS's guide to plans doesn't mention gRPC")
	}
	w := e.Firewall
	add(w.WebACLARN != "", declare.Path{"firewall", "webACLArn"}, "what rules it has isn't known here")
	if !w.Enabled {
		return doubts
	}
	add(len(w.AllowedIPs) > 0, declare.Path{"firewall", "allowedIPs"}, "AWS's guide to plans doesn't mention IP sets")
	add(len(w.BlockedIPs) > 0, declare.Path{"firewall", "blockedIPs"}, "AWS's guide to plans doesn't mention IP sets")
	add(w.LimitHeader() != "" && plan.includes(headerRules), declare.Path{"firewall", "limitBy"},
		"AWS's guide to plans mentions rate limits by IP address only")
	for _, b := range e.Behaviors() {
		add(len(b.AllowedIPs) > 0 && plan.includes(regexRules), b.at.Field("allowedIPs"),
			"AWS's guide to plans doesn't mention IP sets")
	}
	for i, limit := range w.Limits {
		add(limit.Match().Expression == "" && !plan.includes(regexRules), declare.Path{"firewall", "limits", i, "path"},
			"AWS's guide to plans doesn't mention rules on paths")
	}
	return doubts
}
