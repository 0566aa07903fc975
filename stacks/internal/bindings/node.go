package bindings

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
)

// Node is the Node.js that runs the kernel, found as jsii finds it: a name on the PATH, or a path.
func Node() string { return cmp.Or(os.Getenv("JSII_NODE"), "node") }

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
	return map[string]string{
		"NODE_OPTIONS": options,
		"TMPDIR":       folder,
		"TMP":          folder, // these two on Windows
		"TEMP":         folder,
		// The cdktf CLI sets them, and cdktf would take them over what the program says.
		"CDKTF_CONTEXT_JSON": "",
		"SYNTH_HCL_OUTPUT":   "",
	}, nil
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
