package stacks

import (
	"strings"

	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
	"github.com/cdktf/cdktf-provider-aws-go/aws/v19/dataawsiampolicydocument"
	"github.com/cdktf/cdktf-provider-aws-go/aws/v19/s3bucket"
	"github.com/cdktf/cdktf-provider-aws-go/aws/v19/s3bucketcorsconfiguration"
	s3lifecycle "github.com/cdktf/cdktf-provider-aws-go/aws/v19/s3bucketlifecycleconfiguration"
	s3ownership "github.com/cdktf/cdktf-provider-aws-go/aws/v19/s3bucketownershipcontrols"
	"github.com/cdktf/cdktf-provider-aws-go/aws/v19/s3bucketpolicy"
	"github.com/cdktf/cdktf-provider-aws-go/aws/v19/s3bucketpublicaccessblock"
	s3encryption "github.com/cdktf/cdktf-provider-aws-go/aws/v19/s3bucketserversideencryptionconfiguration"
	"github.com/cdktf/cdktf-provider-aws-go/aws/v19/s3bucketversioning"
	"github.com/hashicorp/terraform-cdk-go/cdktf"

	"ml-api-accelerator/stacks/config"
)

// bucketProps has what differs between buckets; what protects them is the same for all.
type bucketProps struct {
	Name         string // the name, or
	Prefix       string // what the name that Terraform chooses begins with
	KMSKeyARN    string // empty: S3's own keys encrypt
	Versioned    bool
	ACLs         bool // let ACLs grant access to other accounts, as log delivery needs
	Lifecycle    lifecycle
	ForceDestroy bool                    // Terraform deletes it with all that is in it; otherwise it refuses to
	Provider     cdktf.TerraformProvider // nil: the default provider
}

// lifecycle says in days how long objects live; 0 means forever.
type lifecycle struct {
	Expire         int // objects
	Noncurrent     int // overwritten and deleted versions
	KeepNoncurrent int // versions that are kept however old
}

type bucket struct {
	LocalName                   string // in Terraform, which its parts share
	ID, ARN, RegionalDomainName string
	VersionedID                 string // the ID, known once versioning is on
	OwnedID                     string // the ID, known once object ownership is set
	Provider                    cdktf.TerraformProvider
}

// newBucket makes a private, encrypted bucket; newBucketPolicy says who may use it.
func newBucket(scope constructs.Construct, id string, props bucketProps) bucket {
	made := s3bucket.NewS3Bucket(scope, jsii.String(id), &s3bucket.S3BucketConfig{
		Provider:     props.Provider,
		Bucket:       optional(props.Name),
		BucketPrefix: optional(props.Prefix),
		ForceDestroy: props.ForceDestroy,
		Lifecycle:    keeping(props.ForceDestroy),
	})
	b := bucket{
		LocalName:          id,
		ID:                 *made.Id(),
		ARN:                *made.Arn(),
		RegionalDomainName: *made.BucketRegionalDomainName(),
		Provider:           props.Provider,
	}
	rename(s3bucketpublicaccessblock.NewS3BucketPublicAccessBlock(scope, jsii.String(id+"-public-access"),
		&s3bucketpublicaccessblock.S3BucketPublicAccessBlockConfig{
			Provider:              b.Provider,
			Bucket:                jsii.String(b.ID),
			BlockPublicAcls:       true,
			BlockPublicPolicy:     true,
			IgnorePublicAcls:      true,
			RestrictPublicBuckets: true,
			Lifecycle:             createBeforeDestroy(),
		}), id)
	owned := rename(s3ownership.NewS3BucketOwnershipControls(scope, jsii.String(id+"-ownership"),
		&s3ownership.S3BucketOwnershipControlsConfig{
			Provider: b.Provider,
			Bucket:   jsii.String(b.ID),
			Rule: &s3ownership.S3BucketOwnershipControlsRule{
				ObjectOwnership: jsii.String(ownership(props.ACLs)),
			},
			Lifecycle: createBeforeDestroy(),
		}), id)
	b.OwnedID = *owned.Bucket()
	rename(s3encryption.NewS3BucketServerSideEncryptionConfigurationA(scope, jsii.String(id+"-encryption"),
		&s3encryption.S3BucketServerSideEncryptionConfigurationAConfig{
			Provider:  b.Provider,
			Bucket:    jsii.String(b.ID),
			Rule:      encryption(props.KMSKeyARN),
			Lifecycle: createBeforeDestroy(),
		}), id)
	rename(s3lifecycle.NewS3BucketLifecycleConfiguration(scope, jsii.String(id+"-lifecycle"),
		&s3lifecycle.S3BucketLifecycleConfigurationConfig{
			Provider:  b.Provider,
			Bucket:    jsii.String(b.ID),
			Rule:      lifecycleRules(props.Lifecycle),
			Lifecycle: createBeforeDestroy(),
		}), id)
	if props.Versioned {
		versioned := rename(s3bucketversioning.NewS3BucketVersioningA(scope, jsii.String(id+"-versioning"),
			&s3bucketversioning.S3BucketVersioningAConfig{
				Provider: b.Provider,
				Bucket:   jsii.String(b.ID),
				VersioningConfiguration: &s3bucketversioning.S3BucketVersioningVersioningConfiguration{
					Status: jsii.String("Enabled"),
				},
				Lifecycle: createBeforeDestroy(),
			}), id)
		b.VersionedID = *versioned.Bucket()
	}
	return b
}

