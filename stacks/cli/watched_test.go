package cli

import (
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestWatched tells each change once: also one of the same size within a moment, of a file that comes and goes, or that is
// put in the place of another with its time.
func TestWatched(t *testing.T) {
	dir := t.TempDir()
	name := filepath.Join(dir, "file")
	write := func(text string) { require.NoError(t, os.WriteFile(name, []byte(text), 0o600)) }
	aged := func(path string) {
		then := time.Unix(1_700_000_000, 0)
		require.NoError(t, os.Chtimes(path, then, then))
	}
	write("one")
	w := watch(name)
	changed := func() (told bool) {
		w.take(func() bool { told = true; return true })
		return told
	}
	require.False(t, changed())
	write("two")
	require.True(t, changed())
	now := time.Now()
	require.NoError(t, os.Chtimes(name, now, now))
	require.False(t, changed())
	write("six")
	require.NoError(t, os.Chtimes(name, now, now))
	require.True(t, changed())
	write("six")
	require.False(t, changed(), "it was only saved")
	aged(name)
	require.False(t, changed())
	require.True(t, w.last.Load().certain())

	other := filepath.Join(dir, "other")
	require.NoError(t, os.WriteFile(other, []byte("ten"), 0o600))
	aged(other)
	require.NoError(t, os.Rename(other, name))
	require.True(t, changed())
	require.NoError(t, os.Remove(name))
	require.True(t, changed())
	require.False(t, changed())
	write("ten")
	require.True(t, changed())
	require.NoError(t, os.Remove(name))
	require.NoError(t, os.Mkdir(name, 0o700))
	require.True(t, changed())
	require.False(t, changed())
}

// TestWatchedAgain tries what failed once more when the file is saved once more, and not for each who asks.
func TestWatchedAgain(t *testing.T) {
	name := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(name, []byte("one"), 0o600))
	w := watch(name)
	tries := 0
	fail := func() bool { tries++; return false }
	require.NoError(t, os.WriteFile(name, []byte("two"), 0o600))
	for range 3 {
		w.take(fail)
	}
	require.Equal(t, 1, tries)
	then := time.Unix(1_700_000_000, 0)
	require.NoError(t, os.Chtimes(name, then, then))
	for range 3 {
		w.take(fail)
	}
	require.Equal(t, 2, tries)
	w.take(nil)
}

// TestWatchedTogether has all who ask after a change wait for one of them.
func TestWatchedTogether(t *testing.T) {
	name := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(name, []byte("one"), 0o600))
	w := watch(name)
	require.NoError(t, os.WriteFile(name, []byte("two"), 0o600))
	var taken atomic.Int32
	begun, end := make(chan bool, 100), make(chan bool)
	var all sync.WaitGroup
	for range 100 {
		all.Go(func() {
			w.take(func() bool { begun <- true; <-end; taken.Add(1); return true })
			assert.Equal(t, int32(1), taken.Load())
		})
	}
	<-begun
	close(end)
	all.Wait()
	require.Empty(t, begun)
}

// BenchmarkWatched is what a request costs more for the configuration to be looked at: mostly, and in the moments after
// a change.
func BenchmarkWatched(b *testing.B) {
	text, err := os.ReadFile("../testdata/example.json")
	require.NoError(b, err)
	name := filepath.Join(b.TempDir(), "cdktf.json")
	require.NoError(b, os.WriteFile(name, text, 0o600))
	for when, at := range map[string]time.Time{"mostly": time.Unix(1_700_000_000, 0), "after a change": time.Now().Add(time.Hour)} {
		require.NoError(b, os.Chtimes(name, at, at))
		w := watch(name)
		b.Run(when, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				w.take(func() bool { b.Fatal("nothing has changed"); return true })
			}
		})
	}
}
