package stacks_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/config"
)

// changeLogs takes the access logs of a deployment from version 1 to version 2, and back: nothing is replaced, and afterwards nothing is
// left to do, so AWS has added nothing to the policy of the bucket. It leaves version 2.
func (d deployment) changeLogs(t *testing.T, bucket string, synth func(change func(*config.Environment)) []byte) {
	t.Helper()
	deploy := func(t *testing.T, change func(*config.Environment)) []string {
		t.Helper()
		d.deploy(t, synth(change))
		var calls []string
		for _, call := range writes(d) { // one whose answer is lost is repeated
			if !slices.Contains(calls, call) {
				calls = append(calls, call)
			}
		}
		return calls
	}
	requireVersion1 := func(t *testing.T, want bool) {
		t.Helper()
		_, made := sent[wireDistribution](t, d.aws, "Distribution")
		require.Equal(t, want, made.Logging.Bucket != "")
	}
	var (
		policy, acl = "s3:PutBucketPolicy " + bucket, "s3:PutBucketAcl " + bucket
		made        = []string{"logs:PutDeliverySource", "logs:PutDeliveryDestination", "logs:CreateDelivery"}
	)
	step(t, "version 2 of the logs is delivered beside version 1", func(t *testing.T) {
		calls := deploy(t, func(e *config.Environment) { e.Logging.Version, e.Logging.RetiredVersion = 2, 1 })
		require.ElementsMatch(t, append(made, policy), calls)
		require.Less(t, slices.Index(calls, policy), slices.Index(calls, "logs:CreateDelivery"))
		requireVersion1(t, true)
		d.requireNoChanges(t)
	})
	step(t, "version 1 of the logs ends", func(t *testing.T) {
		calls := deploy(t, func(e *config.Environment) { e.Logging.RetiredVersion = 0 })
		require.ElementsMatch(t, []string{"cloudfront:UpdateDistribution", acl}, calls)
		requireVersion1(t, false)
	})
	step(t, "logs go to another folder, and all has other tags", func(t *testing.T) {
		calls := deploy(t, func(e *config.Environment) {
			e.Logging.Prefix = "edge/"
			e.Tags = map[string]string{"team": "ml"}
		})
		calls = slices.DeleteFunc(calls, func(call string) bool { return !strings.HasPrefix(call, "logs:") && call != policy })
		require.ElementsMatch(t, []string{"logs:UpdateDeliveryConfiguration", "logs:TagResource"}, calls)
		d.requireNoChanges(t)
	})
	step(t, "version 1 of the logs comes back", func(t *testing.T) {
		calls := deploy(t, func(e *config.Environment) { e.Logging.Version = 1 })
		require.ElementsMatch(t, []string{"logs:DeleteDelivery", "logs:DeleteDeliverySource", "logs:DeleteDeliveryDestination",
			policy, acl, "cloudfront:UpdateDistribution"}, calls)
		require.Less(t, slices.Index(calls, "logs:DeleteDelivery"), slices.Index(calls, policy))
		requireVersion1(t, true)
	})
	step(t, "and gives way to version 2 at once", func(t *testing.T) {
		require.ElementsMatch(t, append(made, policy, acl, "cloudfront:UpdateDistribution"), deploy(t, func(e *config.Environment) { e.Logging.Version = 2 }))
	})
}
