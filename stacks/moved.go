package stacks

import (
	"github.com/aws/jsii-runtime-go"
	"github.com/hashicorp/terraform-cdk-go/cdktf"

	"ml-api-accelerator/stacks/config"
	"ml-api-accelerator/stacks/internal/shared/names"
)

// move is what a resource was called, and is called now.
type move struct{ From, To string }

// newMoved has Terraform rename what a state has under a former address, instead of replacing it.
func newMoved(stack cdktf.TerraformStack, moves []move) {
	var blocks []any
	for _, m := range moves {
		blocks = append(blocks, map[string]any{"from": m.From, "to": m.To})
	}
	if len(blocks) > 0 {
		stack.AddOverride(jsii.String("moved"), blocks)
	}
}

// formerAddresses are those of a replica that was made when its local name didn't say the region. If it is also
// retired, nothing is moved, since it isn't this one: Terraform then asks for its provider.
func formerAddresses(env config.Environment) []move {
	if env.Models.ReplicaRegion == "" || env.Models.RetiredReplicaRegion != "" {
		return nil
	}
	var moves []move
	for _, kind := range []string{
		"aws_s3_bucket",
		"aws_s3_bucket_lifecycle_configuration",
		"aws_s3_bucket_ownership_controls",
		"aws_s3_bucket_policy",
		"aws_s3_bucket_public_access_block",
		"aws_s3_bucket_server_side_encryption_configuration",
		"aws_s3_bucket_versioning",
	} {
		moves = append(moves, move{From: kind + ".replica", To: kind + "." + names.Replica(env.Models.ReplicaRegion)})
	}
	return moves
}
