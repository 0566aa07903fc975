package stacks_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/config"
	"ml-api-accelerator/stacks/internal/awstest/chatbot"
)

// TestLongDeployAlerts tells a channel in Slack of alarms: by topics of its own, in another channel, by topics that are
// there already, and no longer.
func TestLongDeployAlerts(t *testing.T) {
	aws := needAWS(t)
	c := backendConfig(t, `"account": {"id": "111122223333"}, "api": {"domainName": "backend.example.net"},
		"monitoring": {"enabled": true, "emails": ["ops@example.net"], "slack": {"workspaceId": "T0ACME5X1", "channelId": "C07ALERTS2"}}`)
	aws.CreateBucket(t, c.State.Region, c.State.Bucket)
	base := c.Environments["dev"]
	base.Models.InvalidateOnChange = true // for an alarm in the region of the environment, beside those of us-east-1
	with := func(change func(*config.Monitoring)) []byte {
		e := base
		change(&e.Monitoring)
		return synthesizeAs(t, c, "dev", e)
	}
	edge, home := aws.CreateTopic(t, "us-east-1", "alarms"), aws.CreateTopic(t, "eu-west-1", "alarms")
	other := &config.Slack{WorkspaceID: "T0ACME5X1", ChannelID: "C07ALERTS3"}
	told := with(func(*config.Monitoring) {})
	moved := with(func(m *config.Monitoring) { m.Slack = other })
	given := with(func(m *config.Monitoring) { m.Slack, m.Emails, m.TopicARNs = other, nil, []string{edge, home} })
	silent := with(func(m *config.Monitoring) { m.Slack = nil })
	sideBySide(t)

	channel := func(t *testing.T) chatbot.Channel {
		t.Helper()
		require.Len(t, aws.Chat().Channels(), 1)
		return aws.Chat().Channels()[0]
	}
	dev := newDeployment(t, aws, told, patience(t, told))
	step(t, "without the workspace, which somebody authorizes, the deploy fails, and goes on afterwards", func(t *testing.T) {
		require.ErrorContains(t, dev.Apply(t.Context()), "not authorized for AWS account")
		aws.Chat().Authorize("T0ACME5X1")
		dev.apply(t)
		made := channel(t)
		require.Equal(t, "C07ALERTS2", made.SlackChannelId)
		ours := "arn:aws:sns:eu-west-1:111122223333:demo-dev-alerts"
		require.ElementsMatch(t, []string{"arn:aws:sns:us-east-1:111122223333:demo-dev-alerts", ours}, made.SnsTopicArns)
		require.Equal(t, []string{"arn:aws:iam::aws:policy/CloudWatchReadOnlyAccess"}, made.GuardrailPolicyArns)
		require.Contains(t, made.Tags, chatbot.Tag{TagKey: stackTag, TagValue: "demo-dev"})
		dev.requireNoChanges(t)
	})
	step(t, "another channel, in the place of the first", func(t *testing.T) {
		dev.deploy(t, moved)
		require.Equal(t, "C07ALERTS3", channel(t).SlackChannelId)
		require.Empty(t, aws.CallsTo("chatbot:CreateSlackChannelConfiguration"))
	})
	step(t, "topics that are there already, instead of those of the stack", func(t *testing.T) {
		dev.deploy(t, given)
		require.ElementsMatch(t, []string{edge, home}, channel(t).SnsTopicArns)
		dev.requireNoChanges(t)
	})
	step(t, "nobody is told in Slack any longer", func(t *testing.T) {
		dev.deploy(t, silent)
		require.Empty(t, aws.Chat().Channels())
		dev.requireNoChanges(t)
	})
	step(t, "destroyed with a channel, it leaves none", func(t *testing.T) {
		dev.deploy(t, told)
		channel(t)
		dev.destroy(t, withoutRefresh)
		require.Empty(t, aws.Chat().Channels())
		require.Empty(t, aws.Resources())
	})
}
