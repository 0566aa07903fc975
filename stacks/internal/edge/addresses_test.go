package edge

import (
	"net/netip"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestAddresses judges requests by their addresses, in the order of the web ACL's rules, before anything else is decided
// but whose host it is. Without an address all get in, and it is said from where they must come.
func TestAddresses(t *testing.T) {
	d := parsed(t)
	for _, r := range []struct{ url, from, rule string }{
		{"/v1/chat", "", ""},
		{"/v1/chat", "203.0.113.1", ""},
		{"/v1/chat", "198.51.100.1", "blocked-IPV4"},
		{"/v1/chat", "198.51.100.7", ""},
		{"/v1/chat", "::ffff:198.51.100.1", "blocked-IPV4"},
		{"http://api.example.com/models/signed/a", "198.51.100.1", "blocked-IPV4"}, // neither redirected nor asked for a signature
		{"/admin", "", ""},
		{"/admin", "203.0.113.1", ""},
		{"/admin", "2001:db8:2::1", ""},
		{"/admin?a", "198.51.100.7", "allowed-admin"}, // to whom other rules don't apply
		{"/%2561DMIN/x", "2001:db8:3::1", "allowed-admin"},
		{"/administrators", "2001:db8:3::1", ""},
	} {
		request := Request{URL: r.url}
		if r.from != "" {
			request.IP = netip.MustParseAddr(r.from)
		}
		decision := d.Decide(request)
		rule := ""
		if a := decision.Answer; a != nil && a.Reason == "firewall" {
			require.Equal(t, 403, a.Status)
			require.Nil(t, decision.Origin)
			rule = a.Rule
		}
		require.Equal(t, r.rule, rule, "%s from %s", r.url, r.from)
	}
	ranges := []netip.Prefix{netip.MustParsePrefix("203.0.113.0/24"), netip.MustParsePrefix("2001:db8:2::/48")}
	require.Equal(t, ranges, d.Decide(Request{URL: "/admin"}).AllowedIPs())
	require.Nil(t, d.Decide(Request{URL: "/v1/chat"}).AllowedIPs())
	require.Equal(t, "host", d.Decide(Request{URL: "https://www.example.net/", IP: netip.MustParseAddr("198.51.100.1")}).Answer.Reason)
}
