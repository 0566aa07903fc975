package awstest_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/internal/awstest"
)

// makeIPSet makes an IP set for CloudFront.
func makeIPSet(t *testing.T, s *awstest.Server, name, version, addresses string) answer {
	t.Helper()
	return callWAF(t, s, "CreateIPSet",
		`{"Name": "`+name+`", "Scope": "CLOUDFRONT", "IPAddressVersion": "`+version+`", "Addresses": [`+addresses+`]}`)
}

// TestLongIPSets holds the stand-in to the AWS WAF API Reference, IPSet and IPSetReferenceStatement, and to the quotas.
func TestLongIPSets(t *testing.T) {
	s := start(t)
	const parameter, limits = "WAFInvalidParameterException", "WAFLimitsExceededException"
	refused := func(t *testing.T, a answer, code, says string) {
		t.Helper()
		require.Equal(t, 400, a.status, a.text)
		require.Contains(t, a.text, code)
		require.Contains(t, a.text, says)
	}
	var all []string
	for i := range 10_001 {
		all = append(all, fmt.Sprintf(`"10.0.%d.%d/32"`, i/256, i%256))
	}
	refused(t, makeIPSet(t, s, "many", "IPV4", strings.Join(all, ",")), limits, "10001 addresses")
	refused(t, makeIPSet(t, s, "mixed", "IPV4", `"192.0.2.0/24", "2001:db8::/32"`), parameter, "set's version")
	refused(t, makeIPSet(t, s, "none", "IPV4", `"192.0.2.1"`), parameter, "set's version")
	refused(t, makeIPSet(t, s, "everybody", "IPV6", `"::/0"`), parameter, "set's version")
	made := makeIPSet(t, s, "ours", "IPV4", `"192.0.2.0/24"`)
	require.Equal(t, 200, made.status, made.text)
	var set struct {
		Summary struct{ ARN, Id, LockToken string }
	}
	require.NoError(t, json.Unmarshal([]byte(made.text), &set))

	in := func(arn string) string { return `{"IPSetReferenceStatement": {"ARN": "` + arn + `"}}` }
	not := func(statement string) string { return `{"NotStatement": {"Statement": ` + statement + `}}` }
	ours := in(set.Summary.ARN)
	many := func(n int) string {
		var list []string
		for i := range n {
			list = append(list, rule(i, "", not(ours)))
		}
		return rules(list...)
	}
	refused(t, makeWebACL(t, s, "other", rules(rule(0, "", in(strings.Replace(set.Summary.ARN, ":global/", ":regional/", 1))))), parameter, "of another scope")
	refused(t, makeWebACL(t, s, "gone", rules(rule(0, "", not(in(set.Summary.ARN+"0"))))), "WAFNonexistentItemException", "There is no IP set")
	refused(t, makeWebACL(t, s, "nothing", rules(rule(0, "", `{"NotStatement": {}}`))), parameter, "nothing that it negates")
	refused(t, makeWebACL(t, s, "one", rules(rule(0, "", not(`{"OrStatement": {"Statements": [`+ours+`]}}`)))), parameter, "fewer than two")
	refused(t, makeWebACL(t, s, "group", rules(rule(0, "", not(`{"ManagedRuleGroupStatement": {"Name": "a"}}`)))), parameter, "can't be nested")
	refused(t, makeWebACL(t, s, "references", many(51)), limits, "51 reference statements, of at most 50")
	acl := makeWebACL(t, s, "edge", many(50))
	require.Equal(t, 200, acl.status, acl.text)
	refused(t, callWAF(t, s, "DeleteIPSet", `{"Name": "ours", "Scope": "CLOUDFRONT", "Id": "`+set.Summary.Id+`", "LockToken": "`+set.Summary.LockToken+`"}`),
		"WAFAssociatedItemException", "referred to by a web ACL")
}
