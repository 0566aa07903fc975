package serve

import (
	"os"
	"runtime"
	"testing"
	"time"
)

// hang is a wait that only a test which hangs reaches, on however busy a machine.
const hang = time.Minute

// noLeaks fails a test that leaves more goroutines or open files than there were. It counts after all that is cleaned up later.
func noLeaks(t *testing.T) {
	t.Helper()
	goroutines, files := runtime.NumGoroutine(), openFiles()
	t.Cleanup(func() {
		end := time.Now().Add(hang)
		for runtime.NumGoroutine() > goroutines || openFiles() > files {
			if time.Now().After(end) {
				stacks := make([]byte, 1<<20)
				stacks = stacks[:runtime.Stack(stacks, true)]
				t.Errorf("goroutines: %d, there were %d; open files: %d, there were %d\n%s",
					runtime.NumGoroutine(), goroutines, openFiles(), files, stacks)
				return
			}
			time.Sleep(5 * time.Millisecond)
		}
	})
}

// openFiles is how many files this process has open, with connections, where the system says so.
func openFiles() int {
	files, _ := os.ReadDir("/proc/self/fd")
	return len(files)
}

// heap is how many bytes are in use.
func heap() int64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapInuse + m.StackInuse)
}
