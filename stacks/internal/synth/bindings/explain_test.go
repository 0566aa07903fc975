package bindings

import (
	"errors"
	"testing"
)

func TestCause(t *testing.T) {
	for text, want := range map[string]string{
		"": "",
		"\n<--- Last few GCs --->\n\nFATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory\n 1: 0xb78db3 node\n": "Reached heap limit Allocation failed - JavaScript heap out of memory",
		"node:internal/modules/cjs/loader:1\n\nError: Cannot find module './mine.js'\nRequire stack:\n":                                      "Cannot find module './mine.js'",
		"Illegal instruction\nIllegal instruction\n":                                             "Illegal instruction",
		"node:events:502\n      throw er;\n\nError: read ECONNRESET\n    at Pipe.onStreamRead\n": "",
		"Runtime process exited abnormally: signal: killed":                                      "",
	} {
		if got := cause(text); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}

func TestExplainWhatTheSystemRefuses(t *testing.T) {
	t.Setenv("TMPDIR", "/the/folder")
	for text, want := range map[string]string{
		"Error: ENOSPC: no space left on device, write":                              "the temporary folder /the/folder, where Node.js works: no space left on device",
		"Error: EACCES: permission denied, mkdir '/x'":                               "the temporary folder /the/folder, where Node.js works: permission denied",
		"start the kernel: write /x/constructs-1.112.0.tgz: no space left on device": "the temporary folder /the/folder, where Node.js works: no space left on device",
	} {
		if got := (&Kernel{}).Explain(errors.New(text)); got.Error() != want {
			t.Errorf("%s: %v", text, got)
		}
	}
}
