package stacks

import (
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
	"github.com/cdktf/cdktf-provider-aws-go/aws/v19/sqsqueue"
	"github.com/cdktf/cdktf-provider-aws-go/aws/v19/sqsqueuepolicy"
)

type queueProps struct {
	Name string
}

type queue struct{ Name, ARN, URL string }

// newQueue makes an encrypted queue that keeps its messages as long as SQS can.
func newQueue(scope constructs.Construct, id string, props queueProps) queue {
	q := rename(sqsqueue.NewSqsQueue(scope, jsii.String(id+"-queue"), &sqsqueue.SqsQueueConfig{
		Name:                    jsii.String(props.Name),
		SqsManagedSseEnabled:    true,
		MessageRetentionSeconds: jsii.Number(14 * 24 * 60 * 60), // the longest SQS keeps a message
	}), id)
	return queue{Name: *q.Name(), ARN: *q.Arn(), URL: *q.Url()}
}

type queuePolicyProps struct {
	Queue   queue
	RuleARN string
}

// newQueuePolicy lets a rule keep the events it can't deliver in a queue.
func newQueuePolicy(scope constructs.Construct, id string, props queuePolicyProps) {
	allowed := allow("KeepUndelivered", []string{"sqs:SendMessage"}, props.Queue.ARN)
	allowed.Principals = []policyPrincipal{principal("Service", "events.amazonaws.com")}
	allowed.Condition = []policyCondition{condition("ArnEquals", "aws:SourceArn", props.RuleARN)}
	rename(sqsqueuepolicy.NewSqsQueuePolicy(scope, jsii.String(id+"-queue-policy"), &sqsqueuepolicy.SqsQueuePolicyConfig{
		QueueUrl: jsii.String(props.Queue.URL),
		Policy:   jsii.String(newPolicyDocument(scope, id+"-queue", allowed)),
	}), id)
}
