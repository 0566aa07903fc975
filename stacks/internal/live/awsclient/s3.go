package awsclient

import (
	"cmp"
	"context"
	"encoding/base64"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
)

// Bucket is a bucket of S3.
type Bucket struct {
	Name, Region string
	cfg          aws.Config
	as           aws.Credentials
	at           string // its URL, to which a key is added
}

// OpenBucket asks nothing of S3 yet. The bucket is a part of the host, as S3 wants it, unless its name has dots, which
// no certificate covers, or the endpoint is another one (Amazon S3 User Guide, Virtual hosting of buckets).
func OpenBucket(ctx context.Context, cfg aws.Config, as aws.Credentials, name, region string) (Bucket, error) {
	usual := "https://s3." + region + ".amazonaws.com"
	at, err := endpoint(ctx, cfg, "S3", usual)
	if err != nil {
		return Bucket{}, err
	}
	if at == usual && !strings.Contains(name, ".") {
		at = "https://" + name + ".s3." + region + ".amazonaws.com/"
	} else {
		at = strings.TrimRight(at, "/") + "/" + name + "/"
	}
	if client, is := cfg.HTTPClient.(*awshttp.BuildableClient); is {
		cfg.HTTPClient = client.WithTimeout(0) // what takes long here is a large body: moving says when it stands still
	}
	return Bucket{name, region, cfg, as, at}, nil
}

// ErrNoObject means that a bucket has no such object.
var ErrNoObject = errors.New("the bucket has no such object")

// ErrChanged means that an object isn't the one, or is one, that a condition names.
var ErrChanged = errors.New("the object was changed meanwhile")

// Call calls S3 about an object, or, without a key, about the bucket. S3 compares the SHA-256 of what it is to keep with
// what it gets, and keeps it, too.
func (b Bucket) Call(
	ctx context.Context, method, key string, query url.Values, header http.Header, body Payload,
) (http.Header, []byte, error) {
	at := b.at + Escape(key, unescapedInKey)
	if len(query) > 0 {
		at += "?" + strings.ReplaceAll(query.Encode(), "+", "%20")
	}
	if header = header.Clone(); header == nil {
		header = http.Header{}
	}
	if method == http.MethodPut {
		// An object that Object Lock retains must name the algorithm, too (Amazon S3 API Reference, PutObject).
		header.Set("X-Amz-Sdk-Checksum-Algorithm", "SHA256")
		header.Set("X-Amz-Checksum-Sha256", base64.StdEncoding.EncodeToString(body.SHA256[:]))
	}
	ctx, still := context.WithCancelCause(ctx)
	defer still(nil)
	timer := time.AfterFunc(stillTimeout, func() { still(errStandsStill) })
	defer timer.Stop()
	got, err := send(ctx, b.cfg, b.as, request{
		service: "s3", region: b.Region, method: method, url: at, header: header, body: moving(body, timer), asIs: true,
	})
	if cause := context.Cause(ctx); err != nil && errors.Is(cause, errStandsStill) {
		return nil, nil, fmt.Errorf("%s: %w", b.Name, cause)
	}
	if err != nil || got.status < 300 {
		return got.header, got.body, err
	}
	var answer struct{ Code, Message string }
	_ = xml.Unmarshal(got.body, &answer) // there is none to HEAD
	switch {
	case answer.Code == "NoSuchKey", answer.Code == "" && got.status == http.StatusNotFound:
		return nil, nil, ErrNoObject
	case got.status == http.StatusPreconditionFailed, answer.Code == "ConditionalRequestConflict":
		return nil, nil, ErrChanged
	case got.status == http.StatusForbidden && answer.Code == "":
		answer.Code, answer.Message = "AccessDenied", method+" "+b.Name+"/"+key
	case got.status == http.StatusMovedPermanently:
		return nil, nil, fmt.Errorf("the bucket %s isn't in %s, but in %s", b.Name, b.Region,
			cmp.Or(got.header.Get("X-Amz-Bucket-Region"), "another Region"))
	}
	return nil, nil, refusal("S3", got.status, answer.Code, answer.Message)
}

// stillTimeout is how long nothing of a body may be taken, or how long an answer to it may take.
const stillTimeout = time.Minute

var errStandsStill = fmt.Errorf("nothing moves for %v; try again", stillTimeout)

// moving sets a timer back whenever some of a body is taken, however long the whole of it takes.
func moving(body Payload, timer *time.Timer) Payload {
	open := body.Open
	if open == nil {
		return body
	}
	body.Open = func() (io.ReadCloser, error) {
		from, err := open()
		return watched{from, timer}, err
	}
	return body
}

type watched struct {
	io.ReadCloser
	timer *time.Timer
}

func (w watched) Read(p []byte) (int, error) {
	w.timer.Reset(stillTimeout)
	return w.ReadCloser.Read(p)
}

// unescapedInKey are the signs that stay as they are in a path that is signed for S3 (AWS General Reference, Create a
// signed AWS API request).
const unescapedInKey = "-._~/"

// Escape percent-encodes all but letters, digits and some other signs.
func Escape(text, but string) string {
	var out strings.Builder
	for i := range len(text) {
		c := text[i]
		if c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.IndexByte(but, c) >= 0 {
			out.WriteByte(c)
		} else {
			fmt.Fprintf(&out, "%%%02X", c)
		}
	}
	return out.String()
}
