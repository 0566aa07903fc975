package serve

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/internal/edge"
)

// TestUnknown names the secrets of every origin, also of one that is only asked when another fails.
func TestUnknown(t *testing.T) {
	route, failover := passedRoute(), apiOrigin()
	failover.ID, failover.CustomHeaders = "api-failover", map[string]edge.Value{"X-B": {Kind: edge.Secret, Text: "b"}, "X-C": edge.Plain("(secret c)")}
	route.Origin.CustomHeaders = map[string]edge.Value{"X-A": {Kind: edge.Secret, Text: "a"}, "X-D": {Kind: edge.Secret, Text: "d"}}
	route.Failover = &edge.Failover{Origin: failover, On: []int{500}}
	s := serveFor(t, func(http.ResponseWriter, *http.Request) {}, func(o *Options) { o.Secrets = map[string]string{"d": "x"} }, route)
	require.Equal(t, []string{"a", "b"}, s.edge.Unknown())
}

// TestSecretsStay has callers send what secrets and other values look like in explain: it reaches the origin as it was
// sent.
func TestSecretsStay(t *testing.T) {
	for name, route := range map[string]edge.Behavior{"passed": passedRoute(), "cached": cachedRoute()} {
		t.Run(name, func(t *testing.T) {
			if name == "cached" {
				route.CachePolicy.Headers = listed("X-Echo", "X-Absent", "CloudFront-Viewer-Country")
			}
			route.Origin.CustomHeaders = map[string]edge.Value{"X-Origin-Verify": {Kind: edge.Secret, Text: "verify"}}
			var got http.Header
			s := serveFor(t, func(_ http.ResponseWriter, r *http.Request) { got = r.Header.Clone() },
				func(o *Options) { o.Secrets = map[string]string{"verify": "hunter2"} }, route)
			for _, sent := range []string{
				"(secret verify)", "(not sent)", "(set by CloudFront)", "(signed by the origin access control)", "(key of alice)",
			} {
				s.do("GET /"+name, "X-Echo: "+sent, "X-Origin-Verify: "+sent, "X-Forwarded-For: "+sent, "Via: "+sent)
				require.Equal(t, sent, got.Get("X-Echo"))
				require.Equal(t, []string{"hunter2"}, got.Values("X-Origin-Verify"))
				require.Equal(t, sent+",127.0.0.1", got.Get("X-Forwarded-For"))
				require.Equal(t, sent+", "+edge.Via, got.Get("Via"))
				require.NotContains(t, got, "X-Absent")
				require.NotContains(t, got, "Cloudfront-Viewer-Country")
			}
		})
	}
}
