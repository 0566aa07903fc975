package compare

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/internal/edge"
	"ml-api-accelerator/stacks/internal/edge/edgetest"
	"ml-api-accelerator/stacks/internal/shared/viewerrequest"
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

// BenchmarkCallers compares one environment before and after a change, without functions and with one that knows the
// callers and has a canary: each request is decided by running it.
func BenchmarkCallers(b *testing.B) {
	forwards := func(o *viewerrequest.Options) { o.ForwardKey = true }
	plain, other := edgetest.WithoutCallers(b), edgetest.WithoutCallers(b)
	other.HTTPVersion = "http1.1"
	for name, sides := range map[string][2]*edge.Distribution{
		"without": {plain, other}, "with": {edgetest.Callers(b), edgetest.Callers(b, forwards)},
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				require.NotEmpty(b, Compare(map[string]*edge.Distribution{"prod": sides[0]}, map[string]*edge.Distribution{"prod": sides[1]}, nil))
			}
		})
	}
}
