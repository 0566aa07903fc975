// Package pages is as much of AWS as publishing a page takes: a bucket of S3, the invalidations of a distribution, and
// the tags by which both are found. It refuses what AWS documents to refuse: wrong signatures and checksums, conditions
// that don't hold, and invalidations of paths that can't be. It can't know what IAM allows.
package pages

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
)

// What there is.
const (
	Bucket       = "demo-dev-web-20261130120000000000000001"
	Distribution = "E1PAGE"
	Stack        = "demo-dev"
	Account      = "111122223333"
	Region       = "eu-west-1"
	accessKey    = "AKIAIOSFODNN7EXAMPLE"
	secretKey    = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
)

// Object is one in the bucket.
type Object struct {
	Body   string
	Header http.Header // Content-Type, Cache-Control and the checksum
}

func (o Object) etag() string {
	sum := sha256.Sum256([]byte(o.Body + o.Header.Get("Cache-Control")))
	return `"` + hex.EncodeToString(sum[:16]) + `"` // no MD5, as with KMS
}

// AWS is one.
type AWS struct {
	URL      string
	PageSize int // of lists

	server        *httptest.Server
	mutex         sync.Mutex
	before, after func(n int) error
	bucket, stack string
	objects       map[string]Object
	calls         []string
	invalidations [][]string
	asked         map[string]int
	refusals      map[string]string // codes of errors, by what a call begins with
	untagged      map[string]bool
}

// Start starts one, which ends with the test.
func Start(t testing.TB) *AWS {
	t.Helper()
	a := &AWS{bucket: Bucket, stack: Stack, objects: map[string]Object{}, asked: map[string]int{}, refusals: map[string]string{}, untagged: map[string]bool{}, PageSize: 3}
	server := httptest.NewServer(a)
	t.Cleanup(server.Close)
	a.URL, a.server = server.URL, server
	return a
}

// Cut has before asked before a request is answered, with its number, and after before its answer is sent: an error cuts
// the connection. It ends the connections that somebody has left.
func (a *AWS) Cut(before, after func(n int) error) {
	a.server.CloseClientConnections()
	a.mutex.Lock()
	defer a.mutex.Unlock()
	a.before, a.after = before, after
}

// Setenv leads the test itself to it, until it ends.
func (a *AWS) Setenv(t *testing.T) {
	t.Helper()
	for name, value := range map[string]string{
		"AWS_ENDPOINT_URL": a.URL, "AWS_ACCESS_KEY_ID": accessKey, "AWS_SECRET_ACCESS_KEY": secretKey, "AWS_SESSION_TOKEN": "",
		"AWS_CONFIG_FILE": os.DevNull, "AWS_SHARED_CREDENTIALS_FILE": os.DevNull, "AWS_EC2_METADATA_DISABLED": "true",
		"NO_PROXY": "127.0.0.1",
	} {
		t.Setenv(name, value)
	}
}

// Use has the bucket, and the stack of the distribution, have other names.
func (a *AWS) Use(bucket, stack string) { a.bucket, a.stack = bucket, stack }

// Objects are those in the bucket now.
func (a *AWS) Objects() map[string]Object {
	a.mutex.Lock()
	defer a.mutex.Unlock()
	return maps.Clone(a.objects)
}

// Put puts an object there, as another program does.
func (a *AWS) Put(key, body string, header http.Header) {
	a.mutex.Lock()
	defer a.mutex.Unlock()
	a.objects[key] = Object{body, header}
}

// Calls are the calls so far, such as PUT index.html or invalidate.
func (a *AWS) Calls() []string {
	a.mutex.Lock()
	defer a.mutex.Unlock()
	return slices.Clone(a.calls)
}

// LastCall is the one that Cut's functions are asked about.
func (a *AWS) LastCall() string { return a.calls[len(a.calls)-1] }

// Forget begins anew with what is recorded.
func (a *AWS) Forget() {
	a.mutex.Lock()
	defer a.mutex.Unlock()
	a.calls, a.invalidations = nil, nil
}

// Invalidations are the paths of each.
func (a *AWS) Invalidations() [][]string {
	a.mutex.Lock()
	defer a.mutex.Unlock()
	return slices.Clone(a.invalidations)
}

