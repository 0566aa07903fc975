// Package store is a cache of answers: small ones in memory, large ones in files. The least recently used goes first.
package store

import (
	"context"
	"errors"
	"io"
	"os"
	"sync"
)

const (
	// memoryBytes is how long a body in memory may be. A longer one goes to a file.
	memoryBytes = 1 << 20
	// windowBytes is how much of a body may always be in memory.
	windowBytes = 32 << 10
)

// Body is the body of an answer. Any number of readers read it from its start while it is written. If there is no room
// for all of it, its start is overwritten once all readers have it, and it can't be kept.
type Body struct {
	dir    string
	limits *limits

	mutex   sync.Mutex
	changed sync.Cond
	memory  []byte
	file    *os.File // nil: it is in memory
	size    int64
	window  int64 // if not 0, only so many of the last bytes are there, byte n at n modulo window
	passing bool  // it isn't to be kept
	done    bool
	err     error // why it is incomplete
	users   int   // may read or write it; without any it is gone
	readers map[*Reader]bool
	left    bool // nobody will read it any more
}

// newBody makes an empty body with one user. It goes to a file in dir if it becomes long.
func newBody(dir string, l *limits) *Body {
	b := &Body{dir: dir, limits: l, users: 1, readers: map[*Reader]bool{}}
	b.changed.L = &b.mutex
	return b
}

// Pass says, before anything is written, that the body won't be kept. It then only needs room for its readers.
func (b *Body) Pass() { b.passing = true }

// errLeft ends a body that nobody reads and that can't be kept.
var errLeft = errors.New("store: nobody waits for the rest")

// Write appends to the body. It changes nothing that a reader still has to see, so readers need no lock for their part.
func (b *Body) Write(p []byte) (written int, err error) {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	for written < len(p) && err == nil {
		var n int
		switch rest := p[written:]; {
		case b.window > 0:
			n, err = b.overwrite(rest)
		case b.file != nil:
			n = b.toFile(rest)
		default:
			n = b.toMemory(rest)
		}
		written += n
		b.size += int64(n)
		b.changed.Broadcast()
	}
	return written, err
}

// toMemory appends as much as may be in memory, and then moves to a file.
func (b *Body) toMemory(p []byte) int {
	have := len(b.memory)
	n := min(len(p), windowBytes-have)
	if n <= 0 {
		n = min(len(p), memoryBytes-have)
		if b.passing || n <= 0 || !b.limits.memory.take(int64(n)) {
			b.moveToFile()
			return 0
		}
	}
	b.memory = append(b.memory, p[:n]...)
	return n
}

// moveToFile moves the body to a file, or leaves it in memory with a window if it can't.
func (b *Body) moveToFile() {
	if b.passing || !b.limits.disk.take(b.size) {
		b.window = b.size
		return
	}
	file, err := os.CreateTemp(b.dir, "body-*")
	if err == nil {
		if _, err = file.Write(b.memory); err == nil {
			b.limits.memory.give(b.overWindow())
			b.file, b.memory = file, nil
			return
		}
		remove(file)
	}
	b.limits.disk.give(b.size)
	b.window = b.size
}

// toFile appends as much as there is room for on disk.
func (b *Body) toFile(p []byte) int {
	if !b.limits.disk.take(int64(len(p))) {
		b.window = b.size
		return 0
	}
	n, err := b.file.WriteAt(p, b.size)
	if err != nil {
		b.limits.disk.give(int64(len(p) - n))
		b.window = b.size + int64(n)
	}
	return n
}

// overwrite waits until all readers are done with the start of the window.
func (b *Body) overwrite(p []byte) (int, error) {
	for b.size-b.passed() >= b.window {
		if b.left {
			return 0, errLeft
		}
		b.changed.Wait()
	}
	at := b.size % b.window
	p = p[:min(int64(len(p)), b.window-at, b.window-(b.size-b.passed()))]
	if b.file != nil {
		return b.file.WriteAt(p, at)
	}
	return copy(b.memory[at:], p), nil
}

// passed returns the offset that all readers have passed.
func (b *Body) passed() int64 {
	if len(b.readers) == 0 {
		return max(b.size-b.window, 0) // the first reader may be yet to come
	}
	passed := b.size
	for r := range b.readers {
		passed = min(passed, r.passed)
	}
	return passed
}

// overWindow returns how much of the body counts as memory.
func (b *Body) overWindow() int64 { return max(int64(len(b.memory))-windowBytes, 0) }

// Finish says that the body is complete, or why not.
func (b *Body) Finish(err error) {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	b.done, b.err = true, err
	b.limits.memory.give(b.overWindow())
	if b.file != nil {
		b.limits.disk.give(b.onDisk())
	}
	if b.window == 0 && cap(b.memory) > len(b.memory) {
		b.memory = append(make([]byte, 0, len(b.memory)), b.memory...) // its length is counted, not its capacity
	}
	b.changed.Broadcast()
}

func (b *Body) onDisk() int64 {
	if b.window > 0 {
		return b.window
	}
	return b.size
}

// Complete reports whether the body is finished, and all of it is there.
func (b *Body) Complete() bool {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	return b.done && b.err == nil && b.window == 0
}

// Whole reports whether all that was written is there.
func (b *Body) Whole() bool {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	return b.err == nil && b.window == 0
}

// Lost reports whether the start has been overwritten, so that no new reader can read the body.
func (b *Body) Lost() bool {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	return b.lost()
}

func (b *Body) lost() bool { return b.window > 0 && b.size > b.window }

