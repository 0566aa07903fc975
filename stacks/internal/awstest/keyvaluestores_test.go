package awstest_test

import (
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/internal/awstest"
)

func TestKeyValueStoresNeedNoMoto(t *testing.T) {
	s := awstest.StartCloudFront(t)
	arn := s.CreateKeyValueStore(t, "api")
	s.PutPair("api", "key", "value")
	require.Equal(t, map[string]string{"key": "value"}, s.Pairs("api"))
	require.Nil(t, s.Pairs("other"))
	require.Empty(t, s.Calls(), "preparations are not recorded")

	_, text := send(t, s, "cloudfront", "GET", "/2020-05-31/key-value-store/api", "")
	require.Contains(t, text, "<ARN>"+arn+"</ARN><Status>READY</Status>")
	path := "/key-value-stores/" + url.PathEscape(arn) + "/keys/key"
	status, text := send(t, s, "cloudfront-keyvaluestore", "GET", path, "")
	require.Equal(t, 403, status, "signed with version 4: "+text)

	request, err := http.NewRequest(http.MethodGet, s.Env()["AWS_ENDPOINT_URL"]+path, http.NoBody)
	require.NoError(t, err)
	request.Header.Set("Authorization", "AWS4-ECDSA-P256-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20260101/cloudfront-keyvaluestore/aws4_request, "+
		"SignedHeaders=host;x-amz-date;x-amz-region-set, Signature=3045")
	request.Header.Set("X-Amz-Region-Set", "*")
	response, err := http.DefaultClient.Do(request)
	require.NoError(t, err)
	defer response.Body.Close()
	read, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	require.JSONEq(t, `{"Key": "key", "Value": "value", "ItemCount": 1, "TotalSizeInBytes": 8}`, string(read))

	var names []string
	for _, call := range s.Calls() {
		names = append(names, call.Name())
	}
	require.Equal(t, "cloudfront:DescribeKeyValueStore cloudfront-keyvaluestore:GetKey cloudfront-keyvaluestore:GetKey", strings.Join(names, " "))
	status, _ = send(t, s, "s3", "GET", "/", "")
	require.Equal(t, 501, status, "there is CloudFront alone")
}
