package stacks

import (
	"fmt"

	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
	"github.com/cdktf/cdktf-provider-aws-go/aws/v19/cloudwatchmetricalarm"

	"github.com/hashicorp/terraform-cdk-go/cdktf"
	"ml-api-accelerator/stacks/config"
	"ml-api-accelerator/stacks/internal/names"
)

// alarm is one that goes off after three bad periods of five minutes. No data is no traffic, which is good.
type alarm struct {
	ID, Description         string
	Namespace, Metric, Stat string
	Dimensions              map[string]string
	Above, Below            float64 // the one that isn't 0 is the threshold
	Provider                cdktf.TerraformProvider
}

// newEdgeAlarms makes the alarms on the distribution, in us-east-1, and returns their ARNs.
func newEdgeAlarms(scope constructs.Construct, props monitoringProps, topic string) []string {
	edge := edgeDimensions(props.DistributionID)
	list := []alarm{
		{
			ID: "errors", Metric: "5xxErrorRate", Stat: "Average", Above: props.ErrorRatePercent,
			Description: fmt.Sprintf("Over %v%% of the answers are 5xx.", props.ErrorRatePercent),
		},
		{
			ID: "origin-latency", Metric: "OriginLatency", Stat: "p90", Above: float64(props.OriginLatencyMilliseconds),
			Description: fmt.Sprintf("One request in ten waits over %d ms for the origin.", props.OriginLatencyMilliseconds),
		},
	}
	if props.CacheHitRatePercent > 0 {
		list = append(list, alarm{
			ID: "cache-hit-rate", Metric: "CacheHitRate", Stat: "Average", Below: props.CacheHitRatePercent,
			Description: fmt.Sprintf("Under %v%% of the cacheable requests hit the cache.", props.CacheHitRatePercent),
		})
	}
	var arns []string
	for _, a := range list {
		a.Namespace, a.Dimensions, a.Provider = "AWS/CloudFront", edge, props.Provider
		arns = append(arns, newAlarm(scope, a, props.Stack, topic))
	}
	return arns
}

// newDeadLetterAlarm makes the alarm on invalidations that failed for good. It lies where the queue is, and
// alarms only tell topics of their own region.
func newDeadLetterAlarm(scope constructs.Construct, props monitoringProps, edgeTopic string) string {
	topic := edgeTopic
	if props.Region != config.EdgeRegion {
		topic = newTopic(scope, "alerts-home", topicProps{props.Stack + "-alerts", props.Emails, nil})
	}
	return newAlarm(scope, alarm{
		ID:          "failed-invalidations",
		Description: "A changed model may still be served from the cache: see the messages in the queue " + names.FailedInvalidations(props.Stack) + ".",
		Namespace:   "AWS/SQS",
		Metric:      "ApproximateNumberOfMessagesVisible",
		Stat:        "Maximum",
		Dimensions:  map[string]string{"QueueName": props.DeadLetters},
		Above:       0,
	}, props.Stack, topic)
}

func newAlarm(scope constructs.Construct, props alarm, stack, topic string) string {
	c := &cloudwatchmetricalarm.CloudwatchMetricAlarmConfig{
		Provider:           props.Provider,
		AlarmName:          jsii.String(stack + "-" + props.ID),
		AlarmDescription:   jsii.String(props.Description),
		Namespace:          jsii.String(props.Namespace),
		MetricName:         jsii.String(props.Metric),
		Dimensions:         stringMap(props.Dimensions),
		Period:             jsii.Number(300),
		EvaluationPeriods:  jsii.Number(3),
		ComparisonOperator: jsii.String("GreaterThanThreshold"),
		Threshold:          jsii.Number(props.Above),
		TreatMissingData:   jsii.String("notBreaching"),
		AlarmActions:       jsii.Strings(topic),
		OkActions:          jsii.Strings(topic),
	}
	if props.Below > 0 {
		c.ComparisonOperator, c.Threshold = jsii.String("LessThanThreshold"), jsii.Number(props.Below)
	}
	if props.Stat[0] == 'p' {
		c.ExtendedStatistic = jsii.String(props.Stat)
	} else {
		c.Statistic = jsii.String(props.Stat)
	}
	return *cloudwatchmetricalarm.NewCloudwatchMetricAlarm(scope, jsii.String(props.ID), c).Arn()
}

// edgeDimensions name the metrics of a distribution; they exist in us-east-1 only.
func edgeDimensions(distributionID string) map[string]string {
	return map[string]string{"DistributionId": distributionID, "Region": "Global"}
}
