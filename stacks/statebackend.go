package stacks

import (
	"github.com/aws/jsii-runtime-go"
	"github.com/hashicorp/terraform-cdk-go/cdktf"

	"ml-api-accelerator/stacks/config"
)

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
