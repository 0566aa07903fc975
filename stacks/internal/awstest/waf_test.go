package awstest_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/internal/awstest"
)

const visibility = `"VisibilityConfig": {"SampledRequestsEnabled": true, "CloudWatchMetricsEnabled": true, "MetricName": "edge"}`

type answer struct {
	status int
	text   string
}

// callWAF makes a call to WAF.
func callWAF(t *testing.T, s *awstest.Server, action, body string) answer {
	t.Helper()
	status, text := send(t, s, "wafv2", "POST", "/", body, "X-Amz-Target", "AWSWAF_20190729."+action)
	return answer{status, text}
}

func makeWebACL(t *testing.T, s *awstest.Server, name, fields string) answer {
	t.Helper()
	return callWAF(t, s, "CreateWebACL", `{"Name": "`+name+`", "Scope": "CLOUDFRONT", "DefaultAction": {"Allow": {}}, `+visibility+`, `+fields+`}`)
}

func protecting(field string) string {
	return `"DataProtectionConfig": {"DataProtections": [{"Action": "SUBSTITUTION", "Field": ` + field + `}]}`
}

func overriding(rule string) string {
	return `"Rules": [{"Name": "group", "Priority": 0, "OverrideAction": {"None": {}}, ` + visibility + `, "Statement": {"ManagedRuleGroupStatement":
		{"VendorName": "AWS", "Name": "AWSManagedRulesCommonRuleSet", "RuleActionOverrides": [{"Name": "` + rule + `", "ActionToUse": {"Count": {}}}]}}}]`
}

func TestLongWebACLRefusals(t *testing.T) {
	s := start(t)
	const protection, override = "dataProtectionConfig.dataProtections.1.member", "rules.1.member.statement.managedRuleGroupStatement.ruleActionOverrides.1.member.name"
	for name, row := range map[string]struct{ fields, at, must string }{
		"action": {`"DataProtectionConfig": {"DataProtections": [{"Action": "SUBSTITUTE", "Field": {"FieldType": "BODY"}}]}`,
			protection + ".action", "satisfy enum value set: [SUBSTITUTION, HASH]"},
		"no protections": {`"DataProtectionConfig": {"DataProtections": []}`, "dataProtectionConfig.dataProtections", "have length greater than or equal to 1"},
		"type": {protecting(`{"FieldType": "URI_PATH"}`), protection + ".field.fieldType",
			"satisfy enum value set: [SINGLE_HEADER, SINGLE_COOKIE, SINGLE_QUERY_ARGUMENT, QUERY_STRING, BODY]"},
		"keys": {protecting(`{"FieldType": "SINGLE_HEADER", "FieldKeys": ["a"` + strings.Repeat(`, "a"`, 100) + `]}`),
			protection + ".field.fieldKeys", "have length less than or equal to 100"},
		"long key": {protecting(`{"FieldType": "SINGLE_HEADER", "FieldKeys": ["` + strings.Repeat("a", 65) + `"]}`),
			protection + ".field.fieldKeys.1.member", "have length less than or equal to 64"},
		"blank key": {protecting(`{"FieldType": "SINGLE_HEADER", "FieldKeys": [" "]}`), protection + ".field.fieldKeys.1.member", `satisfy regular expression pattern: .*\S.*`},
		"rule":      {overriding("Generic LFI"), override, `satisfy regular expression pattern: ^[\w\-]+$`},
		"long rule": {overriding(strings.Repeat("a", 129)), override, "have length less than or equal to 128"},
	} {
		t.Run(name, func(t *testing.T) {
			a := makeWebACL(t, s, "edge", row.fields)
			require.Equal(t, 400, a.status)
			require.Contains(t, a.text, "1 validation error detected: ")
			var said struct{ Message string }
			require.NoError(t, json.Unmarshal([]byte(a.text), &said))
			require.Contains(t, said.Message, fmt.Sprintf("at '%s' failed to satisfy constraint: Member must %s", row.at, row.must))
		})
	}
	unknown := makeWebACL(t, s, "edge", overriding("NoSuchRule"))
	require.Equal(t, 200, unknown.status, "WAF ignores the name of a rule that a managed group doesn't have: "+unknown.text)
}

func TestLongFirewallLogRefusals(t *testing.T) {
	s := start(t)
	log := func(filter string) answer {
		return callWAF(t, s, "PutLoggingConfiguration", `{"LoggingConfiguration": {"ResourceArn": "arn:aws:wafv2:us-east-1:`+awstest.AccountID+
			`:global/webacl/edge/1", "LogDestinationConfigs": ["arn:aws:logs:us-east-1:`+awstest.AccountID+`:log-group:aws-waf-logs-edge"], "LoggingFilter": `+filter+`}}`)
	}
	filter := func(action, requirement, behavior string) string {
		return fmt.Sprintf(`{"DefaultBehavior": "DROP", "Filters": [{"Behavior": %q, "Requirement": %q, "Conditions": [{"ActionCondition": {"Action": %q}}]}]}`,
			behavior, requirement, action)
	}
	require.Contains(t, log(filter("BLOCKED", "MEETS_ANY", "KEEP")).text, "filters.1.member.conditions.1.member.actionCondition.action")
	require.Contains(t, log(filter("BLOCK", "ANY", "KEEP")).text, "[MEETS_ALL, MEETS_ANY]")
	require.Contains(t, log(filter("ANY", "ANY", "LOG")).text, "3 validation errors detected")
	require.Contains(t, log(`{"DefaultBehavior": "DROP", "Filters": []}`).text, "have length greater than or equal to 1")
	a := log(filter("EXCLUDED_AS_COUNT", "MEETS_ANY", "KEEP"))
	require.Equal(t, 200, a.status, a.text)
}

func TestLongMotoKeepsDataProtection(t *testing.T) {
	s := start(t)
	made := makeWebACL(t, s, "edge", protecting(`{"FieldType": "QUERY_STRING"}`))
	var acl struct {
		Summary struct{ Id, LockToken string }
	}
	require.NoError(t, json.Unmarshal([]byte(made.text), &acl))
	id := `"Name": "edge", "Scope": "CLOUDFRONT", "Id": "` + acl.Summary.Id + `"`
	require.Contains(t, callWAF(t, s, "GetWebACL", `{`+id+`}`).text, "QUERY_STRING")

	changed := callWAF(t, s, "UpdateWebACL", `{`+id+`, "LockToken": "`+acl.Summary.LockToken+`", "DefaultAction": {"Allow": {}}, `+visibility+`}`)
	require.Equal(t, 200, changed.status, changed.text)
	require.NotContains(t, callWAF(t, s, "GetWebACL", `{`+id+`}`).text, "QUERY_STRING", "an update replaces the whole web ACL")
}
