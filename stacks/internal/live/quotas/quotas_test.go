package quotas_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/config"
	"ml-api-accelerator/stacks/internal/live/quotas"
)

// TestKnown holds that exactly the fields of quotas are asked for, and each in one way only.
func TestKnown(t *testing.T) {
	var known []string
	codes := map[string]bool{}
	for _, q := range quotas.Known {
		known = append(known, q.Field)
		require.NotEmpty(t, q.Names, q.Field)
		require.Contains(t, []string{"cloudfront", "acm", "wafv2"}, q.Service)
		if q.Code != "" {
			require.Regexp(t, `^L-[0-9A-F]{8}$`, q.Code)
			require.False(t, codes[q.Code], q.Code)
		}
		codes[q.Code] = true
	}
	environment := config.Schema().Properties["context"].Properties["accelerator"].Properties["environments"].Values
	require.ElementsMatch(t, environment.Properties["quotas"].FieldNames(), known)
	require.Equal(t, "originReadTimeoutSeconds", known[0])
}
