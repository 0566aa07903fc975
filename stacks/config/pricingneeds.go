package config

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
