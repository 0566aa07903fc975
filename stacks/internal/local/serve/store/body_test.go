package store

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"os"
	"sync"
	"syscall"
	"testing"
	"testing/iotest"
	"testing/synctest"

	"github.com/stretchr/testify/require"
)

// limitsOf has so many bytes in memory, beside a window for each body, and in files.
func limitsOf(memory, disk int64) *limits {
	l := &limits{}
	l.memory.give(memory)
	l.disk.give(disk)
	return l
}

func random(size int) []byte {
	source := rand.New(rand.NewPCG(1, uint64(size)))
	p := make([]byte, size)
	for i := range p {
		p[i] = byte(source.Uint32())
	}
	return p
}

// TestBody is read by several readers, slow and fast, while it is written, in parts of all sizes.
func TestBody(t *testing.T) {
	const size = 3<<20 + 17
	text := random(size)
	for _, r := range []struct {
		name         string
		memory, disk int64
		size         int
		passes       bool
		complete     bool
		inFile       bool
	}{
		{"empty", 0, 0, 0, false, true, false},
		{"in memory", 1 << 30, 0, memoryBytes, false, true, false},
		{"in a file", 1 << 30, 1 << 30, size, false, true, true},
		{"in a file early, since the memory is full", 10_000, 1 << 30, 100_000, false, true, true},
		{"longer than memory, without a disk", 1 << 30, 0, size, false, false, false},
		{"longer than memory and disk", 1 << 30, 2 << 20, size, false, false, true},
		{"neither memory nor disk", 0, 0, size, false, false, false},
		{"not kept", 1 << 30, 1 << 30, size, true, false, false},
		{"not kept, and short", 1 << 30, 1 << 30, windowBytes, true, true, false},
	} {
		t.Run(r.name, func(t *testing.T) {
			l := limitsOf(r.memory, r.disk)
			dir := t.TempDir()
			b := newBody(dir, l)
			if r.passes {
				b.Pass()
			}
			var readers sync.WaitGroup
			for i := range 4 {
				reader := b.NewReader(t.Context(), int64(r.size))
				readers.Go(func() {
					defer reader.Close()
					var from io.Reader = struct{ io.Reader }{reader}
					if i == 0 {
						from = iotest.HalfReader(from)
					}
					var got bytes.Buffer
					var err error
					if i < 2 {
						_, err = io.Copy(&got, from)
					} else {
						_, err = reader.WriteTo(&got)
					}
					if err != nil || !bytes.Equal(text[:r.size], got.Bytes()) {
						t.Errorf("reader %d: %v, %d bytes", i, err, got.Len())
					}
				})
			}
			for rest := text[:r.size]; len(rest) > 0; {
				n := min(len(rest), 1+rand.IntN(100_000))
				written, err := b.Write(rest[:n])
				require.NoError(t, err)
				require.Equal(t, n, written)
				rest = rest[n:]
				require.GreaterOrEqual(t, l.disk.left.Load(), int64(0))
				require.GreaterOrEqual(t, l.memory.left.Load(), int64(0))
			}
			b.Finish(nil)
			readers.Wait()
			require.Equal(t, int64(r.size), b.Size())
			require.Equal(t, r.complete, b.Complete())
			require.Equal(t, !r.complete, b.Lost())
			require.Equal(t, r.inFile, b.inFile())
			require.Equal(t, r.memory, l.memory.left.Load(), "all is given back")
			require.Equal(t, r.disk, l.disk.left.Load(), "all is given back")
			if r.inFile {
				info, err := b.file.Stat()
				require.NoError(t, err)
				require.LessOrEqual(t, info.Size(), r.disk)
			}
			b.Leave()
			left, err := os.ReadDir(dir)
			require.NoError(t, err)
			require.Empty(t, left)
		})
	}
}

// TestWindowWaits for the slowest reader, and for the first one.
func TestWindowWaits(t *testing.T) { synctest.Test(t, testWindowWaits) }

