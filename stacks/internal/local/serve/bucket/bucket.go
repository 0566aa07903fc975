// Package bucket answers from a local folder as the private S3 bucket of models answers CloudFront.
package bucket

import (
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
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

// RoundTrip answers a request. Errors are only a request that was given up, and a file that can't be read although it may be.
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

// fileName is the file of the object with a URL's key. S3 takes a + in a path for a space (AdRoll/goamz, issue 259). A key
// that no file can have (with an empty part, or one of dots) has none.
func fileName(u *url.URL) (name string, found bool) {
	key, err := url.PathUnescape(strings.ReplaceAll(strings.TrimPrefix(u.EscapedPath(), "/"), "+", "%20"))
	if err != nil {
		return "", false
	}
	name, err = filepath.Localize(key)
	return name, err == nil
}
