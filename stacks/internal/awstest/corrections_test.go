package awstest_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestLongMotoForgetsNothing(t *testing.T) {
	s := start(t)
	s.CreateBucket(t, "us-east-1", "models")
	const notification = `<NotificationConfiguration><EventBridgeConfiguration/></NotificationConfiguration>`
	status, text := send(t, s, "s3", "PUT", "/models?notification=", notification)
	require.Equal(t, 200, status, text)
	_, text = send(t, s, "s3", "GET", "/models?notification", "")
	require.Equal(t, notification, text)

	status, _ = send(t, s, "s3", "DELETE", "/models", "")
	require.Equal(t, 204, status)
	s.CreateBucket(t, "us-east-1", "models")
	_, text = send(t, s, "s3", "GET", "/models?notification", "")
	require.NotContains(t, text, "EventBridgeConfiguration")
}

func TestLongWhatMotoLacksFailsAtOnce(t *testing.T) {
	s := start(t)
	status, text := send(t, s, "states", "POST", "/", "{}", "X-Amz-Target", "AWSStepFunctions.PublishStateMachineVersion")
	require.Equal(t, 501, status, text)
}

func TestLongBucketPoliciesAreKeptNotApplied(t *testing.T) {
	s := start(t)
	s.CreateBucket(t, "us-east-1", "models")
	call := func(method, bucket, body string) (int, string) {
		return send(t, s, "s3", method, "/"+bucket+"?policy", body)
	}
	status, _ := call("GET", "models", "")
	require.Equal(t, 404, status)
	const policy = `{"Statement": [{"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "arn:aws:s3:::models/*"}]}`
	status, _ = call("PUT", "models", policy)
	require.Equal(t, 204, status)
	_, text := call("GET", "models", "")
	require.Equal(t, policy, text)
	require.Equal(t, policy, string(s.BucketPolicy("models")))
	s.PutObject(t, "models", "a", "text")
	require.Equal(t, []string{"a"}, s.Objects(t, "models"))
	require.Equal(t, "text", string(s.Object(t, "models", "a")))
	s.DeleteObject(t, "models", "a")
	status, _ = call("DELETE", "models", "")
	require.Equal(t, 204, status)
	require.Nil(t, s.BucketPolicy("models"))
	status, _ = call("PUT", "nobody", policy)
	require.Equal(t, 404, status)
}

func TestLongBucketsOfOthersAreRefused(t *testing.T) {
	s := start(t)
	for _, bucket := range []string{"ours", "theirs"} {
		s.CreateBucket(t, "us-east-1", bucket)
	}
	s.GiveBucket("theirs")
	for _, path := range []string{"?policy", "?versioning", ""} {
		status, text := send(t, s, "s3", "GET", "/theirs"+path, "")
		require.Equal(t, 403, status)
		require.Contains(t, text, "<Code>AccessDenied</Code>")
	}
	status, _ := send(t, s, "s3", "GET", "/ours?versioning", "")
	require.Equal(t, 200, status)
}

func TestLongDeletingMetricsKeepsTheBucket(t *testing.T) {
	s := start(t)
	s.CreateBucket(t, "us-east-1", "models")
	call := func(method, body string) (int, string) {
		return send(t, s, "s3", method, "/models?id=EntireBucket&metrics=", body)
	}
	status, _ := call("PUT", "<MetricsConfiguration/>")
	require.Equal(t, 200, status)
	_, text := call("GET", "")
	require.Equal(t, "<MetricsConfiguration/>", text)
	status, _ = call("DELETE", "")
	require.Equal(t, 204, status)
	status, _ = call("GET", "")
	require.Equal(t, 404, status)
	require.Equal(t, []string{"models"}, s.Buckets(t))
}

func TestLongBucketACLNeedsOwnershipControls(t *testing.T) {
	s := start(t)
	s.CreateBucket(t, "us-east-1", "logs")
	acl := func() (int, string) { return send(t, s, "s3", "PUT", "/logs?acl", "", "X-Amz-Acl", "private") }
	_, text := acl()
	require.Contains(t, text, "AccessControlListNotSupported")
	status, _ := send(t, s, "s3", "PUT", "/logs?ownershipControls",
		`<OwnershipControls><Rule><ObjectOwnership>BucketOwnerPreferred</ObjectOwnership></Rule></OwnershipControls>`)
	require.Equal(t, 200, status)
	status, text = acl()
	require.Equal(t, 200, status, text)
}

func TestLongABucketIsReachedInItsRegion(t *testing.T) {
	s := start(t)
	s.CreateBucket(t, "eu-west-1", "models")
	status, text := send(t, s, "s3", "GET", "/models", "")
	require.Equal(t, 301, status)
	require.Contains(t, text, "<Code>PermanentRedirect</Code>")
	require.Equal(t, []string{"models"}, s.Buckets(t))
}

func TestLongRoleNamesHave64Characters(t *testing.T) {
	s := start(t)
	create := func(name string) (int, string) {
		return send(t, s, "iam", "POST", "/", "Action=CreateRole&Version=2010-05-08&AssumeRolePolicyDocument=%7B%7D&RoleName="+name)
	}
	status, text := create(strings.Repeat("a", 65))
	require.Equal(t, 400, status)
	require.Contains(t, text, "<Code>ValidationError</Code>")
	status, text = create(strings.Repeat("a", 64))
	require.Equal(t, 200, status, text)
}
