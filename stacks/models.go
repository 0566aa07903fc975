package stacks

import (
	"github.com/aws/constructs-go/constructs/v10"

	"ml-api-accelerator/stacks/config"
	"ml-api-accelerator/stacks/internal/shared/names"
)

type modelsProps struct {
	config.Models
	Stack string
}

// newModels makes the private bucket of the models.
func newModels(scope constructs.Construct, id string, props modelsProps) bucket {
	b := bucketProps{
		Name:         props.Bucket,
		KMSKeyARN:    props.KMSKeyARN,
		Versioned:    true,
		Lifecycle:    lifecycle{Noncurrent: props.NoncurrentDays},
		ForceDestroy: props.ForceDestroy,
	}
	if props.Bucket == "" {
		b.Prefix = names.BucketPrefix(props.Stack, "models")
	}
	return newBucket(scope, id, b)
}
