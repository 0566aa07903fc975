package edge

import (
	"testing"

	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/internal/edge/freshness"
)

func TestBounds(t *testing.T) {
	d := parsed(t)
	require.Equal(t, freshness.Bounds{MinTTL: 0, DefaultTTL: 60, MaxTTL: 300, ErrorMinTTL: 0}, d.Decide(Request{URL: "/v1/models"}).Behavior.Bounds(404))
	require.Equal(t, freshness.Bounds{MinTTL: 0, DefaultTTL: 60, MaxTTL: 300, ErrorMinTTL: 7}, d.Decide(Request{URL: "/v1/models"}).Behavior.Bounds(502))
	require.Equal(t, freshness.Bounds{MinTTL: 0, DefaultTTL: 60, MaxTTL: 300, ErrorMinTTL: 10}, d.Decide(Request{URL: "/v1/models"}).Behavior.Bounds(503))
	require.Equal(t, freshness.Bounds{MinTTL: 1, DefaultTTL: 86_400, MaxTTL: 31_536_000, ErrorMinTTL: 1}, d.Decide(Request{URL: "/models/a"}).Behavior.Bounds(404), "a bucket's errors are kept for at least 1 s")
}
