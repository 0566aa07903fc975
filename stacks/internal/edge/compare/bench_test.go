package compare

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// BenchmarkManyEnvironments reads and compares a hundred environments, of which every one has changed.
func BenchmarkManyEnvironments(b *testing.B) {
	text, err := os.ReadFile(fixture)
	require.NoError(b, err)
	before, after := b.TempDir(), b.TempDir()
	for i := range 100 {
		for dir, text := range map[string]string{before: string(text), after: strings.ReplaceAll(string(text), `"path_pattern": "/private/*"`, `"path_pattern": "/internal/*"`)} {
			stack := filepath.Join(dir, "stacks", fmt.Sprintf("ml-api-%d", i))
			require.NoError(b, os.MkdirAll(stack, 0o700))
			require.NoError(b, os.WriteFile(filepath.Join(stack, "cdk.tf.json"), []byte(text), 0o600))
		}
	}
	for b.Loop() {
		was, err := Read(before)
		require.NoError(b, err)
		is, err := Read(after)
		require.NoError(b, err)
		require.Len(b, Compare(was, is, nil), 200)
	}
}
