package cloudfront

import (
	"net/http"

	"ml-api-accelerator/stacks/internal/awstest/xmltree"
)

// kind describes one of CloudFront's types of configuration.
type kind struct {
	noun   string // element and the name in actions: CachePolicy
	path   string // after the version: cache-policy
	config string // element of the configuration: CachePolicyConfig

	unique  string // element of the configuration two may not share
	ref     string // element by which another configuration refers to it
	byARN   bool   // and not by id
	newID   func() string
	putRoot bool     // an update goes to /id instead of /id/config
	arn     string   // of the resource, with the id to follow
	times   []string // elements
	managed []string // ids of AWS's own
	created int      // status of a creation

	missing, exists, inUse refusal
	dangling               refusal // of a reference to one that is not there

	// checkUpdate refuses what may be created and not updated.
	checkUpdate func(store, *entry, *xmltree.Element) error
}

// kinds are all types of configuration the store holds.
var kinds = []*kind{
	{
		noun: "CloudFrontOriginAccessIdentity", path: "origin-access-identity/cloudfront", config: "CloudFrontOriginAccessIdentityConfig",
		unique: "CallerReference", ref: "OriginAccessIdentity", newID: shortID("E"), created: http.StatusCreated,
		missing:  refusal{404, "NoSuchCloudFrontOriginAccessIdentity"},
		exists:   refusal{409, "CloudFrontOriginAccessIdentityAlreadyExists"},
		inUse:    refusal{409, "CloudFrontOriginAccessIdentityInUse"},
		dangling: refusal{400, "InvalidOriginAccessIdentity"},
	},
	{
		noun: "OriginAccessControl", path: "origin-access-control", config: "OriginAccessControlConfig",
		unique: "Name", ref: "OriginAccessControlId", newID: shortID("E"), created: http.StatusCreated,
		missing:  refusal{404, "NoSuchOriginAccessControl"},
		exists:   refusal{409, "OriginAccessControlAlreadyExists"},
		inUse:    refusal{409, "OriginAccessControlInUse"},
		dangling: refusal{400, "InvalidOriginAccessControl"},
	},
	policyKind("CachePolicy", "cache-policy",
		"4135ea2d-6df8-44a3-9df3-4b5a84be39ad",  // CachingDisabled
		"b2884449-e4de-46a7-ac36-70bc7f1ddd6d"), // CachingOptimizedForUncompressedObjects
	policyKind("OriginRequestPolicy", "origin-request-policy",
		"b689b0a8-53d0-40ab-baf2-68738e2966ac",  // AllViewerExceptHostHeader
		"88a5eaf4-2fd4-4709-b370-b4c650ea3fcf"), // CORS-S3Origin
	policyKind("ResponseHeadersPolicy", "response-headers-policy"),
	{
		noun: "PublicKey", path: "public-key", config: "PublicKeyConfig",
		unique: "Name", ref: "PublicKey", newID: shortID("K"), times: []string{"CreatedTime"}, created: http.StatusCreated,
		missing:     refusal{404, "NoSuchPublicKey"},
		exists:      refusal{409, "PublicKeyAlreadyExists"},
		inUse:       refusal{409, "PublicKeyInUse"},
		dangling:    refusal{400, "InvalidArgument"},
		checkUpdate: checkKeyIsTheSame,
	},
	{
		noun: "KeyGroup", path: "key-group", config: "KeyGroupConfig",
		unique: "Name", ref: "KeyGroup", newID: uuid, putRoot: true, times: []string{"LastModifiedTime"}, created: http.StatusCreated,
		missing:  refusal{404, "NoSuchResource"},
		exists:   refusal{409, "KeyGroupAlreadyExists"},
		inUse:    refusal{409, "ResourceInUse"},
		dangling: refusal{400, "TrustedKeyGroupDoesNotExist"},
	},
	vpcOriginKind,
	storeKind,
	functionKind,
	distributionKind,
}

var vpcOriginKind = &kind{
	noun: "VpcOrigin", path: "vpc-origin", config: "VpcOriginEndpointConfig",
	unique: "Name", ref: "VpcOriginId", newID: vpcOriginID, putRoot: true, arn: "vpcorigin/",
	times: []string{"CreatedTime", "LastModifiedTime"}, created: http.StatusAccepted,
	missing:     refusal{404, "EntityNotFound"},
	exists:      refusal{409, "EntityAlreadyExists"},
	inUse:       refusal{409, "CannotDeleteEntityWhileInUse"},
	dangling:    refusal{404, "EntityNotFound"},
	checkUpdate: checkVPCOriginIsUnused,
}

// storeKind and functionKind have their names as ids, and calls of their own.
var storeKind = &kind{
	noun: "KeyValueStore", path: "key-value-store", ref: "KeyValueStoreARN", byARN: true, putRoot: true,
	missing:  refusal{404, "EntityNotFound"},
	exists:   refusal{409, "EntityAlreadyExists"},
	inUse:    refusal{409, "CannotDeleteEntityWhileInUse"},
	dangling: refusal{400, "InvalidArgument"},
}

var functionKind = &kind{
	noun: "Function", path: "function", ref: "FunctionARN", byARN: true, putRoot: true, arn: "function/",
	missing:  refusal{404, "NoSuchFunctionExists"},
	exists:   refusal{409, "FunctionAlreadyExists"},
	inUse:    refusal{409, "FunctionInUse"},
	dangling: refusal{400, "InvalidFunctionAssociation"},
}

// distributionKind is the one that refers to all others.
var distributionKind = &kind{
	noun: "Distribution", path: "distribution", config: "DistributionConfig",
	unique: "CallerReference", newID: shortID("E"), arn: "distribution/", times: []string{"LastModifiedTime"}, created: http.StatusCreated,
	missing: refusal{404, "NoSuchDistribution"},
	exists:  refusal{409, "DistributionAlreadyExists"},
}

func policyKind(noun, path string, managed ...string) *kind {
	return &kind{
		noun: noun, path: path, config: noun + "Config", managed: managed,
		unique: "Name", ref: noun + "Id", newID: uuid, putRoot: true, times: []string{"LastModifiedTime"}, created: http.StatusCreated,
		missing:  refusal{404, "NoSuch" + noun},
		exists:   refusal{409, noun + "AlreadyExists"},
		inUse:    refusal{409, noun + "InUse"},
		dangling: refusal{404, "NoSuch" + noun},
	}
}

func kindNamed(noun string) *kind {
	for _, k := range kinds {
		if k.noun == noun {
			return k
		}
	}
	return nil
}

func checkKeyIsTheSame(_ store, e *entry, config *xmltree.Element) error {
	if config.Get("EncodedKey") != e.config.Get("EncodedKey") {
		return refusal{400, "CannotChangeImmutablePublicKeyFields"}.say("You can't change the value of a public key.")
	}
	return nil
}

// checkVPCOriginIsUnused refuses any change of a VPC origin that a distribution uses (CloudFront API Reference, UpdateVpcOrigin).
func checkVPCOriginIsUnused(s store, e *entry, _ *xmltree.Element) error {
	if users := s.users(e); len(users) > 0 {
		return refusal{409, "CannotUpdateEntityWhileInUse"}.say("The VPC origin %s is used by the distribution %s", e.id, users[0].id)
	}
	return nil
}
