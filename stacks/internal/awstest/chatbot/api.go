// Package chatbot is the part of the API of Amazon Q Developer in chat applications, once AWS Chatbot, that is about
// channels in Slack, with a memory. It refuses what the service refuses. Nobody is told of anything.
package chatbot

import (
	"encoding/json"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"

	"ml-api-accelerator/stacks/internal/awstest/wire"
)

// Surroundings are what the service finds in the account.
type Surroundings interface {
	TopicExists(arn string) bool
	RoleExists(arn string) bool
}

// API answers the calls about the channels of an account.
type API struct {
	account string
	around  Surroundings

	mu         sync.Mutex // guards what follows
	workspaces []string
	channels   []*Channel
}

// Channel is a channel that is told, as the API returns it.
type Channel struct {
	ChatConfigurationArn      string
	ConfigurationName         string
	GuardrailPolicyArns       []string
	IamRoleArn                string
	LoggingLevel              string
	SlackChannelId            string
	SlackChannelName          string
	SlackTeamId               string
	SlackTeamName             string
	SnsTopicArns              []string
	Tags                      []Tag
	UserAuthorizationRequired bool
	State                     string
}

// Tag is one of a channel.
type Tag struct{ TagKey, TagValue string }

// New makes an API of an account in which no workspace is authorized.
func New(account string, around Surroundings) *API { return &API{account: account, around: around} }

// Authorize authorizes a workspace, as somebody does in the console.
func (api *API) Authorize(workspace string) {
	api.mu.Lock()
	defer api.mu.Unlock()
	api.workspaces = append(api.workspaces, workspace)
}

// Channels returns the channels there are.
func (api *API) Channels() []Channel {
	api.mu.Lock()
	defer api.mu.Unlock()
	var list []Channel
	for _, c := range api.channels {
		list = append(list, *c)
	}
	return list
}

// Action names a call as IAM does: its path has the words of the name.
func Action(r *http.Request) string {
	name := ""
	for word := range strings.SplitSeq(strings.Trim(r.URL.Path, "/"), "-") {
		if word != "" {
			name += strings.ToUpper(word[:1]) + word[1:]
		}
	}
	return name
}

// The errors of the API (API Reference, the section Errors of each call).
var (
	invalidParameter = wire.Error{Status: http.StatusBadRequest, Code: "InvalidParameterException"}
	invalidRequest   = wire.Error{Status: http.StatusBadRequest, Code: "InvalidRequestException"}
	conflict         = wire.Error{Status: http.StatusConflict, Code: "ConflictException"}
	missing          = wire.Error{Status: http.StatusNotFound, Code: "ResourceNotFoundException"}
)

// What may stand in the fields (API Reference, CreateSlackChannelConfiguration).
var patterns = map[string]*regexp.Regexp{
	"ConfigurationName": regexp.MustCompile(`^[A-Za-z0-9_-]{1,128}$`),
	"SlackTeamId":       regexp.MustCompile(`^[0-9A-Z]{1,255}$`),
	"SlackChannelId":    regexp.MustCompile(`^[A-Za-z0-9]{1,255}$`),
	"LoggingLevel":      regexp.MustCompile(`^(ERROR|INFO|NONE)$`),
}

// input is that of any call.
type input struct {
	Channel
	ResourceARN string
	TagKeys     []string
}

// Serve answers a call.
func (api *API) Serve(w http.ResponseWriter, action string, body []byte) {
	api.mu.Lock()
	defer api.mu.Unlock()
	var in input
	if err := json.Unmarshal(body, &in); err != nil {
		wire.WriteJSON(w, nil, err)
		return
	}
	answer, err := any(nil), error(nil)
	switch action {
	case "CreateSlackChannelConfiguration":
		answer, err = api.create(in.Channel)
	case "DescribeSlackChannelConfigurations":
		found := []*Channel{}
		for _, c := range api.channels {
			if in.ChatConfigurationArn == "" || c.ChatConfigurationArn == in.ChatConfigurationArn {
				found = append(found, c)
			}
		}
		answer = map[string]any{"SlackChannelConfigurations": found}
	case "UpdateSlackChannelConfiguration":
		answer, err = api.update(in.Channel)
	case "DeleteSlackChannelConfiguration":
		if err = api.remove(in.ChatConfigurationArn); err == nil {
			w.WriteHeader(http.StatusNoContent)
			return
		}
	case "ListTagsForResource", "TagResource", "UntagResource":
		answer, err = api.tag(action, in)
	default:
		err = wire.Error{Status: http.StatusNotImplemented, Code: "NotImplemented"}.Say("the stand-in does not answer %s", action)
	}
	wire.WriteJSON(w, answer, err)
}

