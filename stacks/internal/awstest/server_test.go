package awstest_test

import (
	"bytes"
	"io"
	"net/http"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/internal/awstest"
	"ml-api-accelerator/stacks/internal/awstest/moto"
	"ml-api-accelerator/stacks/internal/shared/longtest"
)

// start starts a stand-in or skips the test where it cannot run.
func start(t *testing.T) *awstest.Server {
	t.Helper()
	longtest.Only(t, "moto takes seconds to start")
	if what := awstest.Missing(); what != "" {
		if os.Getenv("ACCELERATOR_TERRAFORM") == "required" {
			t.Fatal(what)
		}
		t.Skip(what)
	}
	return awstest.Start(t)
}

// send makes a call as a client would and returns its status and answer; headers come in pairs.
func send(t *testing.T, s *awstest.Server, service, method, path, body string, headers ...string) (int, string) {
	t.Helper()
	request, err := http.NewRequest(method, s.Env()["AWS_ENDPOINT_URL"]+path, bytes.NewBufferString(body))
	require.NoError(t, err)
	request.Header.Set("Authorization", moto.Signature("us-east-1", service))
	for i := 0; i+1 < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	response, err := http.DefaultClient.Do(request)
	require.NoError(t, err)
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	return response.StatusCode, string(text)
}

func TestLongCallsAreNamedAsInIAM(t *testing.T) {
	s := start(t)
	s.CreateBucket(t, "us-east-1", "models")
	require.Empty(t, s.Calls(), "preparations are not recorded")

	var want []string
	for _, call := range []struct{ name, service, method, path, body, target string }{
		{"s3:PutEncryptionConfiguration", "s3", "PUT", "/models?encryption", "", ""},
		{"s3:PutLifecycleConfiguration", "s3", "DELETE", "/models?lifecycle", "", ""},
		{"s3:ListBucket", "s3", "HEAD", "/models", "", ""},
		{"s3:PutObject", "s3", "PUT", "/models/a/b.onnx", "weights", ""},
		{"route53:ChangeResourceRecordSets", "route53", "POST", "/2013-04-01/hostedzone/Z1/rrset/", "", ""},
		{"route53:GET hostedzone", "route53", "GET", "/2013-04-01/hostedzone", "", ""},
		{"cloudwatch:PutMetricAlarm", "monitoring", "POST", "/", "Action=PutMetricAlarm&Version=2010-08-01", ""},
		{"kms:ListKeys", "kms", "POST", "/", "{}", "TrentService.ListKeys"},
		{"cloudfront:CreateDistribution", "cloudfront", "POST", "/2020-05-31/distribution?WithTags", "<DistributionConfigWithTags/>", ""},
	} {
		send(t, s, call.service, call.method, call.path, call.body, "X-Amz-Target", call.target)
		want = append(want, call.name)
	}
	var names []string
	for _, call := range s.Calls() {
		require.Equal(t, "us-east-1", call.Region)
		names = append(names, call.Name())
	}
	require.Equal(t, want, names)
	require.Equal(t, "<DistributionConfigWithTags/>", string(s.CallsTo("cloudfront:CreateDistribution")[0].Body))
	s.ResetCalls()
	require.Empty(t, s.Calls())
}

func TestLongADeniedCallIsDeniedOnceInItsProtocol(t *testing.T) {
	s := start(t)
	s.CreateBucket(t, "us-east-1", "models")
	for _, name := range []string{"s3:ListBucket", "kms:ListKeys", "cloudfront:GetDistribution", "iam:ListRoles"} {
		s.DenyNext(name)
	}
	list := func() (int, string) { return send(t, s, "s3", "GET", "/models", "") }
	status, text := list()
	require.Equal(t, 403, status)
	require.Contains(t, text, "<Error><Code>AccessDenied</Code>")
	status, _ = list()
	require.Equal(t, 200, status)
	_, text = send(t, s, "kms", "POST", "/", "{}", "X-Amz-Target", "TrentService.ListKeys")
	require.Contains(t, text, `"__type":"AccessDenied"`)
	for _, call := range [][4]string{{"cloudfront", "GET", "/2020-05-31/distribution/E1", ""}, {"iam", "POST", "/", "Action=ListRoles&Version=2010-05-08"}} {
		_, text = send(t, s, call[0], call[1], call[2], call[3])
		require.Contains(t, text, "<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code>")
	}
	require.Equal(t, 403, s.Calls()[0].Status)
}

func TestLongStateLockIsExclusive(t *testing.T) {
	s := start(t)
	s.CreateBucket(t, "us-east-1", "state")
	lock := func() int {
		status, _ := send(t, s, "s3", "PUT", "/state/x.tflock", "{}", "If-None-Match", "*")
		return status
	}
	require.Equal(t, 200, lock())
	require.Equal(t, 412, lock())
	send(t, s, "s3", "DELETE", "/state/x.tflock", "")
	require.Equal(t, 200, lock())
}
