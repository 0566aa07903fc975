package deployer

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestTable holds the table to know every type of the reviewed stacks, and no other.
func TestTable(t *testing.T) {
	files, err := filepath.Glob("../../testdata/*.tf.json")
	require.NoError(t, err)
	used := map[string]bool{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		s, err := parse(text)
		require.NoError(t, err)
		for kind := range s.kinds() {
			require.Contains(t, table, kind, file)
			used[kind] = true
		}
	}
	require.Equal(t, slices.Sorted(maps.Keys(used)), slices.Sorted(maps.Keys(table)), "the table has types that no stack uses")
}
