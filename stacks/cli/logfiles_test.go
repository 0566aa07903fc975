//go:build !parquet

package cli_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestReplayOfParquetNeedsItsModules says at once which command has them.
func TestReplayOfParquetNeedsItsModules(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "a.parquet")
	require.NoError(t, os.WriteFile(path, nil, 0o600))
	message := path + ": is Parquet, which takes modules that aren't built in by default (80 MB): go run -tags parquet . replay "
	t.Chdir(dir)
	require.NoError(t, os.WriteFile("it's", nil, 0o600))
	for want, args := range map[string][]string{
		"prod " + dir + " --config=nowhere":                             {"prod", dir, "-c", "nowhere"},
		"prod '" + dir + "/*' --json":                                   {"prod", dir + "/*", "--json"},
		`prod 'it'\''s' ` + dir:                                         {"prod", "it's", dir},
		"prod " + dir + " " + dir + " " + dir + " … --before=cdktf.out": {"prod", dir, dir, dir, dir, "--before", "cdktf.out"},
	} {
		code, stdout, stderr := run(append([]string{"replay"}, args...)...)
		require.Equal(t, 1, code)
		require.Empty(t, stdout)
		require.Equal(t, message+want+"\n", stderr)
	}
}
