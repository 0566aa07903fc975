package stacks

import "github.com/aws/constructs-go/constructs/v10"

// newFunctionAlarms makes the alarms on functions that fail, and returns their ARNs. CloudFront answers a request for which
// a function fails with an error, whatever the backend would do (CloudFront Developer Guide, Types of metrics for CloudFront).
func newFunctionAlarms(scope constructs.Construct, props edgeAlarmsProps) []string {
	var arns []string
	for _, f := range props.Functions {
		for _, failure := range []struct{ id, metric, what string }{
			{"execution-errors", "FunctionExecutionErrors", "doesn't run to its end"},
			{"validation-errors", "FunctionValidationErrors", "returns what CloudFront refuses"},
		} {
			arns = append(arns, newAlarm(scope, f.ID+"-"+failure.id, alarmProps{
				Description: "The function " + f.Name + " " + failure.what + ": callers get an error.",
				Namespace:   "AWS/CloudFront",
				Metric:      failure.metric,
				Dimensions:  map[string]string{"DistributionId": props.DistributionID, "FunctionName": f.Name, "Region": "Global"},
				Statistic:   "Sum",
				Comparison:  greater,
				Threshold:   0,
				Topic:       props.Topic,
				Stack:       props.Stack,
				Provider:    props.Provider,
			}))
		}
	}
	return arns
}
