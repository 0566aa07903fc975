package awstest_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/internal/awstest"
)

func callAthena(t *testing.T, s *awstest.Server, action, body string) answer {
	t.Helper()
	status, text := send(t, s, "athena", "POST", "/", body, "X-Amz-Target", "AmazonAthena."+action)
	return answer{status, text}
}

func callGlue(t *testing.T, s *awstest.Server, action, body string) answer {
	t.Helper()
	status, text := send(t, s, "glue", "POST", "/", body, "X-Amz-Target", "AWSGlue."+action)
	return answer{status, text}
}

// message is what an answer is refused with, or empty.
func (a answer) message(t *testing.T) string {
	t.Helper()
	var refused struct {
		Type    string `json:"__type"`
		Message string // moto's begins with a capital
	}
	require.NoError(t, json.Unmarshal([]byte(a.text), &refused), a.text)
	if a.status < 300 {
		return ""
	}
	return refused.Type + ": " + refused.Message
}

const (
	makeLogs = `{"Name": "logs", "Description": "first", "Tags": [{"Key": "a", "Value": "b"}], "Configuration": {"BytesScannedCutoffPerQuery": 10000000,
		"ResultConfiguration": {"OutputLocation": "s3://logs/results/"}}}`
	makeErrors = `{"Name": "errors", "Database": "logs", "QueryString": "SELECT 1", "WorkGroup": "logs"}`
)

func TestLongAthenaRefusals(t *testing.T) {
	s := start(t)
	require.Empty(t, callAthena(t, s, "CreateWorkGroup", makeLogs).message(t))
	const tooLong = "1 validation error detected: Value '%v' at '%s' failed to satisfy constraint: Member must "
	at := func(value, place, must string) string {
		return "InvalidRequestException: " + strings.NewReplacer("%v", value, "%s", place).Replace(tooLong) + must
	}
	for name, row := range map[string]struct{ action, body, want string }{
		"a workgroup that is there": {"CreateWorkGroup", makeLogs, "InvalidRequestException: WorkGroup already exists"},
		"a name": {"CreateWorkGroup", `{"Name": "my logs"}`,
			at("my logs", "name", `satisfy regular expression pattern: ^[a-zA-Z0-9._-]{1,128}$`)},
		"a limit": {"CreateWorkGroup", `{"Name": "a", "Configuration": {"BytesScannedCutoffPerQuery": 9999999}}`,
			at("9.999999e+06", "configuration.bytesScannedCutoffPerQuery", "have value greater than or equal to 10000000")},
		"a query in a workgroup that isn't there": {"CreateNamedQuery", strings.Replace(makeErrors, `"logs"}`, `"a"}`, 1),
			"InvalidRequestException: WorkGroup does not exist"},
		"a query of no text": {"CreateNamedQuery", strings.Replace(makeErrors, "SELECT 1", "", 1),
			at("", "queryString", "have length greater than or equal to 1")},
		"an empty description": {"CreateNamedQuery", strings.Replace(makeErrors, `{`, `{"Description": "", `, 1),
			at("", "description", "have length greater than or equal to 1")},
	} {
		t.Run(name, func(t *testing.T) { require.Equal(t, row.want, callAthena(t, s, row.action, row.body).message(t)) })
	}
}

func TestLongGlueRefusals(t *testing.T) {
	s := start(t)
	const database, table = `{"DatabaseInput": {"Name": "logs"}}`, `{"DatabaseName": "logs", "TableInput": {"Name": "lines"}}`
	require.Empty(t, callGlue(t, s, "CreateDatabase", database).message(t))
	require.Empty(t, callGlue(t, s, "CreateTable", table).message(t))
	long := strings.Repeat("a", 256)
	for name, row := range map[string]struct{ action, body, want string }{
		"a database that is there":         {"CreateDatabase", database, "AlreadyExistsException: Database already exists."},
		"a table that is there":            {"CreateTable", table, "AlreadyExistsException: Table already exists."},
		"a table in no database":           {"CreateTable", strings.Replace(table, "logs", "other", 1), "EntityNotFoundException: Database other not found."},
		"to change a table that isn't one": {"UpdateTable", strings.Replace(table, "lines", "other", 1), "EntityNotFoundException: Table other not found."},
		"a long name": {"CreateDatabase", `{"DatabaseInput": {"Name": "` + long + `"}}`,
			"InvalidInputException: 1 validation error detected: Value '" + long + "' at 'databaseInput.name' failed to satisfy constraint: Member must have length less than or equal to 255"},
		"a column of no name": {"CreateTable", `{"DatabaseName": "logs", "TableInput": {"Name": "other", "StorageDescriptor": {"Columns": [{"Name": "a"}, {"Name": ""}]}}}`,
			"InvalidInputException: 1 validation error detected: Value '' at 'tableInput.storageDescriptor.columns.2.member.name' failed to satisfy constraint: Member must have length greater than or equal to 1"},
	} {
		t.Run(name, func(t *testing.T) { require.Equal(t, row.want, callGlue(t, s, row.action, row.body).message(t)) })
	}
}

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
