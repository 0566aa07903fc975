package stacks_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/internal/shared/names"
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
			to, _, _ := strings.Cut(m.To, "[") // one of several
			require.Contains(t, addresses, to, name)
			require.NotContains(t, addresses, m.From, name)
			seen[m.From] = true
		}
	}
	require.Contains(t, seen, "aws_sns_topic_subscription.alerts-home-email-1")
	require.Contains(t, seen, "aws_s3_bucket_policy.replica")
}

// TestBucketsAreKept holds that Terraform refuses to destroy a bucket that isn't to be deleted with its objects, and
// that one which may be destroyed is in use, with all its parts, until the new one is.
func TestBucketsAreKept(t *testing.T) {
	for name, stack := range allStacks(t) {
		for id, bucket := range stack.Resource["aws_s3_bucket"] {
			require.Equal(t, bucket["force_destroy"] != true, at(bucket, "lifecycle", "prevent_destroy"), "%s: %s", name, id)
			for kind, resources := range stack.Resource {
				if resource := resources[id]; slices.Contains(partsOfBuckets(t), kind) && resource != nil {
					require.Equal(t, true, at(resource, "lifecycle", "create_before_destroy"), "%s: %s.%s", name, kind, id)
				}
			}
		}
	}
}

// TestBucketsAreMissed holds that every bucket with a name stands among those that may be deleted, or those that may not
// and that Terraform then refuses to forget.
func TestBucketsAreMissed(t *testing.T) {
	for name, stack := range allStacks(t) {
		data := stack.Resource["terraform_data"]
		if strings.HasSuffix(name, "-state") {
			require.Empty(t, data, name)
			continue
		}
		require.Equal(t, true, at(data["kept-buckets"], "lifecycle", "prevent_destroy"), name)
		require.NotEqual(t, true, at(data["deletable-buckets"], "lifecycle", "prevent_destroy"), name)
		for id, bucket := range stack.Resource["aws_s3_bucket"] {
			if id == "logs" || id == "models" || strings.Contains(id, "replica-") {
				continue
			}
			deletable := bucket["force_destroy"] == true
			quoted := `"` + id + `"`
			require.Equal(t, !deletable, strings.Contains(fmt.Sprint(data["kept-buckets"]["for_each"]), quoted), "%s: %s", name, id)
			require.Equal(t, deletable, strings.Contains(fmt.Sprint(data["deletable-buckets"]["for_each"]), quoted), "%s: %s", name, id)
		}
	}
}

// TestDistributionWaitsForPolicies holds that the distribution isn't led to a bucket that refuses it. A control's
// policy names the distribution, so that it can't come first.
func TestDistributionWaitsForPolicies(t *testing.T) {
	for name, stack := range allStacks(t) {
		edge := stack.Resource["aws_cloudfront_distribution"]["edge"]
		if edge == nil {
			continue
		}
		for id := range stack.Resource["aws_s3_bucket"] {
			if id == "logs" {
				continue
			}
			policy := "aws_s3_bucket_policy." + id
			if who := at(statements(stack, id)[0], "principals", 0, "type"); who == "AWS" {
				require.Contains(t, edge["depends_on"], policy, name)
			} else {
				require.NotContains(t, asList(edge["depends_on"]), policy, name)
			}
		}
	}
}

// TestForgottenBucketsStayWhole holds that Terraform lets go of a bucket together with all its parts.
func TestForgottenBucketsStayWhole(t *testing.T) {
	require.ElementsMatch(t, partsOfBuckets(t), forgotten(t, allTexts(t)["everything-private"])["logs"])
	require.ElementsMatch(t, partsOfBuckets(t), forgotten(t, allTexts(t)["everything-private"])["replica-eu-west-3"])
	require.Empty(t, forgotten(t, allTexts(t)["everything-full"]), "they are still there")

	c := load(t, everything)
	private := c.Environments["private"]
	private.Logging.ForceDestroy, private.Models.ForceDestroy = true, true
	c.Environments["private"] = private
	require.Empty(t, forgotten(t, synthesizeConfig(t, c)["everything-private"]), "they are destroyed")
}

