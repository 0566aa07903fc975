package stacks

import (
	"fmt"
	"strings"

	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
	"github.com/hashicorp/terraform-cdk-go/cdktf"

	"ml-api-accelerator/stacks/config"
	"ml-api-accelerator/stacks/internal/shared/names"
)

// newStack makes a stack that says which Terraform and which provider it needs.
func newStack(app cdktf.App, id string) cdktf.TerraformStack {
	stack := cdktf.NewTerraformStack(app, jsii.String(id))
	stack.AddOverride(jsii.String("terraform"), map[string]any{
		// The first Terraform whose S3 backend locks without DynamoDB.
		"required_version": ">= 1.10",
		// The bindings ask for exactly the version they were made from.
		"required_providers": map[string]any{"aws": map[string]any{"version": "~> 5.99"}},
	})
	return stack
}

// newHome keeps in the state in which region an environment was made, and has the plan fail when it says another:
// provider 5 would look there for everything that the state has, find nothing, and make it anew.
func newHome(scope constructs.Construct, id, region string) {
	cdktf.NewDataResource(scope, jsii.String(id), &cdktf.DataConfig{
		Input: &map[string]any{"region": region},
		Lifecycle: &cdktf.TerraformResourceLifecycle{
			IgnoreChanges: jsii.Strings("input"), // the output stays the first region
			Postcondition: &[]*cdktf.Postcondition{{
				Condition: jsii.String(fmt.Sprintf(`${self.output.region == "%s"}`, region)),
				ErrorMessage: jsii.String(fmt.Sprintf(
					"This environment was deployed to ${self.output.region}. It can't move to %s: make a new environment there (Move to another region, stacks/README.md).", region)),
			}},
		},
	})
}

type stateBackendProps struct {
	config.State
	Key string
}

// newStateBackend keeps the state of an environment in the state bucket, locked while Terraform runs.
func newStateBackend(stack cdktf.TerraformStack, props stateBackendProps) {
	c := &cdktf.S3BackendConfig{
		Bucket:   jsii.String(props.Bucket),
		Key:      jsii.String(props.Key),
		Region:   jsii.String(props.Region),
		Encrypt:  jsii.Bool(true),
		KmsKeyId: optional(props.KMSKeyARN),
	}
	if props.RoleARN != "" {
		c.AssumeRole = &cdktf.S3BackendAssumeRoleConfig{RoleArn: jsii.String(props.RoleARN)}
	}
	// The bindings don't know this argument of Terraform 1.10.
	cdktf.NewS3Backend(stack, c).AddOverride(jsii.String("use_lockfile"), true)
}

// output is a value for people and other tools.
type output struct{ Name, Value, Description string }

// newOutputs leaves out those without a value: their part isn't made.
func newOutputs(scope constructs.Construct, outputs []output) {
	for _, o := range outputs {
		if o.Value == "" {
			continue
		}
		cdktf.NewTerraformOutput(scope, jsii.String(o.Name), &cdktf.TerraformOutputConfig{
			Value:       o.Value,
			Description: jsii.String(o.Description),
		})
	}
}

// firstAlias is the name by which the outputs call the system; a wildcard is no name.
func firstAlias(aliases []string) string {
	for _, alias := range aliases {
		if !strings.HasPrefix(alias, "*") {
			return alias
		}
	}
	return ""
}

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
