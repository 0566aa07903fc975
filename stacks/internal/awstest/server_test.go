package awstest

import (
	"bytes"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// start starts a stand-in or skips the test where it cannot run.
func start(t *testing.T) *Server {
	t.Helper()
	if testing.Short() {
		t.Skip("moto takes seconds to start")
	}
	if what := Missing(); what != "" {
		missing(t, what)
	}
	return Start(t)
}

// answer is what a call of a test got.
type answer struct {
	status int
	etag   string
	code   string // of an error
	body   *node
	text   string
}

// send makes a call as a client would; headers come in pairs.
func send(t *testing.T, s *Server, service, method, path, body string, headers ...string) answer {
	t.Helper()
	request, err := http.NewRequest(method, s.URL+path, bytes.NewBufferString(body))
	require.NoError(t, err)
	request.Header.Set("Authorization", signature("us-east-1", service))
	for i := 0; i+1 < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	response, err := http.DefaultClient.Do(request)
	require.NoError(t, err)
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	a := answer{status: response.StatusCode, etag: response.Header.Get("Etag"), text: string(text)}
	if root, err := parseXML(text); err == nil {
		a.body = root
		a.code = root.get("Error", "Code") + root.get("Code")
	}
	return a
}

// cf makes a CloudFront call.
func cf(t *testing.T, s *Server, method, path, body string, headers ...string) answer {
	t.Helper()
	return send(t, s, "cloudfront", method, "/2020-05-31/"+path, body, headers...)
}

func TestMotoEndsWithTheTest(t *testing.T) {
	var address string
	t.Run("inner", func(t *testing.T) { address = start(t).moto.Host })
	if address == "" {
		t.Skip("moto is missing")
	}
	connection, err := net.Dial("tcp", address)
	if err == nil {
		_ = connection.Close()
	}
	require.Error(t, err, "moto still listens")
}

func TestCallsAreNamedAsInIAM(t *testing.T) {
	s := start(t)
	s.CreateBucket(t, "models")
	require.Empty(t, s.Calls(), "preparations are not recorded")

	send(t, s, "s3", "PUT", "/models?encryption", "")
	send(t, s, "s3", "DELETE", "/models?lifecycle", "")
	send(t, s, "s3", "HEAD", "/models", "")
	send(t, s, "s3", "PUT", "/models/a/b.onnx", "weights")
	send(t, s, "route53", "POST", "/2013-04-01/hostedzone/Z1/rrset/", "")
	send(t, s, "monitoring", "POST", "/", "Action=PutMetricAlarm&Version=2010-08-01")
	send(t, s, "kms", "POST", "/", "{}", "X-Amz-Target", "TrentService.ListKeys")
	cf(t, s, "POST", "distribution?WithTags", "<DistributionConfigWithTags/>")
	cf(t, s, "GET", "cache-policy/4135ea2d-6df8-44a3-9df3-4b5a84be39ad/config", "")

	var names []string
	for _, call := range s.Calls() {
		require.Equal(t, "us-east-1", call.Region)
		names = append(names, call.Name())
	}
	require.Equal(t, []string{
		"s3:PutEncryptionConfiguration", "s3:PutLifecycleConfiguration", "s3:ListBucket", "s3:PutObject",
		"route53:ChangeResourceRecordSets", "cloudwatch:PutMetricAlarm", "kms:ListKeys",
		"cloudfront:CreateDistribution", "cloudfront:GetCachePolicyConfig",
	}, names)
	require.Equal(t, "<DistributionConfigWithTags/>", string(s.CallsTo("cloudfront:CreateDistribution")[0].Body))
	require.Contains(t, s.Actions(), "kms:ListKeys")
	s.ResetCalls()
	require.Empty(t, s.Calls())
}

func TestFaultsHitOnceInTheCallsProtocol(t *testing.T) {
	s := start(t)
	s.CreateBucket(t, "models")
	for _, fault := range [][2]string{{"s3", "ListBucket"}, {"kms", "ListKeys"}, {"cloudfront", "ListCachePolicies"}, {"iam", "ListRoles"}} {
		s.FailNext(fault[0], fault[1], AccessDenied)
	}
	require.Len(t, s.PendingFaults(), 4)

	list := func() answer { return send(t, s, "s3", "GET", "/models", "") }
	require.Equal(t, "AccessDenied", list().code)
	require.Equal(t, 200, list().status)
	keys := send(t, s, "kms", "POST", "/", "{}", "X-Amz-Target", "TrentService.ListKeys")
	require.Contains(t, keys.text, `"__type":"AccessDenied"`)
	require.Equal(t, "AccessDenied", cf(t, s, "GET", "cache-policy", "").code)
	require.Equal(t, "AccessDenied", send(t, s, "iam", "POST", "/", "Action=ListRoles&Version=2010-05-08").code)
	require.Empty(t, s.PendingFaults())
	require.Equal(t, 403, s.Calls()[0].Status)
}

func TestStateLockIsExclusive(t *testing.T) {
	s := start(t)
	s.CreateBucket(t, "state")
	lock := func() answer { return send(t, s, "s3", "PUT", "/state/x.tflock", "{}", "If-None-Match", "*") }
	require.Equal(t, 200, lock().status)
	require.Equal(t, 412, lock().status)
	send(t, s, "s3", "DELETE", "/state/x.tflock", "")
	require.Equal(t, 200, lock().status)
}

func TestBucketACLNeedsOwnershipControls(t *testing.T) {
	s := start(t)
	s.CreateBucket(t, "logs")
	acl := func() answer { return send(t, s, "s3", "PUT", "/logs?acl", "", "X-Amz-Acl", "private") }
	require.Equal(t, "AccessControlListNotSupported", acl().code)
	allowACLs(t, s, "logs")
	require.Equal(t, 200, acl().status)
}

// allowACLs gives a bucket ownership controls that allow ACLs.
func allowACLs(t *testing.T, s *Server, bucket string) {
	t.Helper()
	a := send(t, s, "s3", "PUT", "/"+bucket+"?ownershipControls", strings.TrimSpace(`
<OwnershipControls><Rule><ObjectOwnership>BucketOwnerPreferred</ObjectOwnership></Rule></OwnershipControls>`))
	require.Equal(t, 200, a.status, a.text)
}
