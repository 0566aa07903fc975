// Package edgetest has a distribution for the tests of those who ask the model of the edge.
package edgetest

import (
	_ "embed"
	"testing"

	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/internal/edge"
)

//go:embed edge.tf.json
var stack []byte

// Distribution is that of a stack with everything that the model knows.
func Distribution(t testing.TB) *edge.Distribution {
	t.Helper()
	d, err := edge.Parse(stack)
	require.NoError(t, err)
	return d
}