// keeping has Terraform refuse, before it touches anything, to destroy a bucket that isn't to be deleted with its
// objects: S3 would refuse DeleteBucket only after the bucket has lost its policy, its versioning and the rest. A
// bucket that may be destroyed is replaced like its parts, the new one first: once the old name is free, anyone may
// take it and answer in its place (Amazon S3 User Guide, General purpose bucket naming rules).
func keeping(forceDestroy bool) *cdktf.TerraformResourceLifecycle {
	l := createBeforeDestroy()
	l.PreventDestroy = jsii.Bool(!forceDestroy)
	return l
}

func ownership(acls bool) string {
	if acls {
		return "BucketOwnerPreferred"
	}
	return "BucketOwnerEnforced"
}

func encryption(kmsKeyARN string) []*s3encryption.S3BucketServerSideEncryptionConfigurationRuleA {
	by := &s3encryption.S3BucketServerSideEncryptionConfigurationRuleApplyServerSideEncryptionByDefaultA{
		SseAlgorithm: jsii.String("AES256"),
	}
	rule := &s3encryption.S3BucketServerSideEncryptionConfigurationRuleA{ApplyServerSideEncryptionByDefault: by}
	if kmsKeyARN != "" {
		by.SseAlgorithm, by.KmsMasterKeyId = jsii.String("aws:kms"), jsii.String(kmsKeyARN)
		rule.BucketKeyEnabled = true // one call to KMS for many objects
	}
	return []*s3encryption.S3BucketServerSideEncryptionConfigurationRuleA{rule}
}

type lifecycleRule = *s3lifecycle.S3BucketLifecycleConfigurationRule

func lifecycleRules(l lifecycle) []lifecycleRule {
	rule := func(id string) lifecycleRule {
		return &s3lifecycle.S3BucketLifecycleConfigurationRule{
			Id:     jsii.String(id),
			Status: jsii.String("Enabled"),
			// An empty prefix means every object; without a filter the provider warns.
			Filter: []*s3lifecycle.S3BucketLifecycleConfigurationRuleFilter{{Prefix: jsii.String("")}},
		}
	}
	abort := rule("abort-uploads")
	abort.AbortIncompleteMultipartUpload = []*s3lifecycle.S3BucketLifecycleConfigurationRuleAbortIncompleteMultipartUpload{
		{DaysAfterInitiation: jsii.Number(7)},
	}
	rules := []lifecycleRule{abort}
	if l.Expire > 0 {
		expire := rule("expire")
		expire.Expiration = []*s3lifecycle.S3BucketLifecycleConfigurationRuleExpiration{{Days: jsii.Number(l.Expire)}}
		rules = append(rules, expire)
	}
	if l.Noncurrent > 0 {
		old := rule("expire-noncurrent")
		old.NoncurrentVersionExpiration = []*s3lifecycle.S3BucketLifecycleConfigurationRuleNoncurrentVersionExpiration{
			{NoncurrentDays: jsii.Number(l.Noncurrent), NewerNoncurrentVersions: positive(l.KeepNoncurrent)},
		}
		old.Expiration = []*s3lifecycle.S3BucketLifecycleConfigurationRuleExpiration{{ExpiredObjectDeleteMarker: true}}
		rules = append(rules, old)
	}
	return rules
}

