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
	request.Header.Set("Authorization", "AWS4-ECDSA-P256-SHA256 "+
		"Credential=AKIAIOSFODNN7EXAMPLE/20260101/cloudfront-keyvaluestore/aws4_request, "+
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
	require.Equal(t, []string{
		"cloudfront:DescribeKeyValueStore", "cloudfront-keyvaluestore:GetKey", "cloudfront-keyvaluestore:GetKey",
	}, names)
	status, _ = send(t, s, "s3", "GET", "/", "")
	require.Equal(t, 501, status, "there is CloudFront alone")
}

const distribution = `<DistributionConfig><CallerReference>test</CallerReference><Enabled>false</Enabled>
	<Origins><Items><Origin><Id>api</Id><DomainName>api.example.com</DomainName></Origin></Items></Origins>
	<DefaultCacheBehavior><TargetOriginId>api</TargetOriginId></DefaultCacheBehavior>
	<WebACLId>WEB_ACL</WebACLId><ViewerCertificate><ACMCertificateArn>CERTIFICATE</ACMCertificateArn></ViewerCertificate>
</DistributionConfig>`

func TestLongWhatADistributionUsesStays(t *testing.T) {
	s := start(t)
	certificate, acl := s.CreateCertificate(t, "example.com"), s.CreateWebACL(t, "company")
	deletion := func(certificate, acl string) string {
		_, answered := send(t, s, "acm", "POST", "/", `{"CertificateArn": "`+certificate+`"}`,
			"X-Amz-Target", "CertificateManager.DeleteCertificate")
		path := strings.Split(acl, "/")
		return answered + callWAF(t, s, "DeleteWebACL",
			`{"Scope": "CLOUDFRONT", "LockToken": "x", "Name": "`+path[2]+`", "Id": "`+path[3]+`"}`).text
	}
	status, text := send(t, s, "cloudfront", "POST", "/2020-05-31/distribution",
		strings.NewReplacer("WEB_ACL", acl, "CERTIFICATE", certificate).Replace(distribution))
	require.Equal(t, 201, status, text)
	refused := deletion(certificate, acl)
	require.Contains(t, refused, "ResourceInUseException")
	require.Contains(t, refused, "WAFAssociatedItemException")

	taken := deletion(s.CreateCertificate(t, "unused.example.com"), s.CreateWebACL(t, "unused"))
	require.NotContains(t, taken, "ResourceInUseException")
	require.NotContains(t, taken, "WAFAssociatedItemException")
}
