package stacks

import (
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
	"github.com/cdktf/cdktf-provider-aws-go/aws/v19/cloudfrontmonitoringsubscription"
	"github.com/cdktf/cdktf-provider-aws-go/aws/v19/s3bucketmetric"
)

type edgeMetricsProps struct {
	DistributionID string
}

// newEdgeMetrics makes CloudFront publish the metrics that cost extra: among them origin latency and cache hit rate.
func newEdgeMetrics(scope constructs.Construct, id string, props edgeMetricsProps) {
	rename(cloudfrontmonitoringsubscription.NewCloudfrontMonitoringSubscription(scope, jsii.String(id+"-metrics"),
		&cloudfrontmonitoringsubscription.CloudfrontMonitoringSubscriptionConfig{
			DistributionId: jsii.String(props.DistributionID),
			MonitoringSubscription: &cloudfrontmonitoringsubscription.CloudfrontMonitoringSubscriptionMonitoringSubscription{
				RealtimeMetricsSubscriptionConfig: &cloudfrontmonitoringsubscription.CloudfrontMonitoringSubscriptionMonitoringSubscriptionRealtimeMetricsSubscriptionConfig{
					RealtimeMetricsSubscriptionStatus: jsii.String("Enabled"),
				},
			},
		}), id)
}

// wholeBucket names the metrics of all requests to a bucket.
const wholeBucket = "EntireBucket"

type bucketMetricsProps struct {
	Bucket string
}

// newBucketMetrics makes S3 publish the metrics of the requests to a bucket, which cost extra: among them the errors.
func newBucketMetrics(scope constructs.Construct, id string, props bucketMetricsProps) {
	rename(s3bucketmetric.NewS3BucketMetric(scope, jsii.String(id+"-metrics"), &s3bucketmetric.S3BucketMetricConfig{
		Bucket: jsii.String(props.Bucket),
		Name:   jsii.String(wholeBucket),
	}), id)
}
