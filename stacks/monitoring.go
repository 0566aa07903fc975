package stacks

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
	cfmetrics "github.com/cdktf/cdktf-provider-aws-go/aws/v19/cloudfrontmonitoringsubscription"
	"github.com/cdktf/cdktf-provider-aws-go/aws/v19/cloudwatchmetricalarm"
	"github.com/cdktf/cdktf-provider-aws-go/aws/v19/dataawscalleridentity"
	"github.com/cdktf/cdktf-provider-aws-go/aws/v19/kmskey"
	"github.com/cdktf/cdktf-provider-aws-go/aws/v19/s3bucketmetric"
	"github.com/cdktf/cdktf-provider-aws-go/aws/v19/snstopic"
	"github.com/cdktf/cdktf-provider-aws-go/aws/v19/snstopicsubscription"
	"github.com/hashicorp/terraform-cdk-go/cdktf"

	"ml-api-accelerator/stacks/config"
	"ml-api-accelerator/stacks/internal/shared/names"
)

type monitoringProps struct {
	config.Monitoring
	Region              string // of the buckets and the queues
	DistributionID      string
	Buckets             buckets
	FailedInvalidations []failedInvalidations
	Firewall            config.Firewall
	Keys                bool             // callers without a key that is known are refused
	Functions           []viewerFunction // of the distribution
	Stack               string
	Boundary            string                  // of the role with which Slack is told; ARN of a policy
	Provider            cdktf.TerraformProvider // of config.EdgeRegion
}

// newMonitoring makes the alarms and the dashboard of a distribution if monitoring is on, and returns the dashboard's
// URL.
func newMonitoring(scope constructs.Construct, id string, props monitoringProps) string {
	if !props.Enabled {
		return ""
	}
	newEdgeMetrics(scope, id, props.DistributionID)
	for _, b := range props.Buckets {
		if !b.Existing {
			newBucketMetrics(scope, b.Name, b.Bucket.ID)
		}
	}
	alerts := topicProps{Name: props.Stack + "-alerts", Emails: props.Emails, Provider: props.Provider}
	topics := props.Topics(config.EdgeRegion)
	if props.MakesTopics() {
		topics = append([]string{newTopic(scope, "alerts", alerts)}, topics...)
	}
	told := slices.Clone(topics)
	alarms := newEdgeAlarms(scope, edgeAlarmsProps{
		ErrorRatePercent:          props.ErrorRatePercent,
		OriginLatencyMilliseconds: props.OriginLatencyMilliseconds,
		CacheHitRatePercent:       props.CacheHitRatePercent,
		Functions:                 props.Functions,
		DistributionID:            props.DistributionID,
		Topics:                    topics,
		Stack:                     props.Stack,
		Provider:                  props.Provider,
	})
	if len(props.FailedInvalidations) > 0 {
		home := topics
		if props.Region != config.EdgeRegion { // an alarm only tells topics of its own region
			home = props.Topics(props.Region)
			if alerts.Provider = nil; props.MakesTopics() {
				home = append([]string{newTopic(scope, "alerts-home", alerts)}, home...)
			}
			told = append(told, home...)
		}
		for _, failed := range props.FailedInvalidations {
			alarms = append(alarms, newQueueAlarm(scope, names.Of("failed-invalidations", failed.Bucket), queueAlarmProps{
				QueueName: failed.Queue,
				Bucket:    failed.Bucket,
				Topics:    home,
				Stack:     props.Stack,
			}))
		}
	}
	newSlack(scope, "alerts-slack", slackProps{
		Slack:    props.Slack,
		Topics:   told,
		Name:     props.Stack + "-alerts",
		Boundary: props.Boundary,
	})
	return newDashboard(scope, id, dashboardProps{
		Alarms:         alarms,
		DistributionID: props.DistributionID,
		Buckets:        props.Buckets,
		BucketsRegion:  props.Region,
		Firewall:       props.Firewall,
		Keys:           props.Keys,
		Functions:      props.Functions,
		Stack:          props.Stack,
		Provider:       props.Provider,
	})
}

type realtimeMetrics = cfmetrics.CloudfrontMonitoringSubscriptionMonitoringSubscriptionRealtimeMetricsSubscriptionConfig

// newEdgeMetrics has CloudFront publish the metrics that cost extra: among them origin latency and cache hit rate.
func newEdgeMetrics(scope constructs.Construct, id, distributionID string) {
	rename(cfmetrics.NewCloudfrontMonitoringSubscription(scope, jsii.String(id+"-metrics"),
		&cfmetrics.CloudfrontMonitoringSubscriptionConfig{
			DistributionId: jsii.String(distributionID),
			MonitoringSubscription: &cfmetrics.CloudfrontMonitoringSubscriptionMonitoringSubscription{
				RealtimeMetricsSubscriptionConfig: &realtimeMetrics{RealtimeMetricsSubscriptionStatus: jsii.String("Enabled")},
			},
		}), id)
}

