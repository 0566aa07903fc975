package stacks

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
	"github.com/cdktf/cdktf-provider-aws-go/aws/v19/cloudwatcheventrule"
	"github.com/cdktf/cdktf-provider-aws-go/aws/v19/cloudwatcheventtarget"
	"github.com/cdktf/cdktf-provider-aws-go/aws/v19/s3bucketnotification"
	"github.com/cdktf/cdktf-provider-aws-go/aws/v19/sfnstatemachine"
	"github.com/cdktf/cdktf-provider-aws-go/aws/v19/sqsqueue"
	"github.com/cdktf/cdktf-provider-aws-go/aws/v19/sqsqueuepolicy"

	"ml-api-accelerator/stacks/config"
	"ml-api-accelerator/stacks/internal/shared/names"
)

type invalidationsProps struct {
	Buckets   buckets
	Behaviors []config.Behavior // of the edge
	Edge      distribution
	Stack     string
	Boundary  string // of the roles; ARN of a policy
}

// newInvalidations makes the edge forget what changes in those buckets for which that is wanted. It returns the queues
// of the events that failed for good.
func newInvalidations(scope constructs.Construct, id string, props invalidationsProps) []failedInvalidations {
	var failed []failedInvalidations
	for _, b := range props.Buckets {
		if b.Invalidate {
			queue := newInvalidation(scope, names.Of(id, b.Name), invalidationProps{
				Bucket: b.Bucket, Name: b.Name, Behaviors: props.Behaviors, Edge: props.Edge, Stack: props.Stack,
				Boundary: props.Boundary,
			})
			failed = append(failed, failedInvalidations{b.Name, queue})
		}
	}
	return failed
}

type invalidationProps struct {
	Bucket    bucket
	Name      string            // of the bucket in the configuration
	Behaviors []config.Behavior // of the edge
	Edge      distribution
	Stack     string
	Boundary  string // of the roles; ARN of a policy
}

// newInvalidation makes the edge forget an object that is overwritten or deleted: S3's event starts a workflow that
// calls CloudFront. It returns the name of the queue of the events that failed for good.
func newInvalidation(scope constructs.Construct, id string, props invalidationProps) string {
	rename(s3bucketnotification.NewS3BucketNotification(scope, jsii.String(id+"-events"),
		&s3bucketnotification.S3BucketNotificationConfig{
			Bucket:      jsii.String(props.Bucket.ID),
			Eventbridge: true,
		}), props.Name)
	failed := newQueue(scope, id, names.FailedInvalidations(props.Stack, props.Name))
	workflow := newWorkflow(scope, id, workflowProps{
		Bucket:    props.Bucket,
		Name:      props.Name,
		Edge:      props.Edge,
		Failed:    failed,
		Behaviors: props.Behaviors,
		Stack:     props.Stack,
		Boundary:  props.Boundary,
	})
	rule := newModelChanged(scope, id, modelChangedProps{
		BucketName:  props.Bucket.ID,
		Name:        props.Name,
		Prefixes:    servedPrefixes(props.Behaviors, props.Name),
		WorkflowARN: workflow,
		QueueARN:    failed.ARN,
		Stack:       props.Stack,
		Boundary:    props.Boundary,
	})
	newQueuePolicy(scope, id, queuePolicyProps{Queue: failed, RuleARN: rule})
	return failed.Name
}

// The types of S3's events that change what a URL serves
// (Amazon S3 User Guide, Amazon EventBridge event message structure).
const (
	objectCreated = "Object Created"
	objectDeleted = "Object Deleted"
)

type modelChangedProps struct {
	BucketName  string
	Name        string   // of the bucket in the configuration
	Prefixes    []string // of the keys that are served
	WorkflowARN string
	QueueARN    string // of the events that can't be delivered
	Stack       string
	Boundary    string // of the role that starts the workflow; ARN of a policy
}

// mostRuleName is how many characters the name of a rule has at most (EventBridge API Reference, PutRule).
const mostRuleName = 64

