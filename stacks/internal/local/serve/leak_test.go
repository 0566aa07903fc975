package serve

import (
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"runtime/pprof"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

// hang is a wait that only a test which hangs reaches, on however busy a machine.
const hang = time.Minute

// noLeaks fails a test that leaves goroutines in the code of the edge. It looks after everything else is cleaned up.
func noLeaks(t *testing.T) {
	t.Helper()
	t.Cleanup(func() {
		assert.Eventually(t, func() bool { return len(inEdge()) == 0 }, hang, time.Millisecond)
		if left := inEdge(); len(left) > 0 {
			t.Log(strings.Join(left, "\n\n"))
		}
	})
}

// edgeFrame is a line of a stack in this package or below it, but not in a test.
var edgeFrame = regexp.MustCompile(`/internal/local/serve/.*\.go:\d+`)

// inEdge returns the stacks of the goroutines that are in the code of the edge, or were begun there.
func inEdge() []string {
	var all strings.Builder
	_ = pprof.Lookup("goroutine").WriteTo(&all, 2) // a builder takes everything
	var list []string
	for stack := range strings.SplitSeq(all.String(), "\n\n") {
		for line := range strings.Lines(stack) {
			if edgeFrame.MatchString(line) && !strings.Contains(line, "_test.go:") {
				list = append(list, stack)
				break
			}
		}
	}
	return list
}

// openBelow returns the files of a folder that this process has open, where the system says so.
func openBelow(dir string) []string {
	var list []string
	files, _ := os.ReadDir("/proc/self/fd")
	for _, file := range files {
		if path, err := os.Readlink("/proc/self/fd/" + file.Name()); err == nil && strings.HasPrefix(path, filepath.Clean(dir)) {
			list = append(list, path)
		}
	}
	return list
}

// heap is how many bytes are in use.
func heap() int64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapInuse + m.StackInuse)
}
