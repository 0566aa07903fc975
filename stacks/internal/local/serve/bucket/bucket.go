// Package bucket answers from a local folder as the private S3 bucket of models answers CloudFront.
package bucket

import (
	"bytes"
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// Bucket is a folder whose files are the objects of a bucket that CloudFront may read and not list.
type Bucket struct {
	root *os.Root
	cors *CORS
}

// New opens a folder. Without CORS the bucket has no such configuration.
func New(dir string, cors *CORS) (*Bucket, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	return &Bucket{root: root, cors: cors}, nil
}

// Close lets go of the folder. What is still being read can be read to its end.
func (b *Bucket) Close() error { return b.root.Close() }

// RoundTrip answers a request. Errors are only a request that was given up, and a file that can't be read although it
// may be.
func (b *Bucket) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Body != nil {
		r.Body.Close()
	}
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	switch r.Method {
	case http.MethodGet, http.MethodHead, "":
		return b.get(r)
	case http.MethodOptions:
		return b.preflight(r), nil
	case http.MethodPut, http.MethodDelete:
		return accessDenied.response(r), nil // only s3:GetObject is allowed
	}
	// mhart/aws4fetch, issue 14: POST for an object
	answer := failure{status: http.StatusMethodNotAllowed, Code: "MethodNotAllowed", Message: "The specified method is not allowed against this resource.",
		Method: r.Method, ResourceType: "OBJECT"}.response(r)
	answer.Header.Set("Allow", "GET, DELETE, HEAD, PUT") // FineUploader/fine-uploader, issue 1016
	return answer, nil
}

// get answers with an object, a part of it, or why not.
func (b *Bucket) get(r *http.Request) (*http.Response, error) {
	name, found := fileName(r.URL)
	if !found {
		return b.answer(r, accessDenied.response(r)), nil
	}
	parameters := r.URL.Query()
	if refused := refusal(r, parameters); refused != nil {
		return b.answer(r, refused.response(r)), nil
	}
	o, err := b.open(name)
	if err != nil {
		return nil, err
	}
	if o == nil {
		return b.answer(r, accessDenied.response(r)), nil
	}
	return b.answer(r, o.answer(r, parameters)), nil
}

// fileName is the file of the object with a URL's key. S3 takes a + in a path for a space (AdRoll/goamz, issue 259). A
// key that no file can have (with an empty part, or one of dots) has none.
func fileName(u *url.URL) (name string, found bool) {
	key, err := url.PathUnescape(strings.ReplaceAll(strings.TrimPrefix(u.EscapedPath(), "/"), "+", "%20"))
	if err != nil {
		return "", false
	}
	name, err = filepath.Localize(key)
	return name, err == nil
}

// object is a file that is open.
type object struct {
	file *os.File
	info fs.FileInfo
}

// open opens an object. There is none if there is no such file, or none that may be read: a missing key is not told
// from one that is forbidden where nobody may list (Amazon S3 API Reference, GetObject, Permissions).
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

// types are what `aws s3 cp` guesses for the files that lie beside models, from Python's mimetypes alone (aws/aws-cli,
// issue 3817); a system with more types guesses more.
var types = map[string]string{
	".a":    "application/octet-stream",
	".bin":  "application/octet-stream",
	".css":  "text/css",
	".csv":  "text/csv",
	".gif":  "image/gif",
	".h5":   "application/x-hdf5",
	".hdf":  "application/x-hdf",
	".htm":  "text/html",
	".html": "text/html",
	".jpeg": "image/jpeg",
	".jpg":  "image/jpeg",
	".js":   "application/javascript",
	".json": "application/json",
	".mjs":  "application/javascript",
	".mp3":  "audio/mpeg",
	".mp4":  "video/mp4",
	".o":    "application/octet-stream",
	".obj":  "application/octet-stream",
	".pdf":  "application/pdf",
	".png":  "image/png",
	".py":   "text/x-python",
	".sh":   "application/x-sh",
	".so":   "application/octet-stream",
	".svg":  "image/svg+xml",
	".tar":  "application/x-tar",
	".tgz":  "application/x-tar",
	".tsv":  "text/tab-separated-values",
	".txt":  "text/plain",
	".wasm": "application/wasm",
	".wav":  "audio/x-wav",
	".xml":  "text/xml",
	".zip":  "application/zip",
}

// contentType is the type of an object. How it is compressed isn't part of the guess: model.json.gz is
// application/json. What isn't known is stored without a type, for which S3 has its own (Amazon S3 API Reference,
// PutObject, Content-Type).
func contentType(name string) string {
	name = strings.ToLower(name)
	switch extension := filepath.Ext(name); extension {
	case ".gz", ".bz2", ".xz", ".br", ".z":
		name = strings.TrimSuffix(name, extension)
	}
	if guess, found := types[filepath.Ext(name)]; found {
		return guess
	}
	return "binary/octet-stream"
}

// failure is an error as S3 writes it (Amazon S3 API Reference, Error responses), without the ids of a request, of
// which there are none here.
type failure struct {
	XMLName xml.Name `xml:"Error"`
	status  int

	Code, Message    string
	Method           string `xml:",omitempty"`
	ResourceType     string `xml:",omitempty"`
	Condition        string `xml:",omitempty"`
	RangeRequested   string `xml:",omitempty"`
	ActualObjectSize string `xml:",omitempty"`
}

var accessDenied = failure{status: http.StatusForbidden, Code: "AccessDenied", Message: "Access Denied"}

// preconditionFailed is worded like versity/versitygw, issue 2044.
func preconditionFailed(condition string) *failure {
	return &failure{status: http.StatusPreconditionFailed, Code: "PreconditionFailed",
		Message: "At least one of the pre-conditions you specified did not hold", Condition: condition}
}

// unsatisfiable is worded like versity/versitygw, issue 2069.
func unsatisfiable(r *http.Request, size int64) *http.Response {
	answer := failure{status: http.StatusRequestedRangeNotSatisfiable, Code: "InvalidRange", Message: "The requested range is not satisfiable",
		RangeRequested: r.Header.Get("Range"), ActualObjectSize: strconv.FormatInt(size, 10)}.response(r)
	answer.Header.Set("Content-Range", fmt.Sprintf("bytes */%d", size)) // RFC 9110, 15.5.17
	return answer
}

// response has no body for HEAD (Amazon S3 API Reference, HeadObject).
func (f failure) response(r *http.Request) *http.Response {
	answer := &http.Response{StatusCode: f.status, Header: http.Header{"Content-Type": {"application/xml"}}}
	if r.Method == http.MethodHead {
		return finish(answer, r, http.NoBody, -1)
	}
	text, err := xml.Marshal(f)
	if err != nil {
		panic(err) // strings alone
	}
	text = append([]byte(xml.Header), text...)
	answer.Header.Set("Content-Length", strconv.Itoa(len(text)))
	return finish(answer, r, io.NopCloser(bytes.NewReader(text)), int64(len(text)))
}

// finish fills in what all answers have.
func finish(answer *http.Response, r *http.Request, body io.ReadCloser, length int64) *http.Response {
	answer.Status = strconv.Itoa(answer.StatusCode) + " " + http.StatusText(answer.StatusCode)
	answer.Proto, answer.ProtoMajor, answer.ProtoMinor = "HTTP/1.1", 1, 1
	answer.Header.Set("Server", "AmazonS3")
	answer.Request, answer.Body, answer.ContentLength = r, body, length
	return answer
}
