package store

import (
	"context"
	"errors"
	"io"
)

// Reader reads a body from its start. It waits for what isn't there yet, until its context ends.
type Reader struct {
	ctx    context.Context
	body   *Body
	length int64 // of the whole, if known
	offset int64
	passed int64 // what is before won't be read again
	closed bool
}

// NewReader needs a length to seek from the end; it is negative if nobody knows it yet. Whoever makes one closes it.
func (b *Body) NewReader(ctx context.Context, length int64) *Reader {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	r := &Reader{ctx: ctx, body: b, length: length}
	if !b.lost() {
		b.readers[r] = true
	}
	return r
}

// Close lets the rest be written without it.
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
		b.mutex.Unlock() // nobody else has to wait for the disk
		n, err = b.file.ReadAt(p[:min(n, len(p))], at)
		b.mutex.Lock()
		if n > 0 {
			err = nil
		}
	}
	r.advance(n)
	return n, err
}

// WriteTo writes it as it comes: each part is written at once.
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

// part is what comes next. If it is in the file, it is read into a buffer.
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

var errLost = errors.New("store: it isn't there any more")

// next waits until there is something to read: what it returns, or if that is nil, how much of it is in the file.
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

// at is where a byte is.
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
