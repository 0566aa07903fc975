package config_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/config"
	"ml-api-accelerator/stacks/config/declare"
)

// parsed returns the environment dev of a file that has no problems.
func parsed(t *testing.T, file []byte) config.Environment {
	t.Helper()
	c, _, err := config.Parse("cdktf.json", file)
	require.NoError(t, err)
	return c.Environments["dev"]
}

func TestDefaultsOfAnEnvironment(t *testing.T) {
	c, _, err := config.Parse("cdktf.json", row{patch: `{}`}.file(t))
	require.NoError(t, err)
	want := config.Config{
		Name:  "demo",
		State: config.State{Bucket: "demo-state", Region: "us-east-1"},
		Environments: map[string]config.Environment{"dev": {
			Region: "us-east-1",
			API: config.API{Backend: config.Backend{
				DomainName: "backend.example.com", VPCOrigin: config.VPCOrigin{Protocol: "https", HTTPPort: 80}, HTTPSPort: 443, ReadTimeoutSeconds: 60, KeepaliveTimeoutSeconds: 30,
				ConnectionAttempts: 2, ConnectionTimeoutSeconds: 5,
			}},
			Models: config.Models{Bucket: config.Bucket{Path: "/models/*", Access: "identity", NoncurrentDays: 30}},
			Distribution: config.Distribution{
				PriceClass: "PriceClass_All", HTTPVersion: "http2and3", IPv6: true, MinimumTLSVersion: "TLSv1.2_2021",
				GeoRestriction: config.GeoRestriction{Type: "none"},
			},
			ResponseHeaders: config.ResponseHeaders{FrameOptions: "DENY"},
			Logging:         config.Logging{Enabled: true, Prefix: "cf-logs/", RetentionDays: 90, Version: 1},
			Firewall:        config.Firewall{RequestsPer5Minutes: 2000, LimitBy: "ip"},
			Monitoring:      config.Monitoring{ErrorRatePercent: 5, OriginLatencyMilliseconds: 10000},
			Quotas: config.Quotas{
				OriginReadTimeoutSeconds: 120, OriginKeepaliveTimeoutSeconds: 300, OriginCustomHeaders: 30, Behaviors: 75, Origins: 100,
				Aliases: 100, CachePolicyHeaders: 10, CachePolicyQueryStrings: 10, CachePolicyCookies: 10, OriginRequestPolicyHeaders: 10, KeyGroupKeys: 5, CertificateNames: 10, CachePolicies: 20, OriginRequestPolicies: 20,
				ResponseHeadersPolicies: 20, PublicKeys: 10, KeyGroups: 10, KeyValueStores: 200, IPSets: 100,
			},
		}},
	}
	if diff := cmp.Diff(want, c); diff != "" {
		t.Errorf("configuration (-want +got):\n%s", diff)
	}
}

func TestDefaultsOfRoutesAndCaches(t *testing.T) {
	env := parsed(t, inDevRaw("routes", `[
		{"path": "/a", "cache": {}},
		{"path": "/b", "origin": "models", "cache": {}},
		{"path": "/c", "origin": "models", "cache": {"keyHeaders": ["Origin"]}},
		{"path": "/d", "methods": "read", "cache": {"keyHeaders": []}},
		{"path": "/e", "methods": ""}
	]`))
	cached := func(headers, forwarded []string) *config.Cache {
		return &config.Cache{DefaultTTLSeconds: 3600, MaxTTLSeconds: 86400, KeyHeaders: headers, ForwardHeaders: forwarded, QueryStrings: declare.TextOrList{Text: "all"}, Cookies: declare.TextOrList{Text: "none"}}
	}
	body := []string{"Content-Type", "Content-Encoding"}
	want := []config.Route{
		{Path: "/a", Origin: "api", Methods: "all", Cache: cached([]string{"Authorization"}, body)},
		{Path: "/b", Origin: "models", Methods: "read", Cache: cached(nil, nil)},
		{Path: "/c", Origin: "models", Methods: "read", Cache: cached([]string{"Origin"}, nil)},
		{Path: "/d", Origin: "api", Methods: "read", Cache: cached([]string{}, body)},
		{Path: "/e", Origin: "api", Methods: "all"},
	}
	if diff := cmp.Diff(want, env.Routes); diff != "" {
		t.Errorf("routes (-want +got):\n%s", diff)
	}
}

func TestDefaultsOfSectionsThatAreSetInPart(t *testing.T) {
	env := parsed(t, inDevRaw("cors", `{"allowOrigins": ["*"]}`))
	require.Equal(t, &config.CORS{
		AllowOrigins: []string{"*"}, AllowMethods: []string{"GET", "POST"}, AllowHeaders: []string{"Authorization", "Content-Type"}, MaxAgeSeconds: 600,
	}, env.CORS)
	require.Equal(t, &config.CORS{AllowOrigins: []string{"*"}, AllowMethods: []string{"PUT"}, AllowHeaders: []string{"Authorization", "Content-Type"}},
		parsed(t, inDevRaw("cors", `{"allowOrigins": ["*"], "allowMethods": ["PUT"], "maxAgeSeconds": 0}`)).CORS)
	require.Equal(t, config.Models{Bucket: config.Bucket{Path: "/m/*", Access: "identity", NoncurrentDays: 30}}, parsed(t, inDevRaw("models.path", `"/m/*"`)).Models)
	require.Equal(t, config.Logging{Prefix: "cf-logs/", RetentionDays: 90, Version: 1}, parsed(t, inDevRaw("logging.enabled", "false")).Logging)
	require.Equal(t, 0, parsed(t, inDevRaw("api.cache.defaultTTLSeconds", "0")).API.Cache.DefaultTTLSeconds)
}

// TestTTLsFollow holds the TTLs that are left out to follow those that are written.
func TestTTLsFollow(t *testing.T) {
	for written, want := range map[string][3]int{
		`{}`:                                       {0, 3600, 86400},
		`{"maxTTLSeconds": 60}`:                    {0, 60, 60},
		`{"minTTLSeconds": 7200}`:                  {7200, 7200, 86400},
		`{"minTTLSeconds": 90000}`:                 {90000, 90000, 90000},
		`{"defaultTTLSeconds": 90000}`:             {0, 90000, 90000},
		`{"defaultTTLSeconds": 60}`:                {0, 60, 86400},
		`{"minTTLSeconds": 5, "maxTTLSeconds": 7}`: {5, 7, 7},
	} {
		c := parsed(t, inDev(row{patch: `{"api": {"cache": ` + written + `}}`})[0].file(t)).API.Cache
		require.Equal(t, want, [3]int{c.MinTTLSeconds, c.DefaultTTLSeconds, c.MaxTTLSeconds}, written)
	}
}
