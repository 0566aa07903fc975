package cli

import (
	"bytes"
	"os"
	"regexp"
	"runtime/debug"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestVersion is one line, however it is asked for.
func TestVersion(t *testing.T) {
	for _, args := range [][]string{{"version"}, {"--version"}, {"-version"}} {
		var stdout, stderr bytes.Buffer
		require.Zero(t, Run(args, &stdout, &stderr), &stderr)
		require.Empty(t, stderr.String())
		require.Regexp(t, `^ml-api-accelerator [^\n]+, go1[^\n]*\n$`, stdout.String())
	}
	built := func(settings ...debug.BuildSetting) string {
		return version(&debug.BuildInfo{GoVersion: "go1.25.1", Settings: settings}, true)
	}
	revision := debug.BuildSetting{Key: "vcs.revision", Value: "0123456789abcdef0123456789abcdef01234567"}
	at := debug.BuildSetting{Key: "vcs.time", Value: "2026-11-30T12:00:00Z"}
	require.Equal(t, "ml-api-accelerator "+number+", commit 0123456789ab of 2026-11-30T12:00:00Z, go1.25.1", built(revision, at))
	require.Equal(t, "ml-api-accelerator "+number+", commit 0123456789ab of 2026-11-30T12:00:00Z, with changes, go1.25.1",
		built(revision, at, debug.BuildSetting{Key: "vcs.modified", Value: "true"}))
	require.Equal(t, "ml-api-accelerator "+number+", unknown commit (go run -buildvcs=true . version tells it), go1.25.1", built())
	require.Equal(t, "ml-api-accelerator "+number, version(nil, false))
}

// TestVersionIsInTheChangelog as the newest one.
func TestVersionIsInTheChangelog(t *testing.T) {
	text, err := os.ReadFile("../../.github/CHANGELOG.md")
	require.NoError(t, err)
	versions := regexp.MustCompile(`(?m)^## \[(\d+\.\d+\.\d+)\] - \d{4}-\d{2}-\d{2}$`).FindAllStringSubmatch(string(text), -1)
	require.NotEmpty(t, versions)
	require.Equal(t, number, versions[0][1])
}