func (api *API) create(c Channel) (any, error) {
	c.ChatConfigurationArn = "arn:aws:chatbot::" + api.account + ":chat-configuration/slack-channel/" + c.ConfigurationName
	if c.LoggingLevel == "" {
		c.LoggingLevel = "NONE"
	}
	if err := api.check(c); err != nil {
		return nil, err
	}
	if api.channel(c.ChatConfigurationArn) != nil {
		return nil, conflict.Say("A configuration with name %s already exists.", c.ConfigurationName)
	}
	if c.GuardrailPolicyArns == nil {
		c.GuardrailPolicyArns = []string{"arn:aws:iam::aws:policy/AdministratorAccess"}
	}
	c.SlackTeamName, c.SlackChannelName, c.State = "workspace", "channel", "ENABLED"
	api.channels = append(api.channels, &c)
	return map[string]any{"ChannelConfiguration": c}, nil
}

// update changes what a call names. The workspace and the name of a configuration stay.
func (api *API) update(c Channel) (any, error) {
	old := api.channel(c.ChatConfigurationArn)
	if old == nil {
		return nil, missing.Say("We were unable to find the resource for your request")
	}
	changed := *old
	changed.SlackChannelId = c.SlackChannelId
	if c.SnsTopicArns != nil {
		changed.SnsTopicArns = c.SnsTopicArns
	}
	if c.GuardrailPolicyArns != nil {
		changed.GuardrailPolicyArns = c.GuardrailPolicyArns
	}
	if c.IamRoleArn != "" {
		changed.IamRoleArn = c.IamRoleArn
	}
	if c.LoggingLevel != "" {
		changed.LoggingLevel = c.LoggingLevel
	}
	if err := api.check(changed); err != nil {
		return nil, err
	}
	*old = changed
	return map[string]any{"ChannelConfiguration": changed}, nil
}

// check refuses a channel as the service does. Which message it has for a topic or a role isn't documented. That a
// channel is another one's is as users report it (hashicorp/terraform-provider-awscc, issue 1011). It isn't looked up in
// Slack.
func (api *API) check(c Channel) error {
	for name, value := range map[string]string{
		"ConfigurationName": c.ConfigurationName, "SlackTeamId": c.SlackTeamId, "SlackChannelId": c.SlackChannelId,
		"LoggingLevel": c.LoggingLevel,
	} {
		if !patterns[name].MatchString(value) {
			return invalidParameter.Say("%s: %q does not match %s", name, value, patterns[name])
		}
	}
	if !slices.Contains(api.workspaces, c.SlackTeamId) {
		return invalidRequest.Say("Invalid request provided: Slack team %s is not authorized for AWS account %s", c.SlackTeamId, api.account)
	}
	for _, other := range api.channels {
		if other.ChatConfigurationArn != c.ChatConfigurationArn && other.SlackTeamId == c.SlackTeamId && other.SlackChannelId == c.SlackChannelId {
			return invalidRequest.Say("Invalid request provided: Slack channel with ID %s in Slack team %s has already been configured for AWS account %s",
				c.SlackChannelId, c.SlackTeamId, api.account)
		}
	}
	if !api.around.RoleExists(c.IamRoleArn) {
		return invalidRequest.Say("Invalid request provided: role %s does not exist", c.IamRoleArn)
	}
	for _, topic := range c.SnsTopicArns {
		if !api.around.TopicExists(topic) {
			return invalidRequest.Say("Invalid request provided: topic %s does not exist", topic)
		}
	}
	return nil
}

// channel returns the one of an ARN, or nil.
func (api *API) channel(arn string) *Channel {
	for _, c := range api.channels {
		if c.ChatConfigurationArn == arn {
			return c
		}
	}
	return nil
}

func (api *API) remove(arn string) error {
	c := api.channel(arn)
	if c == nil {
		return missing.Say("We were unable to find the resource for your request")
	}
	api.channels = slices.DeleteFunc(api.channels, func(other *Channel) bool { return other == c })
	return nil
}

func (api *API) tag(action string, in input) (any, error) {
	c := api.channel(in.ResourceARN)
	if c == nil {
		return nil, missing.Say("We were unable to find the resource for your request")
	}
	if action == "ListTagsForResource" {
		return map[string]any{"Tags": c.Tags}, nil
	}
	keys := in.TagKeys
	for _, tag := range in.Tags {
		keys = append(keys, tag.TagKey)
	}
	c.Tags = append(slices.DeleteFunc(c.Tags, func(t Tag) bool { return slices.Contains(keys, t.TagKey) }), in.Tags...)
	return struct{}{}, nil
}