// TestReplicasHaveTheirRegionsProvider holds that what is in one region is never looked up in another, nor destroyed
// without its provider: addresses and aliases of a replica say its region.
func TestReplicasHaveTheirRegionsProvider(t *testing.T) {
	for name, stack := range allStacks(t) {
		for kind, resources := range stack.Resource {
			for id, resource := range resources {
				if alias, _ := resource["provider"].(string); strings.HasPrefix(alias, "aws.replica") {
					require.True(t, "aws."+id == alias || strings.HasSuffix(id, "-"+strings.TrimPrefix(alias, "aws.")), "%s: %s.%s", name, kind, id)
				}
			}
		}
		for _, p := range stack.Provider.AWS {
			if strings.HasPrefix(p.Alias, "replica") {
				require.Equal(t, "replica-"+p.Region, p.Alias, name)
				p.Alias, p.Region = "", stack.Provider.AWS[0].Region
				require.Equal(t, stack.Provider.AWS[0], p, "%s: the account and the role are the same in every region", name)
			}
		}
	}
	regions := map[string]bool{}
	for _, p := range allStacks(t)["everything-private"].Provider.AWS {
		regions[p.Region] = true
	}
	require.Equal(t, map[string]bool{"eu-west-1": true, "us-east-1": true, "eu-central-1": true, "eu-west-3": true}, regions)
}

// partsOfBuckets are the types of the resources under the name of a bucket that can be taken out.
func partsOfBuckets(t *testing.T) []string {
	kinds := map[string]bool{}
	for _, stack := range allStacks(t) {
		for kind, resources := range stack.Resource {
			for id := range resources {
				if strings.HasPrefix(kind, "aws_s3_bucket") && (id == "logs" || strings.Contains(id, "replica-")) { // the others have more
					kinds[kind] = true
				}
			}
		}
	}
	require.Greater(t, len(kinds), 5)
	return slices.Collect(maps.Keys(kinds))
}

// forgotten returns the types of the resources that Terraform lets go of, by local name.
func forgotten(t *testing.T, synthesized []byte) map[string][]string {
	t.Helper()
	var stack struct {
		Removed []struct {
			From      string
			Lifecycle struct{ Destroy *bool }
		}
	}
	require.NoError(t, json.Unmarshal(synthesized, &stack))
	found := map[string][]string{}
	for _, r := range stack.Removed {
		require.False(t, *r.Lifecycle.Destroy)
		kind, id, _ := strings.Cut(r.From, ".")
		found[id] = append(found[id], kind)
	}
	return found
}

// TestRegionsAreKept holds that each environment remembers its region, and checks it at every plan.
func TestRegionsAreKept(t *testing.T) {
	for name, stack := range allStacks(t) {
		if strings.HasSuffix(name, "-state") {
			continue
		}
		home := stack.Resource["terraform_data"]["home"]
		region := stack.Provider.AWS[0].Region
		require.Equal(t, region, at(home, "input", "region"), name)
		require.Equal(t, []any{"input"}, at(home, "lifecycle", "ignore_changes"), name)
		require.Equal(t, `${self.output.region == "`+region+`"}`, at(home, "lifecycle", "postcondition", 0, "condition"), name)
	}
}

// TestCertificatesBeginWithAShortName holds that the first name of a certificate isn't one that ACM refuses as such.
func TestCertificatesBeginWithAShortName(t *testing.T) {
	c := load(t, everything)
	full := c.Environments["full"]
	long := strings.Repeat("n", 60) + ".example.com"
	full.Domain.Aliases = []string{long, "ml.example.com", "a.example.com"}
	c.Environments["full"] = full
	certificate := parse(t, synthesizeConfig(t, c)["everything-full"]).Resource["aws_acm_certificate"]["edge"]
	require.Equal(t, "ml.example.com", certificate["domain_name"])
	require.Equal(t, []any{long, "a.example.com"}, certificate["subject_alternative_names"])
}
