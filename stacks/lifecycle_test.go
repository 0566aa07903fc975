package stacks_test

import (
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
