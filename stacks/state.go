package stacks

import (
	"github.com/aws/jsii-runtime-go"
	"github.com/hashicorp/terraform-cdk-go/cdktf"

	"ml-api-accelerator/stacks/config"
)

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
