package awstest

// managedPolicies are AWS's own policies: kind, name and id.
var managedPolicies = [][3]string{
	{"CachePolicy", "Managed-CachingOptimized", "658327ea-f89d-4fab-a63d-7e88639e58f6"},
	{"CachePolicy", "Managed-CachingOptimizedForUncompressedObjects", "b2884449-e4de-46a7-ac36-70bc7f1ddd6d"},
	{"CachePolicy", "Managed-CachingDisabled", "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"},
	{"CachePolicy", "Managed-Elemental-MediaPackage", "08627262-05a9-4f76-9ded-b50ca2e3a84f"},
	{"CachePolicy", "Managed-Amplify", "2e54312d-136d-493c-8eb9-b001f22f67d2"},
	{"CachePolicy", "UseOriginCacheControlHeaders", "83da9c7e-98b4-4e11-a168-04f0df8e2c65"},
	{"CachePolicy", "UseOriginCacheControlHeaders-QueryStrings", "4cc15a8a-d715-48a4-82b8-cc0b614638fe"},
	{"OriginRequestPolicy", "Managed-AllViewer", "216adef6-5c7f-47e4-b989-5492eafa07d3"},
	{"OriginRequestPolicy", "Managed-AllViewerExceptHostHeader", "b689b0a8-53d0-40ab-baf2-68738e2966ac"},
	{"OriginRequestPolicy", "Managed-AllViewerAndCloudFrontHeaders-2022-06", "33f36d7e-f396-46d9-90e0-52428a34d9dc"},
	{"OriginRequestPolicy", "Managed-CORS-S3Origin", "88a5eaf4-2fd4-4709-b370-b4c650ea3fcf"},
	{"OriginRequestPolicy", "Managed-CORS-CustomOrigin", "59781a5b-3903-41f3-afcb-af62929ccde1"},
	{"OriginRequestPolicy", "Managed-UserAgentRefererHeaders", "acba4595-bd28-49b8-b9fe-13317c0390fa"},
	{"OriginRequestPolicy", "Managed-Elemental-MediaTailor-PersonalizedManifests", "775133bc-15f2-49f9-abea-afb2e0bf67d2"},
	{"ResponseHeadersPolicy", "Managed-SecurityHeadersPolicy", "67f7725c-6f97-4210-82d7-5512b31e9d03"},
	{"ResponseHeadersPolicy", "Managed-SimpleCORS", "60669652-455b-4ae9-85a4-c4c02393f86c"},
	{"ResponseHeadersPolicy", "Managed-CORS-With-Preflight", "5cc3b908-e619-4b99-88e5-2cf7f45965bd"},
	{"ResponseHeadersPolicy", "Managed-CORS-and-SecurityHeadersPolicy", "e61eb60c-9c35-4d20-a928-2b84e02af89c"},
	{"ResponseHeadersPolicy", "Managed-CORS-with-preflight-and-SecurityHeadersPolicy", "eaab4381-ed33-4a86-88ca-d9558dc6cd63"},
}

// addManagedPolicies stores AWS's own policies by name and id only.
func (s *store) addManagedPolicies() {
	for _, k := range kinds {
		for _, policy := range managedPolicies {
			if policy[0] == k.noun {
				config := el(k.config, leaf("Comment", "Managed by AWS"), leaf("Name", policy[1]))
				s.entries[k][policy[2]] = &entry{kind: k, id: policy[2], etag: newETag(), config: config, managed: true}
			}
		}
	}
}
