package awstest

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
)

// kind describes one of CloudFront's types of configuration.
type kind struct {
	noun   string // element and the name in actions: CachePolicy
	plural string // the name in the list's action: CachePolicies
	path   string // after the version: cache-policy
	config string // element of the configuration: CachePolicyConfig

	unique  string // element of the configuration two may not share
	ref     string // element by which another configuration refers to it
	newID   func() string
	nested  bool   // a list's summary holds the element instead of its children
	putRoot bool   // an update goes to /id instead of /id/config
	arn     string // of the resource, with the id to follow
	times   []string

	missing, exists, inUse Error // without their messages
	dangling               Error // of a reference to one that is not there
}

// kinds are all types of configuration the store holds.
var kinds = []*kind{
	{
		noun: "CloudFrontOriginAccessIdentity", plural: "CloudFrontOriginAccessIdentities",
		path: "origin-access-identity/cloudfront", config: "CloudFrontOriginAccessIdentityConfig",
		unique: "CallerReference", ref: "OriginAccessIdentity", newID: shortID("E"),
		missing:  Error{404, "NoSuchCloudFrontOriginAccessIdentity", ""},
		exists:   Error{409, "CloudFrontOriginAccessIdentityAlreadyExists", ""},
		inUse:    Error{409, "CloudFrontOriginAccessIdentityInUse", ""},
		dangling: Error{400, "InvalidOriginAccessIdentity", ""},
	},
	{
		noun: "OriginAccessControl", plural: "OriginAccessControls",
		path: "origin-access-control", config: "OriginAccessControlConfig",
		unique: "Name", ref: "OriginAccessControlId", newID: shortID("E"),
		missing:  Error{404, "NoSuchOriginAccessControl", ""},
		exists:   Error{409, "OriginAccessControlAlreadyExists", ""},
		inUse:    Error{409, "OriginAccessControlInUse", ""},
		dangling: Error{400, "InvalidOriginAccessControl", ""},
	},
	policyKind("CachePolicy", "CachePolicies", "cache-policy"),
	policyKind("OriginRequestPolicy", "OriginRequestPolicies", "origin-request-policy"),
	policyKind("ResponseHeadersPolicy", "ResponseHeadersPolicies", "response-headers-policy"),
	{
		noun: "PublicKey", plural: "PublicKeys", path: "public-key", config: "PublicKeyConfig",
		unique: "Name", ref: "PublicKey", newID: shortID("K"), times: []string{"CreatedTime"},
		missing:  Error{404, "NoSuchPublicKey", ""},
		exists:   Error{409, "PublicKeyAlreadyExists", ""},
		inUse:    Error{409, "PublicKeyInUse", ""},
		dangling: Error{400, "InvalidArgument", ""},
	},
	{
		noun: "KeyGroup", plural: "KeyGroups", path: "key-group", config: "KeyGroupConfig",
		unique: "Name", ref: "KeyGroup", newID: uuid, nested: true, putRoot: true, times: []string{"LastModifiedTime"},
		missing:  Error{404, "NoSuchResource", ""},
		exists:   Error{409, "KeyGroupAlreadyExists", ""},
		inUse:    Error{409, "ResourceInUse", ""},
		dangling: Error{400, "TrustedKeyGroupDoesNotExist", ""},
	},
	{
		noun: "VpcOrigin", plural: "VpcOrigins", path: "vpc-origin", config: "VpcOriginEndpointConfig",
		unique: "Name", ref: "VpcOriginId", newID: vpcOriginID, putRoot: true, arn: "vpcorigin/",
		times:    []string{"CreatedTime", "LastModifiedTime"},
		missing:  Error{404, "EntityNotFound", ""},
		exists:   Error{409, "EntityAlreadyExists", ""},
		inUse:    Error{409, "CannotDeleteEntityWhileInUse", ""},
		dangling: Error{404, "EntityNotFound", ""},
	},
	{
		noun: "Function", plural: "Functions", path: "function", config: "FunctionConfig",
		ref: "FunctionARN", arn: "function/",
		missing:  Error{404, "NoSuchFunctionExists", ""},
		exists:   Error{409, "FunctionAlreadyExists", ""},
		inUse:    Error{409, "FunctionInUse", ""},
		dangling: Error{400, "InvalidFunctionAssociation", ""},
	},
	distributionKind,
}

// distributionKind is the one that refers to all others.
var distributionKind = &kind{
	noun: "Distribution", plural: "Distributions", path: "distribution", config: "DistributionConfig",
	unique: "CallerReference", newID: shortID("E"), arn: "distribution/", times: []string{"LastModifiedTime"},
	missing: Error{404, "NoSuchDistribution", ""},
	exists:  Error{409, "DistributionAlreadyExists", ""},
}

func policyKind(noun, plural, path string) *kind {
	return &kind{
		noun: noun, plural: plural, path: path, config: noun + "Config",
		unique: "Name", ref: noun + "Id", newID: uuid, nested: true, putRoot: true, times: []string{"LastModifiedTime"},
		missing:  Error{404, "NoSuch" + noun, ""},
		exists:   Error{409, noun + "AlreadyExists", ""},
		inUse:    Error{409, noun + "InUse", ""},
		dangling: Error{404, "NoSuch" + noun, ""},
	}
}

// cloudfrontRoutes names CloudFront's actions.
var cloudfrontRoutes = makeRoutes()

func makeRoutes() []route {
	routes := []route{
		{"POST /distribution?WithTags", "CreateDistribution"}, // IAM knows no other name
		{"POST /distribution/*/invalidation", "CreateInvalidation"},
		{"GET /distribution/*/invalidation", "ListInvalidations"},
		{"GET /distribution/*/invalidation/*", "GetInvalidation"},
		{"POST /distributions/*/monitoring-subscription", "CreateMonitoringSubscription"},
		{"GET /distributions/*/monitoring-subscription", "GetMonitoringSubscription"},
		{"DELETE /distributions/*/monitoring-subscription", "DeleteMonitoringSubscription"},
		{"GET /tagging", "ListTagsForResource"},
		{"POST /tagging?Operation=Tag", "TagResource"},
		{"POST /tagging?Operation=Untag", "UntagResource"},
		{"GET /function/*/describe", "DescribeFunction"},
		{"POST /function/*/publish", "PublishFunction"},
		{"PUT /function/*", "UpdateFunction"},
	}
	for _, k := range kinds {
		update := "PUT /" + k.path + "/*/config"
		if k.putRoot {
			update = "PUT /" + k.path + "/*"
		}
		routes = append(routes,
			route{"POST /" + k.path, "Create" + k.noun},
			route{"GET /" + k.path, "List" + k.plural},
			route{"GET /" + k.path + "/*", "Get" + k.noun},
			route{"GET /" + k.path + "/*/config", "Get" + k.noun + "Config"},
			route{update, "Update" + k.noun},
			route{"DELETE /" + k.path + "/*", "Delete" + k.noun})
	}
	return routes
}

func shortID(prefix string) func() string {
	return func() string { return prefix + randomText(13, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ") }
}

func vpcOriginID() string {
	return "vo_" + randomText(22, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")
}

func uuid() string {
	b := randomBytes(16)
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

func canonicalUserID() string { return hex.EncodeToString(randomBytes(48)) }

func randomText(length int, alphabet string) string {
	text := randomBytes(length)
	for i := range text {
		text[i] = alphabet[int(text[i])%len(alphabet)]
	}
	return string(text)
}

func randomBytes(length int) []byte {
	b := make([]byte, length)
	_, _ = rand.Read(b) // never fails
	return b
}