// wholeBucket names the metrics of all requests to a bucket.
const wholeBucket = "EntireBucket"

// newBucketMetrics has S3 publish the metrics of the requests to a bucket, which cost extra: among them the errors.
func newBucketMetrics(scope constructs.Construct, id, bucket string) {
	rename(s3bucketmetric.NewS3BucketMetric(scope, jsii.String(id+"-metrics"), &s3bucketmetric.S3BucketMetricConfig{
		Bucket: jsii.String(bucket),
		Name:   jsii.String(wholeBucket),
	}), id)
}

type topicProps struct {
	Name     string
	Emails   []string
	Provider cdktf.TerraformProvider
}

// newTopic makes an encrypted topic that tells people of alarms, and returns its ARN. It has a key of its own: alarms
// can't use the one that AWS manages for SNS.
func newTopic(scope constructs.Construct, id string, props topicProps) string {
	caller := rename(dataawscalleridentity.NewDataAwsCallerIdentity(scope, jsii.String(id+"-account"),
		&dataawscalleridentity.DataAwsCallerIdentityConfig{Provider: props.Provider}), id)
	policy := newPolicyDocument(scope, id+"-key", topicKeyStatements(*caller.AccountId())...)
	key := rename(kmskey.NewKmsKey(scope, jsii.String(id+"-key"), &kmskey.KmsKeyConfig{
		Provider:             props.Provider,
		Description:          jsii.String("Encrypts " + props.Name),
		EnableKeyRotation:    true,
		DeletionWindowInDays: jsii.Number(7),
		Policy:               jsii.String(policy),
	}), id)
	topic := rename(snstopic.NewSnsTopic(scope, jsii.String(id+"-topic"), &snstopic.SnsTopicConfig{
		Provider:       props.Provider,
		Name:           jsii.String(props.Name),
		KmsMasterKeyId: key.Arn(),
	}), id)
	arn := *topic.Arn()
	for i, email := range props.Emails {
		// Named by the address, for which SNS has only one subscription: one that took another's place in a list
		// would end with it (hashicorp/terraform-provider-aws#9883).
		subscription := snstopicsubscription.NewSnsTopicSubscription(scope, jsii.String(id+"-"+names.Email(email)),
			&snstopicsubscription.SnsTopicSubscriptionConfig{
				Provider: props.Provider,
				TopicArn: jsii.String(arn),
				Protocol: jsii.String("email"),
				Endpoint: jsii.String(email),
			})
		// Subscriptions were numbered once.
		subscription.MoveFromId(jsii.String("aws_sns_topic_subscription." + id + "-email-" + strconv.Itoa(i)))
	}
	return arn
}

// topicKeyStatements let the account manage the key, and alarms use it. Only those who publish need the key: SNS decrypts
// what it delivers (Amazon SNS Developer Guide, Managing Amazon SNS encryption keys and costs). No page says so of Slack
// in particular, nor that the service needs the key.
func topicKeyStatements(account string) []statement {
	return []statement{
		{
			Sid:        jsii.String("ManageByAccount"),
			Actions:    jsii.Strings("kms:*"),
			Resources:  jsii.Strings("*"),
			Principals: []policyPrincipal{principal("AWS", "arn:aws:iam::"+account+":root")},
		},
		{
			Sid:        jsii.String("UseByAlarms"),
			Actions:    jsii.Strings("kms:Decrypt", "kms:GenerateDataKey*"),
			Resources:  jsii.Strings("*"),
			Principals: []policyPrincipal{principal("Service", "cloudwatch.amazonaws.com")},
			Condition:  []policyCondition{condition("StringEquals", "aws:SourceAccount", account)},
		},
	}
}

type alarmProps struct {
	Description string
	Namespace   string
	Metric      string
	Dimensions  map[string]string
	Statistic   string // or Percentile
	Percentile  string
	Comparison  string // of the metric with the threshold
	Threshold   float64
	Topics      []string // ARNs of those to notify, of the alarm's region
	Stack       string
	Provider    cdktf.TerraformProvider
}

// The comparisons of an alarm.
const (
	greater = "GreaterThanThreshold"
	less    = "LessThanThreshold"
)

