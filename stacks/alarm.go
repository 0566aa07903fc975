package stacks

import (
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
	"github.com/cdktf/cdktf-provider-aws-go/aws/v19/cloudwatchmetricalarm"
	"github.com/hashicorp/terraform-cdk-go/cdktf"
)

type alarmProps struct {
	Description string
	Namespace   string
	Metric      string
	Dimensions  map[string]string
	Statistic   string // or Percentile
	Percentile  string
	Comparison  string // of the metric with the threshold
	Threshold   float64
	Topic       string // ARN of the topic that is told
	Stack       string
	Provider    cdktf.TerraformProvider
}

// The comparisons of an alarm.
const (
	greater = "GreaterThanThreshold"
	less    = "LessThanThreshold"
)

// newAlarm makes an alarm that goes off after three bad periods of five minutes, and returns its ARN. No data
// means no traffic, which is fine.
func newAlarm(scope constructs.Construct, id string, props alarmProps) string {
	alarm := cloudwatchmetricalarm.NewCloudwatchMetricAlarm(scope, jsii.String(id), &cloudwatchmetricalarm.CloudwatchMetricAlarmConfig{
		Provider:           props.Provider,
		AlarmName:          jsii.String(props.Stack + "-" + id),
		AlarmDescription:   jsii.String(props.Description),
		Namespace:          jsii.String(props.Namespace),
		MetricName:         jsii.String(props.Metric),
		Dimensions:         stringMap(props.Dimensions),
		Statistic:          optional(props.Statistic),
		ExtendedStatistic:  optional(props.Percentile),
		Period:             jsii.Number(300),
		EvaluationPeriods:  jsii.Number(3),
		ComparisonOperator: jsii.String(props.Comparison),
		Threshold:          jsii.Number(props.Threshold),
		TreatMissingData:   jsii.String("notBreaching"),
		AlarmActions:       jsii.Strings(props.Topic),
		OkActions:          jsii.Strings(props.Topic),
	})
	return *alarm.Arn()
}
