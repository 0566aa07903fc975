// Package golden compares what a test makes with files that people have reviewed.
package golden

import (
	"os"
	"strings"
	"testing"

	"github.com/aymanbagabas/go-udiff"
)

// Equal fails the test where a text isn't what the file holds, with a short diff and the command that accepts
// the change. With update it writes the file instead.
func Equal(t testing.TB, file string, got []byte, update bool, command string) {
	t.Helper()
	if update {
		if err := os.WriteFile(file, got, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	if diff := udiff.Unified(file, "now", string(want), string(got)); diff != "" {
		t.Errorf("%s is out of date. If the change is meant: %s\n%s", file, command, shorten(diff))
	}
}

// longest line and diff that people read in a terminal
const (
	longestLine = 200
	mostLines   = 60
)

func shorten(diff string) string {
	lines := strings.SplitAfter(diff, "\n")
	cut := ""
	if len(lines) > mostLines {
		lines, cut = lines[:mostLines], "…\n"
	}
	for i, line := range lines {
		if runes := []rune(line); len(runes) > longestLine {
			lines[i] = string(runes[:longestLine]) + "…\n"
		}
	}
	return strings.Join(lines, "") + cut
}
