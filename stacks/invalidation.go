package stacks

import (
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
	"github.com/cdktf/cdktf-provider-aws-go/aws/v19/s3bucketnotification"

	"ml-api-accelerator/stacks/internal/shared/names"
)

type invalidationProps struct {
	Enabled  bool
	Models   bucket
	Prefixes []string // of the keys that are served
	Edge     distribution
	// Condition in JSONata: whether query strings are part of the cache key of the object $key.
	QueryStrings string
	Stack        string
	Boundary     string // of the roles; ARN of a policy
}

// newInvalidation makes the edge forget a model that is overwritten or deleted: S3's event starts a
// workflow that calls CloudFront. It returns the name of the queue that keeps what failed for good.
// When it is off there is none.
func newInvalidation(scope constructs.Construct, id string, props invalidationProps) string {
	if !props.Enabled {
		return ""
	}
	rename(s3bucketnotification.NewS3BucketNotification(scope, jsii.String(id+"-events"), &s3bucketnotification.S3BucketNotificationConfig{
		Bucket:      jsii.String(props.Models.ID),
		Eventbridge: true,
	}), "models")
	failed := newQueue(scope, id, queueProps{Name: names.FailedInvalidations(props.Stack)})
	workflow := newWorkflow(scope, id, workflowProps{
		Models:       props.Models,
		Edge:         props.Edge,
		Failed:       failed,
		QueryStrings: props.QueryStrings,
		Stack:        props.Stack,
		Boundary:     props.Boundary,
	})
	rule := newModelChanged(scope, id, modelChangedProps{
		BucketName:  props.Models.ID,
		Prefixes:    props.Prefixes,
		WorkflowARN: workflow,
		QueueARN:    failed.ARN,
		Stack:       props.Stack,
		Boundary:    props.Boundary,
	})
	newQueuePolicy(scope, id, queuePolicyProps{Queue: failed, RuleARN: rule})
	return failed.Name
}
