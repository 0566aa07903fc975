package iampolicy

import (
	"fmt"
	"slices"
	"strings"

	"ml-api-accelerator/stacks/internal/shared/names"
)

// access is what Terraform does with a type of resource or data source, and where.
type access struct {
	sid string // of the statement of which it becomes a part
	// ARNs of the resource, separated by spaces. {name} stands for an argument (see arguments.fill), "*" for all, where
	// AWS chooses the name or has no narrower permission. A part of another resource has none: that one's entry has it.
	arn                          string
	create, read, update, delete string // actions, separated by spaces
	when                         string // the argument that makes the access necessary
	limits                       []limit
}

func (a access) all() access { return a }

// reading returns the part of an access that planning takes.
func (a access) reading() access {
	return access{sid: a.sid, arn: a.arn, read: a.read, when: a.when, limits: a.limits}
}

// limit is a condition of a statement. Without values there is none.
type limit struct {
	operator, key string
	values        func(arguments) []string
}

const (
	requestTag  = "aws:RequestTag/" + names.StackTag
	resourceTag = "aws:ResourceTag/" + names.StackTag
)

// ownedActions are what is done with a resource that has tags. Only what readOwn shows is secret.
type ownedActions struct{ create, tag, read, readOwn, change string }

// owned returns the access to resources whose ids AWS chooses, so that only a tag shows which ones are the stack's.
// Tagging another stack's resource would take it over, so whatever has the tag must have this stack's. A new resource
// has no tags yet and looks like one without the tag, so those can be taken over: change must have nothing too
// dangerous for that. When other tags change, the provider sends only these.
func owned(actions ownedActions) []access {
	made, own := limit{"StringEquals", requestTag, stackName}, []limit{{"StringEquals", resourceTag, stackName}}
	free := limit{"StringEqualsIfExists", resourceTag, stackName}
	return []access{
		{sid: "ReadAll", arn: "*", read: actions.read},
		{sid: "ReadOwn", arn: "*", read: actions.readOwn, limits: own},
		{sid: "CreateOwn", arn: "*", create: actions.create, limits: []limit{made}},
		{sid: "TagOwn", arn: "*", create: actions.tag, limits: []limit{made, free}},
		{sid: "ChangeOwn", arn: "*", create: actions.tag, update: actions.change, limits: own},
	}
}

func stackName(a arguments) []string { return []string{a.stack.name()} }

// passedTo lets a role be passed to one service only.
func passedTo(service string) []limit {
	return []limit{{"StringEquals", "iam:PassedToService", func(arguments) []string { return []string{service} }}}
}

// withinBoundary requires the permissions boundary of a role, if it has one (IAM User Guide, Permissions boundaries for
// IAM entities, Delegating responsibility to others using permissions boundaries).
var withinBoundary = []limit{{"StringEquals", "iam:PermissionsBoundary", func(a arguments) []string {
	if boundary := a.value("permissions_boundary"); boundary != "" {
		return []string{boundary}
	}
	return nil
}}}

// ownRecords allows only the names of the stack's records, in a zone that others may share (Route 53 Developer Guide,
// Using IAM policy conditions for fine-grained access control).
var ownRecords = []limit{{
	"ForAllValues:StringLike", "route53:ChangeResourceRecordSetsNormalizedRecordNames", recordNames,
}}

// recordNames returns the name of a record, or patterns of the names with which ACM validates the stack's certificates.
func recordNames(a arguments) []string {
	name := a.value("name")
	if !strings.Contains(name, "${") {
		return []string{normalized(name)}
	}
	var validating []string
	for _, certificate := range a.stack.Resource["aws_acm_certificate"] {
		domains := []any{certificate["domain_name"]}
		others, _ := certificate["subject_alternative_names"].([]any)
		for _, domain := range slices.Concat(domains, others) {
			validating = append(validating, "_*."+normalized(strings.TrimPrefix(fmt.Sprint(domain), "*.")))
		}
	}
	return validating
}

// normalized returns a domain as the condition compares it: in lower case, with * as an octal code.
func normalized(domain string) string {
	return strings.ReplaceAll(strings.ToLower(strings.TrimSuffix(domain, ".")), "*", `\052`)
}

