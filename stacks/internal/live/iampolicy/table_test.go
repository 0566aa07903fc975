package iampolicy

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/internal/shared/stackjson"
)

// TestTable holds the table to know every type of the reviewed stacks, and no other.
func TestTable(t *testing.T) {
	files, err := filepath.Glob("../../../testdata/*.tf.json")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	used := map[string]bool{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		_, err = New(text)
		require.NoError(t, err, file)
		parsed, err := stackjson.Parse(text)
		require.NoError(t, err)
		for kind := range (stack{parsed}).kinds() {
			used[kind] = true
		}
	}
	require.ElementsMatch(t, slices.Collect(maps.Keys(used)), slices.Collect(maps.Keys(table)), "the table has types that no stack uses")
}
