package cli

import (
	"cmp"
	"fmt"
	"runtime/debug"

	"github.com/spf13/cobra"
)

func newVersion() *cobra.Command {
	return &cobra.Command{
		Use:     "version",
		Short:   "Print which revision of the program this is",
		Long:    `Prints the revision that the program was built from, if it is recorded, and by which version of Go.`,
		Example: `  go run . version`,
		Args:    takesNone,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return printText(cmd, cmd.Root().Version+"\n")
		},
	}
}

// version is the program in one line. What go run builds has no revision, nor what is built outside a repository (go
// help build, -buildvcs).
func version(info *debug.BuildInfo, known bool) string {
	if !known {
		return "ml-api-accelerator, built without its version"
	}
	settings := map[string]string{}
	for _, s := range info.Settings {
		settings[s.Key] = s.Value
	}
	revision := "of an unknown revision (go run records none; go build does)"
	if r := settings["vcs.revision"]; r != "" {
		revision = fmt.Sprintf("%.12s of %s", r, cmp.Or(settings["vcs.time"], "an unknown time"))
		if settings["vcs.modified"] == "true" {
			revision += ", with changes"
		}
	}
	return fmt.Sprintf("ml-api-accelerator %s, %s", revision, info.GoVersion)
}
