// Package store keeps answers: small ones in memory, large ones in files, and the ones that nobody asked for longest go first.
package store

import (
	"context"
	"errors"
	"io"
	"os"
	"sync"
)

// memoryBytes is how much of a body stays in memory. A longer one goes to a file as a whole.
const memoryBytes = 1 << 20

// Body is what an origin answers. It is read from its start by any number of readers while it is being written.
type Body struct {
	dir string

	mutex   sync.Mutex
	changed sync.Cond
	memory  []byte
	file    *os.File // has all of it once memory doesn't
	size    int64
	done    bool
	err     error // why it is incomplete
	users   int   // who may read or write it; without one it is gone
}

// newBody is an empty one that has one user, and goes to a file in dir if it becomes long. Its length is negative if nobody
// knows it yet.
func newBody(dir string, length int64) *Body {
	b := &Body{dir: dir, users: 1}
	if length > 0 && length <= memoryBytes {
		b.memory = make([]byte, 0, length)
	}
	b.changed.L = &b.mutex
	return b
}

// Write appends to it. Nothing that was written changes afterwards, so readers need no lock for what they have seen.
func (b *Body) Write(p []byte) (int, error) {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	defer b.changed.Broadcast()
	if b.file == nil && len(b.memory)+len(p) > memoryBytes {
		if err := b.moveToFile(); err != nil {
			return 0, err
		}
	}
	n, err := len(p), error(nil)
	if b.file != nil {
		n, err = b.file.Write(p)
	} else {
		b.memory = append(b.memory, p...)
	}
	b.size += int64(n)
	return n, err
}

func (b *Body) moveToFile() (err error) {
	if b.file, err = os.CreateTemp(b.dir, "body-*"); err != nil {
		return err
	}
	_, err = b.file.Write(b.memory)
	b.memory = nil
	return err
}

// Finish says that all of it is there, or why not.
func (b *Body) Finish(err error) {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	b.done, b.err = true, err
	if cap(b.memory) > len(b.memory) {
		b.memory = append(make([]byte, 0, len(b.memory)), b.memory...) // what is kept is counted by its length
	}
	b.changed.Broadcast()
}

// Complete tells whether all of it is there.
func (b *Body) Complete() bool {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	return b.done && b.err == nil
}

// Size is how much of it is there.
func (b *Body) Size() int64 {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	return b.size
}

// Use adds a user, unless the last one has left.
func (b *Body) Use() bool {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	if b.users == 0 {
		return false
	}
	b.users++
	return true
}

// Leave is what each user does once. With the last one the file goes too.
func (b *Body) Leave() {
	b.mutex.Lock()
	b.users--
	last, file := b.users == 0, b.file
	b.mutex.Unlock()
	if last && file != nil {
		file.Close()
		os.Remove(file.Name())
	}
}

// Reader reads a body from its start. It waits for what isn't there yet, until its context ends.
type Reader struct {
	ctx    context.Context
	body   *Body
	length int64 // of the whole, if known
	offset int64
}

// NewReader needs a length to seek from the end; it is negative if nobody knows it yet.
func (b *Body) NewReader(ctx context.Context, length int64) *Reader {
	return &Reader{ctx: ctx, body: b, length: length}
}

func (r *Reader) Read(p []byte) (int, error) {
	memory, err := r.next()
	if err != nil {
		return 0, err
	}
	if memory == nil {
		n, err := r.body.file.ReadAt(p, r.offset)
		r.offset += int64(n)
		if errors.Is(err, io.EOF) && n > 0 {
			err = nil // there may be more of it soon
		}
		return n, err
	}
	n := copy(p, memory)
	r.offset += int64(n)
	return n, nil
}

// WriteTo writes it as it comes: each part is written at once.
func (r *Reader) WriteTo(w io.Writer) (written int64, err error) {
	var buffer []byte
	for {
		part, err := r.next()
		if errors.Is(err, io.EOF) {
			return written, nil
		}
		if err != nil {
			return written, err
		}
		if part == nil {
			if buffer == nil {
				buffer = make([]byte, 64<<10)
			}
			n, err := r.body.file.ReadAt(buffer, r.offset)
			if n == 0 && err != nil {
				return written, err
			}
			part = buffer[:n]
		}
		n, err := w.Write(part)
		r.offset += int64(n)
		written += int64(n)
		if err != nil {
			return written, err
		}
	}
}

// next waits until there is something to read. What it returns is nil if it is in the file.
func (r *Reader) next() ([]byte, error) {
	b := r.body
	b.mutex.Lock()
	defer b.mutex.Unlock()
	if r.offset >= b.size && !b.done {
		stop := context.AfterFunc(r.ctx, func() {
			b.mutex.Lock()
			defer b.mutex.Unlock()
			b.changed.Broadcast()
		})
		defer stop()
	}
	for r.offset >= b.size && !b.done && r.ctx.Err() == nil {
		b.changed.Wait()
	}
	switch {
	case r.offset < b.size && b.file != nil:
		return nil, nil
	case r.offset < b.size:
		return b.memory[r.offset:b.size:b.size], nil
	case !b.done:
		return nil, r.ctx.Err()
	case b.err != nil:
		return nil, b.err
	}
	return nil, io.EOF
}

// Seek goes to where the next read begins.
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
