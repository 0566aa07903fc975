package stacks

// The types of S3's events that change what a URL serves
// (Amazon S3 User Guide, Amazon EventBridge event message structure).
const (
	objectCreated = "Object Created"
	objectDeleted = "Object Deleted"
)

// state is one of a workflow in the Amazon States Language.
type state map[string]any

// invalidationWorkflow is the definition of the workflow that a changed model starts, with the event as
// its input. A key that has no earlier version is new: no edge has it, and there is nothing to invalidate.
func invalidationWorkflow(bucketName, distributionID, queueURL string) any {
	return state{
		"Comment":        "Invalidate the URL of a model that was overwritten or deleted",
		"QueryLanguage":  "JSONata",
		"StartAt":        "Deleted?",
		"TimeoutSeconds": 290, // an express workflow is ended after 300
		"States": map[string]state{
			"Deleted?": {
				"Type":    "Choice",
				"Choices": []state{{"Condition": jsonata(isDeleted), "Next": "Invalidate"}},
				"Default": "List versions",
			},
			"List versions": {
				"Type":     "Task",
				"Resource": "arn:aws:states:::aws-sdk:s3:listObjectVersions",
				"Arguments": map[string]any{
					"Bucket":  bucketName,
					"Prefix":  jsonata(objectKey),
					"MaxKeys": 2, // the key itself sorts before all others that begin with it
				},
				"Assign": map[string]any{"overwritten": jsonata(isOverwritten)},
				"Retry":  []state{retry("States.TaskFailed", 3)},
				"Catch":  []state{{"ErrorEquals": []string{"States.ALL"}, "Next": "Keep the event"}},
				"Next":   "Overwritten?",
			},
			"Overwritten?": {
				"Type":    "Choice",
				"Choices": []state{{"Condition": jsonata("$overwritten"), "Next": "Invalidate"}},
				"Default": "Nothing to do",
			},
			"Nothing to do": {"Type": "Succeed"},
			"Invalidate": {
				"Type":     "Task",
				"Resource": "arn:aws:states:::aws-sdk:cloudfront:createInvalidation",
				"Arguments": map[string]any{
					"DistributionId": distributionID,
					"InvalidationBatch": map[string]any{
						// CloudFront knows a repeated event by its id and invalidates once.
						"CallerReference": jsonata(eventID),
						"Paths":           map[string]any{"Quantity": 1, "Items": []string{jsonata(urlPath)}},
					},
				},
				// The second also covers throttling, which CloudFront reports without an error of its own.
				"Retry": []state{
					retry("CloudFront.TooManyInvalidationsInProgressException", 6),
					retry("States.TaskFailed", 4),
				},
				"Catch": []state{{"ErrorEquals": []string{"States.ALL"}, "Next": "Keep the event"}},
				"End":   true,
			},
			"Keep the event": {
				"Type":     "Task",
				"Resource": "arn:aws:states:::sqs:sendMessage",
				"Arguments": map[string]any{
					"QueueUrl":    queueURL,
					"MessageBody": jsonata("$states.context.Execution.Input"),
				},
				"Retry": []state{retry("States.ALL", 3)},
				"Next":  "Failed",
			},
			"Failed": {"Type": "Fail", "Error": "InvalidationFailed", "Cause": "The event is in the dead-letter queue"},
		},
	}
}

// The expressions of the workflow. The event is the input of the execution, in whatever state it is.
const (
	event     = "$states.context.Execution.Input"
	eventID   = event + ".id"
	objectKey = event + ".detail.object.key"
	isDeleted = event + ".`detail-type` = '" + objectDeleted + "'"
	// Versions and delete markers of this very key, not of a longer one.
	isOverwritten = "$count($append($states.result.Versions, $states.result.DeleteMarkers)[Key = " + objectKey + "]) > 1"
	// CloudFront invalidates URLs, in which all but the slashes of a key is percent-encoded.
	urlPath = "'/' & $join($map($split(" + objectKey + ", '/'), function($part) { $encodeUrlComponent($part) }), '/')"
)

func jsonata(expression string) string { return "{% " + expression + " %}" }

// retry tries again after 2, 4, 8 … seconds, at most 45, each shortened at random so that many
// workflows don't come back together.
func retry(on string, attempts int) state {
	return state{
		"ErrorEquals":     []string{on},
		"IntervalSeconds": 2,
		"BackoffRate":     2,
		"MaxDelaySeconds": 45,
		"MaxAttempts":     attempts,
		"JitterStrategy":  "FULL",
	}
}
