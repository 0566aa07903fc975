package cli_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

var (
	fencedCode = regexp.MustCompile("(?ms)^ *```.*?^ *```")
	inlineCode = regexp.MustCompile("`[^`]+`")
)

// TestLinks follows every relative link in the Markdown files of the repository, to a heading too.
func TestLinks(t *testing.T) {
	for file, text := range repository(t, ".md") {
		prose := inlineCode.ReplaceAllString(fencedCode.ReplaceAllString(text, ""), "")
		for _, link := range regexp.MustCompile(`\]\(([^)]*)\)`).FindAllStringSubmatch(prose, -1) {
			if strings.Contains(link[1], "://") {
				continue
			}
			path, heading, named := strings.Cut(link[1], "#")
			target := file
			if path != "" {
				target = filepath.Join(filepath.Dir(file), path)
			}
			text, err := os.ReadFile(target)
			if info, _ := os.Stat(target); info == nil || !info.IsDir() {
				require.NoError(t, err, "%s links to %s", file, link[1])
			}
			if named {
				require.Contains(t, headings(string(text)), heading, "%s links to %s", file, link[1])
			}
		}
	}
}

// TestSectionsThatMessagesName has what the program tells its users to read: a section of a file, by its heading.
func TestSectionsThatMessagesName(t *testing.T) {
	named := 0
	for file, text := range repository(t, ".go") {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		for _, section := range regexp.MustCompile(`(stacks/docs/[a-z-]+\.md)(?:, | says, )([A-Z][a-z ]+)`).FindAllStringSubmatch(text, -1) {
			guide, err := os.ReadFile(filepath.Join("../..", section[1]))
			require.NoError(t, err, file)
			require.Contains(t, headings(string(guide)), anchor(section[2]), file)
			named++
		}
		for _, section := range regexp.MustCompile(`([A-Z][a-z ]+), stacks/README\.md`).FindAllStringSubmatch(text, -1) {
			overview, err := os.ReadFile("../README.md")
			require.NoError(t, err)
			require.Contains(t, string(overview), "["+section[1]+"](", file)
			named++
		}
	}
	require.Greater(t, named, 5)
}

// TestCommandsOfTheGuide has the program know each of its commands that a Markdown file shows, and their flags.
func TestCommandsOfTheGuide(t *testing.T) {
	ran := 0
	for file, text := range repository(t, ".md") {
		if filepath.Base(file) == "CHANGELOG.md" {
			continue // former versions had other commands
		}
		code := fencedCode.FindAllString(text, -1)
		for _, words := range inlineCode.FindAllString(fencedCode.ReplaceAllString(text, ""), -1) {
			code = append(code, strings.ReplaceAll(words, "\n", " "))
		}
		for _, command := range regexp.MustCompile("go run \\. ([^#|<>)`\n]*)").FindAllStringSubmatch(strings.Join(code, "\n"), -1) {
			status, _, stderr := run(append(strings.Fields(command[1]), "--help")...)
			require.Zero(t, status, "%s: %s: %s", file, command[0], stderr)
			ran++
		}
	}
	require.Greater(t, ran, 50)
}

// headings are the anchors that GitHub makes of a file's headings.
func headings(text string) []string {
	var anchors []string
	for _, heading := range regexp.MustCompile(`(?m)^#+ (.*)$`).FindAllStringSubmatch(fencedCode.ReplaceAllString(text, ""), -1) {
		anchors = append(anchors, anchor(heading[1]))
	}
	return anchors
}

// anchor is what GitHub makes of a heading.
func anchor(heading string) string {
	kept := regexp.MustCompile(`[^\w\- ]`).ReplaceAllString(strings.ToLower(strings.TrimSpace(heading)), "")
	return strings.ReplaceAll(kept, " ", "-")
}

// repository has the files with an ending, by path: those of the project itself, not what is installed or written by
// synth.
func repository(t *testing.T, ending string) map[string]string {
	t.Helper()
	files := map[string]string{}
	require.NoError(t, filepath.WalkDir("../..", func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := entry.Name()
		if entry.IsDir() && (name == ".git" || name == "node_modules" || strings.HasPrefix(name, "cdktf.out")) {
			return fs.SkipDir
		}
		if entry.IsDir() || filepath.Ext(name) != ending {
			return nil
		}
		text, err := os.ReadFile(path)
		files[path] = string(text)
		return err
	}))
	return files
}
