package stacks

import (
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
	"github.com/cdktf/cdktf-provider-aws-go/aws/v19/cloudfrontmonitoringsubscription"
	"github.com/cdktf/cdktf-provider-aws-go/aws/v19/cloudwatchdashboard"
	"github.com/cdktf/cdktf-provider-aws-go/aws/v19/s3bucketmetric"
	"github.com/hashicorp/terraform-cdk-go/cdktf"

	"ml-api-accelerator/stacks/config"
)

type monitoringProps struct {
	config.Monitoring
	Stack          string
	Region         string
	DistributionID string
	Models         bucket
	Firewall       bool   // there is a web ACL of ours
	DeadLetters    string // name of the queue of failed invalidations; empty: there is none
	Provider       cdktf.TerraformProvider
}

// newMonitoring makes the alarms and the dashboard of a distribution, and returns the dashboard's URL.
// When it is off there is none.
func newMonitoring(scope constructs.Construct, id string, props monitoringProps) string {
	if !props.Enabled {
		return ""
	}
	newMetrics(scope, id, props)
	topic := newTopic(scope, "alerts", topicProps{props.Stack + "-alerts", props.Emails, props.Provider})
	alarms := newEdgeAlarms(scope, props, topic)
	if props.DeadLetters != "" {
		alarms = append(alarms, newDeadLetterAlarm(scope, props, topic))
	}
	cloudwatchdashboard.NewCloudwatchDashboard(scope, jsii.String(id+"-dashboard"), &cloudwatchdashboard.CloudwatchDashboardConfig{
		Provider:      props.Provider,
		DashboardName: jsii.String(props.Stack),
		DashboardBody: jsii.String(toJSON(newDashboard(props, alarms))),
	}).OverrideLogicalId(jsii.String(id))
	return "https://" + config.EdgeRegion + ".console.aws.amazon.com/cloudwatch/home?region=" + config.EdgeRegion + "#dashboards/dashboard/" + props.Stack
}

// newMetrics has CloudFront and S3 publish the metrics that cost extra: without them there is no origin
// latency, no cache hit rate, and no error of S3.
func newMetrics(scope constructs.Construct, id string, props monitoringProps) {
	cloudfrontmonitoringsubscription.NewCloudfrontMonitoringSubscription(scope, jsii.String(id+"-metrics"), &cloudfrontmonitoringsubscription.CloudfrontMonitoringSubscriptionConfig{
		DistributionId: jsii.String(props.DistributionID),
		MonitoringSubscription: &cloudfrontmonitoringsubscription.CloudfrontMonitoringSubscriptionMonitoringSubscription{
			RealtimeMetricsSubscriptionConfig: &cloudfrontmonitoringsubscription.CloudfrontMonitoringSubscriptionMonitoringSubscriptionRealtimeMetricsSubscriptionConfig{
				RealtimeMetricsSubscriptionStatus: jsii.String("Enabled"),
			},
		},
	}).OverrideLogicalId(jsii.String(id))
	s3bucketmetric.NewS3BucketMetric(scope, jsii.String("models-metrics"), &s3bucketmetric.S3BucketMetricConfig{
		Bucket: jsii.String(props.Models.ID),
		Name:   jsii.String(wholeBucket),
	}).OverrideLogicalId(jsii.String("models"))
}

// wholeBucket names the metrics of all requests to a bucket.
const wholeBucket = "EntireBucket"
