package cli_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/internal/traffic/questions"
)

// TestReadmeLogs runs the commands of the README on the log of AWS's guide, and knows each question that its table names.
func TestReadmeLogs(t *testing.T) {
	if testing.Short() {
		t.Skip("Node.js takes seconds")
	}
	commands := regexp.MustCompile(`(?m)^go run \. (logs [^#\n]*)`).FindAllStringSubmatch(readmeBlock(t, "../README.md", "sh", "run . logs prod errors --files"), -1)
	require.Len(t, commands, 2)
	for _, command := range commands {
		code, stdout, stderr := run(append(strings.Fields(strings.ReplaceAll(command[1], "'logs/*.gz'", logged)), "-c", explained)...)
		require.Zero(t, code, "%s: %s", command[1], stderr)
		require.NotEmpty(t, stdout)
	}

	text, err := os.ReadFile(filepath.Join("..", "README.md"))
	require.NoError(t, err)
	_, table, found := strings.Cut(string(text), "| callers see | ask | look at |\n|---|---|---|\n")
	require.True(t, found)
	table, _, _ = strings.Cut(table, "\n\n")
	asked := map[string]bool{}
	for _, row := range strings.Split(table, "\n") {
		for _, name := range regexp.MustCompile("`([^`]+)`").FindAllStringSubmatch(strings.Split(row, " | ")[1], -1) {
			_, err := questions.Find(name[1])
			require.NoError(t, err, row)
			asked[name[1]] = true
		}
	}
	require.Len(t, asked, len(questions.All()), "each question answers a row")
}
