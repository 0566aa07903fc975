package publish

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"strings"

	"ml-api-accelerator/stacks/internal/live/awsclient"
)

// object is one of a bucket, as a list has it.
type object struct {
	Key, ETag string
	Size      int64
}

// list returns the objects whose keys begin with a prefix.
func list(ctx context.Context, b awsclient.Bucket, prefix string) (map[string]object, error) {
	all := map[string]object{}
	query := url.Values{"list-type": {"2"}, "encoding-type": {"url"}, "prefix": {prefix}}
	for {
		_, body, err := b.Call(ctx, http.MethodGet, "", query, nil, awsclient.Payload{})
		if err != nil {
			return nil, err
		}
		var page struct {
			XMLName               xml.Name `xml:"ListBucketResult"`
			Contents              []object
			NextContinuationToken string
		}
		if err := xml.Unmarshal(body, &page); err != nil {
			return nil, fmt.Errorf("%s: the answer isn't S3's list of a bucket; check AWS_ENDPOINT_URL", b.Name)
		}
		for _, o := range page.Contents {
			if o.Key, err = url.QueryUnescape(o.Key); err != nil {
				return nil, err
			}
			all[o.Key] = o
		}
		if page.NextContinuationToken == "" {
			return all, nil
		}
		query.Set("continuation-token", page.NextContinuationToken)
	}
}

// isThere reports whether an object is what a file would make it. S3 has kept, and checked, the SHA-256 of what was
// written with it. An ETag says nothing of that: where KMS encrypts, it is no MD5 (Amazon S3 API Reference, Object). So
// what another program wrote is written once more.
func isThere(ctx context.Context, b awsclient.Bucket, key string, f File) (bool, error) {
	head, _, err := b.Call(ctx, http.MethodHead, key, nil, http.Header{"X-Amz-Checksum-Mode": {"ENABLED"}},
		awsclient.Payload{})
	if errors.Is(err, awsclient.ErrNoObject) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	return head.Get("X-Amz-Checksum-Sha256") == base64.StdEncoding.EncodeToString(f.sha256[:]) &&
		head.Get("Content-Type") == f.contentType() && head.Get("Cache-Control") == f.cacheControl() &&
		head.Get("Content-Encoding") == "", nil
}

// write writes a file, on a condition if there is one.
func write(ctx context.Context, b awsclient.Bucket, key string, f File, condition http.Header) error {
	header := http.Header{"Content-Type": {f.contentType()}, "Cache-Control": {f.cacheControl()}}
	maps.Copy(header, condition)
	_, _, err := b.Call(ctx, http.MethodPut, key, nil, header,
		awsclient.Payload{Open: f.open, Length: f.size, SHA256: f.sha256})
	if err == nil || ctx.Err() != nil {
		return err
	}
	if !errors.Is(err, awsclient.ErrChanged) && f.changedMeanwhile() {
		return fmt.Errorf("%s: was changed while it was being published: wait for the build to end", f.path)
	}
	return err
}

func remove(ctx context.Context, b awsclient.Bucket, key string) error {
	_, _, err := b.Call(ctx, http.MethodDelete, key, nil, nil, awsclient.Payload{})
	return err
}

// pending says what the edge must still be told to forget. It is kept in the bucket from before the first file is
// changed until that has happened: otherwise nothing would be left to do after an interruption in between.
type pending struct {
	Paths []string `json:"paths"`
}

// pendingFolder is where it is kept, beside all pages: no published file is hidden.
const pendingFolder = ".publish/"

func readPending(ctx context.Context, b awsclient.Bucket, stack string) (p pending, err error) {
	_, body, err := b.Call(ctx, http.MethodGet, PendingKey(stack), nil, nil, awsclient.Payload{})
	if errors.Is(err, awsclient.ErrNoObject) {
		return p, nil
	}
	if err == nil && json.Unmarshal(body, &p) != nil {
		err = fmt.Errorf("%s/%s: isn't what this program writes; delete it", b.Name, PendingKey(stack))
	}
	return p, err
}

func writePending(ctx context.Context, b awsclient.Bucket, stack string, p pending) error {
	text, err := json.Marshal(p)
	if err != nil {
		return err
	}
	_, _, err = b.Call(ctx, http.MethodPut, PendingKey(stack), nil, http.Header{"Content-Type": {"application/json"}},
		awsclient.InMemory(text))
	return err
}

// PendingKey is the key under which that is kept.
func PendingKey(stack string) string { return pendingFolder + stack }

// isMarker reports whether a key is no file of a page.
func isMarker(key string) bool {
	return strings.HasPrefix(key, pendingFolder) || strings.HasSuffix(key, "/")
}
