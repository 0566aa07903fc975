// Package longtest keeps tests of minutes out of go test ./..., which everyone runs.
package longtest

import (
	"os"
	"strings"
	"testing"
)

const variable = "ACCELERATOR_LONG"

// Only skips a test unless ACCELERATOR_LONG=1 asks for the long ones, as .ci/run does. The name of such a test begins
// with TestLong, so that -run '^TestLong' runs exactly these.
func Only(t testing.TB, why string) {
	t.Helper()
	if !strings.HasPrefix(t.Name(), "TestLong") {
		t.Fatalf("%s is a long test: call it TestLong…, or CI doesn't run it", t.Name())
	}
	if os.Getenv(variable) == "" || testing.Short() {
		t.Skipf("%s; %s=1 runs it", why, variable)
	}
}
