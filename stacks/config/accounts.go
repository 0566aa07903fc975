package config

import "strings"

// perAccount is something of which an account may have so many.
type perAccount struct {
	rule    *Rule
	what    string
	quota   string // field of quotas; empty: AWS doesn't raise it
	made    func(Environment) int
	allowed func(Quotas) int
}

var perAccounts = []perAccount{
	{ruleR13, "cache policies", "cachePolicies", cachePolicies, func(q Quotas) int { return q.CachePolicies }},
	{ruleR18, "origin request policies", "originRequestPolicies", originRequestPolicies, func(q Quotas) int { return q.OriginRequestPolicies }},
	{ruleC3, "response headers policies", "responseHeadersPolicies", func(Environment) int { return 1 }, func(q Quotas) int { return q.ResponseHeadersPolicies }},
	{ruleR11, "public keys", "publicKeys", func(e Environment) int { return len(e.Models.Signers) }, func(q Quotas) int { return q.PublicKeys }},
	{ruleK9, "key value stores", "keyValueStores", Environment.keyValueStores, func(q Quotas) int { return q.KeyValueStores }},
	{ruleK9, "functions", "", Environment.functions, func(Quotas) int { return mostFunctions }},
	{ruleR11, "key groups", "keyGroups", func(e Environment) int { return min(1, len(e.Models.Signers)) }, func(q Quotas) int { return q.KeyGroups }},
}

// checkAccounts holds the environments of an account together to its quotas. Those that don't say their account
// may have different ones, so they are only warned of.
func (c Config) checkAccounts(r *report) {
	for _, limited := range perAccounts {
		made := map[string]int{}
		for _, name := range c.EnvironmentNames() {
			e, at := c.Environments[name], path{environments, name}
			made[e.Account.ID] += limited.made(e)
			n, allowed := made[e.Account.ID], limited.allowed(e.Quotas)
			if n <= allowed || limited.made(e) == 0 {
				continue
			}
			class := Quota
			if e.Account.ID == "" {
				class = Warning
			}
			hint := ""
			if limited.quota != "" {
				hint = "; if it raised this quota for you, say so in quotas." + limited.quota
			}
			r.add(class, limited.rule, at, "makes %d %s in its account together with the environments before it: AWS allows %d%s", n, limited.what, allowed, hint)
		}
	}
}

// mostFunctions is how many functions an account may have (CloudFront Developer Guide, Quotas on CloudFront Functions).
const mostFunctions = 100

func (e Environment) keyValueStores() int {
	if e.API.HasStore() {
		return 1
	}
	return 0
}

// functions is one beside a key value store, and a second one where the canary fails over.
func (e Environment) functions() int {
	if e.CanaryFailsOver() {
		return 2
	}
	return e.keyValueStores()
}

func originRequestPolicies(e Environment) int {
	lists := map[string]bool{}
	for _, b := range e.Behaviors() {
		if len(b.Forwards) > 0 {
			lists[strings.Join(b.Forwards, ",")] = true
		}
	}
	return len(lists)
}

func cachePolicies(e Environment) int {
	n := 0
	for _, b := range e.Behaviors() {
		if b.Cache != nil {
			n++
		}
	}
	return n
}
