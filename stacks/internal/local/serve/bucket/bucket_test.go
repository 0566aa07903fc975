package bucket

import (
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

var written = time.Date(2030, 1, 1, 12, 0, 0, 123456700, time.UTC)

const (
	tag      = `"1a470f7d85d84cbc-a"` // of llama.gguf
	modified = "Tue, 01 Jan 2030 12:00:00 GMT"
	earlier  = "Tue, 01 Jan 2030 11:59:59 GMT"
	later    = "Tue, 01 Jan 2030 12:00:01 GMT"
)

// folder has some models, and a secret beside it.
func folder(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string]string{
		"secret": "secret", "bucket/models/llama.gguf": "0123456789", "bucket/models/empty": "",
		"bucket/models/a b+c.json": "{}", "bucket/models/config.json.gz": "z",
	} {
		path := filepath.Join(dir, filepath.FromSlash(name))
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o700))
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
		require.NoError(t, os.Chtimes(path, written, written))
	}
	return filepath.Join(dir, "bucket")
}

func open(t *testing.T, dir string, cors *CORS) *Bucket {
	t.Helper()
	b, err := New(dir, cors)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, b.Close()) })
	return b
}

// ask sends a request with headers in pairs.
func ask(t *testing.T, b *Bucket, method, path string, headers ...string) (*http.Response, string) {
	t.Helper()
	r := httptest.NewRequest(method, "https://models.s3.us-east-1.amazonaws.com"+path, nil)
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	answer, err := b.RoundTrip(r)
	require.NoError(t, err)
	text, err := io.ReadAll(answer.Body)
	require.NoError(t, err)
	require.NoError(t, answer.Body.Close())
	require.Same(t, r, answer.Request)
	require.Equal(t, "AmazonS3", answer.Header.Get("Server"))
	if method != "HEAD" {
		require.Len(t, text, int(answer.ContentLength))
	}
	return answer, string(text)
}

