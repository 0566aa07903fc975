package stacks_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/internal/names"
)

// TestVPCOriginsAreReplaced holds that the address and the name of a VPC origin end with the fingerprint of
// everything that CloudFront wouldn't update while a distribution uses it.
func TestVPCOriginsAreReplaced(t *testing.T) {
	found := false
	for name, stack := range allStacks(t) {
		for id, resource := range stack.Resource["aws_cloudfront_vpc_origin"] {
			endpoint := at(resource, "vpc_origin_endpoint_config", 0).(object)
			require.Equal(t, []string{"arn", "http_port", "https_port", "name", "origin_protocol_policy", "origin_ssl_protocols"},
				slices.Sorted(maps.Keys(endpoint)), "%s: what else is there belongs into the fingerprint", name)
			fingerprint := names.Fingerprint(endpoint["arn"].(string), fmt.Sprint(endpoint["http_port"]), fmt.Sprint(endpoint["https_port"]),
				endpoint["origin_protocol_policy"].(string), at(endpoint, "origin_ssl_protocols", 0, "items", 0).(string))
			require.Equal(t, "api-"+fingerprint, id, name)
			require.Equal(t, name+"-api-"+fingerprint, endpoint["name"], name)
			require.Equal(t, true, at(resource, "lifecycle", "create_before_destroy"), name)
			found = true
		}
	}
	require.True(t, found)
}

// TestSubscriptionsKeepTheirAddress takes the first e-mail address out of a list: the others must not become another's
// subscription, which SNS would end with it.
func TestSubscriptionsKeepTheirAddress(t *testing.T) {
	c := load(t, everything)
	full := c.Environments["full"]
	subscriptions := func(emails ...string) map[any]string {
		full.Monitoring.Emails = emails
		c.Environments["full"] = full
		found := map[any]string{}
		for id, s := range parse(t, synthesizeConfig(t, c)["everything-full"]).Resource["aws_sns_topic_subscription"] {
			if s["topic_arn"] == "${aws_sns_topic.alerts.arn}" {
				found[s["endpoint"]] = id
			}
		}
		return found
	}
	before := subscriptions("a@example.com", "b@example.com", "B.@example.com")
	require.Len(t, before, 3)
	require.Equal(t, map[any]string{"b@example.com": before["b@example.com"]}, subscriptions("b@example.com"))
}

// TestMovedLeadsToWhatIsThere holds that what has another address now is renamed to one that the stack declares.
func TestMovedLeadsToWhatIsThere(t *testing.T) {
	seen := map[string]bool{}
	for name, text := range allTexts(t) {
		var stack struct {
			Moved []struct{ From, To string }
		}
		require.NoError(t, json.Unmarshal(text, &stack))
		addresses := parse(t, text).Addresses()
		for _, m := range stack.Moved {
			require.Contains(t, addresses, m.To, name)
			require.NotContains(t, addresses, m.From, name)
			seen[m.From] = true
		}
	}
	require.Contains(t, seen, "aws_sns_topic_subscription.alerts-home-email-1")
}
