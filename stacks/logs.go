package stacks

import (
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
	"github.com/cdktf/cdktf-provider-aws-go/aws/v19/cloudfrontdistribution"
	"github.com/cdktf/cdktf-provider-aws-go/aws/v19/cloudwatchlogdelivery"
	destination "github.com/cdktf/cdktf-provider-aws-go/aws/v19/cloudwatchlogdeliverydestination"
	"github.com/cdktf/cdktf-provider-aws-go/aws/v19/cloudwatchlogdeliverysource"
	"github.com/cdktf/cdktf-provider-aws-go/aws/v19/dataawscalleridentity"
	"github.com/cdktf/cdktf-provider-aws-go/aws/v19/dataawscanonicaluserid"
	"github.com/cdktf/cdktf-provider-aws-go/aws/v19/s3bucketacl"
	"github.com/hashicorp/terraform-cdk-go/cdktf"

	"ml-api-accelerator/stacks/config"
	"ml-api-accelerator/stacks/internal/shared/names"
	accesslogs "ml-api-accelerator/stacks/internal/traffic/logs"
)

// logDelivery is the canonical user as which CloudFront writes standard logs
// (CloudFront Developer Guide, Configure standard logging (legacy)).
const logDelivery = "c4c1ede66af53448b93c283ce9448c4ba468c9432aa01d700d3878632f77d2d0"

type logsProps struct {
	config.Logging
	Stack string
}

type logs struct {
	Bucket     string
	ARN        string
	DomainName string
	Policy     string // address
}

// newLogs makes the bucket of the access logs, if they are on. It can't be the models' bucket: log delivery needs ACLs,
// which are switched off there.
func newLogs(scope constructs.Construct, id string, props logsProps) logs {
	if !props.Enabled {
		return logs{}
	}
	b := newBucket(scope, id, bucketProps{
		Prefix:       names.BucketPrefix(props.Stack, "logs"),
		ACLs:         true,
		Lifecycle:    lifecycle{Expire: props.RetentionDays},
		ForceDestroy: props.ForceDestroy,
	})
	allowed := allowDelivery(scope, id, b, props.Logging)
	policy := newBucketPolicy(scope, id, bucketPolicyProps{Bucket: b, Allowed: allowed})
	current := rename(dataawscanonicaluserid.NewDataAwsCanonicalUserId(scope, jsii.String(id+"-owner"),
		&dataawscanonicaluserid.DataAwsCanonicalUserIdConfig{}), "current")
	owner := *current.Id()
	acl := rename(s3bucketacl.NewS3BucketAcl(scope, jsii.String(id+"-acl"), &s3bucketacl.S3BucketAclConfig{
		Bucket:    jsii.String(b.OwnedID),
		Lifecycle: createBeforeDestroy(),
		AccessControlPolicy: &s3bucketacl.S3BucketAclAccessControlPolicy{
			Owner: &s3bucketacl.S3BucketAclAccessControlPolicyOwner{Id: jsii.String(owner)},
			Grant: grants(owner, props.Logging),
		},
	}), id)
	// Read from the ACL, not the bucket: CloudFront refuses a bucket that doesn't grant it access yet.
	return logs{Bucket: b.ID, ARN: b.ARN, DomainName: *acl.Bucket() + ".s3.amazonaws.com", Policy: policy}
}

// grants let CloudFront write logs of version 1. Without that, ACLs stay switched on all the same: S3 refuses to switch
// them off while one grants something to others (Amazon S3 User Guide, Controlling ownership of objects and disabling
// ACLs), and Terraform takes the grant back only afterwards, or, in a new bucket, could no longer write an ACL.
func grants(owner string, props config.Logging) []*s3bucketacl.S3BucketAclAccessControlPolicyGrant {
	if !props.Delivers(1) {
		return []*s3bucketacl.S3BucketAclAccessControlPolicyGrant{fullControl(owner)}
	}
	return []*s3bucketacl.S3BucketAclAccessControlPolicyGrant{fullControl(owner), fullControl(logDelivery)}
}

func fullControl(canonicalUser string) *s3bucketacl.S3BucketAclAccessControlPolicyGrant {
	return &s3bucketacl.S3BucketAclAccessControlPolicyGrant{
		Permission: jsii.String("FULL_CONTROL"),
		Grantee: &s3bucketacl.S3BucketAclAccessControlPolicyGrantGrantee{
			Type: jsii.String("CanonicalUser"),
			Id:   jsii.String(canonicalUser),
		},
	}
}

// loggingConfig returns where a distribution writes version 1 of its logs; nil: nowhere.
func loggingConfig(to logs, props config.Logging) *cloudfrontdistribution.CloudfrontDistributionLoggingConfig {
	if !props.Delivers(1) {
		return nil
	}
	return &cloudfrontdistribution.CloudfrontDistributionLoggingConfig{
		Bucket:         jsii.String(to.DomainName),
		Prefix:         optional(props.Prefix),
		IncludeCookies: props.IncludeCookies,
	}
}

type logDeliveryProps struct {
	config.Logging
	From     distribution
	To       logs
	Stack    string
	Provider cdktf.TerraformProvider // of config.EdgeRegion, where CloudFront's logs are set up wherever they go
}

// newLogDelivery delivers version 2 of the access logs to their bucket. It waits for the bucket's policy: to one
// without the statement AWS would add its own (CloudWatch Logs User Guide, Logs sent to Amazon S3), which Terraform
// would remove.
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
	to := rename(destination.NewCloudwatchLogDeliveryDestination(scope, jsii.String(id+"-log-destination"),
		&destination.CloudwatchLogDeliveryDestinationConfig{
			Provider:     props.Provider,
			Name:         jsii.String(names.LogDelivery(props.Stack)),
			OutputFormat: jsii.String("json"),
			// A bucket alone would get AWSLogs/{account-id}/CloudFront/ before the suffix (CloudFront Developer Guide,
			// Configure standard logging (v2)). The folder never changes: the provider can't change a destination that
			// has tags (hashicorp/terraform-provider-aws#43572).
			DeliveryDestinationConfiguration: []*destination.CloudwatchLogDeliveryDestinationDeliveryDestinationConfiguration{
				{DestinationResourceArn: jsii.String(props.To.ARN + "/" + names.DeliveryFolder)},
			},
		}), id)
	delivery := rename(cloudwatchlogdelivery.NewCloudwatchLogDelivery(scope, jsii.String(id+"-log-delivery"),
		&cloudwatchlogdelivery.CloudwatchLogDeliveryConfig{
			Provider:               props.Provider,
			DeliverySourceName:     source.Name(),
			DeliveryDestinationArn: to.Arn(),
			RecordFields:           jsii.Strings(accesslogs.Delivered()...),
			S3DeliveryConfiguration: []*cloudwatchlogdelivery.CloudwatchLogDeliveryS3DeliveryConfiguration{
				{SuffixPath: jsii.String(names.HourOfLogs(props.Prefix)), EnableHiveCompatiblePath: false},
			},
		}), id)
	delivery.SetDependsOn(jsii.Strings(props.To.Policy))
}

// allowDelivery lets version 2 be delivered, in AWS's own words but for the folder. The Region is that of the
// delivery's source: with the bucket's, S3 would refuse every log and nobody would know (CloudFront Developer Guide,
// Configure standard logging (v2)).
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
