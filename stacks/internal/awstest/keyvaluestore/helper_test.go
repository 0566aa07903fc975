package keyvaluestore_test

import (
	"encoding/json"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/internal/awstest/keyvaluestore"
)

const (
	arn    = "arn:aws:cloudfront::111122223333:key-value-store/8aa76c93-3198-462c-aaf6-0123456789ab"
	signed = "AWS4-ECDSA-P256-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20260101/cloudfront-keyvaluestore/aws4_request, " +
		"SignedHeaders=host;x-amz-date;x-amz-region-set, Signature=3045"
)

// answer is what a call got.
type answer struct {
	status int
	etag   string
	code   string // of an error
	fields map[string]any
}

// client makes calls to an API with a store that is ready.
type client struct {
	t   *testing.T
	api *keyvaluestore.API
}

func newClient(t *testing.T) client {
	api := keyvaluestore.New()
	api.Provision(arn)
	api.MakeReady(arn)
	return client{t, api}
}

// call makes a call about the store, below which the path is; headers come in pairs.
func (c client) call(method, path, body string, headers ...string) answer {
	c.t.Helper()
	request := httptest.NewRequest(method, "/key-value-stores/"+url.PathEscape(arn)+path, strings.NewReader(body))
	request.Header.Set("Authorization", signed)
	request.Header.Set("X-Amz-Region-Set", "*")
	for i := 0; i+1 < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	recorder := httptest.NewRecorder()
	c.api.ServeHTTP(recorder, request)
	a := answer{status: recorder.Code, etag: recorder.Header().Get("Etag"), code: recorder.Header().Get("X-Amzn-Errortype")}
	require.NoError(c.t, json.Unmarshal(recorder.Body.Bytes(), &a.fields), recorder.Body.String())
	return a
}

// etag is the current version of the pairs.
func (c client) etag() string {
	c.t.Helper()
	a := c.call("GET", "", "")
	require.Equal(c.t, 200, a.status)
	return a.etag
}

// update changes pairs in the current version.
func (c client) update(body string) answer {
	c.t.Helper()
	return c.call("POST", "/keys", body, "If-Match", c.etag())
}