func testWindowWaits(t *testing.T) {
	b := newBody(t.TempDir(), limitsOf(0, 0))
	text := random(10 * windowBytes)
	written := make(chan error, 1)
	go func() {
		_, err := b.Write(text)
		b.Finish(err)
		written <- err
	}()
	waits := func(size int64) {
		synctest.Wait()
		require.Equal(t, size, b.Size())
	}
	waits(windowBytes)
	fast, slow := b.NewReader(t.Context(), -1), b.NewReader(t.Context(), -1)
	require.False(t, b.Lost())
	part := make([]byte, windowBytes)
	_, err := io.ReadFull(fast, part)
	require.NoError(t, err)
	waits(windowBytes)
	_, err = io.ReadFull(slow, part[:100])
	require.NoError(t, err)
	waits(windowBytes + 100)
	require.True(t, b.Lost())

	late := b.NewReader(t.Context(), -1)
	_, err = late.Read(part)
	require.ErrorIs(t, err, errLost)
	late.Close()

	slow.Close()
	waits(2 * windowBytes)
	_, err = slow.Read(part)
	require.ErrorIs(t, err, errLost)
	rest, err := io.ReadAll(fast)
	require.NoError(t, err)
	require.True(t, bytes.Equal(text[windowBytes:], rest))
	require.NoError(t, <-written)
}

// TestSeekAhead doesn't hold up the window, as a range of an answer that isn't kept would.
func TestSeekAhead(t *testing.T) {
	b := newBody(t.TempDir(), limitsOf(0, 0))
	text := random(10 * windowBytes)
	r := b.NewReader(t.Context(), int64(len(text)))
	defer r.Close()
	go func() {
		_, err := b.Write(text)
		b.Finish(err)
	}()
	end, err := r.Seek(0, io.SeekEnd)
	require.NoError(t, err)
	require.Equal(t, int64(len(text)), end)
	_, err = r.Seek(-100, io.SeekCurrent)
	require.NoError(t, err)
	got, err := io.ReadAll(r)
	require.NoError(t, err)
	require.Equal(t, text[len(text)-100:], got)

	_, err = r.Seek(0, io.SeekStart)
	require.NoError(t, err)
	_, err = r.Read(make([]byte, 1))
	require.ErrorIs(t, err, errLost)
	_, err = r.Seek(-1, io.SeekStart)
	require.Error(t, err)
}

// TestUnread lets what is kept be written, and ends what isn't.
func TestUnread(t *testing.T) { synctest.Test(t, testUnread) }

func testUnread(t *testing.T) {
	for _, kept := range []bool{true, false} {
		b := newBody(t.TempDir(), limitsOf(0, 1<<30))
		if !kept {
			b.Pass()
		}
		written := make(chan error, 1)
		go func() {
			_, err := b.Write(make([]byte, 3<<20))
			written <- err
		}()
		synctest.Wait()
		b.Unread()
		if err := <-written; kept {
			require.NoError(t, err)
		} else {
			require.ErrorIs(t, err, errLeft)
		}
		b.Finish(nil)
		b.Leave()
	}
}

// TestReaderEnds with its context, and with the error of the body.
func TestReaderEnds(t *testing.T) {
	b := newBody(t.TempDir(), limitsOf(0, 0))
	ctx, cancel := context.WithCancel(t.Context())
	r := b.NewReader(ctx, -1)
	read := func(r *Reader) chan error {
		result := make(chan error, 1)
		go func() {
			_, err := r.WriteTo(io.Discard)
			result <- err
		}()
		return result
	}
	result := read(r)
	cancel()
	require.ErrorIs(t, <-result, context.Canceled)

	result = read(b.NewReader(t.Context(), -1))
	broken := errors.New("broken")
	b.Finish(broken)
	require.ErrorIs(t, <-result, broken)
	require.False(t, b.Complete())
}

// TestBrokenFile is an error for those who read, and doesn't hang.
func TestBrokenFile(t *testing.T) {
	b := newBody(t.TempDir(), limitsOf(0, 1<<30))
	text := random(2 << 20)
	_, err := b.Write(text[:1<<20])
	require.NoError(t, err)
	require.True(t, b.inFile())
	r := b.NewReader(t.Context(), -1)
	defer r.Close()
	b.mutex.Lock()
	readOnly, err := os.Open(b.file.Name())
	require.NoError(t, err)
	b.file.Close()
	b.file = readOnly
	b.mutex.Unlock()
	result := make(chan error, 1)
	go func() {
		var got bytes.Buffer
		_, err := r.WriteTo(&got)
		if !bytes.Equal(text[:1<<20], got.Bytes()) {
			err = errors.New("not what was written before")
		}
		result <- err
	}()
	_, err = b.Write(text[1<<20:])
	require.ErrorIs(t, err, syscall.EBADF)
	b.Finish(err)
	require.Equal(t, err, <-result)
	b.Leave()
}
