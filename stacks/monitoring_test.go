package stacks_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/config"
)

// metrics are those that exist (CloudFront Developer Guide, Types of metrics for CloudFront; AWS WAF Developer
// Guide, Metrics and dimensions; Amazon S3 User Guide, Metrics and dimensions), with the dimensions they carry.
var metrics = map[string]struct{ names, dimensions []string }{
	"AWS/CloudFront": {
		[]string{"Requests", "BytesDownloaded", "BytesUploaded", "4xxErrorRate", "5xxErrorRate", "CacheHitRate", "OriginLatency"},
		[]string{"DistributionId", "${aws_cloudfront_distribution.edge.id}", "Region", "Global"},
	},
	"AWS/WAFV2": {[]string{"AllowedRequests", "BlockedRequests", "CountedRequests"}, []string{"WebACL", "example-prod", "Rule", "ALL"}},
	"AWS/S3":    {[]string{"4xxErrors", "5xxErrors"}, []string{"BucketName", "${aws_s3_bucket.models.id}", "FilterId", "EntireBucket"}},
}

func TestDashboard(t *testing.T) {
	stack := allStacks(t)["example-prod"]
	var body struct{ Widgets []object }
	require.NoError(t, json.Unmarshal([]byte(stack.Resource["aws_cloudwatch_dashboard"]["edge"]["dashboard_body"].(string)), &body))
	require.Equal(t, "alarm", body.Widgets[0]["type"])
	require.Len(t, at(body.Widgets[0], "properties", "alarms"), len(stack.Resource["aws_cloudwatch_metric_alarm"]))
	cells := map[[2]int]bool{}
	shown := map[string]bool{}
	for _, w := range body.Widgets {
		for x := int(w["x"].(float64)); x < int(w["x"].(float64)+w["width"].(float64)); x++ {
			for y := int(w["y"].(float64)); y < int(w["y"].(float64)+w["height"].(float64)); y++ {
				require.False(t, cells[[2]int{x, y}], "widgets overlap at %d, %d", x, y)
				require.Less(t, x, 24)
				cells[[2]int{x, y}] = true
			}
		}
		for _, m := range asList(at(w, "properties", "metrics")) {
			series := asList(m)
			known := metrics[series[0].(string)]
			require.Contains(t, known.names, series[1])
			require.Equal(t, known.dimensions, texts(series[2:len(series)-1]))
			shown[series[0].(string)] = true
		}
	}
	require.Len(t, shown, len(metrics))
	require.Equal(t, "EntireBucket", stack.Resource["aws_s3_bucket_metric"]["models"]["name"])
}

// TestDashboardOfCallers holds that the refusals and each function are shown, by metrics that exist (CloudFront
// Developer Guide, Types of metrics for CloudFront), and after what every dashboard shows.
func TestDashboardOfCallers(t *testing.T) {
	var body struct{ Widgets []struct{ Properties object } }
	require.NoError(t, json.Unmarshal([]byte(allStacks(t)["everything-full"].Resource["aws_cloudwatch_dashboard"]["edge"]["dashboard_body"].(string)), &body))
	of := func(title string) [][]string {
		var all [][]string
		for _, w := range body.Widgets {
			if w.Properties["title"] == title {
				for _, m := range asList(w.Properties["metrics"]) {
					all = append(all, texts(asList(m)[:len(asList(m))-1]))
				}
			}
		}
		return all
	}
	const distribution = "${aws_cloudfront_distribution.edge.id}"
	require.Equal(t, [][]string{{"AWS/CloudFront", "401ErrorRate", "DistributionId", distribution, "Region", "Global"}}, of("Callers refused (401), % of answers"))
	for _, f := range []string{"everything-full-api", "everything-full-api-failover"} {
		var want [][]string
		for _, metric := range []string{"FunctionInvocations", "FunctionValidationErrors", "FunctionExecutionErrors", "FunctionThrottles"} {
			want = append(want, []string{"AWS/CloudFront", metric, "DistributionId", distribution, "FunctionName", f, "Region", "Global"})
		}
		require.Equal(t, want, of("Function "+f))
	}
}

// TestAlarmsOfFunctions holds that a function which fails, or soon will, is told, whichever of the two it is. Each
// metric has one statistic (CloudFront Developer Guide, Types of metrics for CloudFront).
func TestAlarmsOfFunctions(t *testing.T) {
	alarms := allStacks(t)["everything-full"].Resource["aws_cloudwatch_metric_alarm"]
	for id, f := range map[string]string{"api": "everything-full-api", "api-failover": "everything-full-api-failover"} {
		for failure, want := range map[string]struct {
			metric, statistic string
			threshold         float64
		}{
			"execution-errors":    {"FunctionExecutionErrors", "Sum", 0},
			"validation-errors":   {"FunctionValidationErrors", "Sum", 0},
			"throttles":           {"FunctionThrottles", "Sum", 0},
			"compute-utilization": {"FunctionComputeUtilization", "Average", 70},
		} {
			alarm := alarms[id+"-"+failure]
			require.Equal(t, want.metric, alarm["metric_name"], id)
			require.Equal(t, want.statistic, alarm["statistic"], id)
			require.Equal(t, "GreaterThanThreshold", alarm["comparison_operator"], id)
			require.Equal(t, want.threshold, alarm["threshold"], id)
			require.Equal(t, f, at(alarm, "dimensions", "FunctionName"), id)
		}
	}
	for id := range allStacks(t)["example-prod"].Resource["aws_cloudwatch_metric_alarm"] {
		require.NotContains(t, id, "api-", "there is no function")
	}
}

