package stacks

import (
	"fmt"
	"maps"
	"slices"
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

// newHome keeps the region of an environment in its state, and fails the plan when the configuration names another:
// provider 5 would look there for all that is in the state, find nothing, and make everything anew.
func newHome(scope constructs.Construct, id, region string) {
	cdktf.NewDataResource(scope, jsii.String(id), &cdktf.DataConfig{
		Input: &map[string]any{"region": region},
		Lifecycle: &cdktf.TerraformResourceLifecycle{
			IgnoreChanges: jsii.Strings("input"), // the output stays the first region
			Postcondition: &[]*cdktf.Postcondition{{
				Condition: jsii.String(fmt.Sprintf(`${self.output.region == "%s"}`, region)),
				ErrorMessage: jsii.String("This environment was deployed to ${self.output.region}. It can't move to " + region +
					": make a new environment there (Move to another region, stacks/README.md)."),
			}},
		},
	})
}

type stateBackendProps struct {
	config.State
	Key string
}

// newStateBackend keeps the state of an environment in the state bucket, and locks it while Terraform runs.
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

// newState makes the stack of the bucket that keeps the state of all environments. Its own state stays
// in a local file: the bucket doesn't exist before it is deployed.
func newState(app cdktf.App, id string, props config.State) {
	scope := newStack(app, id)
	cdktf.NewLocalBackend(scope, &cdktf.LocalBackendConfig{
		// Seen from cdktf.out/stacks/<stack>, beside cdktf.json; the default is an absolute path.
		Path: jsii.String("../../../terraform." + id + ".tfstate"),
	})
	newProvider(scope, "aws", providerProps{Region: props.Region, Stack: id})
	b := newBucket(scope, "state", bucketProps{
		Name:      props.Bucket,
		KMSKeyARN: props.KMSKeyARN,
		Versioned: true,
		Lifecycle: lifecycle{Noncurrent: 90, KeepNoncurrent: 10},
	})
	newBucketPolicy(scope, "state", bucketPolicyProps{Bucket: b})
	newOutputs(scope, []output{{Name: "state_bucket", Value: b.ID, Description: "Bucket of the Terraform state."}})
}

// output is a value for people and other tools.
type output struct{ Name, Value, Description string }

// newOutputs makes the outputs that have a value: the part that an empty one is about isn't made.
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

// firstAlias returns the first alias that isn't a wildcard.
func firstAlias(aliases []string) string {
	for _, alias := range aliases {
		if !strings.HasPrefix(alias, "*") {
			return alias
		}
	}
	return ""
}

// bucketParts are the types of the resources that make up a bucket, all under one local name.
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

// move is a resource's former address and its address now.
type move struct{ From, To string }

// newMoved has Terraform rename what is in the state under a former address, instead of replacing it.
func newMoved(stack cdktf.TerraformStack, moves []move) {
	var blocks []any
	for _, m := range moves {
		blocks = append(blocks, map[string]any{"from": m.From, "to": m.To})
	}
	if len(blocks) > 0 {
		stack.AddOverride(jsii.String("moved"), blocks)
	}
}

// formerAddresses returns the moves of a replica from the time when its local name didn't have its region. With a
// retired replica nothing is moved, since the former address may be that one's: Terraform then asks for its provider.
func formerAddresses(env config.Environment) []move {
	if env.Models.ReplicaRegion == "" || env.Models.RetiredReplicaRegion != "" {
		return nil
	}
	var moves []move
	for _, kind := range bucketParts {
		if kind != "aws_s3_bucket_acl" && kind != "aws_s3_bucket_cors_configuration" { // replicas had neither then
			address := kind + "." + names.Replica(env.Models.ReplicaRegion)
			moves = append(moves, move{From: kind + ".replica", To: address})
		}
	}
	return moves
}

// mayGo reports whether a bucket can be taken out of the configuration: Terraform may delete it, or doesn't know it.
func mayGo(b config.Bucket) bool { return b.ForceDestroy || b.Existing }

// The Terraform names of what stands for the buckets that have names, by whether Terraform may delete them.
const (
	keptBuckets      = "kept-buckets"
	deletableBuckets = "deletable-buckets"
)

// newKeptBuckets fails the plan when a bucket is taken out of the configuration that isn't to be deleted with its
// objects. What keeps the bucket itself from being destroyed goes with the bucket; this stays, and has less then.
func newKeptBuckets(scope constructs.Construct, buckets map[string]config.Bucket) {
	keep := func(id string, deletable bool) {
		names := []string{}
		for _, name := range slices.Sorted(maps.Keys(buckets)) {
			if mayGo(buckets[name]) == deletable {
				names = append(names, name)
			}
		}
		if deletable && len(names) == 0 {
			return
		}
		cdktf.NewDataResource(scope, jsii.String(id), &cdktf.DataConfig{
			Lifecycle: &cdktf.TerraformResourceLifecycle{PreventDestroy: jsii.Bool(!deletable)},
		}).AddOverride(jsii.String("for_each"), "${toset("+toJSON(names)+")}")
	}
	keep(keptBuckets, false)
	keep(deletableBuckets, true)
}

// movedBuckets returns the moves of buckets that Terraform may delete from now on, or no longer.
func movedBuckets(buckets map[string]config.Bucket) []move {
	var moves []move
	for _, name := range slices.Sorted(maps.Keys(buckets)) {
		m := move{ofBucket(deletableBuckets, name), ofBucket(keptBuckets, name)}
		if mayGo(buckets[name]) {
			m = move{m.To, m.From}
		}
		moves = append(moves, m)
	}
	return moves
}

func ofBucket(id, name string) string { return fmt.Sprintf("terraform_data.%s[%q]", id, name) }

// newForgotten has Terraform let go of buckets, by local name, that are no longer configured: they stay as they are,
// with their objects. Destroying one that isn't empty would fail halfway and leave a bucket without its parts.
func newForgotten(stack cdktf.TerraformStack, buckets []string) {
	var blocks []any
	for _, name := range buckets {
		for _, kind := range bucketParts {
			blocks = append(blocks, map[string]any{
				"from": kind + "." + name, "lifecycle": map[string]any{"destroy": false},
			})
		}
	}
	if len(blocks) > 0 {
		stack.AddOverride(jsii.String("removed"), blocks)
	}
}

// forgottenBuckets returns the buckets that an environment may have had, no longer has or only reads, and doesn't let
// Terraform delete.
func forgottenBuckets(env config.Environment) []string {
	var buckets []string
	if !env.Logging.Enabled && !env.Logging.ForceDestroy {
		buckets = append(buckets, "logs")
	}
	for _, name := range env.BucketNames() {
		b, _ := env.Bucket(name)
		if b.Existing {
			buckets = append(buckets, name)
		}
		if b.RetiredReplicaRegion != "" && !b.ForceDestroy {
			buckets = append(buckets, names.BucketReplica(name, b.RetiredReplicaRegion))
		}
	}
	return buckets
}
