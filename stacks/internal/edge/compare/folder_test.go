package compare

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// written is a folder with stacks of the given names, made from the fixture; that of the state has no distribution.
func written(t *testing.T, below string, names ...string) string {
	t.Helper()
	dir := t.TempDir()
	text, err := os.ReadFile(fixture)
	require.NoError(t, err)
	for _, name := range names {
		stack := filepath.Join(dir, below, name)
		require.NoError(t, os.MkdirAll(stack, 0o700))
		content := text
		if name == "ml-api-state" {
			content = []byte(`{"resource": {}}`)
		}
		require.NoError(t, os.WriteFile(filepath.Join(stack, "cdk.tf.json"), content, 0o600))
	}
	return dir
}

func TestRead(t *testing.T) {
	for _, r := range []struct {
		folder string
		want   []string
	}{
		{written(t, "stacks", "ml-api-dev", "ml-api-prod", "ml-api-state"), []string{"dev", "prod"}},
		{filepath.Join(written(t, "stacks", "ml-api-dev", "ml-api-state"), "stacks"), []string{"dev"}},
		{written(t, "", "ml-api-dev", "ml-api-prod"), []string{"ml-api-dev", "ml-api-prod"}},
		{written(t, "", "ml-api-state"), nil},
	} {
		environments, err := Read(r.folder)
		require.NoError(t, err)
		require.Equal(t, r.want, slices.Sorted(maps.Keys(environments)))
	}
}

func TestReadRefuses(t *testing.T) {
	broken := written(t, "stacks", "ml-api-dev")
	require.NoError(t, os.WriteFile(filepath.Join(broken, "stacks", "ml-api-dev", "cdk.tf.json"), []byte(`{`), 0o600))
	empty := t.TempDir()
	for folder, want := range map[string]string{
		filepath.Join(empty, "nowhere"): filepath.Join(empty, "nowhere") + ": not found",
		empty:                           empty + ": has no stacks; name a folder that synth wrote to",
		broken:                          "ml-api-dev of " + broken + ": unexpected end of JSON input",
	} {
		_, err := Read(folder)
		require.EqualError(t, err, want)
	}
}