// cloudFront returns the access to a kind of resource for which CloudFront knows neither tags nor names.
func cloudFront(kind string) []access {
	return []access{{
		sid: "CloudFront", arn: "*", create: "cloudfront:Create" + kind, read: "cloudfront:Get" + kind,
		update: "cloudfront:Update" + kind, delete: "cloudfront:Delete" + kind,
	}}
}

// roleOf returns the ARN of the role to which an argument refers.
func roleOf(argument string) string { return "arn:aws:iam::{account}:role/{" + argument + ".name}" }

// The ARNs of a function or of its alias, and of all rules of security groups.
const (
	function     = "{function_name} {function_name}:{qualifier}"
	ingressRules = "arn:aws:ec2:{region}:{account}:security-group-rule/*"
)

// table has what deploying takes, by type; data sources begin with "data." (Service Authorization Reference).
var table = map[string][]access{
	// CloudFront and what is around it: names, certificates and the firewall.

	"aws_acm_certificate": owned(ownedActions{
		create: "acm:RequestCertificate",
		tag:    "acm:AddTagsToCertificate",
		read:   "acm:DescribeCertificate acm:ListTagsForCertificate",
		change: "acm:RemoveTagsFromCertificate acm:DeleteCertificate"}),
	"aws_acm_certificate_validation": {{sid: "ReadAll", arn: "*", read: "acm:DescribeCertificate"}},

	"aws_cloudfront_cache_policy": cloudFront("CachePolicy"),
	"aws_cloudfront_distribution": append(
		owned(ownedActions{
			create:  "cloudfront:CreateDistribution",
			tag:     "cloudfront:TagResource",
			read:    "cloudfront:ListTagsForResource",
			readOwn: "cloudfront:GetDistribution", // with the values of the headers to its origins
			change:  "cloudfront:UpdateDistribution cloudfront:UntagResource cloudfront:DeleteDistribution"}),
		// CloudFront reads the web ACL with the caller's permissions.
		access{sid: "Firewall", arn: "{web_acl_id}", when: "web_acl_id", create: "wafv2:GetWebACL"},
	),
	// Functions and stores have tags (Service Authorization Reference, Amazon CloudFront), but version 5 of the provider
	// can't set them. A function's name is known, a store's id is AWS's choice. Terraform doesn't touch what a store
	// holds, which takes permissions of another service.
	"aws_cloudfront_function": {
		{sid: "CloudFront", arn: "*", create: "cloudfront:CreateFunction"},
		{sid: "Functions", arn: "arn:aws:cloudfront::{account}:function/{name}",
			create: "cloudfront:PublishFunction",
			read:   "cloudfront:DescribeFunction cloudfront:GetFunction",
			update: "cloudfront:UpdateFunction",
			delete: "cloudfront:DeleteFunction"}},
	"aws_cloudfront_key_group": cloudFront("KeyGroup"),
	"aws_cloudfront_key_value_store": {
		{sid: "CloudFront", arn: "*", create: "cloudfront:CreateKeyValueStore"},
		{sid: "KeyValueStores", arn: "arn:aws:cloudfront::{account}:key-value-store/*",
			read:   "cloudfront:DescribeKeyValueStore",
			update: "cloudfront:UpdateKeyValueStore",
			delete: "cloudfront:DeleteKeyValueStore"}},
	"aws_cloudfront_monitoring_subscription": {{sid: "CloudFront", arn: "*",
		create: "cloudfront:CreateMonitoringSubscription",
		read:   "cloudfront:GetMonitoringSubscription",
		delete: "cloudfront:DeleteMonitoringSubscription"}},
	"aws_cloudfront_origin_access_control":   cloudFront("OriginAccessControl"),
	"aws_cloudfront_origin_access_identity":  cloudFront("CloudFrontOriginAccessIdentity"),
	"aws_cloudfront_origin_request_policy":   cloudFront("OriginRequestPolicy"),
	"aws_cloudfront_public_key":              cloudFront("PublicKey"),
	"aws_cloudfront_response_headers_policy": cloudFront("ResponseHeadersPolicy"),
	"aws_cloudfront_vpc_origin": append(
		owned(ownedActions{
			create: "cloudfront:CreateVpcOrigin",
			tag:    "cloudfront:TagResource",
			read:   "cloudfront:GetVpcOrigin cloudfront:ListTagsForResource",
			change: "cloudfront:UpdateVpcOrigin cloudfront:UntagResource cloudfront:DeleteVpcOrigin"}),
		// CloudFront reads the network with the caller's permissions.
		access{sid: "VpcOriginNetwork", arn: "*", create: "ec2:DescribeInstances ec2:DescribeInternetGateways " +
			"ec2:DescribeSubnets elasticloadbalancing:DescribeListeners elasticloadbalancing:DescribeLoadBalancers " +
			"elasticloadbalancing:DescribeTargetGroups"},
		access{sid: "VpcOriginRole", arn: "arn:aws:iam::{account}:role/aws-service-role/vpcorigin.cloudfront.amazonaws.com/*",
			create: "iam:CreateServiceLinkedRole"},
	),

	// Load balancers and functions are there already, and only what is added to them is the stack's.

	"aws_lambda_function_url": {{sid: "LambdaFunctions", arn: function,
		create: "lambda:CreateFunctionUrlConfig lambda:AddPermission", // the provider lets everyone call one without IAM
		read:   "lambda:GetFunctionUrlConfig",
		update: "lambda:UpdateFunctionUrlConfig",
		delete: "lambda:DeleteFunctionUrlConfig"}},
	"aws_lambda_permission": {{sid: "LambdaFunctions", arn: function,
		create: "lambda:AddPermission", read: "lambda:GetPolicy", delete: "lambda:RemovePermission"}},
	"aws_lb_listener_certificate": {
		{sid: "Listeners", arn: "{listener_arn.arn}",
			create: "elasticloadbalancing:AddListenerCertificates",
			delete: "elasticloadbalancing:RemoveListenerCertificates"},
		{sid: "ReadAll", arn: "*", read: "elasticloadbalancing:DescribeListenerCertificates"},
	},
	// A rule is allowed only in a group that is named. AWS chooses its id.
	"aws_vpc_security_group_ingress_rule": {
		{sid: "IngressRules", arn: "arn:aws:ec2:{region}:{account}:security-group/{security_group_id} " + ingressRules,
			create: "ec2:AuthorizeSecurityGroupIngress",
			update: "ec2:ModifySecurityGroupRules",
			delete: "ec2:RevokeSecurityGroupIngress"},
		{sid: "TagRules", arn: ingressRules, create: "ec2:CreateTags", limits: []limit{
			{"StringEquals", requestTag, stackName}, {"StringEqualsIfExists", resourceTag, stackName}}},
		{sid: "UntagRules", arn: ingressRules, update: "ec2:CreateTags ec2:DeleteTags", limits: []limit{
			{"StringEquals", resourceTag, stackName}}},
		{sid: "ReadAll", arn: "*", read: "ec2:DescribeSecurityGroupRules"},
	},

	// Policies don't see the tags of a health check.
	"aws_route53_health_check": {
		{sid: "HealthChecks", arn: "arn:aws:route53:::healthcheck/*",
			create: "route53:ChangeTagsForResource",
			read:   "route53:GetHealthCheck route53:ListTagsForResource",
			update: "route53:UpdateHealthCheck",
			delete: "route53:DeleteHealthCheck"},
		{sid: "CreateHealthChecks", arn: "*", create: "route53:CreateHealthCheck"},
	},
	"aws_route53_record": {
		{sid: "Records", arn: "arn:aws:route53:::hostedzone/{zone_id}",
			read: "route53:GetHostedZone route53:ListResourceRecordSets"},
		{sid: "ChangeRecords", arn: "arn:aws:route53:::hostedzone/{zone_id}",
			create: "route53:ChangeResourceRecordSets", limits: ownRecords},
		{sid: "RecordChanges", arn: "arn:aws:route53:::change/*", create: "route53:GetChange"},
	},

	"aws_wafv2_ip_set": {{sid: "Firewall", arn: "arn:aws:wafv2:{region}:{account}:global/ipset/{name}/*",
		create: "wafv2:CreateIPSet wafv2:TagResource",
		read:   "wafv2:GetIPSet wafv2:ListTagsForResource",
		update: "wafv2:UpdateIPSet wafv2:UntagResource",
		delete: "wafv2:DeleteIPSet"}},
	// A web ACL's permissions are also needed on what its rules refer to.
	"aws_wafv2_web_acl": {{sid: "Firewall",
		arn: "arn:aws:wafv2:{region}:{account}:global/webacl/{name}/* " +
			"arn:aws:wafv2:{region}:*:global/managedruleset/*",
		create: "wafv2:CreateWebACL wafv2:TagResource",
		read:   "wafv2:GetWebACL wafv2:ListTagsForResource",
		update: "wafv2:UpdateWebACL wafv2:UntagResource",
		delete: "wafv2:DeleteWebACL"}},
	"aws_wafv2_web_acl_logging_configuration": {
		{sid: "Firewall",
			create: "wafv2:PutLoggingConfiguration",
			read:   "wafv2:GetLoggingConfiguration",
			delete: "wafv2:DeleteLoggingConfiguration"},
		// AWS WAF gives itself access to the log group with the caller's permissions.
		{sid: "FirewallLogDelivery", arn: "*",
			create: "logs:CreateLogDelivery logs:DescribeLogGroups logs:DescribeResourcePolicies logs:PutResourcePolicy",
			delete: "logs:DeleteLogDelivery"},
	},

	// Monitoring and the workflow of invalidations, with their roles and keys.

	"terraform_data": nil, // is only in the state
	// A channel's name is known, but creating one can't be limited to it. The service subscribes to the topics itself, by
	// a role of its own that the first channel of an account makes.
	"aws_chatbot_slack_channel_configuration": {
		{sid: "SlackChannels", arn: "arn:aws:chatbot::{account}:chat-configuration/slack-channel/{configuration_name}",
			create: "chatbot:TagResource",
			read:   "chatbot:ListTagsForResource",
			update: "chatbot:UpdateSlackChannelConfiguration chatbot:UntagResource",
			delete: "chatbot:DeleteSlackChannelConfiguration"},
		{sid: "CreateSlackChannels", arn: "*", create: "chatbot:CreateSlackChannelConfiguration"},
		{sid: "ReadAll", arn: "*", read: "chatbot:DescribeSlackChannelConfigurations"},
		{sid: "PassRoles", arn: roleOf("iam_role_arn"), create: "iam:PassRole", limits: passedTo("chatbot.amazonaws.com")},
		{sid: "SlackChannelRole", arn: "arn:aws:iam::{account}:role/aws-service-role/management.chatbot.amazonaws.com/*",
			create: "iam:CreateServiceLinkedRole"},
	},
	"aws_cloudwatch_dashboard": {{sid: "Dashboards", arn: "arn:aws:cloudwatch::{account}:dashboard/{dashboard_name}",
		create: "cloudwatch:PutDashboard",
		read:   "cloudwatch:GetDashboard",
		delete: "cloudwatch:DeleteDashboards"}},
	"aws_cloudwatch_event_rule": {{sid: "EventRules", arn: "arn:aws:events:{region}:{account}:rule/{name}",
		create: "events:PutRule events:TagResource",
		read:   "events:DescribeRule events:ListTagsForResource",
		update: "events:UntagResource",
		delete: "events:DeleteRule"}},
	"aws_cloudwatch_event_target": {
		{sid: "EventRules", create: "events:PutTargets", read: "events:ListTargetsByRule", delete: "events:RemoveTargets"},
		{sid: "PassRoles", arn: roleOf("role_arn"), create: "iam:PassRole", limits: passedTo("events.amazonaws.com")},
	},
	// AWS chooses the id of a delivery, and doesn't document conditions on its tags (CloudWatch Logs User Guide, Logs
	// sent to Amazon S3).
	"aws_cloudwatch_log_delivery": {{sid: "LogDelivery", arn: "arn:aws:logs:{region}:{account}:delivery:*",
		create: "logs:CreateDelivery logs:TagResource",
		read:   "logs:GetDelivery logs:ListTagsForResource",
		update: "logs:UpdateDeliveryConfiguration logs:UntagResource",
		delete: "logs:DeleteDelivery"}},
	"aws_cloudwatch_log_delivery_destination": {{sid: "LogDelivery",
		arn:    "arn:aws:logs:{region}:{account}:delivery-destination:{name}",
		create: "logs:PutDeliveryDestination logs:TagResource",
		read:   "logs:GetDeliveryDestination logs:ListTagsForResource",
		update: "logs:UntagResource",
		delete: "logs:DeleteDeliveryDestination"}},
	"aws_cloudwatch_log_delivery_source": {
		{sid: "LogDelivery", arn: "arn:aws:logs:{region}:{account}:delivery-source:{name}",
			create: "logs:PutDeliverySource logs:TagResource",
			read:   "logs:GetDeliverySource logs:ListTagsForResource",
			update: "logs:UntagResource",
			delete: "logs:DeleteDeliverySource"},
		// Whether a condition on the distribution's tags works here isn't documented.
		{sid: "LoggedDistributions", arn: "arn:aws:cloudfront::{account}:distribution/*",
			create: "cloudfront:AllowVendedLogDeliveryForResource"},
	},
	"aws_cloudwatch_log_group": {
		{sid: "LogGroups",
			arn: "arn:aws:logs:{region}:{account}:log-group:{name} " +
				"arn:aws:logs:{region}:{account}:log-group:{name}:*",
			create: "logs:CreateLogGroup logs:TagResource logs:PutRetentionPolicy",
			read:   "logs:ListTagsForResource",
			update: "logs:UntagResource logs:DeleteRetentionPolicy",
			delete: "logs:DeleteLogGroup"},
		{sid: "ReadAll", arn: "*", read: "logs:DescribeLogGroups"},
	},
	"aws_cloudwatch_metric_alarm": {
		{sid: "Alarms", arn: "arn:aws:cloudwatch:{region}:{account}:alarm:{alarm_name}",
			create: "cloudwatch:PutMetricAlarm cloudwatch:TagResource",
			read:   "cloudwatch:ListTagsForResource",
			update: "cloudwatch:UntagResource",
			delete: "cloudwatch:DeleteAlarms"},
		{sid: "ReadAll", arn: "*", read: "cloudwatch:DescribeAlarms"},
	},

	"aws_iam_role": {
		{sid: "Roles", arn: "arn:aws:iam::{account}:role/{name}",
			create: "iam:TagRole",
			read:   "iam:GetRole iam:ListAttachedRolePolicies iam:ListInstanceProfilesForRole iam:ListRolePolicies",
			update: "iam:UntagRole"},
		// Never iam:DeleteRolePermissionsBoundary.
		{sid: "RoleRights", arn: "arn:aws:iam::{account}:role/{name}",
			create: "iam:CreateRole", update: "iam:UpdateAssumeRolePolicy", delete: "iam:DeleteRole", limits: withinBoundary},
		{sid: "RoleRights", when: "permissions_boundary", update: "iam:PutRolePermissionsBoundary"},
	},
	"aws_iam_role_policy": {
		{sid: "Roles", read: "iam:GetRolePolicy"},
		{sid: "RoleRights", create: "iam:PutRolePolicy", delete: "iam:DeleteRolePolicy"},
	},

	"aws_kms_key": append(
		owned(ownedActions{
			create: "kms:CreateKey",
			tag:    "kms:TagResource",
			read:   "kms:DescribeKey kms:GetKeyPolicy kms:GetKeyRotationStatus kms:ListResourceTags",
			// Neither kms:PutKeyPolicy nor kms:ScheduleKeyDeletion, since the deployer can take over a key without tags.
			// The README says how to allow both on the keys of the stack.
			change: "kms:UpdateKeyDescription kms:UntagResource"}),
		// Right after the key is made: its tags take up to five minutes to have an effect (AWS KMS Developer Guide, ABAC
		// for AWS KMS).
		access{sid: "Keys", arn: "*", create: "kms:EnableKeyRotation"},
	),

	"aws_sfn_state_machine": {
		{sid: "Workflows", arn: "arn:aws:states:{region}:{account}:stateMachine:{name}",
			create: "states:CreateStateMachine states:TagResource",
			read:   "states:DescribeStateMachine states:ListStateMachineVersions states:ListTagsForResource",
			update: "states:UpdateStateMachine states:UntagResource",
			delete: "states:DeleteStateMachine"},
		{sid: "ReadAll", arn: "*", read: "states:ValidateStateMachineDefinition"},
		{sid: "PassRoles", arn: roleOf("role_arn"), create: "iam:PassRole", limits: passedTo("states.amazonaws.com")},
	},

	"aws_sns_topic": {{sid: "Topics", arn: "arn:aws:sns:{region}:{account}:{name}",
		create: "sns:CreateTopic sns:TagResource",
		read:   "sns:GetTopicAttributes sns:ListTagsForResource",
		update: "sns:SetTopicAttributes sns:UntagResource",
		delete: "sns:DeleteTopic"}},
	"aws_sns_topic_subscription": {
		{sid: "Topics", create: "sns:Subscribe"},
		{sid: "Subscriptions", arn: "*", read: "sns:GetSubscriptionAttributes", delete: "sns:Unsubscribe"},
	},

	"aws_sqs_queue": {{sid: "Queues", arn: "arn:aws:sqs:{region}:{account}:{name}",
		create: "sqs:CreateQueue sqs:TagQueue",
		read:   "sqs:GetQueueAttributes sqs:ListQueueTags",
		update: "sqs:SetQueueAttributes sqs:UntagQueue",
		delete: "sqs:DeleteQueue"}},
	"aws_sqs_queue_policy": {{sid: "Queues", create: "sqs:SetQueueAttributes", read: "sqs:GetQueueAttributes"}},

	// Athena, and the AWS Glue Data Catalog, which has its tables.

	"aws_athena_workgroup": {{sid: "LogQueries", arn: "arn:aws:athena:{region}:{account}:workgroup/{name}",
		create: "athena:CreateWorkGroup athena:TagResource",
		read:   "athena:GetWorkGroup athena:ListTagsForResource",
		update: "athena:UpdateWorkGroup athena:UntagResource",
		delete: "athena:DeleteWorkGroup"}},
	"aws_athena_named_query": {{sid: "LogQueries",
		create: "athena:CreateNamedQuery",
		read:   "athena:GetNamedQuery",
		delete: "athena:DeleteNamedQuery"}},

	// Actions on a database also need permission on the catalog, its deletion also on what may be in it (Athena User
	// Guide, Configure access to databases and tables in the AWS Glue Data Catalog).
	"aws_glue_catalog_database": {{sid: "LogTables",
		arn: "arn:aws:glue:{region}:{account}:catalog arn:aws:glue:{region}:{account}:database/{name} " +
			"arn:aws:glue:{region}:{account}:table/{name}/* arn:aws:glue:{region}:{account}:userDefinedFunction/{name}/*",
		create: "glue:CreateDatabase glue:TagResource",
		read:   "glue:GetDatabase glue:GetTags",
		update: "glue:UpdateDatabase glue:UntagResource",
		delete: "glue:DeleteDatabase"}},
	"aws_glue_catalog_table": {{sid: "LogTables",
		create: "glue:CreateTable",
		read:   "glue:GetPartitionIndexes glue:GetTable",
		update: "glue:UpdateTable",
		delete: "glue:DeleteTable"}},

	// S3. A bucket's name may be a prefix that Terraform completes.

	"aws_s3_bucket": {
		{sid: "Buckets", arn: "arn:aws:s3:::{bucket} arn:aws:s3:::{bucket_prefix}",
			create: "s3:CreateBucket s3:PutBucketTagging",
			// The provider reads all of a bucket, also what other resources describe.
			read: "s3:GetAccelerateConfiguration s3:GetBucketAcl s3:GetBucketCORS s3:GetBucketLogging " +
				"s3:GetBucketObjectLockConfiguration s3:GetBucketPolicy s3:GetBucketRequestPayment s3:GetBucketTagging " +
				"s3:GetBucketVersioning s3:GetBucketWebsite s3:GetEncryptionConfiguration s3:GetLifecycleConfiguration " +
				"s3:GetReplicationConfiguration s3:ListBucket",
			delete: "s3:DeleteBucket"},
		{sid: "Buckets", when: "force_destroy", delete: "s3:ListBucketVersions"},
		{sid: "EmptyBuckets", arn: "arn:aws:s3:::{bucket}/* arn:aws:s3:::{bucket_prefix}/*", when: "force_destroy",
			delete: "s3:DeleteObject s3:DeleteObjectVersion"},
	},
	"aws_s3_bucket_acl": {{sid: "Buckets", create: "s3:PutBucketAcl", read: "s3:GetBucketAcl"}},
	"aws_s3_bucket_lifecycle_configuration": {{sid: "Buckets",
		create: "s3:PutLifecycleConfiguration", read: "s3:GetLifecycleConfiguration"}},
	"aws_s3_bucket_metric": {{sid: "Buckets",
		create: "s3:PutMetricsConfiguration", read: "s3:GetMetricsConfiguration"}},
	"aws_s3_bucket_notification": {{sid: "Buckets",
		create: "s3:PutBucketNotification", read: "s3:GetBucketNotification"}},
	"aws_s3_bucket_cors_configuration": {{sid: "Buckets",
		create: "s3:PutBucketCORS", read: "s3:GetBucketCORS"}},
	"aws_s3_bucket_ownership_controls": {{sid: "Buckets",
		create: "s3:PutBucketOwnershipControls", read: "s3:GetBucketOwnershipControls"}},
	"aws_s3_bucket_policy": {{sid: "Buckets",
		create: "s3:PutBucketPolicy", read: "s3:GetBucketPolicy", delete: "s3:DeleteBucketPolicy"}},
	"aws_s3_bucket_public_access_block": {{sid: "Buckets",
		create: "s3:PutBucketPublicAccessBlock", read: "s3:GetBucketPublicAccessBlock"}},
	"aws_s3_bucket_replication_configuration": {
		{sid: "Buckets", create: "s3:PutReplicationConfiguration", read: "s3:GetReplicationConfiguration"},
		{sid: "PassRoles", arn: roleOf("role"), create: "iam:PassRole", limits: passedTo("s3.amazonaws.com")},
	},
	"aws_s3_bucket_server_side_encryption_configuration": {{sid: "Buckets",
		create: "s3:PutEncryptionConfiguration", read: "s3:GetEncryptionConfiguration"}},
	"aws_s3_bucket_versioning": {{sid: "Buckets",
		create: "s3:PutBucketVersioning", read: "s3:GetBucketVersioning"}},

	// Data sources.

	"data.aws_caller_identity":     nil, // takes no permission
	"data.aws_canonical_user_id":   {{sid: "ReadAll", arn: "*", read: "s3:ListAllMyBuckets"}},
	"data.aws_iam_policy_document": nil, // Terraform's own
	"data.aws_ec2_managed_prefix_list": {{sid: "ReadAll", arn: "*",
		read: "ec2:DescribeManagedPrefixLists ec2:GetManagedPrefixListEntries"}},
	"data.aws_lb": {{sid: "ReadAll", arn: "*", read: "elasticloadbalancing:DescribeLoadBalancerAttributes " +
		"elasticloadbalancing:DescribeLoadBalancers elasticloadbalancing:DescribeTags"}},
	"data.aws_lb_listener": {{sid: "ReadAll", arn: "*", read: "elasticloadbalancing:DescribeListenerAttributes " +
		"elasticloadbalancing:DescribeListeners elasticloadbalancing:DescribeTags"}},
	// Of a bucket that is only read.
	"data.aws_s3_bucket_policy": {{sid: "ReadBuckets", arn: "arn:aws:s3:::{bucket}", read: "s3:GetBucketPolicy"}},
	"data.aws_security_group":   {{sid: "ReadAll", arn: "*", read: "ec2:DescribeSecurityGroups"}},
	"data.aws_secretsmanager_secret_version": {{sid: "Secrets",
		arn:  "arn:aws:secretsmanager:{region}:{account}:secret:{secret_id}-??????",
		read: "secretsmanager:GetSecretValue"}},
}
