package stacks

import (
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
	"github.com/cdktf/cdktf-provider-aws-go/aws/v19/sfnstatemachine"
)

type workflowProps struct {
	Models bucket
	Edge   distribution
	Failed queue // keeps the events that failed for good
	// Condition in JSONata: whether query strings are part of the cache key of the object $key.
	QueryStrings string
	Stack        string
	Boundary     string // of the workflow's role; ARN of a policy
}

// newWorkflow makes the workflow that invalidates the URL of a changed model, and returns its ARN.
func newWorkflow(scope constructs.Construct, id string, props workflowProps) string {
	role := newServiceRole(scope, id, serviceRoleProps{
		Name:     props.Stack + "-" + id,
		Service:  "states.amazonaws.com",
		Boundary: props.Boundary,
		Allowed: []statement{
			allow("Invalidate", []string{"cloudfront:CreateInvalidation"}, props.Edge.ARN),
			allow("ListVersions", []string{"s3:ListBucketVersions"}, props.Models.ARN),
			allow("KeepFailed", []string{"sqs:SendMessage"}, props.Failed.ARN),
		},
	})
	machine := rename(sfnstatemachine.NewSfnStateMachine(scope, jsii.String(id+"-workflow"), &sfnstatemachine.SfnStateMachineConfig{
		Name:       jsii.String(props.Stack + "-" + id),
		Type:       jsii.String("EXPRESS"),
		RoleArn:    jsii.String(role),
		Definition: jsii.String(toJSON(workflowDefinition(props.Models.ID, props.Edge.ID, props.Failed.URL, props.QueryStrings))),
	}), id)
	return *machine.Arn()
}
