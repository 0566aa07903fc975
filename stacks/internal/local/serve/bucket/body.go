package bucket

import (
	"context"
	"errors"
	"io"
)

// body is a part of an object while it is read.
type body struct {
	*object
	ctx     context.Context
	section *io.SectionReader
}

// errChanged keeps a mixture of two models from being taken for one. In S3 an object is never changed in place.
var errChanged = errors.New("the file changed while it was read")

func (o *object) body(ctx context.Context, part span) *body {
	return &body{o, ctx, io.NewSectionReader(o.file, part.start, part.length)}
}

func (b *body) Read(p []byte) (int, error) {
	if err := b.ctx.Err(); err != nil {
		return 0, err
	}
	n, err := b.section.Read(p)
	if errors.Is(err, io.EOF) && b.changed() {
		err = errChanged
	}
	return n, err
}

func (b *body) changed() bool {
	now, err := b.file.Stat()
	return err != nil || now.Size() != b.info.Size() || !now.ModTime().Equal(b.info.ModTime())
}

func (b *body) Close() error { return b.file.Close() }
