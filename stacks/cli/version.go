package cli

import (
	"cmp"
	"fmt"
	"runtime/debug"

	"github.com/spf13/cobra"
)

func newVersion() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print which version of the program this is",
		Long: `Prints the version of the program, the commit that it was built from, if that is recorded, and which
version of Go built it. .github/CHANGELOG.md says what a version changes, and how to take an update.`,
		Example: `  go run . version`,
		Args:    takesNone,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return printText(cmd, cmd.Root().Version+"\n")
		},
	}
}

// number is the version that .github/CHANGELOG.md describes.
const number = "0.4.0"

// version is the program in one line. What go run builds has no commit, nor what is built outside a repository (go help
// build, -buildvcs).
func version(info *debug.BuildInfo, known bool) string {
	if !known {
		return "ml-api-accelerator " + number
	}
	settings := map[string]string{}
	for _, s := range info.Settings {
		settings[s.Key] = s.Value
	}
	revision := "unknown commit (go run -buildvcs=true . version tells it)"
	if r := settings["vcs.revision"]; r != "" {
		revision = fmt.Sprintf("commit %.12s of %s", r, cmp.Or(settings["vcs.time"], "an unknown time"))
		if settings["vcs.modified"] == "true" {
			revision += ", with changes"
		}
	}
	return fmt.Sprintf("ml-api-accelerator %s, %s, %s", number, revision, info.GoVersion)
}
