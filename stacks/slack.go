package stacks

import (
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
	"github.com/cdktf/cdktf-provider-aws-go/aws/v19/chatbotslackchannelconfiguration"

	"ml-api-accelerator/stacks/config"
)

type slackProps struct {
	Slack    *config.Slack // nil: nobody is told there
	Topics   []string      // ARNs
	Name     string
	Boundary string // of the role; ARN of a policy
}

// slackGuardrail is the most that the members of the channel may do. Left out, it would be AdministratorAccess.
const slackGuardrail = "arn:aws:iam::aws:policy/CloudWatchReadOnlyAccess"

// newSlack has Amazon Q Developer in chat applications, once AWS Chatbot, tell a channel what topics tell, wherever
// they are: it has no Region. Its role only reads CloudWatch, for the charts in the messages (Administrator Guide, IAM
// policies, Notification permissions).
func newSlack(scope constructs.Construct, id string, props slackProps) {
	if props.Slack == nil {
		return
	}
	role := newServiceRole(scope, id, serviceRoleProps{
		Name:     props.Name + "-slack",
		Service:  "chatbot.amazonaws.com",
		Boundary: props.Boundary,
		Allowed: []statement{
			allow("Charts", []string{"cloudwatch:Describe*", "cloudwatch:Get*", "cloudwatch:List*"}, "*"),
		},
	})
	rename(chatbotslackchannelconfiguration.NewChatbotSlackChannelConfiguration(scope, jsii.String(id+"-channel"),
		&chatbotslackchannelconfiguration.ChatbotSlackChannelConfigurationConfig{
			ConfigurationName:   jsii.String(props.Name),
			SlackTeamId:         jsii.String(props.Slack.WorkspaceID),
			SlackChannelId:      jsii.String(props.Slack.ChannelID),
			SnsTopicArns:        jsii.Strings(props.Topics...),
			IamRoleArn:          jsii.String(role),
			GuardrailPolicyArns: jsii.Strings(slackGuardrail),
		}), id)
}
