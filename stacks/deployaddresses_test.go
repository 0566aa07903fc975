package stacks_test

import (
	"encoding/json"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/config"
	"ml-api-accelerator/stacks/internal/awstest"
)

// TestLongDeployAddresses deploys an API for some addresses alone, changes the list, gives a route and the models lists
// of their own and takes them away, opens the API to everyone, and destroys it.
func TestLongDeployAddresses(t *testing.T) {
	server := needAWS(t)
	c := backendConfig(t, `"api": {"domainName": "backend.example.net"}, "distribution": {"ipv6": false}, "routes": [{"path": "/admin/*"}],
		"firewall": {"enabled": true, "onlyAllowedIPs": true, "allowedIPs": ["192.0.2.0/24"], "blockedIPs": ["192.0.2.66/32"]}`)
	server.CreateBucket(t, c.State.Region, c.State.Bucket)
	synth := func(change func(*config.Environment)) []byte {
		e := c.Environments["dev"]
		e.Routes = slices.Clone(e.Routes)
		change(&e)
		return synthesizeAs(t, c, "dev", e)
	}
	more := func(e *config.Environment) {
		e.Firewall.AllowedIPs = []string{"192.0.2.0/24", "203.0.113.0/24", "2001:db8::/32"}
	}
	first := synth(func(*config.Environment) {})
	guarded := synth(func(e *config.Environment) {
		more(e)
		e.Routes[0].AllowedIPs = []string{"192.0.2.0/28", "2001:db8:1::/48"}
		e.Models.AllowedIPs = []string{"203.0.113.7/32"}
	})
	fewer := synth(func(e *config.Environment) {
		more(e)
		e.Routes[0].AllowedIPs = []string{"192.0.2.0/28"}
		e.Models.AllowedIPs = []string{"203.0.113.7/32"}
	})
	open := synth(func(e *config.Environment) {
		more(e)
		e.Firewall.OnlyAllowedIPs, e.Firewall.BlockedIPs = false, nil
	})
	sideBySide(t)

	dev := newDeployment(t, server, first, withoutEdges(t, first))
	deploy := func(t *testing.T, text []byte, first ...string) {
		t.Helper()
		dev.deploy(t, text)
		require.Equal(t, first, deployedRules(t, server, len(first)))
	}
	var acl, edge any
	step(t, "only some addresses get in", func(t *testing.T) {
		deploy(t, first, "block only-allowed", "block blocked-IPV4")
		acl, edge = dev.state(t).ids()["aws_wafv2_web_acl.edge"], server.Resources()["Distribution"]
	})
	step(t, "more of them, of IPv6 as well, and a route has a list of its own, then a shorter one", func(t *testing.T) {
		want := []string{"block only-allowed", "block ambiguous-path", "block allowed-admin_-all-026ceb70", "block allowed-models_-all-8703efe6", "block blocked-IPV4"}
		deploy(t, guarded, want...)
		dev.requireNoChanges(t)
		deploy(t, fewer, want...)
		require.NotContains(t, dev.state(t).ids(), "aws_wafv2_ip_set.allowed-admin_-all-026ceb70-IPV6")
	})
	step(t, "the route is open again, and all of it", func(t *testing.T) {
		deploy(t, open, "allow allowed-IPV4", "allow allowed-IPV6")
		dev.requireNoChanges(t)
		require.Equal(t, acl, dev.state(t).ids()["aws_wafv2_web_acl.edge"], "it was never replaced")
		require.Equal(t, edge, server.Resources()["Distribution"])
	})
	step(t, "destroyed, it leaves nothing", func(t *testing.T) {
		dev.destroy(t, withoutRefresh)
		require.Empty(t, server.Resources())
	})
}

// deployedRules are the first rules that the last call made of the web ACL, with their actions.
func deployedRules(t *testing.T, server *awstest.Server, n int) []string {
	t.Helper()
	calls := append(server.CallsTo("wafv2:CreateWebACL"), server.CallsTo("wafv2:UpdateWebACL")...)
	require.NotEmpty(t, calls)
	var list []string
	var sent object
	require.NoError(t, json.Unmarshal(calls[len(calls)-1].Body, &sent))
	rules := items(sent["Rules"]) // in any order
	slices.SortFunc(rules, func(a, b object) int { return int(a["Priority"].(float64) - b["Priority"].(float64)) })
	for _, rule := range rules[:n] {
		action := "block"
		if at(rule, "Action", "Allow") != nil {
			action = "allow"
		}
		list = append(list, action+" "+rule["Name"].(string))
	}
	return list
}
