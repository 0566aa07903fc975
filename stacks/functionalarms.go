package stacks

import (
	"fmt"

	"github.com/aws/constructs-go/constructs/v10"
)

// busyFunction is the percentage of the time a function may take over which CloudFront is likely to throttle it (CloudFront
// Developer Guide, Test functions, Understand compute utilization).
const busyFunction = 70

// newFunctionAlarms makes the alarms on functions that fail or soon will, and returns their ARNs. CloudFront answers a request for
// which a function fails with an error, whatever the backend would do (CloudFront Developer Guide, Types of metrics for CloudFront).
func newFunctionAlarms(scope constructs.Construct, props edgeAlarmsProps) []string {
	var arns []string
	for _, f := range props.Functions {
		for _, failure := range []struct {
			id, metric, statistic string
			threshold             float64
			what                  string
		}{
			{"execution-errors", "FunctionExecutionErrors", "Sum", 0, "doesn't run to its end: callers get an error."},
			{"validation-errors", "FunctionValidationErrors", "Sum", 0, "returns what CloudFront refuses: callers get an error."},
			{"throttles", "FunctionThrottles", "Sum", 0, "is throttled: callers get an error."},
			{"compute-utilization", "FunctionComputeUtilization", "Average", busyFunction,
				fmt.Sprintf("takes over %d%% of the time it may take: CloudFront will throttle it.", busyFunction)},
		} {
			arns = append(arns, newAlarm(scope, f.ID+"-"+failure.id, alarmProps{
				Description: "The function " + f.Name + " " + failure.what,
				Namespace:   "AWS/CloudFront",
				Metric:      failure.metric,
				Dimensions:  map[string]string{"DistributionId": props.DistributionID, "FunctionName": f.Name, "Region": "Global"},
				Statistic:   failure.statistic,
				Comparison:  greater,
				Threshold:   failure.threshold,
				Topic:       props.Topic,
				Stack:       props.Stack,
				Provider:    props.Provider,
			}))
		}
	}
	return arns
}