func (b *Body) inFile() bool {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	return b.file != nil
}

// Size returns how much has been written.
func (b *Body) Size() int64 {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	return b.size
}

// Use adds a user, and reports whether it could: not if all have left.
func (b *Body) Use() bool {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	if b.users == 0 {
		return false
	}
	b.users++
	return true
}

// Unread says that nobody will read the body any more, so that writing ends if it can't be kept.
func (b *Body) Unread() {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	b.left = true
	b.changed.Broadcast()
}

// Leave is called once by each user. With the last one the file is removed.
func (b *Body) Leave() {
	b.mutex.Lock()
	b.users--
	last, file := b.users == 0, b.file
	b.mutex.Unlock()
	if last && file != nil {
		remove(file)
	}
}

func remove(file *os.File) {
	file.Close()
	os.Remove(file.Name())
}

// Reader reads a body from its start. It waits for what isn't written yet, until its context ends.
type Reader struct {
	ctx    context.Context
	body   *Body
	length int64 // of the whole; negative: not known
	offset int64
	passed int64 // nothing before it will be read again
	closed bool
}

// NewReader makes a reader, to be closed. Its length is for seeking from the end; negative: not known.
func (b *Body) NewReader(ctx context.Context, length int64) *Reader {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	r := &Reader{ctx: ctx, body: b, length: length}
	if !b.lost() {
		b.readers[r] = true
	}
	return r
}

// Close lets the writer go on without this reader.
func (r *Reader) Close() {
	r.body.mutex.Lock()
	defer r.body.mutex.Unlock()
	r.closed = true
	delete(r.body.readers, r)
	r.body.changed.Broadcast()
}

func (r *Reader) Read(p []byte) (int, error) {
	b := r.body
	b.mutex.Lock()
	defer b.mutex.Unlock()
	memory, n, err := r.next()
	if err != nil {
		return 0, err
	}
	if memory != nil {
		n = copy(p, memory)
	} else {
		at := b.at(r.offset)
		b.mutex.Unlock() // others needn't wait for the disk
		n, err = b.file.ReadAt(p[:min(n, len(p))], at)
		b.mutex.Lock()
		if n > 0 {
			err = nil
		}
	}
	r.advance(n)
	return n, err
}

// WriteTo writes each part of the body as soon as it comes.
func (r *Reader) WriteTo(w io.Writer) (written int64, err error) {
	var buffer []byte
	for {
		part, err := r.part(&buffer)
		if errors.Is(err, io.EOF) {
			return written, nil
		}
		if err != nil {
			return written, err
		}
		n, err := w.Write(part)
		written += int64(n)
		if err != nil {
			return written, err
		}
		r.body.mutex.Lock()
		r.advance(n)
		r.body.mutex.Unlock()
	}
}

// part returns what comes next. If it is in the file, it is read into the buffer.
func (r *Reader) part(buffer *[]byte) ([]byte, error) {
	b := r.body
	b.mutex.Lock()
	part, n, err := r.next()
	at := b.at(r.offset)
	b.mutex.Unlock()
	if err != nil || part != nil {
		return part, err
	}
	if *buffer == nil {
		*buffer = make([]byte, windowBytes)
	}
	n, err = b.file.ReadAt((*buffer)[:min(n, windowBytes)], at)
	if n == 0 {
		return nil, errors.Join(errLost, err)
	}
	return (*buffer)[:n], nil
}

var errLost = errors.New("store: the start has been overwritten")

// next waits until there is something to read, and returns it, or nil and how much there is in the file.
func (r *Reader) next() ([]byte, int, error) {
	b := r.body
	if r.offset >= b.size && !b.done {
		stop := context.AfterFunc(r.ctx, func() {
			b.mutex.Lock()
			defer b.mutex.Unlock()
			b.changed.Broadcast()
		})
		defer stop()
	}
	r.passTo(r.offset)
	for r.offset >= b.size && !b.done && !r.closed && r.ctx.Err() == nil {
		b.changed.Wait()
	}
	switch {
	case r.closed, b.window > 0 && b.size-r.offset > b.window, b.window > 0 && r.offset < b.size && !b.readers[r]:
		return nil, 0, errLost
	case r.offset < b.size:
		at, n := b.at(r.offset), b.size-r.offset
		if b.window > 0 {
			n = min(n, b.window-at)
		}
		if b.file != nil {
			return nil, int(min(n, windowBytes)), nil
		}
		return b.memory[at : at+n : at+n], 0, nil
	case !b.done:
		return nil, 0, r.ctx.Err()
	case b.err != nil:
		return nil, 0, b.err
	}
	return nil, 0, io.EOF
}

// at returns where a byte is.
func (b *Body) at(offset int64) int64 {
	if b.window > 0 {
		return offset % b.window
	}
	return offset
}

func (r *Reader) advance(n int) {
	r.offset += int64(n)
	r.passTo(r.offset)
}

func (r *Reader) passTo(offset int64) {
	if offset > r.passed {
		r.passed = offset
		if r.body.window > 0 {
			r.body.changed.Broadcast()
		}
	}
}

// Seek sets the offset of the next read.
func (r *Reader) Seek(offset int64, whence int) (int64, error) {
	switch whence {
	case io.SeekCurrent:
		offset += r.offset
	case io.SeekEnd:
		offset += r.length
	}
	if offset < 0 {
		return 0, errors.New("store: seek before the start")
	}
	r.offset = offset
	return offset, nil
}
