package keyvaluestore_test

import (
	"fmt"
	"net/http/httptest"
	"net/url"
	"testing"

	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/internal/awstest/keyvaluestore"
)

func TestPairsArePutReadAndDeleted(t *testing.T) {
	c := newClient(t)
	first := c.etag()
	put := c.call("PUT", "/keys/a%2Fb", `{"Value": "1"}`, "If-Match", first)
	require.Equal(t, 200, put.status, put.fields)
	require.Equal(t, map[string]any{"ItemCount": 1.0, "TotalSizeInBytes": 4.0}, put.fields)
	require.Equal(t, put.etag, c.etag())
	require.NotEqual(t, first, put.etag)
	require.Equal(t, "1", c.call("GET", "/keys/a%2Fb", "").fields["Value"])

	changed := c.update(`{"Puts": [{"Key": "c", "Value": ""}, {"Key": "d", "Value": "22"}], "Deletes": [{"Key": "a/b"}]}`)
	require.Equal(t, 200, changed.status, changed.fields)
	require.Equal(t, map[string]string{"c": "", "d": "22"}, c.api.Pairs(arn))
	described := c.call("GET", "", "").fields
	require.Equal(t, []any{2.0, 4.0, arn, "READY"}, []any{described["ItemCount"], described["TotalSizeInBytes"], described["KvsARN"], described["Status"]})

	require.Equal(t, 200, c.call("DELETE", "/keys/c", "", "If-Match", c.etag()).status)
	require.Equal(t, map[string]string{"d": "22"}, c.api.Pairs(arn))
	require.Equal(t, "ResourceNotFoundException", c.call("GET", "/keys/c", "").code)
}

func TestKeysAreListedInPages(t *testing.T) {
	c := newClient(t)
	var want []string
	for i := range 23 {
		want = append(want, fmt.Sprintf("key-%02d", i))
		c.api.Put(arn, want[i], "value")
	}
	list := func(query string) (keys []string, token string) {
		a := c.call("GET", "/keys?"+query, "")
		require.Equal(t, 200, a.status, a.fields)
		for _, item := range a.fields["Items"].([]any) {
			keys = append(keys, item.(map[string]any)["Key"].(string))
		}
		token, _ = a.fields["NextToken"].(string)
		return keys, token
	}
	var all []string
	keys, token := list("")
	require.Len(t, keys, 10, "unless told")
	for all = keys; token != ""; all = append(all, keys...) {
		keys, token = list("NextToken=" + url.QueryEscape(token))
	}
	require.Equal(t, want, all)
	keys, token = list("MaxResults=50")
	require.Equal(t, want, keys)
	require.Empty(t, token)
}

func TestCallsAreNamed(t *testing.T) {
	for call, want := range map[string]string{
		"GET ":        "DescribeKeyValueStore",
		"GET /keys":   "ListKeys",
		"POST /keys":  "UpdateKeys",
		"GET /keys/a": "GetKey", "PUT /keys/a": "PutKey", "DELETE /keys/a": "DeleteKey",
	} {
		var method, path string
		_, _ = fmt.Sscanf(call, "%s %s", &method, &path)
		require.Equal(t, want, keyvaluestore.Action(httptest.NewRequest(method, "/key-value-stores/"+url.PathEscape(arn)+path, nil)), call)
	}
	for _, call := range [][2]string{{"PUT", "/key-value-stores/a"}, {"GET", "/other/a"}, {"GET", "/key-value-stores/a/values/b"}, {"GET", "/key-value-stores/a/keys/b/c"}, {"GET", "/key-value-stores"}} {
		require.Equal(t, call[0]+" "+call[1], keyvaluestore.Action(httptest.NewRequest(call[0], call[1], nil)))
	}
}
