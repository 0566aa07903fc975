package config_test

import (
	"fmt"

	"ml-api-accelerator/stacks/config"
)

func slackRows() []row {
	const channel = `"workspaceId": "T0ACME5X1", "channelId": "C07ALERTS2"`
	slack := func(before, fields string) string {
		return `{` + before + `"monitoring": {"enabled": true, "slack": {` + fields + `}}}`
	}
	topic := func(account string) string {
		return `{"account": {"id": "444433332222"}, "monitoring": {"enabled": true,
			"topicArns": ["arn:aws:sns:us-east-1:` + account + `:alarms"], "slack": {` + channel + `}}}`
	}
	// Two environments with a channel each, the second of another account; without an id, of any.
	twice := func(name, other, channel string, says func(rule, path string) config.Problem) row {
		environment := `{"region": "us-east-1", "account": {"id": "%s"}, "api": {"domainName": "%s.example.com"},
			"monitoring": {"enabled": true, "slack": {"workspaceId": "T0ACME5X1", "channelId": "%s"}}}`
		r := row{name: name, patch: fmt.Sprintf(`{"environments": {"dev": null, "a": `+environment+`, "b": `+environment+`}}`,
			"444433332222", "a", "C07ALERTS2", other, "b", channel)}
		if says != nil {
			r.want = is(says("M7", "environments.b.monitoring.slack.channelId"))
		}
		return r
	}
	return append(inDev(
		row{"M7 Slack", slack("", channel), nil},
		row{"M7 private channel of an organization", slack("", `"workspaceId": "E0ACME5X1", "channelId": "G07ALERTS2"`), nil},
		row{"M7 names of Slack", slack("", `"workspaceId": "acme", "channelId": "#alerts"`),
			is(hard("M7", "monitoring.slack.channelId"), hard("M7", "monitoring.slack.workspaceId"))},
		row{"M7 ids the other way round", slack("", `"workspaceId": "C07ALERTS2", "channelId": "T0ACME5X1"`),
			is(hard("M7", "monitoring.slack.channelId"), hard("M7", "monitoring.slack.workspaceId"))},
		row{"M7 a link", slack("", `"workspaceId": "T0ACME5X1", "channelId": "https://acme.slack.com/archives/C07ALERTS2/p1"`),
			is(hard("M7", "monitoring.slack.channelId"))},
		row{"M7 a direct message", slack("", `"workspaceId": "T0ACME5X1", "channelId": "D07ALERTS2"`),
			is(hard("M7", "monitoring.slack.channelId"))},
		row{"M7 no channel", slack("", `"workspaceId": "T0ACME5X1"`), is(hard("S4", "monitoring.slack.channelId"))},
		row{"M7 far from Slack", slack(`"region": "eu-north-1", "models": {"invalidateOnChange": true}, `, channel), is(warning("M7", "monitoring.slack"))},
		row{"M7 far from Slack, without alarms there", slack(`"region": "eu-north-1", `, channel), nil},
		row{"M7 topic of another account", topic("999988887777"),
			is(warning("M7", "monitoring.topicArns[0]"))},
		row{"M7 topic of the account", topic("444433332222"), nil},
		row{"U1 Slack without monitoring", `{"monitoring": {"slack": {"workspaceId": "T0ACME5X1", "channelId": "C07ALERTS2"}}}`,
			is(warning("U1", "monitoring"))},
	),
		twice("M7 a channel twice in an account", "444433332222", "C07ALERTS2", hard),
		twice("M7 a channel in two accounts", "999988887777", "C07ALERTS2", nil),
		twice("M7 a channel perhaps twice in an account", "", "C07ALERTS2", warning),
		twice("M7 two channels", "444433332222", "C07ALERTS3", nil),
	)
}