// Refuse has calls that begin like one fail with an error. An empty code undoes that.
func (a *AWS) Refuse(call, code string) {
	a.mutex.Lock()
	defer a.mutex.Unlock()
	a.refusals[call] = code
}

// Untag takes the tag off what has a type.
func (a *AWS) Untag(kind string) {
	a.mutex.Lock()
	defer a.mutex.Unlock()
	a.untagged[kind] = true
}

func (a *AWS) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		panic(http.ErrAbortHandler) // the caller has left
	}
	service, problem := checkSignature(r, body)
	call := a.callOf(service, r)
	a.mutex.Lock()
	defer a.mutex.Unlock()
	a.calls = append(a.calls, call)
	n := len(a.calls)
	if a.before != nil && a.before(n) != nil {
		panic(http.ErrAbortHandler)
	}
	answer := httptest.NewRecorder()
	for begin, code := range a.refusals {
		if strings.HasPrefix(call, begin) && code != "" {
			problem = code
		}
	}
	switch {
	case problem != "":
		refuse(answer, r, service, problem)
	case service == "s3":
		a.s3(answer, r, body)
	case service == "tagging":
		a.tagging(answer, body)
	default:
		a.cloudFront(answer, r, body)
	}
	if a.after != nil && a.after(n) != nil {
		panic(http.ErrAbortHandler)
	}
	maps.Copy(w.Header(), answer.Header())
	w.WriteHeader(answer.Code)
	_, _ = w.Write(answer.Body.Bytes())
}

func (a *AWS) callOf(service string, r *http.Request) string {
	switch {
	case service == "cloudfront" && r.Method == http.MethodPost:
		return "invalidate"
	case service == "cloudfront":
		return "is invalidated"
	case service == "tagging":
		return "tagged"
	case r.URL.Query().Get("list-type") == "2":
		return "list"
	}
	return r.Method + " " + strings.TrimPrefix(r.URL.Path, "/"+a.bucket+"/")
}

// checkSignature returns the service that a request is signed for, and what is wrong with the signature.
func checkSignature(r *http.Request, body []byte) (service, problem string) {
	parts := map[string]string{}
	for part := range strings.SplitSeq(strings.TrimPrefix(r.Header.Get("Authorization"), "AWS4-HMAC-SHA256 "), ", ") {
		name, value, _ := strings.Cut(part, "=")
		parts[name] = value
	}
	scope := strings.Split(parts["Credential"], "/")
	at, err := time.Parse("20060102T150405Z", r.Header.Get("X-Amz-Date"))
	if len(scope) != 5 || err != nil {
		return "", "AccessDenied"
	}
	service = scope[3]
	sum := sha256.Sum256(body)
	hash := hex.EncodeToString(sum[:])
	if service == "s3" && r.Header.Get("X-Amz-Content-Sha256") != hash {
		return service, "XAmzContentSHA256Mismatch"
	}
	again := &http.Request{Method: r.Method, URL: r.URL, Host: r.Host, Header: http.Header{}, ContentLength: r.ContentLength}
	again.URL.Host, again.URL.Scheme = r.Host, "http"
	for name := range strings.SplitSeq(parts["SignedHeaders"], ";") {
		if value := r.Header.Values(name); len(value) > 0 && name != "x-amz-date" {
			again.Header[http.CanonicalHeaderKey(name)] = value
		}
	}
	signer := v4.NewSigner(func(o *v4.SignerOptions) { o.DisableURIPathEscaping = service == "s3" })
	as := aws.Credentials{AccessKeyID: accessKey, SecretAccessKey: secretKey}
	if err := signer.SignHTTP(r.Context(), as, again, hash, service, scope[2], at); err != nil ||
		again.Header.Get("Authorization") != r.Header.Get("Authorization") {
		return service, "SignatureDoesNotMatch"
	}
	for name := range r.Header { // S3 wants all of its own headers signed
		if name = strings.ToLower(name); strings.HasPrefix(name, "x-amz-") && !slices.Contains(strings.Split(parts["SignedHeaders"], ";"), name) {
			return service, "AccessDenied"
		}
	}
	return service, ""
}