func TestObjects(t *testing.T) {
	const path, whole = "/models/llama.gguf", "0123456789"
	for _, r := range []struct {
		name, method, path string
		headers            []string
		status             int
		body, part         string
	}{
		{"GET", "GET", path, nil, 200, whole, ""},
		{"HEAD", "HEAD", path, nil, 200, "", ""},
		{"a query", "GET", path + "?x-id=GetObject&v=1", nil, 200, whole, ""},
		{"the one part of an object that was put whole", "GET", path + "?partNumber=1", nil, 206, whole, "bytes 0-9/10"},
		{"its HEAD", "HEAD", path + "?partNumber=1", nil, 206, "", "bytes 0-9/10"},
		{"an empty object", "GET", "/models/empty", nil, 200, "", ""},
		{"codes", "GET", "/models/a%20b%2Bc.json", nil, 200, "{}", ""},
		{"+ is a space", "GET", "/models/a+b%2Bc.json", nil, 200, "{}", ""},

		{"a part", "GET", path, []string{"Range", "bytes=2-4"}, 206, "234", "bytes 2-4/10"},
		{"a part, HEAD", "HEAD", path, []string{"Range", "bytes=2-4"}, 206, "", "bytes 2-4/10"},
		{"one byte", "GET", path, []string{"Range", "bytes=9-9"}, 206, "9", "bytes 9-9/10"},
		{"to the end", "GET", path, []string{"Range", "bytes=7-"}, 206, "789", "bytes 7-9/10"},
		{"past the end", "GET", path, []string{"Range", "bytes=7-100"}, 206, "789", "bytes 7-9/10"},
		{"far past the end", "GET", path, []string{"Range", "bytes=7-99999999999999999999"}, 206, "789", "bytes 7-9/10"},
		{"all of it", "GET", path, []string{"Range", "bytes=0-"}, 206, whole, "bytes 0-9/10"},
		{"the last", "GET", path, []string{"Range", "bytes=-3"}, 206, "789", "bytes 7-9/10"},
		{"the last, and more than there are", "GET", path, []string{"Range", "bytes=-30"}, 206, whole, "bytes 0-9/10"},
		{"two parts", "GET", path, []string{"Range", "bytes=0-1,3-4"}, 200, whole, ""},
		{"backwards", "GET", path, []string{"Range", "bytes=4-2"}, 200, whole, ""},
		{"no number", "GET", path, []string{"Range", "bytes=a-b"}, 200, whole, ""},
		{"signed numbers", "GET", path, []string{"Range", "bytes=+1-+2"}, 200, whole, ""},
		{"no bytes", "GET", path, []string{"Range", "lines=1-2"}, 200, whole, ""},
		{"nothing", "GET", path, []string{"Range", "bytes=-"}, 200, whole, ""},

		{"If-Range holds", "GET", path, []string{"Range", "bytes=0-0", "If-Range", tag}, 206, "0", "bytes 0-0/10"},
		{"If-Range doesn't hold", "GET", path, []string{"Range", "bytes=0-0", "If-Range", `"x"`}, 200, whole, ""},
		{"If-Range is weak", "GET", path, []string{"Range", "bytes=0-0", "If-Range", "W/" + tag}, 200, whole, ""},
		{"If-Range has the date", "GET", path, []string{"Range", "bytes=0-0", "If-Range", modified}, 206, "0", "bytes 0-0/10"},
		{"If-Range has another date", "GET", path, []string{"Range", "bytes=0-0", "If-Range", later}, 200, whole, ""},

		{"If-Match holds", "GET", path, []string{"If-Match", tag}, 200, whole, ""},
		{"If-Match holds for any", "GET", path, []string{"If-Match", "*"}, 200, whole, ""},
		{"If-Match decides alone", "GET", path, []string{"If-Match", `"x", ` + tag, "If-Unmodified-Since", earlier}, 200, whole, ""},
		{"If-Unmodified-Since holds", "GET", path, []string{"If-Unmodified-Since", modified}, 200, whole, ""},
		{"If-None-Match has another", "GET", path, []string{"If-None-Match", `"x"`}, 200, whole, ""},
		{"If-None-Match decides alone", "GET", path, []string{"If-None-Match", `"x"`, "If-Modified-Since", later}, 200, whole, ""},
		{"If-Modified-Since is earlier", "GET", path, []string{"If-Modified-Since", earlier}, 200, whole, ""},
		{"a date that is none", "GET", path, []string{"If-Modified-Since", "today", "If-Unmodified-Since", "today"}, 200, whole, ""},
	} {
		t.Run(r.name, func(t *testing.T) {
			b := open(t, folder(t), nil)
			answer, text := ask(t, b, r.method, r.path, r.headers...)
			require.Equal(t, r.status, answer.StatusCode)
			require.Equal(t, r.body, text)
			require.Equal(t, r.part, answer.Header.Get("Content-Range"))
			require.Equal(t, "bytes", answer.Header.Get("Accept-Ranges"))
			require.Equal(t, modified, answer.Header.Get("Last-Modified"))
		})
	}
}

func TestHeaders(t *testing.T) {
	answer, _ := ask(t, open(t, folder(t), nil), "HEAD", "/models/llama.gguf")
	require.Equal(t, http.Header{
		"Accept-Ranges": {"bytes"}, "Content-Length": {"10"}, "Content-Type": {"binary/octet-stream"}, "Etag": {tag},
		"Last-Modified": {modified}, "Server": {"AmazonS3"},
	}, answer.Header)
	require.Equal(t, int64(10), answer.ContentLength)
	require.Equal(t, "200 OK", answer.Status)
}

func TestNotModified(t *testing.T) {
	b := open(t, folder(t), nil)
	for _, method := range []string{"GET", "HEAD"} {
		for _, condition := range [][]string{
			{"If-None-Match", tag}, {"If-None-Match", "W/" + tag}, {"If-None-Match", `"x",` + tag}, {"If-None-Match", "*"},
			{"If-Modified-Since", modified}, {"If-Modified-Since", later}, {"If-None-Match", tag, "If-Modified-Since", earlier},
			{"If-None-Match", tag, "Range", "bytes=0-0"},
		} {
			answer, text := ask(t, b, method, "/models/llama.gguf", condition...)
			require.Equal(t, 304, answer.StatusCode, condition)
			require.Empty(t, text)
			require.Equal(t, http.Header{"Etag": {tag}, "Last-Modified": {modified}, "Server": {"AmazonS3"}}, answer.Header)
		}
	}
}

