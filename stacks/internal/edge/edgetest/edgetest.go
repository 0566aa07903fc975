// Package edgetest has a distribution for the tests of those who ask the model of the edge.
package edgetest

import (
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/internal/edge"
)

// Distribution is that of a stack with everything that the model knows.
func Distribution(t testing.TB) *edge.Distribution {
	t.Helper()
	_, here, _, _ := runtime.Caller(0)
	stack, err := os.ReadFile(filepath.Join(filepath.Dir(here), "../testdata/edge.tf.json"))
	require.NoError(t, err)
	d, err := edge.Parse(stack)
	require.NoError(t, err)
	return d
}
