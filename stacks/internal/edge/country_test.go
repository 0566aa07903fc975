package edge_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/internal/edge"
	"ml-api-accelerator/stacks/internal/edge/edgetest"
	"ml-api-accelerator/stacks/internal/edge/policy"
)

// TestCountry keeps callers out before the firewall sees them, and lets in whose country isn't known.
func TestCountry(t *testing.T) {
	for _, r := range []struct {
		kind, locations, country string
		in                       bool
	}{
		{"none", "", "DE", true},
		{"whitelist", "DE FR", "DE", true},
		{"whitelist", "DE FR", "GB", false},
		{"whitelist", "DE FR", "", true},
		{"blacklist", "DE FR", "DE", false},
		{"blacklist", "DE FR", "GB", true},
		{"blacklist", "DE FR", "", true},
	} {
		d := edgetest.Distribution(t)
		d.GeoType, d.GeoLocations = r.kind, strings.Fields(r.locations)
		require.Equal(t, r.kind != "none", d.RestrictsCountries())
		decision := d.Decide(edge.Request{URL: "/v1/chat", Country: r.country})
		if r.in {
			require.Nil(t, decision.Answer, r)
			continue
		}
		require.Equal(t, &edge.Answer{Status: 403, Reason: "country"}, decision.Answer, r)
		require.Nil(t, decision.Origin)
		require.Equal(t, "host", d.Decide(edge.Request{URL: "https://www.example.net/", Country: r.country}).Answer.Reason)
	}
}

// TestCountryIsTold to the origin and to a function, where a policy names the header, whatever the caller says.
func TestCountryIsTold(t *testing.T) {
	const name = "CloudFront-Viewer-Country"
	tells := `function handler(event) { let h = event.request.headers; h['x-seen'] = h['cloudfront-viewer-country'] || {value: 'nothing'};
		h['cloudfront-viewer-country'] = {value: 'XX'}; return event.request; }`
	d := edgetest.CallersRunning(t, tells, tells)
	request := edge.Request{URL: "/v1/chat", Method: "POST", Country: "FR", Headers: map[string]string{"x-other": "1"}}
	require.False(t, d.AsksForCountry())
	require.Equal(t, edge.Plain("nothing"), d.Decide(request).Origin.Headers["X-Seen"])
	for i := range d.Behaviors {
		d.Behaviors[i].OriginRequestPolicy.Headers = policy.Selection{Behavior: "allViewerAndWhitelistCloudFront", Names: []string{name}}
	}
	require.True(t, d.AsksForCountry())
	request.Headers[name] = "GB"
	decision := d.Decide(request)
	require.Equal(t, edge.Plain("FR"), decision.Origin.Headers["X-Seen"])
	require.Equal(t, edge.Plain("FR"), decision.Origin.Headers[name])
	require.Empty(t, decision.Cache.Key.Headers)
	for i := range d.Behaviors {
		d.Behaviors[i].CachePolicy.Headers = policy.Selection{Behavior: "whitelist", Names: []string{name}}
	}
	require.Equal(t, map[string]edge.Value{name: edge.Plain("FR")}, d.Decide(request).Cache.Key.Headers)
	request.Country = ""
	require.Equal(t, edge.Value{Kind: edge.ByCloudFront}, d.Decide(request).Origin.Headers[name])
}
