package stacks

import (
	"strings"

	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
	"github.com/cdktf/cdktf-provider-aws-go/aws/v19/s3bucketreplicationconfiguration"
	"github.com/hashicorp/terraform-cdk-go/cdktf"

	"ml-api-accelerator/stacks/config"
	"ml-api-accelerator/stacks/internal/names"
)

type replicaProps struct {
	config.Models
	Region   string // of the models' bucket
	Stack    string
	Source   bucket
	Provider cdktf.TerraformProvider
}

// newReplica makes a copy of the models' bucket in a second region, kept up to date by S3. Without
// a region for it there is none.
func newReplica(scope constructs.Construct, id string, props replicaProps) bucket {
	if props.ReplicaRegion == "" {
		return bucket{}
	}
	key := replicaKey(props.KMSKeyARN, props.Region, props.ReplicaRegion)
	b := newBucket(scope, id, bucketProps{
		Prefix:       names.BucketPrefix(props.Stack, "replica"),
		KMSKeyARN:    key,
		Versioned:    true,
		Lifecycle:    lifecycle{Noncurrent: props.NoncurrentDays},
		ForceDestroy: props.ForceDestroy,
		Provider:     props.Provider,
	})
	role := newReplicationRole(scope, "replication", props, b, key)
	rename(s3bucketreplicationconfiguration.NewS3BucketReplicationConfigurationA(scope, jsii.String("models-replication"),
		&s3bucketreplicationconfiguration.S3BucketReplicationConfigurationAConfig{
			Bucket: jsii.String(props.Source.VersionedID),
			Role:   jsii.String(role),
			Rule:   []*s3bucketreplicationconfiguration.S3BucketReplicationConfigurationRule{replicationRule(b, key)},
		}), "models")
	return b
}

// replicaKey is the multi-Region key in the other region: only the region of its ARN differs.
func replicaKey(arn, from, to string) string {
	return strings.Replace(arn, ":"+from+":", ":"+to+":", 1)
}

// replicationRule copies every object, and deletions too: a model that was withdrawn must not be served by the replica.
func replicationRule(to bucket, key string) *s3bucketreplicationconfiguration.S3BucketReplicationConfigurationRule {
	rule := &s3bucketreplicationconfiguration.S3BucketReplicationConfigurationRule{
		Id:       jsii.String("all"),
		Status:   jsii.String("Enabled"),
		Priority: jsii.Number(0),
		Filter:   &s3bucketreplicationconfiguration.S3BucketReplicationConfigurationRuleFilter{Prefix: jsii.String("")},
		DeleteMarkerReplication: &s3bucketreplicationconfiguration.S3BucketReplicationConfigurationRuleDeleteMarkerReplication{
			Status: jsii.String("Enabled"),
		},
		Destination: &s3bucketreplicationconfiguration.S3BucketReplicationConfigurationRuleDestination{
			Bucket: jsii.String("arn:aws:s3:::" + to.VersionedID), // known once versioning is on, which S3 demands first
		},
	}
	if key != "" {
		rule.Destination.EncryptionConfiguration = &s3bucketreplicationconfiguration.S3BucketReplicationConfigurationRuleDestinationEncryptionConfiguration{
			ReplicaKmsKeyId: jsii.String(key),
		}
		rule.SourceSelectionCriteria = &s3bucketreplicationconfiguration.S3BucketReplicationConfigurationRuleSourceSelectionCriteria{
			SseKmsEncryptedObjects: &s3bucketreplicationconfiguration.S3BucketReplicationConfigurationRuleSourceSelectionCriteriaSseKmsEncryptedObjects{
				Status: jsii.String("Enabled"),
			},
		}
	}
	return rule
}

// newReplicationRole makes the role as which S3 copies: it reads the one bucket and writes the other.
func newReplicationRole(scope constructs.Construct, id string, props replicaProps, to bucket, toKey string) string {
	allowed := []statement{
		allow("ListSource", []string{"s3:GetReplicationConfiguration", "s3:ListBucket"}, props.Source.ARN),
		allow("ReadSource", []string{"s3:GetObjectVersionForReplication", "s3:GetObjectVersionAcl", "s3:GetObjectVersionTagging"}, props.Source.ARN+"/*"),
		allow("WriteReplica", []string{"s3:ReplicateObject", "s3:ReplicateDelete", "s3:ReplicateTags"}, to.ARN+"/*"),
	}
	if toKey != "" {
		allowed = append(allowed,
			allow("DecryptSource", []string{"kms:Decrypt"}, props.KMSKeyARN),
			allow("EncryptReplica", []string{"kms:Encrypt"}, toKey))
	}
	return newServiceRole(scope, id, props.Stack+"-replication", "s3.amazonaws.com", allowed...)
}
