package config

import "ml-api-accelerator/stacks/config/declare"

// perAccount is something of which an account may have so many.
type perAccount struct {
	rule    *declare.Rule
	what    string
	quota   string // field of quotas; empty: AWS doesn't raise it
	made    func(Environment) int
	allowed func(Quotas) int
}

var perAccounts = []perAccount{
	{ruleCachePolicyCount, "cache policies", "cachePolicies", cachePolicies,
		func(q Quotas) int { return q.CachePolicies }},
	{ruleForwardHeaders, "origin request policies", "originRequestPolicies", originRequestPolicies,
		func(q Quotas) int { return q.OriginRequestPolicies }},
	{ruleResponseHeadersPolicyCount, "response headers policies", "responseHeadersPolicies",
		Environment.responseHeadersPolicies, func(q Quotas) int { return q.ResponseHeadersPolicies }},
	{ruleSigners, "public keys", "publicKeys", Environment.publicKeys, func(q Quotas) int { return q.PublicKeys }},
	{ruleKeyValueStoreCount, "key value stores", "keyValueStores", Environment.keyValueStores,
		func(q Quotas) int { return q.KeyValueStores }},
	{ruleKeyValueStoreCount, "functions", "", Environment.functions, func(Quotas) int { return mostFunctions }},
	{ruleSigners, "key groups", "keyGroups", Environment.keyGroups, func(q Quotas) int { return q.KeyGroups }},
	{ruleIPSets, "IP sets", "ipSets", Environment.ipSets, func(q Quotas) int { return q.IPSets }},
}

// checkAccounts holds the environments of an account together to its quotas. Those that don't say their account
// may have different ones, so they are only warned of.
func (c Config) checkAccounts(r *declare.Report) {
	for _, limited := range perAccounts {
		made := map[string]int{}
		for _, name := range c.EnvironmentNames() {
			e, at := c.Environments[name], declare.Path{environments, name}
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
			r.Add(class, limited.rule, at,
				"makes %d %s in its account, together with the environments before it: AWS allows %d%s", n, limited.what, allowed,
				hint)
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

func (e Environment) publicKeys() int {
	n := 0
	for _, name := range e.BucketNames() {
		bucket, _ := e.Bucket(name)
		n += len(bucket.Signers)
	}
	return n
}

func (e Environment) keyGroups() int {
	n := 0
	for _, name := range e.BucketNames() {
		bucket, _ := e.Bucket(name)
		n += min(1, len(bucket.Signers))
	}
	return n
}

func (e Environment) functions() int { return len(e.ViewerFunctions()) }

func originRequestPolicies(e Environment) int {
	lists := map[string]bool{}
	for _, b := range e.Behaviors() {
		if name := b.Forwards.PolicyName(); name != "" {
			lists[name] = true
		}
	}
	return len(lists)
}

func cachePolicies(e Environment) int {
	n, page := 0, 0
	for _, b := range e.Behaviors() {
		if b.Cache != nil {
			n++
		} else if b.Page {
			page = 1
		}
	}
	return n + page
}
