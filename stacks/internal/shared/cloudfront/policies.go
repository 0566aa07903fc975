package cloudfront

// Managed cache policies, by the id that they have in every account
// (CloudFront Developer Guide, Use managed cache policies).
const (
	Amplify                                  = "2e54312d-136d-493c-8eb9-b001f22f67d2"
	CachingDisabled                          = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
	CachingOptimized                         = "658327ea-f89d-4fab-a63d-7e88639e58f6"
	CachingOptimizedForUncompressedObjects   = "b2884449-e4de-46a7-ac36-70bc7f1ddd6d"
	ElementalMediaPackage                    = "08627262-05a9-4f76-9ded-b50ca2e3a84f"
	UseOriginCacheControlHeaders             = "83da9c7e-98b4-4e11-a168-04f0df8e2c65"
	UseOriginCacheControlHeadersQueryStrings = "4cc15a8a-d715-48a4-82b8-cc0b614638fe"
	AmplifyDefault                           = "4d1d2f1d-3a71-49ad-9e08-7ea5d843a556"
	AmplifyDefaultNoCookies                  = "a6bad946-36c3-4c33-aa98-362c74a7fb13"
	AmplifyImageOptimization                 = "1c6db51a-a33f-469a-8245-dae26771f530"
	AmplifyStaticContent                     = "7e5fad67-ee98-4ad0-b05a-394999eefc1a"
)

// Managed origin request policies (Use managed origin request policies).
const (
	AllViewer                     = "216adef6-5c7f-47e4-b989-5492eafa07d3"
	AllViewerAndCloudFrontHeaders = "33f36d7e-f396-46d9-90e0-52428a34d9dc"
	AllViewerExceptHostHeader     = "b689b0a8-53d0-40ab-baf2-68738e2966ac"
	CORSCustomOrigin              = "59781a5b-3903-41f3-afcb-af62929ccde1"
	CORSS3Origin                  = "88a5eaf4-2fd4-4709-b370-b4c650ea3fcf"
	ElementalMediaTailor          = "775133bc-15f2-49f9-abea-afb2e0bf67d2"
	HostHeaderOnly                = "bf0718e1-ba1e-49d1-88b1-f726733018ae"
	UserAgentRefererHeaders       = "acba4595-bd28-49b8-b9fe-13317c0390fa"
)

// Managed response headers policies (Use managed response headers policies).
const (
	SimpleCORS                          = "60669652-455b-4ae9-85a4-c4c02393f86c"
	CORSWithPreflight                   = "5cc3b908-e619-4b99-88e5-2cf7f45965bd"
	SecurityHeaders                     = "67f7725c-6f97-4210-82d7-5512b31e9d03"
	CORSAndSecurityHeaders              = "e61eb60c-9c35-4d20-a928-2b84e02af89c"
	CORSWithPreflightAndSecurityHeaders = "eaab4381-ed33-4a86-88ca-d9558dc6cd63"
)
