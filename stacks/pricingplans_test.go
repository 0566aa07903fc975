package stacks_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/config"
)

// TestPlansSeeWhatStacksHave holds what the rules say of the free plan, which includes the least, to the stacks: what
// stands in its way is in a stack, and the other way round.
func TestPlansSeeWhatStacksHave(t *testing.T) {
	seen := map[string][2]bool{} // whether some stack has it, and some hasn't
	withStacks(t, func(name string, fits []config.PlanFit, e config.Environment, stack parsed) {
		var said []string
		for _, m := range fits[0].InTheWay {
			said = append(said, m.Message)
		}
		for sign, has := range needsOfStack(t, stack) {
			told := slices.ContainsFunc(said, func(m string) bool { return strings.Contains(m, sign) })
			require.Equal(t, has, told, "%s: %s", name, sign)
			both := seen[sign]
			seen[sign] = [2]bool{both[0] || has, both[1] || !has}
		}
		if acl := stack.Resource["aws_wafv2_web_acl"]["edge"]; acl != nil {
			require.Equal(t, len(items(acl["rule"])), e.WebACLRules(), name)
		}
	})
	for sign, both := range seen {
		require.True(t, both[0], "no stack has what needs %s", sign)
		require.True(t, both[1] || strings.Contains(sign, "response header"), "every stack has what needs %s", sign)
	}
}

// needsOfStack tells for a part of a message whether the stack has what it is about.
func needsOfStack(t *testing.T, stack parsed) map[string]bool {
	t.Helper()
	edge := stack.Resource["aws_cloudfront_distribution"]["edge"]
	acl, err := json.Marshal(stack.Resource["aws_wafv2_web_acl"])
	require.NoError(t, err)
	has := func(kind string) bool { return len(stack.Resource[kind]) > 0 }
	return map[string]bool{
		`"Custom caching rules"`:         has("aws_cloudfront_cache_policy"),
		`"Custom response header rules"`: has("aws_cloudfront_response_headers_policy"),
		`"Origin load reduction"`:        slices.ContainsFunc(items(edge["origin"]), func(o object) bool { return o["origin_shield"] != nil }),
		`"Automatic origin failover"`:    len(items(edge["origin_group"])) > 0,
		`"Private origins within VPC"`:   has("aws_cloudfront_vpc_origin"),
		`"Edge key-value store"`:         has("aws_cloudfront_key_value_store"),
		`"Access Logs"`:                  edge["logging_config"] != nil || has("aws_cloudwatch_log_delivery"),
		`"WAF request logs"`:             has("aws_wafv2_web_acl_logging_configuration"),
		`"Custom WAF response"`:          strings.Contains(string(acl), `"custom_response":`),
		`"Header-based threat`:           strings.Contains(string(acl), `"single_header":`),
		`"Regex-based threat`:            strings.Contains(string(acl), `"regex_match_statement":`),
		"origin access identity":         has("aws_cloudfront_origin_access_identity"),
		"no plan goes without a web ACL": edge["web_acl_id"] == nil,
	}
}

// withStacks calls a test with each environment of the examples, how it goes with the plans, and its stack.
func withStacks(t *testing.T, test func(name string, fits []config.PlanFit, e config.Environment, stack parsed)) {
	t.Helper()
	for _, file := range []string{example, everything} {
		c := load(t, file)
		for _, name := range c.EnvironmentNames() {
			test(c.StackName(name), c.PlanFits(name), c.Environments[name], allStacks(t)[c.StackName(name)])
		}
	}
}