// newModelChanged makes the rule that starts the workflow when a model changes, and returns the rule's ARN.
func newModelChanged(scope constructs.Construct, id string, props modelChangedProps) string {
	rule := rename(cloudwatcheventrule.NewCloudwatchEventRule(scope, jsii.String(id+"-rule"),
		&cloudwatcheventrule.CloudwatchEventRuleConfig{
			Name:         jsii.String(names.Short(props.Stack+"-"+names.Of("model-changed", props.Name), mostRuleName)),
			Description:  jsii.String("A model of " + props.Stack + " was written or deleted."),
			EventPattern: jsii.String(toJSON(eventPattern(props.BucketName, props.Prefixes))),
		}), id)
	role := newServiceRole(scope, id+"-start", serviceRoleProps{
		Name:     names.Short(props.Stack+"-"+id+"-start", mostRoleName),
		Service:  "events.amazonaws.com",
		Boundary: props.Boundary,
		Allowed:  []statement{allow("StartWorkflow", []string{"states:StartExecution"}, props.WorkflowARN)},
	})
	rename(cloudwatcheventtarget.NewCloudwatchEventTarget(scope, jsii.String(id+"-target"),
		&cloudwatcheventtarget.CloudwatchEventTargetConfig{
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

// eventPattern matches the events of objects that are served. An expired version isn't one of them: it was overwritten
// or deleted before.
func eventPattern(bucketName string, prefixes []string) object {
	detail := object{
		"bucket": object{"name": []string{bucketName}},
		"reason": []object{{"anything-but": []string{"Lifecycle Expiration"}}},
	}
	var keys []object
	for _, p := range prefixes {
		keys = append(keys, object{"prefix": p})
	}
	if len(keys) > 0 {
		detail["object"] = object{"key": keys}
	}
	return object{
		"source":      []string{"aws.s3"},
		"detail-type": []string{objectCreated, objectDeleted},
		"detail":      detail,
	}
}

// servedPrefixes returns what the keys begin with that behaviors serve from a bucket; nil: all are served.
func servedPrefixes(behaviors []config.Behavior, bucket string) []string {
	var prefixes []string
	for _, b := range behaviors {
		if b.Origin == bucket {
			prefix := strings.TrimPrefix(servedBelow(b.SeenByOrigin()), "/")
			if prefix == "" {
				return nil
			}
			prefixes = append(prefixes, prefix)
		}
	}
	slices.Sort(prefixes)
	return slices.Compact(prefixes)
}

type workflowProps struct {
	Bucket    bucket
	Name      string // of the bucket in the configuration
	Edge      distribution
	Failed    queue // keeps the events that failed for good
	Behaviors []config.Behavior
	Stack     string
	Boundary  string // of the workflow's role; ARN of a policy
}

// mostMachineName is how many characters the name of a workflow has at most (Step Functions API Reference,
// CreateStateMachine).
const mostMachineName = 80

// newWorkflow makes the workflow that invalidates the URL of a changed model, and returns its ARN.
func newWorkflow(scope constructs.Construct, id string, props workflowProps) string {
	role := newServiceRole(scope, id, serviceRoleProps{
		Name:     names.Short(props.Stack+"-"+id, mostRoleName),
		Service:  "states.amazonaws.com",
		Boundary: props.Boundary,
		Allowed: []statement{
			allow("Invalidate", []string{"cloudfront:CreateInvalidation"}, props.Edge.ARN),
			allow("ListVersions", []string{"s3:ListBucketVersions"}, props.Bucket.ARN),
			allow("KeepFailed", []string{"sqs:SendMessage"}, props.Failed.ARN),
		},
	})
	machine := rename(sfnstatemachine.NewSfnStateMachine(scope, jsii.String(id+"-workflow"),
		&sfnstatemachine.SfnStateMachineConfig{
			Name:       jsii.String(names.Short(props.Stack+"-"+id, mostMachineName)),
			Type:       jsii.String("EXPRESS"),
			RoleArn:    jsii.String(role),
			Definition: jsii.String(toJSON(workflowDefinition(props))),
		}), id)
	return *machine.Arn()
}

// workflowDefinition returns what happens when a model changes; the input is the event. A key without an earlier
// version is new: no edge has it, and there is nothing to invalidate.
func workflowDefinition(props workflowProps) object {
	return object{
		"Comment":        "Invalidate the URL of a model that was overwritten or deleted",
		"QueryLanguage":  "JSONata",
		"StartAt":        "Deleted?",
		"TimeoutSeconds": 290, // AWS ends an express workflow after 300 (Step Functions Developer Guide, Quotas)
		"States": object{
			"Deleted?": object{
				"Type":    "Choice",
				"Choices": []object{{"Condition": jsonata(isDeleted), "Next": "Invalidate"}},
				"Default": "List versions",
			},
			"List versions": object{
				"Type":     "Task",
				"Resource": "arn:aws:states:::aws-sdk:s3:listObjectVersions",
				"Arguments": object{
					"Bucket":  props.Bucket.ID,
					"Prefix":  jsonata(objectKey),
					"MaxKeys": 2, // the key itself sorts before all others that begin with it
				},
				"Assign": object{"overwritten": jsonata(isOverwritten)},
				"Retry":  []object{retry("States.TaskFailed", 3)},
				"Catch":  []object{{"ErrorEquals": []string{"States.ALL"}, "Next": "Keep the event"}},
				"Next":   "Overwritten?",
			},
			"Overwritten?": object{
				"Type":    "Choice",
				"Choices": []object{{"Condition": jsonata("$overwritten"), "Next": "Invalidate"}},
				"Default": "Nothing to do",
			},
			"Nothing to do": object{"Type": "Succeed"},
			"Invalidate": object{
				"Type":     "Task",
				"Resource": "arn:aws:states:::aws-sdk:cloudfront:createInvalidation",
				"Arguments": object{
					"DistributionId": props.Edge.ID,
					"InvalidationBatch": object{
						// CloudFront knows a repeated event by its id and invalidates once.
						"CallerReference": jsonata(eventID),
						"Paths":           jsonata(urlPaths(queryStringsInKey(props.Behaviors, props.Name), stripped(props.Behaviors, props.Name))),
					},
				},
				// Too many invalidations have an error of their own, throttling hasn't. CloudFront takes one wildcard a
				// second (CloudFront Developer Guide, Quotas): the tries are spread over 242 seconds, so that 60 at
				// once get through.
				"Retry": []object{retry("States.TaskFailed", 9)},
				"Catch": []object{{"ErrorEquals": []string{"States.ALL"}, "Next": "Keep the event"}},
				"End":   true,
			},
			"Keep the event": object{
				"Type":     "Task",
				"Resource": "arn:aws:states:::sqs:sendMessage",
				"Arguments": object{
					"QueueUrl":    props.Failed.URL,
					"MessageBody": jsonata(event),
				},
				"Retry": []object{retry("States.ALL", 3)},
				"Next":  "Failed",
			},
			"Failed": object{"Type": "Fail", "Error": "InvalidationFailed", "Cause": "The event is in the dead-letter queue"},
		},
	}
}

// The expressions of the workflow. Every state can see the event: it is the input of the execution.
const (
	event     = "$states.context.Execution.Input"
	eventID   = event + ".id"
	objectKey = event + ".detail.object.key"
	isDeleted = event + ".`detail-type` = '" + objectDeleted + "'"
	// Versions and delete markers of this very key, not of a longer one.
	isOverwritten = "$count($append($states.result.Versions, $states.result.DeleteMarkers)[Key = " + objectKey + "]) > 1"
)

// urlPaths returns what CloudFront has to invalidate for a key. It wants only those characters percent-encoded that
// aren't ASCII or that RFC 1738 calls unsafe (CloudFront Developer Guide, What you should know when invalidating
// files). Callers may or may not encode some others (: @ = & $ , ;), so both forms are named. At a character that has
// more forms, or that CloudFront can't invalidate (+, ~, ?, space), everything that begins like the key is invalidated.
// With query strings in the cache key, one URL has many entries, which only a * at the end covers. Where something is
// stripped, both the path that callers use and the one that the bucket sees are named, as the guide recommends.
func urlPaths(queryStrings string, stripped []string) string {
	paths := "$raw = $encoded ? {'Quantity': 1, 'Items': [$raw]} : {'Quantity': 2, 'Items': [$raw, $encoded]}"
	if len(stripped) > 0 {
		before, whole := "''", ""
		for _, prefix := range stripped {
			if begin, _, found := strings.Cut(prefix, "~"); found {
				whole += ", '" + begin + "*'"
			} else {
				before += ", '" + prefix + "'"
			}
		}
		paths = "$paths := $distinct([[$raw, $encoded].($path := $; [" + before + "].($ & $path))" + whole + "]); " +
			"{'Quantity': $count($paths), 'Items': $paths}"
	}
	return "($key := " + objectKey + "; " +
		"$begin := $split($key, /[+~? ]/)[0]; " +
		"$rest := " + queryStrings + " or $begin != $key ? '*' : ''; " +
		"$raw := '/' & $replace($encodeUrl($begin), '#', '%23') & $rest; " +
		"$encoded := '/' & $join($split($begin, '/').$encodeUrlComponent($), '/') & $rest; " +
		paths + ")"
}

// stripped returns what behaviors strip from paths before a bucket sees them.
func stripped(behaviors []config.Behavior, bucket string) []string {
	var list []string
	for _, b := range behaviors {
		if b.Origin == bucket && b.Strip != "" {
			list = append(list, b.Strip)
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// queryStringsInKey returns a condition in JSONata: whether query strings are part of the cache key of the behavior
// that serves the object $key. As in CloudFront, the first behavior whose pattern matches counts. Where something is
// stripped, the key doesn't say which behavior serves it: then they are, if they are anywhere.
func queryStringsInKey(behaviors []config.Behavior, bucket string) string {
	condition, anywhere := "false", false
	for _, b := range slices.Backward(behaviors) {
		inKey := b.Origin == bucket && b.Cache != nil && !b.Cache.QueryStrings.Is("none")
		anywhere = anywhere || inKey
		if b.Path != "" && (inKey || condition != "false") {
			condition = fmt.Sprintf("($contains($key, /^%s$/) ? %t : %s)", keyPattern(b.Path), inKey, condition)
		}
	}
	if len(stripped(behaviors, bucket)) > 0 {
		return strconv.FormatBool(anywhere)
	}
	return condition
}

// keyPattern returns a path pattern as JSONata's regular expression of object keys, which don't begin with /.
func keyPattern(pattern string) string {
	quoted := regexp.QuoteMeta(strings.TrimPrefix(pattern, "/"))
	return strings.NewReplacer(`\*`, ".*", `\?`, ".", "/", `\/`).Replace(quoted)
}

func jsonata(expression string) string { return "{% " + expression + " %}" }

// retry tries again after 2, 4, 8 … seconds, at most 45, each shortened at random so that many
// workflows don't come back together.
func retry(on string, attempts int) object {
	return object{
		"ErrorEquals":     []string{on},
		"IntervalSeconds": 2,
		"BackoffRate":     2,
		"MaxDelaySeconds": 45,
		"MaxAttempts":     attempts,
		"JitterStrategy":  "FULL",
	}
}

type queue struct{ Name, ARN, URL string }

// newQueue makes an encrypted queue that keeps its messages as long as SQS can.
func newQueue(scope constructs.Construct, id, name string) queue {
	q := rename(sqsqueue.NewSqsQueue(scope, jsii.String(id+"-queue"), &sqsqueue.SqsQueueConfig{
		Name:                    jsii.String(name),
		SqsManagedSseEnabled:    true,
		MessageRetentionSeconds: jsii.Number(14 * 24 * 60 * 60),
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
	rename(sqsqueuepolicy.NewSqsQueuePolicy(scope, jsii.String(id+"-queue-policy"),
		&sqsqueuepolicy.SqsQueuePolicyConfig{
			QueueUrl: jsii.String(props.Queue.URL),
			Policy:   jsii.String(newPolicyDocument(scope, id+"-queue", allowed)),
		}), id)
}