func TestFailures(t *testing.T) {
	const path = "/models/llama.gguf"
	denied := failure{status: 403, Code: "AccessDenied", Message: "Access Denied"}
	allowed := failure{status: 405, Code: "MethodNotAllowed", Message: "The specified method is not allowed against this resource.", ResourceType: "OBJECT"}
	posted, patched := allowed, allowed
	posted.Method, patched.Method = "POST", "PATCH"
	invalid := func(asked, size string) failure {
		return failure{status: 416, Code: "InvalidRange", Message: "The requested range is not satisfiable", RangeRequested: asked, ActualObjectSize: size}
	}
	for _, r := range []struct {
		name, method, path string
		headers            []string
		want               failure
	}{
		{"a missing key", "GET", "/models/mistral.gguf", nil, denied},
		{"a key below an object", "GET", path + "/x", nil, denied},
		{"a key that ends with a slash", "GET", path + "/", nil, denied},
		{"a key with an empty part", "GET", "/models//llama.gguf", nil, denied},
		{"a folder", "GET", "/models", nil, denied},
		{"a folder with a slash", "GET", "/models/", nil, denied},
		{"the list", "GET", "/", nil, denied},
		{"the list by a dot", "GET", "/.", nil, denied},
		{"a file outside", "GET", "/../secret", nil, denied},
		{"a file outside, in codes", "GET", "/models/%2e%2e/%2e%2e/secret", nil, denied},
		{"a path of the system", "GET", "//etc/passwd", nil, denied},
		{"a zero byte", "GET", "/models/llama.gguf%00", nil, denied},
		{"no UTF-8", "GET", "/models/%ff", nil, denied},
		{"conditions on a missing key", "GET", "/models/x", []string{"If-None-Match", "*", "Range", "bytes=0-0"}, denied},
		{"PUT", "PUT", path, nil, denied},
		{"DELETE", "DELETE", path, nil, denied},
		{"POST", "POST", path, nil, posted},
		{"PATCH", "PATCH", path, nil, patched},
		{"If-Match", "GET", path, []string{"If-Match", `"x"`, "If-Unmodified-Since", later}, *preconditionFailed("If-Match")},
		{"If-Match is weak", "GET", path, []string{"If-Match", "W/" + tag}, *preconditionFailed("If-Match")},
		{"If-Unmodified-Since", "GET", path, []string{"If-Unmodified-Since", earlier}, *preconditionFailed("If-Unmodified-Since")},
		{"behind the end", "GET", path, []string{"Range", "bytes=10-"}, invalid("bytes=10-", "10")},
		{"a part behind the end", "GET", path, []string{"Range", "bytes=10-12"}, invalid("bytes=10-12", "10")},
		{"far behind the end", "GET", path, []string{"Range", "bytes=12-14"}, invalid("bytes=12-14", "10")},
		{"none of the last", "GET", path, []string{"Range", "bytes=-0"}, invalid("bytes=-0", "10")},
		{"a part of nothing", "GET", "/models/empty", []string{"Range", "bytes=0-"}, invalid("bytes=0-", "0")},
		{"the last of nothing", "GET", "/models/empty", []string{"Range", "bytes=-1"}, invalid("bytes=-1", "0")},
	} {
		t.Run(r.name, func(t *testing.T) {
			b := open(t, folder(t), nil)
			answer, text := ask(t, b, r.method, r.path, r.headers...)
			got := failure{status: answer.StatusCode}
			require.NoError(t, xml.Unmarshal([]byte(text), &got), text)
			got.XMLName = xml.Name{}
			require.Equal(t, r.want, got)
			require.Equal(t, "application/xml", answer.Header.Get("Content-Type"))
			require.Empty(t, answer.Header.Get("ETag"))
			if r.method == "GET" {
				answer, text = ask(t, b, "HEAD", r.path, r.headers...)
				require.Equal(t, r.want.status, answer.StatusCode)
				require.Empty(t, text)
			}
		})
	}
}

func TestErrorsAsS3WritesThem(t *testing.T) {
	b := open(t, folder(t), nil)
	answer, text := ask(t, b, "GET", "/models/llama.gguf", "Range", "bytes=10-")
	require.Equal(t, `<?xml version="1.0" encoding="UTF-8"?>`+"\n<Error><Code>InvalidRange</Code><Message>The requested range is not satisfiable</Message>"+
		"<RangeRequested>bytes=10-</RangeRequested><ActualObjectSize>10</ActualObjectSize></Error>", text)
	require.Equal(t, "bytes */10", answer.Header.Get("Content-Range"))
	answer, _ = ask(t, b, "POST", "/models/llama.gguf")
	require.Equal(t, "GET, DELETE, HEAD, PUT", answer.Header.Get("Allow"))
}