func TestAlarms(t *testing.T) {
	for name, region := range map[string]string{"example-prod": "us-east-1", "everything-full": "eu-west-1"} {
		stack := allStacks(t)[name]
		for id, alarm := range stack.Resource["aws_cloudwatch_metric_alarm"] {
			require.Equal(t, "notBreaching", alarm["treat_missing_data"], id)
			topic := "${aws_sns_topic.alerts.arn}"
			if alarm["namespace"] == "AWS/CloudFront" {
				require.Equal(t, "aws.edge", alarm["provider"], "%s: CloudFront's metrics are in us-east-1", id)
				require.Equal(t, "${aws_cloudfront_distribution.edge.id}", at(alarm, "dimensions", "DistributionId"), id)
				require.Equal(t, "Global", at(alarm, "dimensions", "Region"), id)
				require.Equal(t, strings.HasPrefix(alarm["metric_name"].(string), "Function"), at(alarm, "dimensions", "FunctionName") != nil, id)
			} else if region != "us-east-1" {
				topic = "${aws_sns_topic.alerts-home.arn}" // alarms only tell topics of their own region
			}
			require.Equal(t, []any{topic}, alarm["alarm_actions"], "%s: %s", name, id)
		}
		for id, topic := range stack.Resource["aws_sns_topic"] {
			require.NotEmpty(t, topic["kms_master_key_id"], id)
			uses := slices.ContainsFunc(statements(stack, id+"-key"), func(s object) bool {
				return at(s, "principals", 0, "identifiers", 0) == "cloudwatch.amazonaws.com"
			})
			require.True(t, uses, "%s: alarms must be able to use the key", id)
		}
	}
}

// Topics that exist are told beside the addresses or, without any, instead of a topic of the stack's.
func TestGivenTopics(t *testing.T) {
	const edge, home = "arn:aws:sns:us-east-1:111122223333:alarms", "arn:aws:sns:eu-west-1:111122223333:alarms"
	stack := allStacks(t)["everything-several"]
	require.Empty(t, stack.Resource["aws_sns_topic"])
	for id, alarm := range stack.Resource["aws_cloudwatch_metric_alarm"] {
		topic := home
		if alarm["namespace"] == "AWS/CloudFront" {
			topic = edge
		}
		require.Equal(t, []any{topic}, alarm["alarm_actions"], id)
		require.Equal(t, []any{topic}, alarm["ok_actions"], id)
	}

	c := load(t, everything)
	full := c.Environments["full"]
	full.Monitoring.TopicARNs = []string{edge, home}
	c.Environments["full"] = full
	for id, alarm := range parse(t, synthesizeConfig(t, c)["everything-full"]).Resource["aws_cloudwatch_metric_alarm"] {
		want := []any{"${aws_sns_topic.alerts-home.arn}", home}
		if alarm["namespace"] == "AWS/CloudFront" {
			want = []any{"${aws_sns_topic.alerts.arn}", edge}
		}
		require.Equal(t, want, alarm["alarm_actions"], id)
	}
}

// A channel in Slack is told of every topic that an alarm tells, and who writes there can do no more than read
// CloudWatch.
func TestSlack(t *testing.T) {
	stack := allStacks(t)["everything-full"]
	channel := stack.Resource["aws_chatbot_slack_channel_configuration"]["alerts-slack"]
	require.Equal(t, []any{"${aws_sns_topic.alerts.arn}", "${aws_sns_topic.alerts-home.arn}"}, channel["sns_topic_arns"])
	require.Equal(t, []any{"arn:aws:iam::aws:policy/CloudWatchReadOnlyAccess"}, channel["guardrail_policy_arns"])
	require.Equal(t, "${aws_iam_role.alerts-slack.arn}", channel["iam_role_arn"])
	require.NotEmpty(t, stack.Resource["aws_iam_role"]["alerts-slack"]["permissions_boundary"])
	require.Equal(t, []any{"cloudwatch:Describe*", "cloudwatch:Get*", "cloudwatch:List*"}, statements(stack, "alerts-slack")[0]["actions"])

	c := load(t, everything)
	e := withOwnMaps(c.Environments["several"]) // which has topics of its own in both regions
	e.Monitoring.Slack = &config.Slack{WorkspaceID: "T0ACME5X1", ChannelID: "C07ALERTS3"}
	given := func(e config.Environment) []any {
		c.Environments = map[string]config.Environment{"several": e}
		return asList(parse(t, synthesizeConfig(t, c)["everything-several"]).Resource["aws_chatbot_slack_channel_configuration"]["alerts-slack"]["sns_topic_arns"])
	}
	edge, home := e.Monitoring.TopicARNs[0], e.Monitoring.TopicARNs[1]
	require.Equal(t, []any{edge, home}, given(e))
	for name, b := range e.Buckets {
		b.InvalidateOnChange = false
		e.Buckets[name] = b
	}
	require.Equal(t, []any{edge}, given(e), "there are no alarms in the environment's region")
	e.Models.InvalidateOnChange = true
	e.Region, e.Monitoring.TopicARNs = "us-east-1", []string{edge}
	require.Equal(t, []any{edge}, given(e), "once")
}

func texts(list []any) []string {
	var all []string
	for _, v := range list {
		all = append(all, v.(string))
	}
	return all
}
