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
	const protection = "dataProtectionConfig.dataProtections.1.member.field.fieldKeys"
	protectingHeaders := func(keys string) string {
		return protecting(`{"FieldType": "SINGLE_HEADER", "FieldKeys": [` + keys + `]}`)
	}
	named := func(rule string) string { return strings.Replace(overriding("a"), `"group"`, `"`+rule+`"`, 1) }
	for name, row := range map[string]struct{ fields, at, must string }{
		"keys": {protectingHeaders(`"a"` + strings.Repeat(`, "a"`, 100)), protection, "have length less than or equal to 100"},
		"long key": {protectingHeaders(`"` + strings.Repeat("a", 65) + `"`),
			protection + ".1.member", "have length less than or equal to 64"},
		"blank key": {protectingHeaders(`" "`), protection + ".1.member", `satisfy regular expression pattern: .*\S.*`},
		"rule":      {named("Generic LFI"), "rules.1.member.name", `satisfy regular expression pattern: ^[\w\-]+$`},
		"long rule": {named(strings.Repeat("a", 129)), "rules.1.member.name", "have length less than or equal to 128"},
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
