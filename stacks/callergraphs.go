package stacks

import "ml-api-accelerator/stacks/config"

// callerGraphs show whom the edge refuses for want of a key, and whether the functions that decide it work. No metric of
// CloudFront tells the answers of the canary from those of the rest of the API.
func callerGraphs(props dashboardProps) []widgetProperties {
	var list []widgetProperties
	if props.Keys {
		list = append(list, widgetProperties{
			Title: "Callers refused (401), % of answers", Region: config.EdgeRegion, YAxis: percent(),
			Metrics: [][]any{series("AWS/CloudFront", "401ErrorRate", "Average", "DistributionId", props.DistributionID, "Region", "Global")},
		})
	}
	for _, f := range props.Functions {
		graph := widgetProperties{Title: "Function " + f.Name, Region: config.EdgeRegion}
		for _, metric := range []string{"FunctionInvocations", "FunctionValidationErrors", "FunctionExecutionErrors", "FunctionThrottles"} {
			graph.Metrics = append(graph.Metrics, series("AWS/CloudFront", metric, "Sum",
				"DistributionId", props.DistributionID, "FunctionName", f.Name, "Region", "Global"))
		}
		list = append(list, graph)
	}
	return list
}
