package stacks

import (
	"strings"

	"github.com/aws/constructs-go/constructs/v10"
	"github.com/hashicorp/terraform-cdk-go/cdktf"

	"ml-api-accelerator/stacks/config"
	"ml-api-accelerator/stacks/internal/shared/names"
)

type replicaProps struct {
	config.Models
	Region   string // of the models' bucket
	Source   bucket
	Stack    string
	Boundary string                  // of the role that replicates; ARN of a policy
	Provider cdktf.TerraformProvider // of the replica's region
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
	role := newReplicationRole(scope, "replication", replicationRoleProps{
		From:     props.Source,
		FromKey:  props.KMSKeyARN,
		To:       b,
		ToKey:    key,
		Stack:    props.Stack,
		Boundary: props.Boundary,
	})
	newReplication(scope, "models", replicationProps{From: props.Source, To: b, ToKey: key, Role: role})
	return b
}

// replicaKey is the multi-Region key in the other region: only the region of its ARN differs.
func replicaKey(arn, from, to string) string {
	return strings.Replace(arn, ":"+from+":", ":"+to+":", 1)
}
