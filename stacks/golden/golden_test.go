package golden

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// recorder is a test that may fail.
type recorder struct {
	testing.TB
	failed string
}

func (*recorder) Helper() {}

func (r *recorder) Errorf(format string, args ...any) { r.failed = fmt.Sprintf(format, args...) }

func TestEqual(t *testing.T) {
	file := filepath.Join(t.TempDir(), "a.json")
	lines := strings.Repeat("same\n", 100)
	require.NoError(t, os.WriteFile(file, []byte(lines+"\"ttl\": 60\n"+lines), 0o600))

	r := &recorder{TB: t}
	Equal(r, file, []byte(lines+"\"ttl\": 60\n"+lines), false, "go test -update")
	require.Empty(t, r.failed)

	Equal(r, file, []byte(lines+"\"ttl\": 90\n"+lines), false, "go test -update")
	require.Contains(t, r.failed, "If the change is meant: go test -update\n")
	require.Contains(t, r.failed, "-\"ttl\": 60\n+\"ttl\": 90\n")
	require.Less(t, strings.Count(r.failed, "\n"), 15, "a changed line is a short diff")

	r.failed = ""
	Equal(r, filepath.Join(t.TempDir(), "missing"), []byte("new\n"), false, "go test -update")
	require.Contains(t, r.failed, "+new\n")

	Equal(t, file, []byte("new\n"), true, "")
	Equal(t, file, []byte("new\n"), false, "")
}

func TestLongTextsAreShortened(t *testing.T) {
	require.Equal(t, strings.Repeat("é", 200)+"…\n", shorten(strings.Repeat("é", 300)+"\n"))
	require.Equal(t, 61, strings.Count(shorten(strings.Repeat("x\n", 1000)), "\n"))
}
