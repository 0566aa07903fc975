package config

import (
	"fmt"
	"slices"
	"strings"
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