type bucketPolicyProps struct {
	Bucket  bucket
	Allowed []statement
}

// newBucketPolicy makes a policy that allows what the statements say and refuses every request without TLS, and returns
// its address.
func newBucketPolicy(scope constructs.Construct, id string, props bucketPolicyProps) string {
	b := props.Bucket
	document := newPolicyDocument(scope, id, append(props.Allowed, denyInsecureTransport(b.ARN))...)
	policy := rename(s3bucketpolicy.NewS3BucketPolicy(scope, jsii.String(id+"-policy"),
		&s3bucketpolicy.S3BucketPolicyConfig{
			Provider:  b.Provider,
			Bucket:    jsii.String(b.ID),
			Policy:    jsii.String(document),
			Lifecycle: createBeforeDestroy(),
		}), id)
	return *policy.TerraformResourceType() + "." + *policy.FriendlyUniqueId()
}

func denyInsecureTransport(bucketARN string) statement {
	return &dataawsiampolicydocument.DataAwsIamPolicyDocumentStatement{
		Sid:        jsii.String("DenyInsecureTransport"),
		Effect:     jsii.String("Deny"),
		Actions:    jsii.Strings("s3:*"),
		Resources:  jsii.Strings(bucketARN, bucketARN+"/*"),
		Principals: []policyPrincipal{principal("*", "*")},
		Condition:  []policyCondition{condition("Bool", "aws:SecureTransport", "false")},
	}
}

type bucketsCORSProps struct {
	Buckets buckets
	CORS    *config.CORS
}

// newBucketsCORS has S3 answer browsers' preflight requests with 200. Otherwise it answers 403, whatever headers
// CloudFront adds (Amazon S3 User Guide, Troubleshooting CORS).
func newBucketsCORS(scope constructs.Construct, props bucketsCORSProps) {
	if props.CORS == nil {
		return
	}
	for _, served := range props.Buckets {
		for _, b := range served.made() {
			newBucketCORS(scope, b.LocalName, b, *props.CORS)
		}
	}
}

func newBucketCORS(scope constructs.Construct, id string, b bucket, cors config.CORS) {
	rename(s3bucketcorsconfiguration.NewS3BucketCorsConfiguration(scope, jsii.String(id+"-cors"),
		&s3bucketcorsconfiguration.S3BucketCorsConfigurationConfig{
			Provider: b.Provider,
			Bucket:   jsii.String(b.ID),
			CorsRule: []*s3bucketcorsconfiguration.S3BucketCorsConfigurationCorsRule{{
				AllowedMethods: jsii.Strings("GET", "HEAD"),
				AllowedOrigins: jsii.Strings(bucketOrigins(cors.AllowOrigins)...),
				AllowedHeaders: jsii.Strings(cors.AllowHeaders...),
				ExposeHeaders:  optionalList(cors.ExposeHeaders),
				MaxAgeSeconds:  jsii.Number(cors.MaxAgeSeconds),
			}},
			Lifecycle: createBeforeDestroy(),
		}), id)
}

// bucketOrigins returns the origins as S3 compares them: literally, with at most one * (Amazon S3 API Reference,
// CORSRule). Where a pattern has two, that of the subdomains stays.
func bucketOrigins(patterns []string) []string {
	var origins []string
	for _, pattern := range patterns {
		scheme, rest, found := strings.Cut(pattern, "://")
		schemes := []string{scheme}
		switch {
		case pattern == "*":
			origins = append(origins, pattern)
			continue
		case !found:
			schemes, rest = []string{"http", "https"}, pattern
		}
		host, port, _ := strings.Cut(rest, ":")
		for _, scheme := range schemes {
			if strings.Count(rest, "*") < 2 {
				origins = append(origins, scheme+"://"+rest)
			}
			if strings.Contains(rest, ":") && strings.Trim(port, "*") == "" || strings.Count(rest, "*") > 1 {
				origins = append(origins, scheme+"://"+host)
			}
		}
	}
	return origins
}
