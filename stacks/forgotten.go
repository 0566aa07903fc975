package stacks

import (
	"github.com/aws/jsii-runtime-go"
	"github.com/hashicorp/terraform-cdk-go/cdktf"

	"ml-api-accelerator/stacks/config"
	"ml-api-accelerator/stacks/internal/shared/names"
)

// bucketParts are the types of the resources that a bucket is made of, under one local name.
var bucketParts = []string{
	"aws_s3_bucket",
	"aws_s3_bucket_acl",
	"aws_s3_bucket_cors_configuration",
	"aws_s3_bucket_lifecycle_configuration",
	"aws_s3_bucket_ownership_controls",
	"aws_s3_bucket_policy",
	"aws_s3_bucket_public_access_block",
	"aws_s3_bucket_server_side_encryption_configuration",
	"aws_s3_bucket_versioning",
}

// newForgotten has Terraform let go of buckets, by local name, that are no longer made: they stay as they are, with
// what is in them. To destroy one that isn't empty would fail halfway, with a bucket that is left without its parts.
func newForgotten(stack cdktf.TerraformStack, buckets []string) {
	var blocks []any
	for _, name := range buckets {
		for _, kind := range bucketParts {
			blocks = append(blocks, map[string]any{"from": kind + "." + name, "lifecycle": map[string]any{"destroy": false}})
		}
	}
	if len(blocks) > 0 {
		stack.AddOverride(jsii.String("removed"), blocks)
	}
}

// forgottenBuckets are those that an environment may have had, and that it neither has nor lets Terraform delete.
func forgottenBuckets(env config.Environment) []string {
	var buckets []string
	if !env.Logging.Enabled && !env.Logging.ForceDestroy {
		buckets = append(buckets, "logs")
	}
	if env.Models.RetiredReplicaRegion != "" && !env.Models.ForceDestroy {
		buckets = append(buckets, names.Replica(env.Models.RetiredReplicaRegion))
	}
	return buckets
}
