package cli

import (
	"bytes"
	"net/netip"
	"net/url"
	"regexp"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/config"
	"ml-api-accelerator/stacks/internal/edge"
	"ml-api-accelerator/stacks/internal/edge/webacl"
	"ml-api-accelerator/stacks/internal/local/serve/exchange"
)

// TestFailuresAreHarmless has neither a path nor what an origin answers forge a line or reach the terminal.
func TestFailuresAreHarmless(t *testing.T) {
	var out bytes.Buffer
	tellFailures(&out)(&exchange.Exchange{
		End: time.Now(), Method: "GET", URL: &url.URL{Path: "/\x1b[2J\nGET /admin: api: forged"},
		Sent: []exchange.Sent{{Origin: "api", Error: "the origin answered 199 \x1b]0;owned\x07, which nobody asked for"}},
		Decision: edge.Decision{
			Answer: &edge.Answer{Status: 503, Reason: "function", Cause: "Error: \u202e\x1b"}, Function: &edge.Run{Name: "f"},
		},
	})
	require.Equal(t, `GET /\x1b[2J\nGET /admin: api: forged: the function f fails: Error: \u202e\x1b
GET /\x1b[2J\nGET /admin: api: forged: api: the origin answered 199 \x1b]0;owned\x07, which nobody asked for
`, out.String())
}

// TestTellLimits at the start, as they are, and that AWS WAF is less exact.
func TestTellLimits(t *testing.T) {
	late := "; AWS WAF only estimates them, mostly half a minute late, and up to some minutes"
	require.Empty(t, tellLimits(config.Firewall{}))
	require.Equal(t, "limits in 5 minutes for each IP address: 2,000"+late, tellLimits(config.Firewall{Enabled: true, RequestsPer5Minutes: 2000, LimitBy: "ip"}))
	require.Equal(t, "limits in 5 minutes for each value of Authorization: 3,000, 600 to /v1/embeddings*"+late, tellLimits(config.Firewall{
		Enabled: true, RequestsPer5Minutes: 3000, LimitBy: "Authorization", Limits: []config.Limit{{Path: "/v1/embeddings*", RequestsPer5Minutes: 600}},
	}))
	require.Equal(t, "no limit holds here: the rules of firewall.webACLArn aren't known", tellLimits(config.Firewall{WebACLARN: "arn:aws:wafv2:x"}))
}

// TestTellAddresses says whom the firewall keeps out here.
func TestTellAddresses(t *testing.T) {
	const only = "only 192.0.2.0/24 gets in"
	d := &edge.Distribution{Addresses: &webacl.ACL{Rules: []webacl.Rule{
		{Name: "only-allowed", Blocks: true, Outside: []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}},
	}}}
	require.Equal(t, "callers on this machine, from 127.0.0.1, are answered 403 by the firewall: "+only+"; --from 192.0.2.0 makes them come from elsewhere",
		tellAddresses(d, netip.Addr{}))
	require.Equal(t, "callers from 203.0.113.1 are answered 403 by the firewall: "+only, tellAddresses(d, netip.MustParseAddr("203.0.113.1")))
	require.Empty(t, tellAddresses(d, netip.MustParseAddr("192.0.2.7")))
	require.Empty(t, tellAddresses(&edge.Distribution{}, netip.Addr{}))

	d.Addresses.Rules = append([]webacl.Rule{{Name: "blocked-IPV4", Blocks: true, In: []netip.Prefix{netip.MustParsePrefix("192.0.2.0/25")}}}, d.Addresses.Rules...)
	require.Contains(t, tellAddresses(d, netip.Addr{}), "; --from ADDRESS makes", "no address is looked for that gets in")

	d.Behaviors = []edge.Behavior{{Path: "/admin/*"}, {Path: "/models/*"}, {Path: "v?"}, {Path: "*"}}
	d.Addresses.Rules = []webacl.Rule{{Name: "allowed-admin", Blocks: true, Outside: []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")},
		Path: &webacl.Path{Expression: regexp.MustCompile("^/(admin|v.)")}}}
	require.Equal(t, "callers on this machine, from 127.0.0.1, are answered 403 by the firewall at /admin/* and v?; --from 192.0.2.0 makes them come from elsewhere",
		tellAddresses(d, netip.Addr{}))
	require.Equal(t, "callers from 203.0.113.1 are answered 403 by the firewall at /admin/* and v?", tellAddresses(d, netip.MustParseAddr("203.0.113.1")))
	require.Empty(t, tellAddresses(d, netip.MustParseAddr("192.0.2.7")))

	d.Addresses.Rules[0] = webacl.Rule{Name: "blocked-IPV4", Blocks: true, In: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}}
	require.Equal(t, "callers on this machine, from 127.0.0.1, are answered 403 by the firewall's rule blocked-IPV4; --from ADDRESS makes them come from elsewhere",
		tellAddresses(d, netip.Addr{}))
}
