package deployer

// access is what Terraform does with one type of resource or data source, and where.
type access struct {
	sid string // of the statement that it becomes a part of
	// ARNs of the resource, separated by spaces; {name} stands for an argument (see arguments.fill), "*" for
	// all where AWS chooses the name or knows no narrower permission. A part of another resource has none:
	// the other one's entry says it.
	arn                          string
	create, read, update, delete string // actions, separated by spaces
	when                         string // the argument without which the access isn't needed
	passedTo                     string // service that is handed a role
}

// table is all that deploying takes, by type; a data source's begins with "data.".
// The actions are those of the Service Authorization Reference.
var table = map[string][]access{
	"aws_acm_certificate": {{sid: "Certificates", arn: "*",
		create: "acm:RequestCertificate acm:AddTagsToCertificate",
		read:   "acm:DescribeCertificate acm:ListTagsForCertificate",
		update: "acm:RemoveTagsFromCertificate",
		delete: "acm:DeleteCertificate"}},
	"aws_acm_certificate_validation": {{sid: "Certificates", arn: "*", read: "acm:DescribeCertificate"}},

	"aws_cloudfront_cache_policy": {{sid: "CloudFront", arn: "*",
		create: "cloudfront:CreateCachePolicy",
		read:   "cloudfront:GetCachePolicy",
		update: "cloudfront:UpdateCachePolicy",
		delete: "cloudfront:DeleteCachePolicy"}},
	"aws_cloudfront_distribution": {
		{sid: "CloudFront", arn: "*",
			create: "cloudfront:CreateDistribution cloudfront:TagResource",
			read:   "cloudfront:GetDistribution cloudfront:ListTagsForResource",
			update: "cloudfront:UpdateDistribution cloudfront:UntagResource",
			delete: "cloudfront:DeleteDistribution"},
		// CloudFront looks at the web ACL as the caller.
		{sid: "Firewall", arn: "{web_acl_id}", when: "web_acl_id", create: "wafv2:GetWebACL"},
	},
	"aws_cloudfront_key_group": {{sid: "CloudFront", arn: "*",
		create: "cloudfront:CreateKeyGroup",
		read:   "cloudfront:GetKeyGroup",
		update: "cloudfront:UpdateKeyGroup",
		delete: "cloudfront:DeleteKeyGroup"}},
	"aws_cloudfront_monitoring_subscription": {{sid: "CloudFront", arn: "*",
		create: "cloudfront:CreateMonitoringSubscription",
		read:   "cloudfront:GetMonitoringSubscription",
		delete: "cloudfront:DeleteMonitoringSubscription"}},
	"aws_cloudfront_origin_access_control": {{sid: "CloudFront", arn: "*",
		create: "cloudfront:CreateOriginAccessControl",
		read:   "cloudfront:GetOriginAccessControl",
		update: "cloudfront:UpdateOriginAccessControl",
		delete: "cloudfront:DeleteOriginAccessControl"}},
	"aws_cloudfront_origin_access_identity": {{sid: "CloudFront", arn: "*",
		create: "cloudfront:CreateCloudFrontOriginAccessIdentity",
		read:   "cloudfront:GetCloudFrontOriginAccessIdentity",
		update: "cloudfront:UpdateCloudFrontOriginAccessIdentity",
		delete: "cloudfront:DeleteCloudFrontOriginAccessIdentity"}},
	"aws_cloudfront_public_key": {{sid: "CloudFront", arn: "*",
		create: "cloudfront:CreatePublicKey",
		read:   "cloudfront:GetPublicKey",
		update: "cloudfront:UpdatePublicKey",
		delete: "cloudfront:DeletePublicKey"}},
	"aws_cloudfront_response_headers_policy": {{sid: "CloudFront", arn: "*",
		create: "cloudfront:CreateResponseHeadersPolicy",
		read:   "cloudfront:GetResponseHeadersPolicy",
		update: "cloudfront:UpdateResponseHeadersPolicy",
		delete: "cloudfront:DeleteResponseHeadersPolicy"}},
	"aws_cloudfront_vpc_origin": {
		{sid: "CloudFront", arn: "*",
			create: "cloudfront:CreateVpcOrigin cloudfront:TagResource",
			read:   "cloudfront:GetVpcOrigin cloudfront:ListTagsForResource",
			update: "cloudfront:UpdateVpcOrigin cloudfront:UntagResource",
			delete: "cloudfront:DeleteVpcOrigin"},
		// CloudFront looks at the network as the caller.
		{sid: "VpcOriginNetwork", arn: "*", create: "ec2:DescribeInstances ec2:DescribeInternetGateways ec2:DescribeSubnets " +
			"elasticloadbalancing:DescribeListeners elasticloadbalancing:DescribeLoadBalancers elasticloadbalancing:DescribeTargetGroups"},
		{sid: "VpcOriginRole", arn: "arn:aws:iam::{account}:role/aws-service-role/vpcorigin.cloudfront.amazonaws.com/*",
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
		{sid: "PassRoles", arn: roleOf("role_arn"), create: "iam:PassRole", passedTo: "events.amazonaws.com"},
	},
	"aws_cloudwatch_log_group": {
		{sid: "LogGroups", arn: "arn:aws:logs:{region}:{account}:log-group:{name} arn:aws:logs:{region}:{account}:log-group:{name}:*",
			create: "logs:CreateLogGroup logs:TagResource logs:PutRetentionPolicy",
			read:   "logs:ListTagsForResource",
			update: "logs:UntagResource logs:DeleteRetentionPolicy",
			delete: "logs:DeleteLogGroup"},
		{sid: "ListLogGroups", arn: "*", read: "logs:DescribeLogGroups"},
	},
	"aws_cloudwatch_metric_alarm": {
		{sid: "Alarms", arn: "arn:aws:cloudwatch:{region}:{account}:alarm:{alarm_name}",
			create: "cloudwatch:PutMetricAlarm cloudwatch:TagResource",
			read:   "cloudwatch:ListTagsForResource",
			update: "cloudwatch:UntagResource",
			delete: "cloudwatch:DeleteAlarms"},
		{sid: "ListAlarms", arn: "*", read: "cloudwatch:DescribeAlarms"},
	},

	"aws_iam_role": {{sid: "Roles", arn: "arn:aws:iam::{account}:role/{name}",
		create: "iam:CreateRole iam:TagRole",
		read:   "iam:GetRole iam:ListAttachedRolePolicies iam:ListInstanceProfilesForRole iam:ListRolePolicies",
		update: "iam:UpdateAssumeRolePolicy iam:UntagRole",
		delete: "iam:DeleteRole"}},
	"aws_iam_role_policy": {{sid: "Roles", create: "iam:PutRolePolicy", read: "iam:GetRolePolicy", delete: "iam:DeleteRolePolicy"}},
	"aws_kms_key": {{sid: "Keys", arn: "*",
		create: "kms:CreateKey kms:EnableKeyRotation kms:TagResource",
		read:   "kms:DescribeKey kms:GetKeyPolicy kms:GetKeyRotationStatus kms:ListResourceTags",
		update: "kms:PutKeyPolicy kms:UpdateKeyDescription kms:UntagResource",
		delete: "kms:ScheduleKeyDeletion"}},

	"aws_route53_health_check": {{sid: "HealthChecks", arn: "*",
		create: "route53:CreateHealthCheck route53:ChangeTagsForResource",
		read:   "route53:GetHealthCheck route53:ListTagsForResource",
		update: "route53:UpdateHealthCheck",
		delete: "route53:DeleteHealthCheck"}},
	"aws_route53_record": {
		{sid: "Records", arn: "arn:aws:route53:::hostedzone/{zone_id}",
			create: "route53:ChangeResourceRecordSets",
			read:   "route53:GetHostedZone route53:ListResourceRecordSets"},
		{sid: "RecordChanges", arn: "arn:aws:route53:::change/*", create: "route53:GetChange"},
	},

	"aws_sfn_state_machine": {
		{sid: "Workflows", arn: "arn:aws:states:{region}:{account}:stateMachine:{name}",
			create: "states:CreateStateMachine states:TagResource",
			read:   "states:DescribeStateMachine states:ListStateMachineVersions states:ListTagsForResource",
			update: "states:UpdateStateMachine states:UntagResource",
			delete: "states:DeleteStateMachine"},
		{sid: "CheckWorkflows", arn: "*", create: "states:ValidateStateMachineDefinition"},
		{sid: "PassRoles", arn: roleOf("role_arn"), create: "iam:PassRole", passedTo: "states.amazonaws.com"},
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

	"aws_wafv2_ip_set": {{sid: "Firewall", arn: "arn:aws:wafv2:{region}:{account}:global/ipset/{name}/*",
		create: "wafv2:CreateIPSet wafv2:TagResource",
		read:   "wafv2:GetIPSet wafv2:ListTagsForResource",
		update: "wafv2:UpdateIPSet wafv2:UntagResource",
		delete: "wafv2:DeleteIPSet"}},
	// AWS also asks for a web ACL's permissions on what its rules refer to.
	"aws_wafv2_web_acl": {{sid: "Firewall", arn: "arn:aws:wafv2:{region}:{account}:global/webacl/{name}/* arn:aws:wafv2:{region}:*:global/managedruleset/*",
		create: "wafv2:CreateWebACL wafv2:TagResource",
		read:   "wafv2:GetWebACL wafv2:ListTagsForResource",
		update: "wafv2:UpdateWebACL wafv2:UntagResource",
		delete: "wafv2:DeleteWebACL"}},
	"aws_wafv2_web_acl_logging_configuration": {
		{sid: "Firewall",
			create: "wafv2:PutLoggingConfiguration",
			read:   "wafv2:GetLoggingConfiguration",
			delete: "wafv2:DeleteLoggingConfiguration"},
		// AWS WAF gives itself access to the log group as the caller.
		{sid: "FirewallLogDelivery", arn: "*",
			create: "logs:CreateLogDelivery logs:DescribeLogGroups logs:DescribeResourcePolicies logs:PutResourcePolicy",
			delete: "logs:DeleteLogDelivery"},
	},

	"data.aws_caller_identity":     nil, // everyone may ask
	"data.aws_canonical_user_id":   {{sid: "BucketOwner", arn: "*", read: "s3:ListAllMyBuckets"}},
	"data.aws_iam_policy_document": nil, // Terraform's own
	"data.aws_secretsmanager_secret_version": {{sid: "Secrets", arn: "arn:aws:secretsmanager:{region}:{account}:secret:{secret_id}-??????",
		read: "secretsmanager:GetSecretValue"}},
}
