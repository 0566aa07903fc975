package bindings

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// Node returns the Node.js that runs the kernel, as jsii finds it: a name on the PATH, or a path.
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
