package stacks

import (
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
	"github.com/cdktf/cdktf-provider-aws-go/aws/v19/cloudwatcheventrule"
	"github.com/cdktf/cdktf-provider-aws-go/aws/v19/cloudwatcheventtarget"
	"github.com/cdktf/cdktf-provider-aws-go/aws/v19/s3bucketnotification"
	"github.com/cdktf/cdktf-provider-aws-go/aws/v19/sfnstatemachine"
	"github.com/cdktf/cdktf-provider-aws-go/aws/v19/sqsqueue"
	"github.com/cdktf/cdktf-provider-aws-go/aws/v19/sqsqueuepolicy"

	"ml-api-accelerator/stacks/internal/names"
)

type invalidationProps struct {
	Enabled  bool
	Stack    string
	Models   bucket
	Prefixes []string // of the keys that are served
	Edge     distribution
}

// newInvalidation has the edge forget a model that is overwritten or deleted: S3's event starts a
// workflow that calls CloudFront. It returns the name of the queue that keeps what failed for good;
// when it is off there is none.
func newInvalidation(scope constructs.Construct, id string, props invalidationProps) string {
	if !props.Enabled {
		return ""
	}
	rename(s3bucketnotification.NewS3BucketNotification(scope, jsii.String(id+"-events"), &s3bucketnotification.S3BucketNotificationConfig{
		Bucket:      jsii.String(props.Models.ID),
		Eventbridge: true,
	}), "models")
	queue := rename(sqsqueue.NewSqsQueue(scope, jsii.String(id+"-queue"), &sqsqueue.SqsQueueConfig{
		Name:                    jsii.String(names.FailedInvalidations(props.Stack)),
		SqsManagedSseEnabled:    true,
		MessageRetentionSeconds: jsii.Number(14 * 24 * 60 * 60), // the longest SQS keeps a message
	}), id)
	queueARN, queueURL := *queue.Arn(), *queue.Url()
	workflow := newInvalidationWorkflow(scope, id, props, queueARN, queueURL)
	rule := rename(cloudwatcheventrule.NewCloudwatchEventRule(scope, jsii.String(id+"-rule"), &cloudwatcheventrule.CloudwatchEventRuleConfig{
		Name:         jsii.String(props.Stack + "-model-changed"),
		Description:  jsii.String("A model of " + props.Stack + " was written or deleted."),
		EventPattern: jsii.String(toJSON(modelChanged(props.Models.ID, props.Prefixes))),
	}), id)
	rename(cloudwatcheventtarget.NewCloudwatchEventTarget(scope, jsii.String(id+"-target"), &cloudwatcheventtarget.CloudwatchEventTargetConfig{
		Rule: rule.Name(),
		Arn:  jsii.String(workflow),
		RoleArn: jsii.String(newServiceRole(scope, id+"-start", props.Stack+"-invalidation-start", "events.amazonaws.com",
			allow("StartWorkflow", []string{"states:StartExecution"}, workflow))),
		DeadLetterConfig: &cloudwatcheventtarget.CloudwatchEventTargetDeadLetterConfig{Arn: jsii.String(queueARN)},
		RetryPolicy: &cloudwatcheventtarget.CloudwatchEventTargetRetryPolicy{
			MaximumEventAgeInSeconds: jsii.Number(3600),
			MaximumRetryAttempts:     jsii.Number(20),
		},
	}), id)
	rename(sqsqueuepolicy.NewSqsQueuePolicy(scope, jsii.String(id+"-queue-policy"), &sqsqueuepolicy.SqsQueuePolicyConfig{
		QueueUrl: jsii.String(queueURL),
		Policy:   jsii.String(newPolicyDocument(scope, id+"-queue", allowEvents(queueARN, *rule.Arn()))),
	}), id)
	return *queue.Name()
}

func newInvalidationWorkflow(scope constructs.Construct, id string, props invalidationProps, queueARN, queueURL string) string {
	role := newServiceRole(scope, id, props.Stack+"-invalidation", "states.amazonaws.com",
		allow("Invalidate", []string{"cloudfront:CreateInvalidation"}, props.Edge.ARN),
		allow("ListVersions", []string{"s3:ListBucketVersions"}, props.Models.ARN),
		allow("KeepFailed", []string{"sqs:SendMessage"}, queueARN))
	machine := rename(sfnstatemachine.NewSfnStateMachine(scope, jsii.String(id+"-workflow"), &sfnstatemachine.SfnStateMachineConfig{
		Name:       jsii.String(props.Stack + "-invalidation"),
		Type:       jsii.String("EXPRESS"),
		RoleArn:    jsii.String(role),
		Definition: jsii.String(toJSON(invalidationWorkflow(props.Models.ID, props.Edge.ID, queueURL))),
	}), id)
	return *machine.Arn()
}

// modelChanged matches the events of objects that are served. A version that lifecycle expires is not
// one of them: it was overwritten or deleted before.
func modelChanged(bucketName string, prefixes []string) any {
	var keys []any
	for _, p := range prefixes {
		keys = append(keys, map[string]string{"prefix": p})
	}
	return map[string]any{
		"source":      []string{"aws.s3"},
		"detail-type": []string{objectCreated, objectDeleted},
		"detail": map[string]any{
			"bucket": map[string]any{"name": []string{bucketName}},
			"object": map[string]any{"key": keys},
			"reason": []any{map[string]any{"anything-but": []string{"Lifecycle Expiration"}}},
		},
	}
}

// allowEvents lets a rule keep the events it can't deliver.
func allowEvents(queueARN, ruleARN string) statement {
	s := allow("KeepUndelivered", []string{"sqs:SendMessage"}, queueARN)
	s.Principals = []policyPrincipal{principal("Service", "events.amazonaws.com")}
	s.Condition = []policyCondition{condition("ArnEquals", "aws:SourceArn", ruleARN)}
	return s
}