var statuses = map[string]int{
	"AccessDenied": 403, "SignatureDoesNotMatch": 403, "NoSuchKey": 404, "NoSuchBucket": 404, "PreconditionFailed": 412,
	"SlowDown": 503, "NoSuchDistribution": 404, "InternalError": 500, "PermanentRedirect": 301, "ConditionalRequestConflict": 409,
}

func refuse(w *httptest.ResponseRecorder, r *http.Request, service, code string) {
	status := statuses[code]
	if status == 0 {
		status = http.StatusBadRequest
	}
	message := "User: arn:aws:iam::" + Account + ":user/ci isn't authorized, or worse"
	if code == "PermanentRedirect" {
		w.Header().Set("X-Amz-Bucket-Region", "us-west-2")
	}
	w.Header().Set("Content-Type", "application/xml")
	w.WriteHeader(status)
	switch {
	case r.Method == http.MethodHead:
	case service == "tagging":
		if code == "AccessDenied" {
			code += "Exception"
		}
		fmt.Fprintf(w, `{"__type": %q, "Message": %q}`, code, message)
	case service == "cloudfront":
		fmt.Fprintf(w, "<ErrorResponse><Error><Code>%s</Code><Message>%s</Message></Error></ErrorResponse>", code, message)
	default:
		fmt.Fprintf(w, "<Error><Code>%s</Code><Message>%s</Message></Error>", code, message)
	}
}

func (a *AWS) s3(w *httptest.ResponseRecorder, r *http.Request, body []byte) {
	key, inBucket := strings.CutPrefix(r.URL.Path, "/"+a.bucket+"/")
	o, there := a.objects[key]
	switch {
	case !inBucket:
		refuse(w, r, "s3", "NoSuchBucket")
	case a.callOf("s3", r) == "list":
		a.list(w, r.URL.Query())
	case r.Method == http.MethodPut:
		sum := sha256.Sum256(body)
		checksum := base64.StdEncoding.EncodeToString(sum[:])
		match := r.Header.Get("If-Match")
		switch named := r.Header.Get("X-Amz-Checksum-Sha256"); {
		case r.Header.Get("X-Amz-Sdk-Checksum-Algorithm") != "SHA256" || named == "":
			refuse(w, r, "s3", "InvalidRequest") // as a bucket with Object Lock does
		case named != checksum:
			refuse(w, r, "s3", "BadDigest")
		case match != "" && (!there || match != o.etag()), r.Header.Get("If-None-Match") == "*" && there:
			refuse(w, r, "s3", "PreconditionFailed")
		default:
			o = Object{string(body), http.Header{}}
			for _, name := range []string{"Content-Type", "Cache-Control", "X-Amz-Checksum-Sha256"} {
				o.Header.Set(name, r.Header.Get(name))
			}
			a.objects[key] = o
			w.Header().Set("ETag", o.etag())
		}
	case r.Method == http.MethodDelete:
		delete(a.objects, key)
		w.WriteHeader(http.StatusNoContent)
	case !there:
		refuse(w, r, "s3", "NoSuchKey")
	default:
		for name, values := range o.Header {
			if !strings.Contains(name, "Checksum") || r.Header.Get("X-Amz-Checksum-Mode") == "ENABLED" {
				w.Header()[name] = values
			}
		}
		w.Header().Set("ETag", o.etag())
		w.Header().Set("Content-Length", strconv.Itoa(len(o.Body)))
		if r.Method == http.MethodGet {
			fmt.Fprint(w, o.Body)
		}
	}
}

