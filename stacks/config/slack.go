package config

import (
	"regexp"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws/arn"

	"ml-api-accelerator/stacks/config/declare"
)

// Slack is a channel that is told of alarms by Amazon Q Developer in chat applications, once AWS Chatbot.
type Slack struct{ WorkspaceID, ChannelID string }

// Ids as Slack gives them; those of direct messages begin with D.
var (
	slackWorkspace = regexp.MustCompile(`^[TE][A-Z0-9]{1,254}$`)
	slackChannel   = regexp.MustCompile(`^[CG][A-Z0-9]{1,254}$`)
)

// Declare implements [declare.Section].
func (s *Slack) Declare(f *declare.Fields) {
	f.Text("workspaceId", &s.WorkspaceID,
		"Id of the workspace, in which Amazon Q Developer in chat applications is authorized once, in its console.").
		Required().
		Matches(ruleSlack, slackWorkspace, "be the id of a workspace, not its name: T and more capital letters and digits").
		Explain(slackMeant)
	f.Text("channelId", &s.ChannelID,
		"Id of the channel, the last part of its link in Slack. Invite @Amazon Q to a private one.").
		Required().
		Matches(ruleSlack, slackChannel,
			"be the id of a channel, not its name: C or G and more capital letters and digits").
		Explain(slackMeant)
}

// slackMeant finds an id in a link, or the other of the two.
func slackMeant(value any) string {
	text, _ := value.(string)
	_, id, isLink := strings.Cut(text, "/archives/")
	id, _, _ = strings.Cut(id, "/")
	switch {
	case isLink && slackChannel.MatchString(id):
		return "; write " + id + ", which is the id in this link"
	case slackChannel.MatchString(text):
		return "; that is the id of a channel"
	case slackWorkspace.MatchString(text):
		return "; that is the id of a workspace"
	}
	return ""
}

// slackRegions are those in which the service subscribes to topics (Amazon Q Developer in chat applications
// Administrator Guide, Service-linked role for performing operations on Amazon SNS topics and CloudWatch Logs). AWS may
// have added others since.
var slackRegions = []string{
	"ap-northeast-1", "ap-northeast-2", "ap-northeast-3", "ap-south-1", "ap-southeast-1", "ap-southeast-2",
	"ca-central-1", "eu-central-1", "eu-west-1", "eu-west-2", "eu-west-3", "sa-east-1",
	"us-east-1", "us-east-2", "us-west-1", "us-west-2",
}

// checkSlack warns of alarms that may not reach the channel. failed says that there are alarms in the region of the
// environment, and not only in that of CloudFront's metrics.
func (m Monitoring) checkSlack(r *declare.Report, at declare.Path, region string, failed bool, account string) {
	if m.Slack == nil {
		return
	}
	if failed && !slices.Contains(slackRegions, region) {
		r.Warn(ruleSlack, at.Field("slack"),
			"may not be told of failed invalidations: AWS doesn't list %q among the regions of Amazon Q Developer in chat "+
				"applications", region)
	}
	for i, topic := range m.TopicARNs {
		got, err := arn.Parse(topic)
		if err == nil && account != "" && got.AccountID != account {
			r.Warn(ruleSlack, at.Field("topicArns").Index(i),
				"is of account %s: the channel is told only if the topic's policy lets the role AWSServiceRoleForAWSChatbot "+
					"of account %s subscribe", got.AccountID, account)
		}
	}
}

// checkSlack lets only one environment of an account have a channel: a second one is refused (hashicorp/
// terraform-provider-awscc, issue 1011). Those that don't say their account may have different ones.
func (c Config) checkSlack(r *declare.Report) {
	firsts := map[Slack][]string{}
	for _, name := range c.EnvironmentNames() {
		m := c.Environments[name].Monitoring
		if !m.Enabled || m.Slack == nil {
			continue
		}
		at := declare.Path{environments, name, "monitoring", "slack", "channelId"}
		for _, first := range firsts[*m.Slack] {
			if !c.mayShareAccount(first, name) {
				continue
			}
			class, says := Hard, "must differ from %s, got %q for both, which an account can have only once"
			if c.Environments[name].Account.ID == "" || c.Environments[first].Account.ID == "" {
				class, says = Warning,
					"is that of %s, too, %q, which an account can have only once; fine if they have two (account.id)"
			}
			r.Add(class, ruleSlack, at, says+"; in one account, give both environments the same topics in topicArns, "+
				"and slack to one of them",
				declare.Path{environments, first, "monitoring", "slack", "channelId"}, m.Slack.ChannelID)
			break
		}
		firsts[*m.Slack] = append(firsts[*m.Slack], name)
	}
}
