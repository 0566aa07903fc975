package stacks

import (
	"github.com/aws/jsii-runtime-go"
	"github.com/hashicorp/terraform-cdk-go/cdktf"

	"ml-api-accelerator/stacks/config"
)

// newState makes the stack of the bucket that keeps the state of all environments. Its own state
// stays in a local file: it can't lie in a bucket that doesn't exist yet.
func newState(app cdktf.App, c config.Config) {
	stack := newStack(app, c.StateStackName())
	cdktf.NewLocalBackend(stack, &cdktf.LocalBackendConfig{
		// Seen from cdktf.out/stacks/<stack>, beside cdktf.json; the default is an absolute path.
		Path: jsii.String("../../../terraform." + c.StateStackName() + ".tfstate"),
	})
	newProvider(stack, "aws", providerProps{Region: c.State.Region})
	b := newBucket(stack, "state", bucketProps{
		Name:      c.State.Bucket,
		KMSKeyARN: c.State.KMSKeyARN,
		Versioned: true,
		Lifecycle: lifecycle{Noncurrent: 90, KeepNoncurrent: 10},
		Kept:      true,
	})
	newBucketPolicy(stack, "state", b)
	newOutputs(stack, []output{{"state_bucket", b.ID, "Bucket of the Terraform state."}})
}

// newStateBackend keeps the state of an environment in the state bucket, locked while Terraform runs.
func newStateBackend(stack cdktf.TerraformStack, props config.State, key string) {
	c := &cdktf.S3BackendConfig{
		Bucket:   jsii.String(props.Bucket),
		Key:      jsii.String(key),
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