// list lists a few objects at a time.
func (a *AWS) list(w io.Writer, query url.Values) {
	var list bytes.Buffer
	n, more := 0, ""
	for _, key := range slices.Sorted(maps.Keys(a.objects)) {
		if !strings.HasPrefix(key, query.Get("prefix")) || key <= query.Get("continuation-token") {
			continue
		}
		if n++; n > a.PageSize {
			break
		}
		o := a.objects[key]
		more = key
		fmt.Fprintf(&list, "<Contents><Key>%s</Key><ETag>", strings.ReplaceAll(url.QueryEscape(key), "%2F", "/"))
		_ = xml.EscapeText(&list, []byte(o.etag())) // a buffer takes all
		fmt.Fprintf(&list, "</ETag><Size>%d</Size></Contents>", len(o.Body))
	}
	if n > a.PageSize {
		fmt.Fprintf(&list, "<IsTruncated>true</IsTruncated><NextContinuationToken>%s</NextContinuationToken>", more)
	}
	fmt.Fprintf(w, "<ListBucketResult>%s</ListBucketResult>", &list)
}

func (a *AWS) tagging(w io.Writer, body []byte) {
	var input struct {
		ResourceTypeFilters []string
		TagFilters          []struct {
			Key    string
			Values []string
		}
		PaginationToken string
	}
	_ = json.Unmarshal(body, &input) // nothing is tagged with nothing
	if len(input.TagFilters) != 1 || input.TagFilters[0].Key != "ml-api-accelerator:stack" || !slices.Equal(input.TagFilters[0].Values, []string{a.stack}) ||
		len(input.ResourceTypeFilters) != 1 || a.untagged[input.ResourceTypeFilters[0]] {
		fmt.Fprint(w, `{"ResourceTagMappingList": []}`)
		return
	}
	switch kind := input.ResourceTypeFilters[0]; {
	case kind == "cloudfront:distribution":
		fmt.Fprintf(w, `{"ResourceTagMappingList": [{"ResourceARN": "arn:aws:cloudfront::%s:distribution/%s"}]}`, Account, Distribution)
	case kind == "s3" && input.PaginationToken == "":
		fmt.Fprint(w, `{"ResourceTagMappingList": [{"ResourceARN": "arn:aws:s3:::demo-dev-logs-1"}], "PaginationToken": "more"}`)
	case kind == "s3":
		fmt.Fprintf(w, `{"ResourceTagMappingList": [{"ResourceARN": "arn:aws:s3:::%s"}], "PaginationToken": ""}`, Bucket)
	}
}

func (a *AWS) cloudFront(w *httptest.ResponseRecorder, r *http.Request, body []byte) {
	below, ours := strings.CutPrefix(r.URL.Path, "/2020-05-31/distribution/"+Distribution+"/invalidation")
	if !ours {
		refuse(w, r, "cloudfront", "NoSuchDistribution")
		return
	}
	id, status := strings.TrimPrefix(below, "/"), "InProgress"
	if r.Method == http.MethodPost {
		var batch struct {
			XMLName         xml.Name `xml:"http://cloudfront.amazonaws.com/doc/2020-05-31/ InvalidationBatch"`
			CallerReference string
			Quantity        int      `xml:"Paths>Quantity"`
			Items           []string `xml:"Paths>Items>Path"`
		}
		if err := xml.Unmarshal(body, &batch); err != nil || batch.CallerReference == "" || batch.Quantity != len(batch.Items) || badPaths(batch.Items) {
			refuse(w, r, "cloudfront", "InvalidArgument")
			return
		}
		a.invalidations = append(a.invalidations, batch.Items)
		id = fmt.Sprintf("I%d", len(a.invalidations))
		w.WriteHeader(http.StatusCreated)
	} else if a.asked[id]++; a.asked[id] > 1 {
		status = "Completed"
	}
	fmt.Fprintf(w, "<Invalidation><Id>%s</Id><Status>%s</Status></Invalidation>", id, status)
}

// badPaths reports whether CloudFront refuses paths (CloudFront Developer Guide, What you need to know when invalidating
// paths).
func badPaths(paths []string) bool {
	return len(paths) == 0 || len(paths) > 3000 || slices.ContainsFunc(paths, func(p string) bool {
		star := strings.IndexByte(p, '*')
		return !strings.HasPrefix(p, "/") || len(p) > 4000 || star >= 0 && star < len(p)-1 ||
			strings.ContainsFunc(p, func(c rune) bool { return c <= ' ' || c > '~' })
	}) || len(slices.Compact(slices.Sorted(slices.Values(paths)))) < len(paths)
}
