package stacks

import (
	"github.com/aws/constructs-go/constructs/v10"

	"ml-api-accelerator/stacks/internal/shared/names"
)

type queueAlarmProps struct {
	QueueName string
	Topic     string
	Stack     string
}

// newQueueAlarm makes the alarm on invalidations that failed for good, and returns its ARN.
func newQueueAlarm(scope constructs.Construct, id string, props queueAlarmProps) string {
	return newAlarm(scope, id, alarmProps{
		Description: "A changed model may still be served from the cache: see the messages in the queue " + names.FailedInvalidations(props.Stack) + ".",
		Namespace:   "AWS/SQS",
		Metric:      "ApproximateNumberOfMessagesVisible",
		Dimensions:  map[string]string{"QueueName": props.QueueName},
		Statistic:   "Maximum",
		Comparison:  greater,
		Threshold:   0,
		Topic:       props.Topic,
		Stack:       props.Stack,
	})
}
