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
}