func TestLinks(t *testing.T) {
	dir := folder(t)
	require.NoError(t, os.Symlink("llama.gguf", filepath.Join(dir, "models", "latest.json")))
	require.NoError(t, os.Symlink("../../secret", filepath.Join(dir, "models", "outside")))
	b := open(t, dir, nil)
	answer, text := ask(t, b, "GET", "/models/latest.json")
	require.Equal(t, "0123456789", text)
	require.Equal(t, "application/json", answer.Header.Get("Content-Type"))
	answer, _ = ask(t, b, "GET", "/models/outside")
	require.Equal(t, 403, answer.StatusCode)
}

func TestETagChangesWithTheFile(t *testing.T) {
	dir := folder(t)
	path, b := filepath.Join(dir, "models", "llama.gguf"), open(t, dir, nil)
	seen := map[string]bool{tag: true}
	for _, change := range []func() error{
		func() error { return os.Chtimes(path, written, written.Add(time.Microsecond)) },
		func() error { return os.WriteFile(path, []byte("longer than before"), 0o600) },
	} {
		require.NoError(t, change())
		answer, _ := ask(t, b, "HEAD", "/models/llama.gguf")
		require.False(t, seen[answer.Header.Get("ETag")])
		seen[answer.Header.Get("ETag")] = true
	}
}

func TestAChangeWhileReadingIsAnError(t *testing.T) {
	for name, change := range map[string]func(path string) error{
		"shorter": func(path string) error { return os.Truncate(path, 4) },
		"shorter at the same time": func(path string) error {
			return errors.Join(os.Truncate(path, 4), os.Chtimes(path, written, written))
		},
		"another model": func(path string) error { return os.WriteFile(path, []byte("9876543210"), 0o600) },
	} {
		t.Run(name, func(t *testing.T) {
			dir := folder(t)
			answer, err := open(t, dir, nil).RoundTrip(httptest.NewRequest(http.MethodGet, "/models/llama.gguf", nil))
			require.NoError(t, err)
			defer answer.Body.Close()
			require.NoError(t, change(filepath.Join(dir, "models", "llama.gguf")))
			_, err = io.ReadAll(answer.Body)
			require.ErrorIs(t, err, errChanged)
		})
	}
}

func TestAReplacedFileIsReadToItsEnd(t *testing.T) {
	dir := folder(t)
	path := filepath.Join(dir, "models", "llama.gguf")
	answer, err := open(t, dir, nil).RoundTrip(httptest.NewRequest(http.MethodGet, "/models/llama.gguf", nil))
	require.NoError(t, err)
	defer answer.Body.Close()
	require.NoError(t, os.WriteFile(path+".new", []byte("another"), 0o600))
	require.NoError(t, os.Rename(path+".new", path))
	text, err := io.ReadAll(answer.Body)
	require.NoError(t, err)
	require.Equal(t, "0123456789", string(text))
}

func TestARequestThatIsGivenUp(t *testing.T) {
	b := open(t, folder(t), nil)
	ctx, cancel := context.WithCancel(t.Context())
	r := httptest.NewRequest(http.MethodGet, "/models/llama.gguf", nil).WithContext(ctx)
	answer, err := b.RoundTrip(r)
	require.NoError(t, err)
	_, err = io.ReadFull(answer.Body, make([]byte, 3))
	require.NoError(t, err)
	cancel()
	_, err = answer.Body.Read(make([]byte, 3))
	require.ErrorIs(t, err, context.Canceled)
	require.NoError(t, answer.Body.Close())
	_, err = b.RoundTrip(r)
	require.ErrorIs(t, err, context.Canceled)
}

func TestTheBodyClosesTheFile(t *testing.T) {
	answer, err := open(t, folder(t), nil).RoundTrip(httptest.NewRequest(http.MethodGet, "/models/llama.gguf", nil))
	require.NoError(t, err)
	require.NoError(t, answer.Body.Close())
	_, err = answer.Body.Read(make([]byte, 1))
	require.ErrorIs(t, err, os.ErrClosed)
}

