//go:build !parquet

package logs

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestParquetNeedsItsModules refuses a file by its name or its beginning, before anything is read.
func TestParquetNeedsItsModules(t *testing.T) {
	dir := t.TempDir()
	good := file(t, dir, "a", columnsRead+line("10:00:00", "/"))
	for _, path := range []string{file(t, dir, "b.parquet", ""), file(t, dir, "E.2026-01-31-10.c", parquetMagic+"…")} {
		_, err := Find([]string{good, path})
		require.ErrorIs(t, err, ErrParquet)
		require.EqualError(t, err, path+": is Parquet, which takes modules that aren't built in by default (80 MB)")
	}
	_, err := Find([]string{good, file(t, filepath.Dir(good), "d", "PAR")})
	require.NoError(t, err)
}