// newAlarm makes an alarm that goes off after three bad periods of five minutes, and returns its ARN. No data means no
// traffic, which is fine.
func newAlarm(scope constructs.Construct, id string, props alarmProps) string {
	alarm := cloudwatchmetricalarm.NewCloudwatchMetricAlarm(scope, jsii.String(id),
		&cloudwatchmetricalarm.CloudwatchMetricAlarmConfig{
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
			AlarmActions:       jsii.Strings(props.Topics...),
			OkActions:          jsii.Strings(props.Topics...),
		})
	return *alarm.Arn()
}

type edgeAlarmsProps struct {
	ErrorRatePercent          float64
	OriginLatencyMilliseconds int
	CacheHitRatePercent       float64 // 0: no alarm
	Functions                 []viewerFunction
	DistributionID            string
	Topics                    []string
	Stack                     string
	Provider                  cdktf.TerraformProvider // of config.EdgeRegion, where the metrics of CloudFront are
}

// newEdgeAlarms makes the alarms on the distribution and its functions, and returns their ARNs.
func newEdgeAlarms(scope constructs.Construct, props edgeAlarmsProps) []string {
	newEdgeAlarm := func(id string, a alarmProps) string {
		a.Namespace = "AWS/CloudFront"
		a.Dimensions = map[string]string{"DistributionId": props.DistributionID, "Region": "Global"}
		a.Topics, a.Stack, a.Provider = props.Topics, props.Stack, props.Provider
		return newAlarm(scope, id, a)
	}
	latency := props.OriginLatencyMilliseconds
	arns := []string{
		newEdgeAlarm("errors", alarmProps{
			Description: fmt.Sprintf("Over %v%% of the answers are 5xx.", props.ErrorRatePercent),
			Metric:      "5xxErrorRate",
			Statistic:   "Average",
			Comparison:  greater,
			Threshold:   props.ErrorRatePercent,
		}),
		newEdgeAlarm("origin-latency", alarmProps{
			Description: fmt.Sprintf("One request in ten waits over %d ms for the origin.", latency),
			Metric:      "OriginLatency",
			Percentile:  "p90",
			Comparison:  greater,
			Threshold:   float64(latency),
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
	for _, f := range props.Functions {
		arns = append(arns, newFunctionAlarms(scope, functionAlarmsProps{
			Function:       f,
			DistributionID: props.DistributionID,
			Topics:         props.Topics,
			Stack:          props.Stack,
			Provider:       props.Provider,
		})...)
	}
	return arns
}

// busyFunction is the percentage of its time limit above which CloudFront is likely to throttle a function (CloudFront
// Developer Guide, Test functions, Understand compute utilization).
const busyFunction = 70

type functionAlarmsProps struct {
	Function       viewerFunction
	DistributionID string
	Topics         []string
	Stack          string
	Provider       cdktf.TerraformProvider
}

// newFunctionAlarms makes the alarms on a function that fails or soon will, and returns their ARNs. CloudFront answers
// a request with an error when the function fails (CloudFront Developer Guide, Types of metrics for CloudFront).
func newFunctionAlarms(scope constructs.Construct, props functionAlarmsProps) []string {
	var arns []string
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
		arns = append(arns, newAlarm(scope, props.Function.ID+"-"+failure.id, alarmProps{
			Description: "The function " + props.Function.Name + " " + failure.what,
			Namespace:   "AWS/CloudFront",
			Metric:      failure.metric,
			Dimensions: map[string]string{
				"DistributionId": props.DistributionID, "FunctionName": props.Function.Name, "Region": "Global",
			},
			Statistic:  failure.statistic,
			Comparison: greater,
			Threshold:  failure.threshold,
			Topics:     props.Topics,
			Stack:      props.Stack,
			Provider:   props.Provider,
		}))
	}
	return arns
}

// failedInvalidations is the queue of a bucket's invalidations that failed for good.
type failedInvalidations struct{ Bucket, Queue string }

type queueAlarmProps struct {
	QueueName string
	Bucket    string // in the configuration
	Topics    []string
	Stack     string
}

// newQueueAlarm makes the alarm on invalidations that failed for good, and returns its ARN.
func newQueueAlarm(scope constructs.Construct, id string, props queueAlarmProps) string {
	return newAlarm(scope, id, alarmProps{
		Description: "A changed model may still be served from the cache: see the messages in the queue " +
			names.FailedInvalidations(props.Stack, props.Bucket) + ".",
		Namespace:  "AWS/SQS",
		Metric:     "ApproximateNumberOfMessagesVisible",
		Dimensions: map[string]string{"QueueName": props.QueueName},
		Statistic:  "Maximum",
		Comparison: greater,
		Threshold:  0,
		Topics:     props.Topics,
		Stack:      props.Stack,
	})
}
