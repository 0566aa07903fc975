package stacks

import (
	"fmt"

	"github.com/aws/constructs-go/constructs/v10"
	"github.com/hashicorp/terraform-cdk-go/cdktf"
)

type edgeAlarmsProps struct {
	ErrorRatePercent          float64
	OriginLatencyMilliseconds int
	CacheHitRatePercent       float64 // 0: no alarm
	Functions                 []viewerFunction
	DistributionID            string
	Topic                     string
	Stack                     string
	Provider                  cdktf.TerraformProvider // of config.EdgeRegion, where the metrics of CloudFront are
}

// newEdgeAlarms makes the alarms on the distribution, and returns their ARNs.
func newEdgeAlarms(scope constructs.Construct, props edgeAlarmsProps) []string {
	newEdgeAlarm := func(id string, a alarmProps) string {
		a.Namespace = "AWS/CloudFront"
		a.Dimensions = map[string]string{"DistributionId": props.DistributionID, "Region": "Global"}
		a.Topic, a.Stack, a.Provider = props.Topic, props.Stack, props.Provider
		return newAlarm(scope, id, a)
	}
	arns := []string{
		newEdgeAlarm("errors", alarmProps{
			Description: fmt.Sprintf("Over %v%% of the answers are 5xx.", props.ErrorRatePercent),
			Metric:      "5xxErrorRate",
			Statistic:   "Average",
			Comparison:  greater,
			Threshold:   props.ErrorRatePercent,
		}),
		newEdgeAlarm("origin-latency", alarmProps{
			Description: fmt.Sprintf("One request in ten waits over %d ms for the origin.", props.OriginLatencyMilliseconds),
			Metric:      "OriginLatency",
			Percentile:  "p90",
			Comparison:  greater,
			Threshold:   float64(props.OriginLatencyMilliseconds),
		}),
	}
	if props.CacheHitRatePercent > 0 {
		arns = append(arns, newEdgeAlarm("cache-hit-rate", alarmProps{
			Description: fmt.Sprintf("Under %v%% of the cacheable requests hit the cache.", props.CacheHitRatePercent),
			Metric:      "CacheHitRate",
			Statistic:   "Average",
			Comparison:  less,
			Threshold:   props.CacheHitRatePercent,
		}))
	}
	return append(arns, newFunctionAlarms(scope, props)...)
}
