package bindings

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// BenchmarkFull is a synthesis with the assembly that the bindings carry.
func BenchmarkFull(b *testing.B) {
	run{"full", b.TempDir(), example, nil}.do(b) // fills the package cache of the kernel
	benchmarkRun(b, run{"full", b.TempDir(), example, nil})
}

// BenchmarkPruned is a synthesis with the pruned assembly from the cache.
func BenchmarkPruned(b *testing.B) {
	cache := b.TempDir()
	run{"pruned", cache, example, nil}.do(b)
	benchmarkRun(b, run{"pruned", cache, example, nil})
}

// BenchmarkFirstUse is a synthesis that makes the pruned assembly.
func BenchmarkFirstUse(b *testing.B) {
	for b.Loop() {
		run{"pruned", b.TempDir(), example, nil}.do(b)
	}
}

// BenchmarkPrune is what the first use adds: making the pruned tarball.
func BenchmarkPrune(b *testing.B) {
	full := mustEmbedded(b)
	b.ReportAllocs()
	for b.Loop() {
		pruned, err := prune(full, importedSubmodules)
		if err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(len(pruned))/1e6, "MB-tarball")
	}
}

// benchmarkRun reports the peak memory of all processes together, and that
// of the largest, which is the kernel.
func benchmarkRun(b *testing.B, s run) {
	tree, process := 0, 0
	for b.Loop() {
		cmd := s.command(b.TempDir())
		if err := cmd.Start(); err != nil {
			b.Fatal(err)
		}
		ended := make(chan error, 1)
		go func() { ended <- cmd.Wait() }()
		for running := true; running; {
			select {
			case err := <-ended:
				if err != nil {
					b.Fatal(err)
				}
				running = false
			case <-time.After(5 * time.Millisecond):
				sum, largest := treeMemory(cmd.Process.Pid)
				tree, process = max(tree, sum), max(process, largest)
			}
		}
	}
	b.ReportMetric(float64(tree)/1e6, "MB-tree")
	b.ReportMetric(float64(process)/1e6, "MB-process")
}

// treeMemory is the resident memory of a process and its descendants, and that of the largest of them: jsii
// starts its kernel as a node process below another one.
func treeMemory(pid int) (sum, largest int) {
	proc := fmt.Sprintf("/proc/%d", pid)
	var size, resident int
	statm, _ := os.ReadFile(proc + "/statm") // a process that ended has none
	_, _ = fmt.Sscan(string(statm), &size, &resident)
	sum = resident * os.Getpagesize()
	largest = sum
	lists, _ := filepath.Glob(proc + "/task/*/children")
	for _, list := range lists {
		children, _ := os.ReadFile(list)
		for _, child := range strings.Fields(string(children)) {
			if id, err := strconv.Atoi(child); err == nil {
				below, largestBelow := treeMemory(id)
				sum, largest = sum+below, max(largest, largestBelow)
			}
		}
	}
	return sum, largest
}
