package stacks

import (
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
	"github.com/cdktf/cdktf-provider-aws-go/aws/v19/s3bucket"
	"github.com/cdktf/cdktf-provider-aws-go/aws/v19/s3bucketlifecycleconfiguration"
	"github.com/cdktf/cdktf-provider-aws-go/aws/v19/s3bucketownershipcontrols"
	"github.com/cdktf/cdktf-provider-aws-go/aws/v19/s3bucketpublicaccessblock"
	"github.com/cdktf/cdktf-provider-aws-go/aws/v19/s3bucketserversideencryptionconfiguration"
	"github.com/cdktf/cdktf-provider-aws-go/aws/v19/s3bucketversioning"
	"github.com/hashicorp/terraform-cdk-go/cdktf"
)

// bucketProps is what differs between the buckets; what protects them is the same for all.
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
	owned := rename(s3bucketownershipcontrols.NewS3BucketOwnershipControls(scope, jsii.String(id+"-ownership"),
		&s3bucketownershipcontrols.S3BucketOwnershipControlsConfig{
			Provider:  b.Provider,
			Bucket:    jsii.String(b.ID),
			Rule:      &s3bucketownershipcontrols.S3BucketOwnershipControlsRule{ObjectOwnership: jsii.String(ownership(props.ACLs))},
			Lifecycle: createBeforeDestroy(),
		}), id)
	b.OwnedID = *owned.Bucket()
	rename(s3bucketserversideencryptionconfiguration.NewS3BucketServerSideEncryptionConfigurationA(scope, jsii.String(id+"-encryption"),
		&s3bucketserversideencryptionconfiguration.S3BucketServerSideEncryptionConfigurationAConfig{
			Provider:  b.Provider,
			Bucket:    jsii.String(b.ID),
			Rule:      encryption(props.KMSKeyARN),
			Lifecycle: createBeforeDestroy(),
		}), id)
	rename(s3bucketlifecycleconfiguration.NewS3BucketLifecycleConfiguration(scope, jsii.String(id+"-lifecycle"),
		&s3bucketlifecycleconfiguration.S3BucketLifecycleConfigurationConfig{
			Provider:  b.Provider,
			Bucket:    jsii.String(b.ID),
			Rule:      lifecycleRules(props.Lifecycle),
			Lifecycle: createBeforeDestroy(),
		}), id)
	if props.Versioned {
		versioned := rename(s3bucketversioning.NewS3BucketVersioningA(scope, jsii.String(id+"-versioning"),
			&s3bucketversioning.S3BucketVersioningAConfig{
				Provider:                b.Provider,
				Bucket:                  jsii.String(b.ID),
				VersioningConfiguration: &s3bucketversioning.S3BucketVersioningVersioningConfiguration{Status: jsii.String("Enabled")},
				Lifecycle:               createBeforeDestroy(),
			}), id)
		b.VersionedID = *versioned.Bucket()
	}
	return b
}

// keeping has Terraform refuse, before it touches anything, to destroy a bucket that isn't to be deleted with its
// objects: S3 refuses DeleteBucket then, but only after the bucket has lost its policy, its versioning and the rest.
// A bucket that may be destroyed is replaced like its parts, the new one first: once the old name is free,
// anyone may take it and answer in its place (Amazon S3 User Guide, General purpose bucket naming rules).
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

func encryption(kmsKeyARN string) []*s3bucketserversideencryptionconfiguration.S3BucketServerSideEncryptionConfigurationRuleA {
	by := &s3bucketserversideencryptionconfiguration.S3BucketServerSideEncryptionConfigurationRuleApplyServerSideEncryptionByDefaultA{
		SseAlgorithm: jsii.String("AES256"),
	}
	rule := &s3bucketserversideencryptionconfiguration.S3BucketServerSideEncryptionConfigurationRuleA{ApplyServerSideEncryptionByDefault: by}
	if kmsKeyARN != "" {
		by.SseAlgorithm, by.KmsMasterKeyId = jsii.String("aws:kms"), jsii.String(kmsKeyARN)
		rule.BucketKeyEnabled = true // one call to KMS for many objects
	}
	return []*s3bucketserversideencryptionconfiguration.S3BucketServerSideEncryptionConfigurationRuleA{rule}
}
