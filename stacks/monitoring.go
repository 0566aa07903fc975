package stacks

import (
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/hashicorp/terraform-cdk-go/cdktf"

	"ml-api-accelerator/stacks/config"
)

type monitoringProps struct {
	config.Monitoring
	Region              string // of the models' bucket and the queue
	DistributionID      string
	ModelsBucket        string
	FailedInvalidations string // name of the queue; empty: there is none
	Firewall            config.Firewall
	Keys                bool             // callers without a key that is known are refused
	Functions           []viewerFunction // of the distribution
	Stack               string
	Provider            cdktf.TerraformProvider // of config.EdgeRegion
}

// newMonitoring makes the alarms and the dashboard of a distribution, and returns the dashboard's URL.
// When it is off there is none.
func newMonitoring(scope constructs.Construct, id string, props monitoringProps) string {
	if !props.Enabled {
		return ""
	}
	newEdgeMetrics(scope, id, edgeMetricsProps{DistributionID: props.DistributionID})
	newBucketMetrics(scope, "models", bucketMetricsProps{Bucket: props.ModelsBucket})
	topic := newTopic(scope, "alerts", topicProps{Name: props.Stack + "-alerts", Emails: props.Emails, Provider: props.Provider})
	alarms := newEdgeAlarms(scope, edgeAlarmsProps{
		ErrorRatePercent:          props.ErrorRatePercent,
		OriginLatencyMilliseconds: props.OriginLatencyMilliseconds,
		CacheHitRatePercent:       props.CacheHitRatePercent,
		Functions:                 props.Functions,
		DistributionID:            props.DistributionID,
		Topic:                     topic,
		Stack:                     props.Stack,
		Provider:                  props.Provider,
	})
	if props.FailedInvalidations != "" {
		home := topic
		if props.Region != config.EdgeRegion { // an alarm only tells topics of its own region
			home = newTopic(scope, "alerts-home", topicProps{Name: props.Stack + "-alerts", Emails: props.Emails})
		}
		alarms = append(alarms, newQueueAlarm(scope, "failed-invalidations", queueAlarmProps{
			QueueName: props.FailedInvalidations,
			Topic:     home,
			Stack:     props.Stack,
		}))
	}
	return newDashboard(scope, id, dashboardProps{
		Alarms:         alarms,
		DistributionID: props.DistributionID,
		ModelsBucket:   props.ModelsBucket,
		ModelsRegion:   props.Region,
		Firewall:       props.Firewall,
		Keys:           props.Keys,
		Functions:      props.Functions,
		Stack:          props.Stack,
		Provider:       props.Provider,
	})
}
