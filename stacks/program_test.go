package stacks_test

import (
	"bufio"
	"bytes"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/internal/awstest"
)

// runVariable has the test binary run a command line of the program instead of the tests.
const runVariable = "STACKS_TEST_RUN"

// program is this program, in a folder of somebody whose AWS is a stand-in. Its processes share nothing with the tests.
type program struct {
	dir string // empty: this one
	env []string
}

func newProgram(t *testing.T, aws *awstest.Server, dir string) program {
	t.Helper()
	executable, err := os.Executable()
	require.NoError(t, err)
	bin := t.TempDir()
	const goRun = "#!/bin/sh\n[ \"$1 $2\" = 'run .' ] && shift 2 && exec \"$PROGRAM\" \"$@\"\n"
	require.NoError(t, os.WriteFile(filepath.Join(bin, "go"), []byte(goRun), 0o700))
	env := withoutSettings()
	maps.Copy(env, aws.Env())
	maps.Copy(env, map[string]string{runVariable: "1", "PROGRAM": executable, "TMPDIR": t.TempDir(),
		"PATH": bin + string(os.PathListSeparator) + env["PATH"]})
	return program{dir, list(env)}
}

// shell is a command line as someone types it, go run . and all.
func (p program) shell(t *testing.T, line string) *exec.Cmd {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "sh", "-c", line)
	cmd.Dir, cmd.Env = p.dir, p.env
	return cmd
}

// run runs a command line, with a text on stdin, which must end well.
func (p program) run(t *testing.T, line, stdin string) (stdout, stderr string) {
	t.Helper()
	cmd := p.shell(t, line)
	var out, problems bytes.Buffer
	cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(stdin), &out, &problems
	require.NoError(t, cmd.Run(), "%s\n%s%s", line, &out, &problems)
	return out.String(), problems.String()
}

// serve runs a command that serves while use runs, and interrupts it.
func (p program) serve(t *testing.T, line string, use func(url string)) {
	t.Helper()
	cmd := p.shell(t, "exec "+line)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	stdout, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	url := ""
	for lines := bufio.NewScanner(stdout); url == "" && lines.Scan(); {
		if at, found := strings.CutPrefix(lines.Text(), "listening on "); found {
			url, _, _ = strings.Cut(at, ";")
		}
	}
	if url == "" {
		require.Fail(t, "it doesn't listen", "%v: %s\n%s", cmd.Wait(), line, &stderr)
	}
	use(url)
	require.NoError(t, cmd.Process.Signal(os.Interrupt))
	_, err = io.Copy(io.Discard, stdout)
	require.NoError(t, err)
	require.NoError(t, cmd.Wait(), "%s\n%s", line, &stderr)
}

// readme returns the first of the READMEs' commands, or of the code in their text, that begins so. In place of its
// values, which must be there, it has those of a user: pairs of old and new.
func readme(t *testing.T, begins string, values ...string) string {
	t.Helper()
	guide, err := filepath.Glob("docs/*.md")
	require.NoError(t, err)
	for _, file := range append([]string{"../README.md"}, guide...) {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		blocks, words := fenced.FindAllSubmatch(text, -1), inline.FindAllSubmatch(fenced.ReplaceAll(text, nil), -1)
		for _, code := range append(blocks, words...) {
			_, block, found := bytes.Cut(append([]byte("\n"), code[1]...), []byte("\n"+begins))
			if !found {
				continue
			}
			command := begins + string(block)
			if !strings.HasPrefix(begins, `"`) { // it isn't a part of a configuration
				command, _, _ = strings.Cut(command, "\n")
				command, _, _ = strings.Cut(command, "  #")
			}
			for i := 0; i < len(values); i += 2 {
				require.Contains(t, command, values[i], file)
				command = strings.ReplaceAll(command, values[i], values[i+1])
			}
			return command
		}
	}
	require.Fail(t, "no README has a command, or code, that begins so", begins)
	return ""
}

var (
	fenced = regexp.MustCompile("(?ms)^ *```(?:sh|json)\n(.*?)^ *```")
	inline = regexp.MustCompile("`([^`\n]+)`")
)
