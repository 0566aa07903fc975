package iampolicy

// operations is the part of the table on monitoring and the workflow of invalidations, with their roles and keys.
var operations = map[string][]access{
	"terraform_data": nil, // kept in the state alone
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
	// AWS chooses the id of a delivery; that its policies see tags isn't documented (CloudWatch Logs User Guide, Logs sent to Amazon S3).
	"aws_cloudwatch_log_delivery": {{sid: "LogDelivery", arn: "arn:aws:logs:{region}:{account}:delivery:*",
		create: "logs:CreateDelivery logs:TagResource",
		read:   "logs:GetDelivery logs:ListTagsForResource",
		update: "logs:UpdateDeliveryConfiguration logs:UntagResource",
		delete: "logs:DeleteDelivery"}},
	"aws_cloudwatch_log_delivery_destination": {{sid: "LogDelivery", arn: "arn:aws:logs:{region}:{account}:delivery-destination:{name}",
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
		// CloudWatch Logs asks CloudFront about the caller, and isn't known to tell it the tags of the distribution.
		{sid: "LoggedDistributions", arn: "arn:aws:cloudfront::{account}:distribution/*", create: "cloudfront:AllowVendedLogDeliveryForResource"},
	},
	"aws_cloudwatch_log_group": {
		{sid: "LogGroups", arn: "arn:aws:logs:{region}:{account}:log-group:{name} arn:aws:logs:{region}:{account}:log-group:{name}:*",
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
			// Neither kms:PutKeyPolicy nor kms:ScheduleKeyDeletion: a key without tags can be given the stack's, and would then be at
			// the deployer's mercy. The README says how to allow both on the keys of the stack.
			change: "kms:UpdateKeyDescription kms:UntagResource"}),
		// Done right after the key is made, whose tags take up to five minutes to count (AWS KMS Developer Guide, ABAC for AWS KMS).
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
}
