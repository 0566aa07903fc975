// Package bucket answers from a local folder as a private S3 bucket, of models or of a page, would answer CloudFront.
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

	"ml-api-accelerator/stacks/internal/shared/webfiles"
)

// Bucket is a folder whose files are the objects of a bucket, which CloudFront may read but not list, unless it is a
// page's.
type Bucket struct {
	root   *os.Root
	cors   *CORS
	page   bool
	prefix string // of the keys, which the files' names don't have
}

// New opens a folder. A nil CORS is a bucket without a CORS configuration.
func New(dir string, cors *CORS) (*Bucket, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	return &Bucket{root: root, cors: cors}, nil
}

// NewPage opens a folder with the files of a page, as they are published: each says how long it is kept, and CloudFront
// may know which there are. Their keys begin with a prefix, which is empty or ends with a slash.
func NewPage(dir, prefix string, cors *CORS) (*Bucket, error) {
	b, err := New(dir, cors)
	if err != nil {
		return nil, err
	}
	b.page, b.prefix = true, prefix
	return b, nil
}

// Close closes the folder. Open objects can still be read to their end.
func (b *Bucket) Close() error { return b.root.Close() }

// RoundTrip answers a request. It returns an error only for a request that is cancelled, or a file that can't be read.
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
	answer := failure{
		status: http.StatusMethodNotAllowed, Code: "MethodNotAllowed", Method: r.Method, ResourceType: "OBJECT",
		Message: "The specified method is not allowed against this resource.",
	}.response(r)
	answer.Header.Set("Allow", "GET, DELETE, HEAD, PUT") // FineUploader/fine-uploader, issue 1016
	return answer, nil
}

// get answers with an object or a part of it, or with an error.
func (b *Bucket) get(r *http.Request) (*http.Response, error) {
	name, found := b.fileName(r.URL)
	if !found {
		return b.answer(r, b.missing().response(r)), nil
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
		return b.answer(r, b.missing().response(r)), nil
	}
	o.page = b.page
	return b.answer(r, o.answer(r, parameters)), nil
}

// fileName returns the file of a URL's object. S3 takes a + in a path for a space (AdRoll/goamz, issue 259). A key with
// an empty part or one of dots has no file.
func (b *Bucket) fileName(u *url.URL) (name string, found bool) {
	key, err := url.PathUnescape(strings.ReplaceAll(strings.TrimPrefix(u.EscapedPath(), "/"), "+", "%20"))
	if err != nil {
		return "", false
	}
	if key, found = strings.CutPrefix(key, b.prefix); !found {
		return "", false
	}
	name, err = filepath.Localize(key)
	return name, err == nil
}

// object is a file that is open.
type object struct {
	file *os.File
	info fs.FileInfo
	name string
	page bool // of which it is a file
}

// missing is what S3 answers for an object that there isn't: it says so only to those who may list (Amazon S3 API
// Reference, GetObject, Permissions; Error responses).
func (b *Bucket) missing() failure {
	if b.page {
		return failure{status: http.StatusNotFound, Code: "NoSuchKey", Message: "The specified key does not exist."}
	}
	return accessDenied
}

// open opens an object; nil: there is no such file, or it may not be read. S3 doesn't tell these two apart for callers
// who may not list (Amazon S3 API Reference, GetObject, Permissions).
func (b *Bucket) open(name string) (*object, error) {
	if info, err := b.root.Stat(name); err != nil || !info.Mode().IsRegular() { // opening a pipe would wait for its writer
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
	return &object{file: file, info: info, name: filepath.ToSlash(name)}, nil
}

// etag returns an ETag that changes with the file. S3's is a hash, for which all of it would be read.
func (o *object) etag() string {
	return fmt.Sprintf(`"%x-%x"`, o.info.ModTime().UnixNano(), o.info.Size())
}

// modified returns the time in whole seconds, like Last-Modified.
func (o *object) modified() time.Time { return o.info.ModTime().UTC().Truncate(time.Second) }

// answer answers with the object. It closes the file, or leaves that to the body.
func (o *object) answer(r *http.Request, parameters url.Values) *http.Response {
	answer := &http.Response{StatusCode: http.StatusOK, Header: http.Header{
		"Etag":          {o.etag()},
		"Last-Modified": {o.modified().Format(http.TimeFormat)},
	}}
	if o.page {
		answer.Header.Set("Cache-Control", webfiles.CacheControl(o.name))
	}
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
	answer.Header.Set("Content-Type", contentType(o.name))
	if o.page {
		answer.Header.Set("Content-Type", webfiles.ContentType(o.name))
	}
	override(answer.Header, parameters)
	answer.Header.Set("Content-Length", strconv.FormatInt(part.length, 10))
	if r.Method == http.MethodHead {
		o.file.Close()
		return finish(answer, r, http.NoBody, part.length)
	}
	return finish(answer, r, o.body(r.Context(), part), part.length)
}

// body is a part of an object that is being read.
type body struct {
	*object
	ctx     context.Context
	section *io.SectionReader
}

// errChanged keeps callers from taking a mixture of two models for one. S3 never changes an object in place.
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

// types has what `aws s3 cp` guesses for the files that are common beside models, by Python's mimetypes (aws/aws-cli,
// issue 3817). Systems with more types guess more.
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

// contentType returns the type of an object. Compression isn't part of the guess: model.json.gz is application/json.
// Files of unknown type are stored without one, and S3 adds its own (Amazon S3 API Reference, PutObject, Content-Type).
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

// failure is an error as S3 writes it (Amazon S3 API Reference, Error responses), but without request ids.
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

// preconditionFailed has the words of versity/versitygw, issue 2044.
func preconditionFailed(condition string) *failure {
	return &failure{status: http.StatusPreconditionFailed, Code: "PreconditionFailed",
		Message: "At least one of the pre-conditions you specified did not hold", Condition: condition}
}

// unsatisfiable has the words of versity/versitygw, issue 2069.
func unsatisfiable(r *http.Request, size int64) *http.Response {
	answer := failure{
		status: http.StatusRequestedRangeNotSatisfiable, Code: "InvalidRange",
		Message:        "The requested range is not satisfiable",
		RangeRequested: r.Header.Get("Range"), ActualObjectSize: strconv.FormatInt(size, 10),
	}.response(r)
	answer.Header.Set("Content-Range", fmt.Sprintf("bytes */%d", size)) // RFC 9110, 15.5.17
	return answer
}

// response returns the answer with the error, without a body for HEAD (Amazon S3 API Reference, HeadObject).
func (f failure) response(r *http.Request) *http.Response {
	answer := &http.Response{StatusCode: f.status, Header: http.Header{"Content-Type": {"application/xml"}}}
	if r.Method == http.MethodHead {
		return finish(answer, r, http.NoBody, -1)
	}
	text, err := xml.Marshal(f)
	if err != nil {
		panic(err) // it can't fail
	}
	text = append([]byte(xml.Header), text...)
	answer.Header.Set("Content-Length", strconv.Itoa(len(text)))
	return finish(answer, r, io.NopCloser(bytes.NewReader(text)), int64(len(text)))
}

// finish completes an answer.
func finish(answer *http.Response, r *http.Request, body io.ReadCloser, length int64) *http.Response {
	answer.Status = strconv.Itoa(answer.StatusCode) + " " + http.StatusText(answer.StatusCode)
	answer.Proto, answer.ProtoMajor, answer.ProtoMinor = "HTTP/1.1", 1, 1
	answer.Header.Set("Server", "AmazonS3")
	answer.Request, answer.Body, answer.ContentLength = r, body, length
	return answer
}
