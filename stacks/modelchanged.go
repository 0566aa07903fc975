package stacks

import (
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
	"github.com/cdktf/cdktf-provider-aws-go/aws/v19/cloudwatcheventrule"
	"github.com/cdktf/cdktf-provider-aws-go/aws/v19/cloudwatcheventtarget"
)

// The types of S3's events that change what a URL serves
// (Amazon S3 User Guide, Amazon EventBridge event message structure).
const (
	objectCreated = "Object Created"
	objectDeleted = "Object Deleted"
)

type modelChangedProps struct {
	BucketName  string
	Prefixes    []string // of the keys that are served
	WorkflowARN string
	QueueARN    string // of the events that can't be delivered
	Stack       string
	Boundary    string // of the role that starts the workflow; ARN of a policy
}

// newModelChanged makes the rule that starts the workflow when a model changes, and returns the rule's ARN.
func newModelChanged(scope constructs.Construct, id string, props modelChangedProps) string {
	rule := rename(cloudwatcheventrule.NewCloudwatchEventRule(scope, jsii.String(id+"-rule"), &cloudwatcheventrule.CloudwatchEventRuleConfig{
		Name:         jsii.String(props.Stack + "-model-changed"),
		Description:  jsii.String("A model of " + props.Stack + " was written or deleted."),
		EventPattern: jsii.String(toJSON(eventPattern(props.BucketName, props.Prefixes))),
	}), id)
	role := newServiceRole(scope, id+"-start", serviceRoleProps{
		Name:     props.Stack + "-" + id + "-start",
		Service:  "events.amazonaws.com",
		Boundary: props.Boundary,
		Allowed:  []statement{allow("StartWorkflow", []string{"states:StartExecution"}, props.WorkflowARN)},
	})
	rename(cloudwatcheventtarget.NewCloudwatchEventTarget(scope, jsii.String(id+"-target"), &cloudwatcheventtarget.CloudwatchEventTargetConfig{
		Rule:             rule.Name(),
		Arn:              jsii.String(props.WorkflowARN),
		RoleArn:          jsii.String(role),
		DeadLetterConfig: &cloudwatcheventtarget.CloudwatchEventTargetDeadLetterConfig{Arn: jsii.String(props.QueueARN)},
		RetryPolicy: &cloudwatcheventtarget.CloudwatchEventTargetRetryPolicy{
			MaximumEventAgeInSeconds: jsii.Number(3600),
			MaximumRetryAttempts:     jsii.Number(20),
		},
	}), id)
	return *rule.Arn()
}

// eventPattern matches the events of objects that are served. A version that lifecycle expires is not
// one of them: it was overwritten or deleted before.
func eventPattern(bucketName string, prefixes []string) object {
	var keys []object
	for _, p := range prefixes {
		keys = append(keys, object{"prefix": p})
	}
	return object{
		"source":      []string{"aws.s3"},
		"detail-type": []string{objectCreated, objectDeleted},
		"detail": object{
			"bucket": object{"name": []string{bucketName}},
			"object": object{"key": keys},
			"reason": []object{{"anything-but": []string{"Lifecycle Expiration"}}},
		},
	}
}
