package stacks

// workflowDefinition is what happens when a model changes; the input is the event. A key that has no earlier
// version is new: no edge has it, and there is nothing to invalidate.
func workflowDefinition(bucketName, distributionID, queueURL, queryStrings string) object {
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
					"Bucket":  bucketName,
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
					"DistributionId": distributionID,
					"InvalidationBatch": object{
						// CloudFront knows a repeated event by its id and invalidates once.
						"CallerReference": jsonata(eventID),
						"Paths":           jsonata(urlPaths(queryStrings)),
					},
				},
				// Too many invalidations have an error of their own, throttling hasn't. CloudFront takes one wildcard a second
				// (CloudFront Developer Guide, Quotas): the tries are spread over 242 seconds, so that 60 at once get through.
				"Retry": []object{retry("States.TaskFailed", 9)},
				"Catch": []object{{"ErrorEquals": []string{"States.ALL"}, "Next": "Keep the event"}},
				"End":   true,
			},
			"Keep the event": object{
				"Type":     "Task",
				"Resource": "arn:aws:states:::sqs:sendMessage",
				"Arguments": object{
					"QueueUrl":    queueURL,
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

// urlPaths are what CloudFront has to invalidate for a key. It wants percent-encoded what RFC 1738 calls unsafe and all that
// isn't ASCII, and nothing else (CloudFront Developer Guide, What you should know when invalidating files). Callers write
// some characters (: @ = & $ , ;) in either way, so both ways are named. From a character that can be written in more ways,
// or that CloudFront can't invalidate (+, ~, ?, space), all is invalidated that begins like the key. With query strings in the
// key of its cache one URL has many entries, which only a * at the end covers.
func urlPaths(queryStrings string) string {
	return "($key := " + objectKey + "; " +
		"$begin := $split($key, /[+~? ]/)[0]; " +
		"$rest := " + queryStrings + " or $begin != $key ? '*' : ''; " +
		"$raw := '/' & $replace($encodeUrl($begin), '#', '%23') & $rest; " +
		"$encoded := '/' & $join($split($begin, '/').$encodeUrlComponent($), '/') & $rest; " +
		"$raw = $encoded ? {'Quantity': 1, 'Items': [$raw]} : {'Quantity': 2, 'Items': [$raw, $encoded]})"
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
