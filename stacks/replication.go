package stacks

import (
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
	"github.com/cdktf/cdktf-provider-aws-go/aws/v19/s3bucketreplicationconfiguration"
)

type replicationProps struct {
	From, To bucket
	ToKey    string // ARN of the KMS key; empty: S3's own keys encrypt
	Role     string // ARN
}

// newReplication makes S3 copy the objects of one bucket to another.
func newReplication(scope constructs.Construct, id string, props replicationProps) {
	rename(s3bucketreplicationconfiguration.NewS3BucketReplicationConfigurationA(scope, jsii.String(id+"-replication"),
		&s3bucketreplicationconfiguration.S3BucketReplicationConfigurationAConfig{
			Bucket: jsii.String(props.From.VersionedID),
			Role:   jsii.String(props.Role),
			Rule:   []*s3bucketreplicationconfiguration.S3BucketReplicationConfigurationRule{replicationRule(props.To, props.ToKey)},
		}), id)
}

// replicationRule copies every object, and also deletions: the replica must not serve a model that was withdrawn.
// A copy is encrypted as its object is, whatever the other bucket does by default, and those that KMS encrypts are
// only copied where the rule says so (Amazon S3 User Guide, Replicating encrypted objects).
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

type replicationRoleProps struct {
	From, To       bucket
	FromKey, ToKey string // ARNs of KMS keys; empty: S3's own keys encrypt
	Stack          string
	Boundary       string // ARN of a policy
}

// newReplicationRole makes the role that S3 assumes to copy: it reads one bucket and writes the other.
func newReplicationRole(scope constructs.Construct, id string, props replicationRoleProps) string {
	allowed := []statement{
		allow("ListSource", []string{"s3:GetReplicationConfiguration", "s3:ListBucket"}, props.From.ARN),
		allow("ReadSource", []string{"s3:GetObjectVersionForReplication", "s3:GetObjectVersionAcl", "s3:GetObjectVersionTagging"}, props.From.ARN+"/*"),
		allow("WriteReplica", []string{"s3:ReplicateObject", "s3:ReplicateDelete", "s3:ReplicateTags"}, props.To.ARN+"/*"),
	}
	if props.ToKey != "" {
		allowed = append(allowed,
			allow("DecryptSource", []string{"kms:Decrypt"}, props.FromKey),
			// With a bucket key S3 also decrypts and makes data keys.
			allow("EncryptReplica", []string{"kms:Encrypt", "kms:Decrypt", "kms:GenerateDataKey"}, props.ToKey))
	}
	return newServiceRole(scope, id, serviceRoleProps{Name: props.Stack + "-" + id, Service: "s3.amazonaws.com", Boundary: props.Boundary, Allowed: allowed})
}
