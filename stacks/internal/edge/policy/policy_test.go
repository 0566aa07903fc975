package policy

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// TestManagedPolicies holds some of AWS's policies against the words of the guide (CloudFront Developer Guide, Use
// managed cache policies; Use managed origin request policies).
func TestManagedPolicies(t *testing.T) {
	require.Len(t, managedCache, 11)
	require.Len(t, managedOriginRequest, 8)
	require.Len(t, managedResponseHeaders, 5)

	nothing := Selection{Behavior: none}
	for _, r := range []struct {
		name, id string
		want     Cache
	}{
		{"Amplify", "2e54312d-136d-493c-8eb9-b001f22f67d2", Cache{
			2, 2, 600, true, true, Selection{whitelist, []string{"Authorization", "CloudFront-Viewer-Country", "Host"}}, Selection{Behavior: all}, Selection{Behavior: all},
		}},
		{"CachingDisabled", "4135ea2d-6df8-44a3-9df3-4b5a84be39ad", Cache{0, 0, 0, false, false, nothing, nothing, nothing}},
		{"CachingOptimized", "658327ea-f89d-4fab-a63d-7e88639e58f6", Cache{1, 86_400, 31_536_000, true, true, nothing, nothing, nothing}},
		{"CachingOptimizedForUncompressedObjects", "b2884449-e4de-46a7-ac36-70bc7f1ddd6d", Cache{1, 86_400, 31_536_000, false, false, nothing, nothing, nothing}},
		{"Elemental-MediaPackage", "08627262-05a9-4f76-9ded-b50ca2e3a84f", Cache{
			0, 86_400, 31_536_000, false, true, Selection{whitelist, []string{"Origin"}}, nothing, Selection{whitelist, []string{"aws.manifestfilter", "start", "end", "m"}},
		}},
		{"UseOriginCacheControlHeaders", "83da9c7e-98b4-4e11-a168-04f0df8e2c65", Cache{
			0, 0, 31_536_000, true, true, Selection{whitelist, []string{"Host", "Origin", "X-Http-Method-Override", "X-Http-Method", "X-Method-Override"}},
			Selection{Behavior: all}, nothing,
		}},
	} {
		policy := managedCache[r.id]
		policy.Query.Names = append([]string(nil), policy.Query.Names...)
		require.Equal(t, r.want, policy, r.name)
	}
	for _, r := range []struct {
		name, id, header string
		want             bool
	}{
		{"AllViewer", "216adef6-5c7f-47e4-b989-5492eafa07d3", "Host", true},
		{"AllViewerAndCloudFrontHeaders-2022-06", "33f36d7e-f396-46d9-90e0-52428a34d9dc", "X-Any", true},
		{"AllViewerExceptHostHeader", "b689b0a8-53d0-40ab-baf2-68738e2966ac", "Host", false},
		{"AllViewerExceptHostHeader", "b689b0a8-53d0-40ab-baf2-68738e2966ac", "X-Any", true},
		{"CORS-CustomOrigin", "59781a5b-3903-41f3-afcb-af62929ccde1", "Access-Control-Request-Method", false},
		{"CORS-S3Origin", "88a5eaf4-2fd4-4709-b370-b4c650ea3fcf", "Access-Control-Request-Method", true},
		{"HostHeaderOnly", "bf0718e1-ba1e-49d1-88b1-f726733018ae", "Host", true},
		{"UserAgentRefererHeaders", "acba4595-bd28-49b8-b9fe-13317c0390fa", "Referer", true},
		{"UserAgentRefererHeaders", "acba4595-bd28-49b8-b9fe-13317c0390fa", "Origin", false},
	} {
		require.Equal(t, r.want, managedOriginRequest[r.id].Headers.Has(r.header), "%s: %s", r.name, r.header)
	}
	require.Contains(t, managedOriginRequest["33f36d7e-f396-46d9-90e0-52428a34d9dc"].Headers.Names, "CloudFront-Viewer-Country")
}
