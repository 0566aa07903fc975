package webacl

import (
	"net/netip"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/internal/edge/block"
)

func ranges(texts ...string) []netip.Prefix {
	list := []netip.Prefix{}
	for _, text := range texts {
		list = append(list, netip.MustParsePrefix(text))
	}
	return list
}

// TestAllowed are the addresses that all lists have which are for a path.
func TestAllowed(t *testing.T) {
	acl := &ACL{Rules: []Rule{
		{Name: "only-allowed", Blocks: true, Outside: ranges("192.0.2.0/24", "198.51.100.0/28")},
		{Name: "bypass", In: ranges("203.0.113.0/24")},
		{Name: "blocked", Blocks: true, In: ranges("192.0.2.7/32")},
	}}
	require.Equal(t, ranges("192.0.2.0/24", "198.51.100.0/28"), acl.Allowed("/"))
	acl.Rules = append(acl.Rules, Rule{Blocks: true, Outside: ranges("192.0.2.128/25", "198.51.0.0/16", "203.0.113.0/24")})
	require.Equal(t, ranges("192.0.2.128/25", "198.51.100.0/28"), acl.Allowed("/"))
	acl.Rules = append(acl.Rules, Rule{Blocks: true, Outside: ranges("203.0.113.0/24")})
	require.Equal(t, ranges(), acl.Allowed("/"), "nobody")
	require.Equal(t, "nowhere", Text(acl.Allowed("/")))
	require.Equal(t, ranges("192.0.2.7/32"), acl.Blocked())
	require.Equal(t, ranges("203.0.113.0/24"), acl.Bypasses())

	var none *ACL
	require.Nil(t, none.Allowed("/"))
	require.Equal(t, Verdict{}, none.Judge(netip.MustParseAddr("192.0.2.7"), "/"))
	require.Empty(t, none.Blocked())
}

// TestText doesn't fill the screen.
func TestText(t *testing.T) {
	require.Equal(t, "192.0.2.0/24, 2001:db8::/32", Text(ranges("192.0.2.0/24", "2001:db8::/32")))
	require.Equal(t, "10.0.0.0/32, 10.0.0.1/32, 10.0.0.2/32, 10.0.0.3/32, 10.0.0.4/32 and 2 more",
		Text(ranges("10.0.0.0/32", "10.0.0.1/32", "10.0.0.2/32", "10.0.0.3/32", "10.0.0.4/32", "10.0.0.5/32", "10.0.0.6/32")))
}

// TestTransformations are AWS WAF's (AWS WAF Developer Guide, Using text transformations).
func TestTransformations(t *testing.T) {
	for _, r := range []struct{ kind, text, want string }{
		{"URL_DECODE", "/%61%2F%2e%zz%%3", "/a/.%zz%%3"},
		{"URL_DECODE", "/a+b%2B%u0061", "/a b+%u0061"},
		{"URL_DECODE", "/%2561", "/%61"},
		{"URL_DECODE_UNI", "/%u0061%U2f61%uff41%61", "/aaaa"},
		{"LOWERCASE", "/AZaz\xc4\xb0\xff", "/azaz\xc4\xb0\xff"},
		{"NONE", "/A%61", "/A%61"},
	} {
		require.Equal(t, r.want, transformations[r.kind](r.text), "%s %q", r.kind, r.text)
	}
}

// TestReadRefuses what it doesn't know: passed over, it would be a rule less.
func TestReadRefuses(t *testing.T) {
	const of = `{"resource": {"aws_wafv2_ip_set": {"a": {"addresses": ["192.0.2.0/24"]}}, "aws_wafv2_web_acl": {"edge": {
		"default_action": {"allow": {}}, "rule": [{"name": "a", "priority": 0, "action": {"block": {}}, "statement": `
	const set = `{"ip_set_reference_statement": {"arn": "${aws_wafv2_ip_set.a.arn}"}}`
	for _, r := range []struct{ statement, change, want string }{
		{set, "", ""},
		{`{"geo_match_statement": {}}`, "", "statement: is not part of the model of the edge"},
		{`{"not_statement": {"statement": [{"geo_match_statement": {}}]}}`, "", "statement[0]: is not part of the model of the edge"},
		{`{"and_statement": {"statement": [` + set + `, {"rate_based_statement": {}}]}}`, "", "statement[1]: is not part of the model of the edge"},
		{`{"regex_match_statement": {"field_to_match": {"method": {}}, "regex_string": "a"}}`, "", "field_to_match: must be the path"},
		{`{"regex_match_statement": {"field_to_match": {"uri_path": {}}, "regex_string": "(?=a)"}}`, "", "invalid or unsupported Perl syntax"},
		{`{"regex_match_statement": {"field_to_match": {"uri_path": {}}, "regex_string": "a", "text_transformation": [{"priority": 0, "type": "CMD_LINE"}]}}`, "",
			`type: is not part of the model of the edge: "CMD_LINE"`},
		{set, `"192.0.2.0/24" "192.0.2.0"`, "addresses"},
		{set, `"allow" "block"`, "default_action: must be to allow"},
	} {
		text := of + r.statement + `}]}}}}`
		if before, after, found := strings.Cut(r.change, " "); found {
			text = strings.Replace(text, before, after, 1)
		}
		s, err := block.Parse([]byte(text))
		require.NoError(t, err)
		Read(s, "at", "${aws_wafv2_web_acl.edge.arn}")
		_, err = s.Finish()
		if r.want == "" {
			require.NoError(t, err)
			continue
		}
		require.ErrorContains(t, err, r.want, r.statement)
	}
	require.Nil(t, Read(&block.Stack{}, "at", "arn:aws:wafv2:us-east-1:111122223333:global/webacl/company/1"), "nothing is known of it")
}
