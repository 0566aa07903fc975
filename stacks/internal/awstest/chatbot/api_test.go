package chatbot_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/internal/awstest/chatbot"
)

type account struct{}

func (account) TopicExists(arn string) bool { return strings.HasSuffix(arn, ":alerts") }
func (account) RoleExists(arn string) bool  { return strings.HasSuffix(arn, ":role/slack") }

func TestChannels(t *testing.T) {
	api := chatbot.New("111122223333", account{})
	api.Authorize("T1")
	const (
		arn     = "arn:aws:chatbot::111122223333:chat-configuration/slack-channel/"
		role    = `"IamRoleArn": "arn:aws:iam::111122223333:role/slack"`
		topic   = `"SnsTopicArns": ["arn:aws:sns:us-east-1:111122223333:alerts"]`
		unknown = `"SnsTopicArns": ["arn:aws:sns:us-east-1:111122223333:none"]`
		create  = "/create-slack-channel-configuration"
		update  = "/update-slack-channel-configuration"
		remove  = "/delete-slack-channel-configuration"
		all     = "/describe-slack-channel-configurations"
	)
	made := func(name, team, channel string, more ...string) string {
		return `{"ConfigurationName": "` + name + `", "SlackTeamId": "` + team + `", "SlackChannelId": "` + channel + `", ` + strings.Join(more, ", ") + `}`
	}
	of := func(name string, more ...string) string {
		return `{"ChatConfigurationArn": "` + arn + name + `"` + strings.Join(more, "") + `}`
	}
	tags := func(more string) string { return `{"ResourceARN": "` + arn + `a"` + more + `}` }
	for _, r := range []struct {
		path, body string
		status     int
		says       string
	}{
		{all, `{}`, 200, `{"SlackChannelConfigurations":[]}`},
		{create, made("a", "T2", "C1", role, topic), 400, "InvalidRequestException"},
		{create, made("a", "T1", "#alerts", role, topic), 400, "InvalidParameterException"},
		{create, made("a b", "T1", "C1", role, topic), 400, "InvalidParameterException"},
		{create, made("a", "T1", "C1", role, unknown), 400, "topic"},
		{create, made("a", "T1", "C1", `"IamRoleArn": "arn:aws:iam::111122223333:role/none"`), 400, "role"},
		{create, made("a", "T1", "C1", role, topic), 200, "AdministratorAccess"},
		{create, made("a", "T1", "C2", role, topic), 409, "ConflictException"},
		{create, made("b", "T1", "C1", role, topic), 400, "Slack channel with ID C1 in Slack team T1 has already been configured for AWS account 111122223333"},
		{create, made("b", "T1", "C2", role, `"GuardrailPolicyArns": ["arn:aws:iam::aws:policy/a"]`), 200, "policy/a"},
		{update, of("c", `, "SlackChannelId": "C3"`), 404, "ResourceNotFoundException"},
		{update, of("b", `, "SlackChannelId": "C1"`), 400, "already been configured"},
		{update, of("b", `, "SlackChannelId": "C3", `+unknown), 400, "topic"},
		{update, of("b", `, "SlackChannelId": "C3"`), 200, `"SlackChannelId":"C3"`},
		{all, of("b"), 200, `"SlackChannelId":"C3"`},
		{all, of("c"), 200, `{"SlackChannelConfigurations":[]}`},
		{"/tag-resource", tags(`, "Tags": [{"TagKey": "k", "TagValue": "1"}]`), 200, "{}"},
		{"/tag-resource", tags(`, "Tags": [{"TagKey": "k", "TagValue": "2"}]`), 200, "{}"},
		{"/list-tags-for-resource", tags(""), 200, `{"Tags":[{"TagKey":"k","TagValue":"2"}]}`},
		{"/untag-resource", tags(`, "TagKeys": ["k"]`), 200, "{}"},
		{"/list-tags-for-resource", tags(""), 200, `{"Tags":[]}`},
		{"/untag-resource", `{"ResourceARN": "` + arn + `c"}`, 404, "ResourceNotFoundException"},
		{remove, of("a"), 204, ""},
		{remove, of("a"), 404, "ResourceNotFoundException"},
		{"/get-account-preferences", `{}`, 501, "GetAccountPreferences"},
	} {
		request, w := httptest.NewRequest(http.MethodPost, r.path, nil), httptest.NewRecorder()
		api.Serve(w, chatbot.Action(request), []byte(r.body))
		require.Equal(t, r.status, w.Code, "%s %s: %s", r.path, r.body, w.Body)
		require.Contains(t, w.Body.String(), r.says, "%s %s", r.path, r.body)
	}
	require.Len(t, api.Channels(), 1)
}
