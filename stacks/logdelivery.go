package stacks

import (
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
	"github.com/cdktf/cdktf-provider-aws-go/aws/v19/cloudwatchlogdelivery"
	"github.com/cdktf/cdktf-provider-aws-go/aws/v19/cloudwatchlogdeliverydestination"
	"github.com/cdktf/cdktf-provider-aws-go/aws/v19/cloudwatchlogdeliverysource"
	"github.com/cdktf/cdktf-provider-aws-go/aws/v19/dataawscalleridentity"
	"github.com/hashicorp/terraform-cdk-go/cdktf"

	"ml-api-accelerator/stacks/config"
	"ml-api-accelerator/stacks/internal/shared/names"
	accesslogs "ml-api-accelerator/stacks/internal/traffic/logs"
)

type logDeliveryProps struct {
	config.Logging
	From     distribution
	To       logs
	Stack    string
	Provider cdktf.TerraformProvider // of config.EdgeRegion, where CloudFront's logs are set up wherever they go
}

// newLogDelivery delivers version 2 of the access logs to their bucket. It waits for the bucket's policy: to one without the statement
// AWS would add its own (CloudWatch Logs User Guide, Logs sent to Amazon S3), which Terraform would take out again.
func newLogDelivery(scope constructs.Construct, id string, props logDeliveryProps) {
	if !props.Delivers(2) {
		return
	}
	source := rename(cloudwatchlogdeliverysource.NewCloudwatchLogDeliverySource(scope, jsii.String(id+"-log-source"),
		&cloudwatchlogdeliverysource.CloudwatchLogDeliverySourceConfig{
			Provider:    props.Provider,
			Name:        jsii.String(names.LogDelivery(props.Stack)),
			LogType:     jsii.String("ACCESS_LOGS"),
			ResourceArn: jsii.String(props.From.ARN),
		}), id)
	destination := rename(cloudwatchlogdeliverydestination.NewCloudwatchLogDeliveryDestination(scope, jsii.String(id+"-log-destination"),
		&cloudwatchlogdeliverydestination.CloudwatchLogDeliveryDestinationConfig{
			Provider:     props.Provider,
			Name:         jsii.String(names.LogDelivery(props.Stack)),
			OutputFormat: jsii.String("parquet"),
			// A bucket alone would get AWSLogs/{account-id}/CloudFront/ before the suffix (CloudFront Developer Guide, Configure standard
			// logging (v2)). The folder never changes: the provider can't change a destination that has tags (hashicorp/terraform-provider-aws#43572).
			DeliveryDestinationConfiguration: []*cloudwatchlogdeliverydestination.CloudwatchLogDeliveryDestinationDeliveryDestinationConfiguration{
				{DestinationResourceArn: jsii.String(props.To.ARN + "/" + names.DeliveryFolder)},
			},
		}), id)
	delivery := rename(cloudwatchlogdelivery.NewCloudwatchLogDelivery(scope, jsii.String(id+"-log-delivery"),
		&cloudwatchlogdelivery.CloudwatchLogDeliveryConfig{
			Provider:               props.Provider,
			DeliverySourceName:     source.Name(),
			DeliveryDestinationArn: destination.Arn(),
			RecordFields:           jsii.Strings(accesslogs.Delivered()...),
			S3DeliveryConfiguration: []*cloudwatchlogdelivery.CloudwatchLogDeliveryS3DeliveryConfiguration{
				{SuffixPath: jsii.String(names.HourOfLogs(props.Prefix)), EnableHiveCompatiblePath: false},
			},
		}), id)
	delivery.SetDependsOn(jsii.Strings(props.To.Policy))
}

// allowDelivery lets version 2 be delivered, in AWS's own words but for the folder. The Region is that of the delivery's source, not the
// bucket's, with which S3 would refuse every log and nobody be told (CloudFront Developer Guide, Configure standard logging (v2)).
func allowDelivery(scope constructs.Construct, id string, to bucket, props config.Logging) []statement {
	if !props.Delivers(2) {
		return nil
	}
	caller := rename(dataawscalleridentity.NewDataAwsCallerIdentity(scope, jsii.String(id+"-account"),
		&dataawscalleridentity.DataAwsCallerIdentityConfig{}), id)
	account := *caller.AccountId()
	s := allow("AWSLogDeliveryWrite", []string{"s3:PutObject"}, to.ARN+"/"+names.DeliveryFolder+"/*")
	s.Principals = []policyPrincipal{principal("Service", "delivery.logs.amazonaws.com")}
	s.Condition = []policyCondition{
		condition("StringEquals", "s3:x-amz-acl", "bucket-owner-full-control"),
		condition("StringEquals", "aws:SourceAccount", account),
		condition("ArnLike", "aws:SourceArn", "arn:aws:logs:"+config.EdgeRegion+":"+account+":delivery-source:*"),
	}
	return []statement{s}
}