func TestNoFolder(t *testing.T) {
	_, err := New(filepath.Join(t.TempDir(), "models"), nil)
	require.ErrorIs(t, err, os.ErrNotExist)
}

func TestTypes(t *testing.T) {
	for name, want := range map[string]string{
		"llama.gguf": "binary/octet-stream", "model.safetensors": "binary/octet-stream", "README": "binary/octet-stream",
		"tokenizer.json": "application/json", "CONFIG.JSON": "application/json", "config.json.gz": "application/json",
		"model.bin": "application/octet-stream", "model.tar.gz": "application/x-tar", "model.gz": "binary/octet-stream",
		"a.json/model": "binary/octet-stream",
	} {
		require.Equal(t, want, contentType(filepath.FromSlash(name)), name)
	}
}

// TestParameters are those of GetObject and HeadObject, which S3 heeds in the signed requests of CloudFront.
func TestParameters(t *testing.T) {
	b := open(t, folder(t), nil)
	for _, r := range []struct {
		method, query, header, want string
	}{
		{"GET", "response-content-disposition=attachment%3B+filename%3D%22a+b.gguf%22", "Content-Disposition", `attachment; filename="a b.gguf"`},
		{"GET", "response-content-type=text/html", "Content-Type", "text/html"},
		{"HEAD", "response-content-type=text/html", "Content-Type", "text/html"},
		{"GET", "response-cache-control=no-store&response-cache-control=max-age=1", "Cache-Control", "no-store"},
		{"GET", "response-content-encoding=gzip", "Content-Encoding", "gzip"},
		{"GET", "response-content-language=fr", "Content-Language", "fr"},
		{"GET", "response-expires=Tue,%2001%20Jan%202030%2012:00:00%20GMT", "Expires", modified},
		{"GET", "Response-Content-Type=text/html", "Content-Type", "binary/octet-stream"},
		{"GET", "response-content-type=", "Content-Type", "binary/octet-stream"},
		{"GET", "response-x-other=a", "X-Other", ""},
	} {
		answer, _ := ask(t, b, r.method, "/models/llama.gguf?"+r.query)
		require.Equal(t, 200, answer.StatusCode, r.query)
		require.Equal(t, r.want, answer.Header.Get(r.header), r.query)
	}
	part, _ := ask(t, b, "GET", "/models/llama.gguf?response-content-type=text/html", "Range", "bytes=0-1")
	require.Equal(t, "text/html", part.Header.Get("Content-Type"))
	known, _ := ask(t, b, "GET", "/models/llama.gguf?response-content-disposition=a", "If-None-Match", tag)
	require.Empty(t, known.Header.Get("Content-Disposition"), "only on answers with an object")

	for query, want := range map[string]string{
		"versionId=null":                  "403 AccessDenied", // it needs s3:GetObjectVersion
		"versionId=abc":                   "403 AccessDenied",
		"versionId=":                      "400 InvalidArgument",
		"partNumber=2":                    "416 InvalidPartNumber",
		"partNumber=0":                    "400 InvalidArgument",
		"partNumber=10001":                "400 InvalidArgument",
		"partNumber=x":                    "400 InvalidArgument",
		"response-content-type=a%0D%0Ab":  "400 InvalidArgument",
		"response-content-type=%E6%9D%B1": "400 InvalidArgument",
		"acl":                             "403 AccessDenied",
		"tagging=":                        "403 AccessDenied",
		"attributes":                      "403 AccessDenied",
		"uploadId=a":                      "403 AccessDenied",
		"X-Amz-Signature=a":               "400 InvalidArgument",
		"Signature=a&AWSAccessKeyId=b":    "400 InvalidArgument",
	} {
		answer, text := ask(t, b, "GET", "/models/llama.gguf?"+query)
		var failed struct{ Code string }
		require.NoError(t, xml.Unmarshal([]byte(text), &failed), query)
		require.Equal(t, want, fmt.Sprintf("%d %s", answer.StatusCode, failed.Code), query)
	}
	both, _ := ask(t, b, "GET", "/models/llama.gguf?partNumber=1", "Range", "bytes=0-1")
	require.Equal(t, 400, both.StatusCode)
	list, _ := ask(t, b, "GET", "/?list-type=2")
	require.Equal(t, 403, list.StatusCode, "nobody may list")
}
