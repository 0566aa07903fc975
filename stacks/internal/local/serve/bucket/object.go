package bucket

import (
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"time"
)

// object is a file that is open.
type object struct {
	file *os.File
	info fs.FileInfo
}

// open opens an object. There is none if there is no such file, or none that may be read: a missing key is not told from
// one that is forbidden where nobody may list (Amazon S3 API Reference, GetObject, Permissions).
func (b *Bucket) open(name string) (*object, error) {
	if info, err := b.root.Stat(name); err != nil || !info.Mode().IsRegular() { // to open a pipe would wait for who writes to it
		return nil, nil
	}
	file, err := b.root.Open(name)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrPermission) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	info, err := file.Stat()
	if err != nil {
		file.Close()
		return nil, err
	}
	return &object{file, info}, nil
}

// etag changes when the file does. S3's is made of the content, which would have to be read for it.
func (o *object) etag() string {
	return fmt.Sprintf(`"%x-%x"`, o.info.ModTime().UnixNano(), o.info.Size())
}

// modified has no more than seconds, like Last-Modified.
func (o *object) modified() time.Time { return o.info.ModTime().UTC().Truncate(time.Second) }

// answer closes the file, or leaves that to the body.
func (o *object) answer(r *http.Request, parameters url.Values) *http.Response {
	answer := &http.Response{StatusCode: http.StatusOK, Header: http.Header{
		"Etag":          {o.etag()},
		"Last-Modified": {o.modified().Format(http.TimeFormat)},
	}}
	if refused := o.condition(r); refused != nil {
		o.file.Close()
		return refused.response(r)
	}
	if o.isKnown(r) {
		o.file.Close()
		answer.StatusCode = http.StatusNotModified
		return finish(answer, r, http.NoBody, 0)
	}
	size := o.info.Size()
	part, asked := span{length: size}, false
	if o.ranges(r) {
		part, asked = parseRange(r.Header.Get("Range"), size)
	}
	if parameters.Has("partNumber") {
		part, asked = span{length: size}, size > 0
	}
	if asked && part.length == 0 {
		o.file.Close()
		return unsatisfiable(r, size)
	}
	if asked {
		answer.StatusCode = http.StatusPartialContent
		answer.Header.Set("Content-Range", fmt.Sprintf("bytes %d-%d/%d", part.start, part.start+part.length-1, size))
	}
	answer.Header.Set("Accept-Ranges", "bytes")
	answer.Header.Set("Content-Type", contentType(o.file.Name()))
	override(answer.Header, parameters)
	answer.Header.Set("Content-Length", strconv.FormatInt(part.length, 10))
	if r.Method == http.MethodHead {
		o.file.Close()
		return finish(answer, r, http.NoBody, part.length)
	}
	return finish(answer, r, o.body(r.Context(), part), part.length)
}
