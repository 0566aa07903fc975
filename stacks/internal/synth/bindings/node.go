package bindings

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Node is the Node.js that runs the kernel, found as jsii finds it: a name on the PATH, or a path.
func Node() string { return cmp.Or(os.Getenv("JSII_NODE"), "node") }

// Versions of Node.js: the oldest in which cdktf's constructs run, and those that they are tested with.
const oldestNode = 18

var testedNodes = []string{"22", "24"}

// UnusableNode means that Node.js is missing or doesn't fit, so that no stack can be made here.
type UnusableNode struct{ reason string }

func (e *UnusableNode) Error() string { return e.reason }

// CheckNode returns an *UnusableNode, or says of a Node.js that it is none that this is tested with.
func CheckNode(ctx context.Context) (untested string, err error) {
	unusable := func(format string, args ...any) (string, error) {
		return "", &UnusableNode{fmt.Sprintf(format, args...)}
	}
	command := Node()
	if _, err := exec.LookPath(command); err != nil {
		return unusable("%s: not found; install Node.js 22 or 24: cdktf's constructs run in it", command)
	}
	output, err := exec.CommandContext(ctx, command, "--version").Output()
	version := strings.TrimSpace(string(output))
	major, _, _ := strings.Cut(strings.TrimPrefix(version, "v"), ".")
	number, notNumber := strconv.Atoi(major)
	switch {
	case ctx.Err() != nil:
		return "", ctx.Err()
	case err != nil:
		return unusable("%s --version: %v; this Node.js doesn't work: install 22 or 24", command, err)
	case notNumber != nil:
		return unusable("%s --version: is no version of Node.js: %q", command, version)
	case number < oldestNode:
		return unusable("%s: Node.js %s is too old; install 22 or 24", command, version)
	case !slices.Contains(testedNodes, major):
		return fmt.Sprintf("Node.js %s isn't tested with this program, %s are", version, strings.Join(testedNodes, " and ")), nil
	}
	return "", nil
}

// silenced are the banners of jsii about versions of Node.js, each with what it has to hold. CheckNode says it in a line.
var silenced = map[string]string{
	"JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION":  "18,19,20,21,22,23,24,25,26",
	"JSII_SILENCE_WARNING_KNOWN_BROKEN_NODE_VERSION": "1",
	"JSII_SILENCE_WARNING_UNTESTED_NODE_VERSION":     "1",
	"JSII_SILENCE_WARNING_DEPRECATED_NODE_VERSION":   "1",
}

// ignoreSignals runs first in every process of the kernel. Ctrl-C in a terminal, and SIGTERM to a group,
// reach these too, but the program that started them says when to end.
const ignoreSignals = `for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => {});`

// environment is what the kernel gets beside the variables of the program. Its temporary files go to the folder.
func environment(folder string) (map[string]string, error) {
	script := filepath.Join(folder, "ignore-signals.js")
	if err := os.WriteFile(script, []byte(ignoreSignals), 0o600); err != nil {
		return nil, err
	}
	// The first option is jsii's own, which it sets where no other is. With at most 4 MB for young objects the
	// kernel is as fast and 25 MB smaller. What the user sets comes last and wins.
	options := fmt.Sprintf("--max-old-space-size=4069 --max-semi-space-size=4 --require=%q %s", script, os.Getenv("NODE_OPTIONS"))
	variables := map[string]string{
		"NODE_OPTIONS": options,
		"TMPDIR":       folder,
		"TMP":          folder, // these two on Windows
		"TEMP":         folder,
		// The cdktf CLI sets them, and cdktf would take them over what the program says.
		"CDKTF_CONTEXT_JSON": "",
		"SYNTH_HCL_OUTPUT":   "",
	}
	maps.Copy(variables, silenced)
	return variables, nil
}

// setenv sets environment variables and returns how to set them back. It can't fail: the names are given, and
// no value has a NUL.
func setenv(variables map[string]string) (restore func()) {
	before := map[string]string{}
	for name, value := range variables {
		if old, set := os.LookupEnv(name); set {
			before[name] = old
		}
		_ = os.Setenv(name, value)
	}
	return func() {
		for name := range variables {
			_ = os.Unsetenv(name)
			if old, set := before[name]; set {
				_ = os.Setenv(name, old)
			}
		}
	}
}

// stderr is what Node.js writes there while the kernel runs. It isn't shown at once: a process that fails writes pages.
type stderr struct {
	file   *os.File
	before *os.File
}

// divertStderr keeps it in a file of the folder. The client of the kernel writes to os.Stderr, and leaves no other choice.
func divertStderr(folder string) (*stderr, error) {
	file, err := os.OpenFile(filepath.Join(folder, "stderr"), os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return nil, err
	}
	s := &stderr{file, os.Stderr}
	os.Stderr = file
	return s, nil
}

// restore shows what was written, unless a process failed and its cause is told: the client of the kernel then still has to
// say that it ended.
func (s *stderr) restore(failed bool) {
	if null, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0); failed && err == nil {
		os.Stderr = null
	} else {
		os.Stderr = s.before
		_, _ = io.WriteString(s.before, s.text())
	}
	s.file.Close()
}

func (s *stderr) text() string {
	if s == nil {
		return ""
	}
	data, err := io.ReadAll(io.NewSectionReader(s.file, 0, 1<<20))
	if err != nil {
		return ""
	}
	return string(data)
}

// causes are lines that tell why a process failed, the best first: that of V8, of an exception, and any.
var causes = []*regexp.Regexp{
	regexp.MustCompile(`(?m)^FATAL ERROR: (.+)$`),
	regexp.MustCompile(`(?m)^(?:Uncaught )?\w*(?:Error|Fault): (.+)$`),
	regexp.MustCompile(`(?m)^(\S.*)$`),
}

// effect is what one process writes when the other has ended (jsii starts two), and the client of the kernel.
var effect = regexp.MustCompile(`(?s)(?:node:\S+\n[^\n]*throw er;.*?(?:ECONNRESET|EPIPE)|Runtime process exited abnormally).*`)

// cause is one line of a text, or "".
func cause(text string) string {
	text = effect.ReplaceAllString(text, "")
	for _, pattern := range causes {
		if found := pattern.FindStringSubmatch(text); found != nil {
			return strings.TrimSpace(found[1])
		}
	}
	return ""
}

// refusals are what systems say when they can't write or have no more of something, as Go and as Node.js tell it.
var refusals = regexp.MustCompile(`\b(?:E[A-Z]{2,}: )?(no space left on device|disk quota exceeded|read-only file system|permission denied` +
	`|operation not permitted|too many open files|cannot allocate memory|not enough memory|not enough space on the disk|file too large|input/output error)\b`)

// Explain makes one line of an error that a construct or the kernel ended with, if the system is to blame; any other error
// is returned as it is.
func (k *Kernel) Explain(err error) error {
	if refusal := refusals.FindStringSubmatch(err.Error()); refusal != nil {
		return fmt.Errorf("the temporary folder %s, where Node.js works: %s", os.TempDir(), refusal[1])
	}
	if k.runs() {
		return err
	}
	why := cause(k.stderr.text())
	if why == "" {
		why = "something killed it; it takes about 200 MB of memory"
	}
	return fmt.Errorf("%s: Node.js ended before it had made all stacks: %s", Node(), strings.TrimSuffix(why, "."))
}
