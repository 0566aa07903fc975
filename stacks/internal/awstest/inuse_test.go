package awstest_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const distribution = `<DistributionConfig><CallerReference>test</CallerReference><Enabled>false</Enabled>
	<Origins><Items><Origin><Id>api</Id><DomainName>api.example.com</DomainName></Origin></Items></Origins>
	<DefaultCacheBehavior><TargetOriginId>api</TargetOriginId></DefaultCacheBehavior>
	<WebACLId>WEB_ACL</WebACLId><ViewerCertificate><ACMCertificateArn>CERTIFICATE</ACMCertificateArn></ViewerCertificate>
</DistributionConfig>`

func TestLongWhatADistributionUsesStays(t *testing.T) {
	s := start(t)
	certificate, acl := s.CreateCertificate(t, "example.com"), s.CreateWebACL(t, "company")
	deletion := func(certificate, acl string) string {
		_, answered := send(t, s, "acm", "POST", "/", `{"CertificateArn": "`+certificate+`"}`, "X-Amz-Target", "CertificateManager.DeleteCertificate")
		path := strings.Split(acl, "/")
		return answered + callWAF(t, s, "DeleteWebACL", `{"Scope": "CLOUDFRONT", "LockToken": "x", "Name": "`+path[2]+`", "Id": "`+path[3]+`"}`).text
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
