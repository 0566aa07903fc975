package compare

import (
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/internal/edge"
)

const fixture = "../edgetest/edge.tf.json"

// changed is the fixture with some texts replaced by others.
func changed(t *testing.T, replacements ...string) *edge.Distribution {
	t.Helper()
	text, err := os.ReadFile(fixture)
	require.NoError(t, err)
	for i := 0; i < len(replacements); i += 2 {
		require.True(t, strings.Contains(string(text), replacements[i]), replacements[i])
	}
	d, err := edge.Parse([]byte(strings.NewReplacer(replacements...).Replace(string(text))))
	require.NoError(t, err)
	return d
}

// line is a difference in one line each.
type line struct{ environment, request, before, after string }

func TestCompare(t *testing.T) {
	for _, r := range []struct {
		name  string
		after *edge.Distribution
		given []edge.Request
		want  []line
	}{
		{name: "nothing", after: changed(t), given: []edge.Request{{URL: "/v1/chat"}}},
		{name: "another name of an origin, and of policies", after: changed(t, `"open"`, `"wide-open"`, "cache_policy.catalog.id", "cache_policy.list.id", `"catalog":`, `"list":`)},
		{
			name: "an origin", after: changed(t, `"standby.example.com"`, `"other.example.com"`),
			want: []line{{
				"prod", "GET /v1/models*", "failover: api-failover as standby.example.com on 500, 502, 503, 504",
				"failover: api-failover as other.example.com on 500, 502, 503, 504",
			}},
		},
		{
			// A signed route is compared as if the signature were good.
			name: "a TTL", after: changed(t, `"default_ttl": 60,`, `"default_ttl": 61,`),
			want: []line{{
				"prod", "GET /v1/models*, models/signed/*; GET, OPTIONS /preflight/*",
				"caching: cached for 60 s, or from 0 to 300 s as the origin says", "caching: cached for 61 s, or from 0 to 300 s as the origin says",
			}},
		},
		{
			name: "a path, and a request of one's own", after: changed(t, `"path_pattern": "/private/*"`, `"path_pattern": "/internal/*"`),
			given: []edge.Request{{Method: "PUT", URL: "/internal/a"}},
			want: []line{
				{
					"prod", "GET, POST, OPTIONS /private/*",
					"host to the origin: internal.example.com; origin: https://internal.example.com:8443; HTTP: https-only; X-Origin-Verify to the origin: as sent; " +
						"connection: kept for 5 s; waiting: 60 s for an answer, tries to connect 3 times for 10 s",
					"host to the origin: inference.example.com; origin: https://inference.example.com; HTTP: redirect-to-https; " +
						"X-Origin-Verify to the origin: (secret ml-api/prod/origin-verify); connection: kept for 30 s; " +
						"waiting: 120 s for an answer, tries to connect 2 times for 5 s",
				},
				{
					"prod", "GET, POST, OPTIONS /internal/*; PUT /internal/a",
					"host to the origin: inference.example.com; origin: https://inference.example.com; HTTP: redirect-to-https; " +
						"X-Origin-Verify to the origin: (secret ml-api/prod/origin-verify); connection: kept for 30 s; " +
						"waiting: 120 s for an answer, tries to connect 2 times for 5 s",
					"host to the origin: internal.example.com; origin: https://internal.example.com:8443; HTTP: https-only; X-Origin-Verify to the origin: as sent; " +
						"connection: kept for 5 s; waiting: 60 s for an answer, tries to connect 3 times for 10 s",
				},
			},
		},
		{
			name: "what a key has and an origin gets", after: changed(t, `"accept"`, `"accept-language"`, `"Content-Type",
              "Origin"`, `"Content-Type"`),
			want: []line{
				{
					"prod", "GET, POST, OPTIONS /v1/embeddings*",
					"Accept in the key: as sent; Accept to the origin: as sent; no Accept-Language in the key; no Accept-Language to the origin",
					"no Accept in the key; no Accept to the origin; Accept-Language in the key: as sent; Accept-Language to the origin: as sent",
				},
				{"prod", "GET, POST, OPTIONS /preflight/*", "Origin to the origin: as sent", "no Origin to the origin"},
			},
		},
		{
			name: "the host instead of all else", after: changed(t, `"b689b0a8-53d0-40ab-baf2-68738e2966ac"`, `"bf0718e1-ba1e-49d1-88b1-f726733018ae"`),
			want: []line{
				{
					"prod", "GET, POST, OPTIONS /, /inference.GRPCInferenceService/*, *",
					"host to the origin: inference.example.com", "host to the origin: api.example.com",
				},
				{
					"prod", "GET, POST, OPTIONS /, /inference.GRPCInferenceService/*, /private/*, /open/*, *",
					"cookies beside the key: all; other headers to the origin: as sent", "no cookies beside the key; no other headers to the origin",
				},
				{
					"prod", "GET, POST, OPTIONS /, /inference.GRPCInferenceService/*, /private/*, /open/*, * with a query string",
					"query beside the key: all", "no query beside the key",
				},
				{"prod", "GET, POST, OPTIONS /private/*", "host to the origin: internal.example.com", "host to the origin: api.example.com"},
				{"prod", "GET, POST, OPTIONS /open/*", "host to the origin: open.example.com", "host to the origin: api.example.com"},
			},
		},
		{
			name: "whose pages may read", after: changed(t, `"https://app.example.com",`, ``),
			want: []line{
				{
					"prod", "GET, POST, OPTIONS /, /v1/embeddings*, /preflight/*, /block/*, /viewer/*, /inference.GRPCInferenceService/*, /private/*, *; " +
						"GET, OPTIONS /v1/models*, models/signed/*, /models/*",
					"pages that may read the answer: of https://app.example.com, https://*.example.org", "pages that may read the answer: of https://*.example.org",
				},
			},
		},
		{
			name: "what pages of other origins are told", after: changed(t, `"access_control_max_age_sec": 600,
          "origin_override": true`, `"access_control_max_age_sec": 60,
          "origin_override": true`, `"X-Request-Id"`, `"X-Id"`),
			want: []line{
				{
					"prod", "GET, POST, OPTIONS /, /v1/embeddings*, /v1/models*, /preflight/*, /block/*, /viewer/*, /inference.GRPCInferenceService/*, " +
						"/private/*, models/signed/*, /models/*, * with Origin",
					"Access-Control-Expose-Headers in the answer: X-Request-Id", "Access-Control-Expose-Headers in the answer: X-Id",
				},
				{
					"prod", "OPTIONS /, /v1/embeddings*, /v1/models*, /preflight/*, /block/*, /viewer/*, /inference.GRPCInferenceService/*, /private/*, " +
						"models/signed/*, /models/*, * with Origin",
					"Access-Control-Max-Age in the answer: 600", "Access-Control-Max-Age in the answer: 60",
				},
			},
		},
		{
			name: "only with a query string", after: changed(t, `"part"`, `"piece"`),
			want: []line{{
				"prod", "GET, OPTIONS models/signed/* with a query string", "query in the key: whitelist part", "query in the key: whitelist piece",
			}},
		},
		{
			name: "a signature", after: changed(t, `            "trusted_key_groups": [
              "${aws_cloudfront_key_group.models.id}"
            ]`, `            "trusted_key_groups": []`),
			want: []line{{
				"prod", "GET, OPTIONS models/signed/*", "signature: by key cd29b74f or 06a08fb1", "no signature",
			}},
		},
		{
			name: "a method", after: changed(t, `"allowed_methods": [
              "GET",
              "HEAD",
              "OPTIONS"
            ],`, `"allowed_methods": ["GET", "HEAD"],`),
			want: []line{
				{
					"prod", "OPTIONS /v1/models*", "goes to https://inference.example.com, not cached: OPTIONS is none of the cached methods",
					"is answered with 403 Forbidden: OPTIONS isn't let in here",
				},
				{
					"prod", "OPTIONS models/signed/*, /models/*", "goes to https://(bucket test-models), not cached: OPTIONS is none of the cached methods",
					"is answered with 403 Forbidden: OPTIONS isn't let in here",
				},
			},
		},
		{
			name: "the firewall's lists", after: changed(t, `"198.51.100.0/24"`, `"192.0.2.0/24", "198.51.100.0/24"`),
			want: []line{{"prod", "every request", "blocked addresses: 198.51.100.0/24", "blocked addresses: 192.0.2.0/24, 198.51.100.0/24"}},
		},
		{
			name: "a route's list", after: changed(t, `"^/+admin(?:[/;?#]|$)"`, `"^/+v1/models"`),
			given: []edge.Request{{Method: "GET", URL: "/admin"}},
			want: []line{
				{"prod", "GET, POST, OPTIONS /v1/models*", "no limit on addresses", "limit on addresses: only 203.0.113.0/24, 2001:db8:2::/48"},
				{"prod", "GET /admin", "limit on addresses: only 203.0.113.0/24, 2001:db8:2::/48", "no limit on addresses"},
			},
		},
		{
			name: "the distribution", after: changed(t, `"DE",`, ``, `"web_acl_id": "${aws_wafv2_web_acl.edge.arn}",`, ``, `"/errors/404.html"`, `"/404.html"`),
			want: []line{{
				"prod", "every request", "addresses past all limits: 198.51.100.7/32, 203.0.113.9/32; blocked addresses: 198.51.100.0/24; countries: whitelist DE, FR; firewall: on; page for 403: /errors/404.html with 404",
				"no addresses past all limits; no blocked addresses; countries: whitelist FR; no firewall; page for 403: /404.html with 404",
			}},
		},
	} {
		got := inLines(Compare(map[string]*edge.Distribution{"prod": changed(t)}, map[string]*edge.Distribution{"prod": r.after}, map[string][]edge.Request{"prod": r.given}))
		if diff := cmp.Diff(r.want, got, cmp.AllowUnexported(line{})); diff != "" {
			t.Errorf("%s (-want +got):\n%s", r.name, diff)
		}
	}
	prod := map[string]*edge.Distribution{"prod": changed(t)}
	require.Equal(t, []line{{"prod", "every request", "served", "no such environment"}}, inLines(Compare(prod, nil, nil)))
	require.Equal(t, []line{{"prod", "every request", "no such environment", "served"}}, inLines(Compare(nil, prod, nil)))
}

func inLines(list []Difference) (lines []line) {
	for _, d := range list {
		lines = append(lines, line{d.Environment, said(d.Requests), strings.Join(d.Before, "; "), strings.Join(d.After, "; ")})
	}
	return lines
}
