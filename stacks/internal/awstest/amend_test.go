package awstest

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestMotoForgetsNothing(t *testing.T) {
	s := start(t)
	s.CreateBucket(t, "models")
	const notification = `<NotificationConfiguration><EventBridgeConfiguration/></NotificationConfiguration>`
	put := send(t, s, "s3", "PUT", "/models?notification=", notification)
	require.Equal(t, 200, put.status, put.text)
	require.Contains(t, send(t, s, "s3", "GET", "/models?notification", "").text, "EventBridgeConfiguration")
	require.Contains(t, send(t, s, "s3", "GET", "/", "").text, Owner)

	require.Equal(t, 204, send(t, s, "s3", "DELETE", "/models", "").status)
	s.CreateBucket(t, "models")
	require.NotContains(t, send(t, s, "s3", "GET", "/models?notification", "").text, "EventBridgeConfiguration")
}

func TestWhatMotoLacksFailsAtOnce(t *testing.T) {
	s := start(t)
	a := send(t, s, "states", "POST", "/", "{}", "X-Amz-Target", "AWSStepFunctions.PublishStateMachineVersion")
	require.Equal(t, 501, a.status, a.text)
}

func TestStateMachineDefinitions(t *testing.T) {
	s := start(t)
	validate := func(definition string) string {
		return send(t, s, "states", "POST", "/", `{"definition":`+definition+`}`,
			"X-Amz-Target", "AWSStepFunctions.ValidateStateMachineDefinition").text
	}
	require.Contains(t, validate(`"{\"StartAt\":\"A\",\"States\":{\"A\":{}}}"`), `"result":"OK"`)
	require.Contains(t, validate(`"{\"StartAt\":\"B\",\"States\":{\"A\":{}}}"`), `"result":"FAIL"`)
	require.Contains(t, validate(`"nonsense"`), `"result":"FAIL"`)
}

func TestBucketPoliciesAreKeptNotApplied(t *testing.T) {
	s := start(t)
	s.CreateBucket(t, "models")
	require.Equal(t, 404, send(t, s, "s3", "GET", "/models?policy", "").status)
	const policy = `{"Statement": [{"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "arn:aws:s3:::models/*"}]}`
	require.Equal(t, 204, send(t, s, "s3", "PUT", "/models?policy", policy).status)
	require.Equal(t, policy, send(t, s, "s3", "GET", "/models?policy", "").text)
	s.PutObject(t, "models", "a", "text")
	require.Equal(t, []string{"a"}, s.Objects(t, "models"))
	require.Equal(t, []string{"models"}, s.Buckets(t))
	s.DeleteObject(t, "models", "a")
	require.Equal(t, 204, send(t, s, "s3", "DELETE", "/models?policy", "").status)
	require.Equal(t, 404, send(t, s, "s3", "GET", "/models?policy", "").status)
	require.Equal(t, 404, send(t, s, "s3", "PUT", "/nobody?policy", policy).status)
}

func TestDeletingMetricsKeepsTheBucket(t *testing.T) {
	s := start(t)
	s.CreateBucket(t, "models")
	const metrics = "/models?id=EntireBucket&metrics="
	require.Equal(t, 200, send(t, s, "s3", "PUT", metrics, "<MetricsConfiguration/>").status)
	require.Equal(t, "<MetricsConfiguration/>", send(t, s, "s3", "GET", metrics, "").text)
	require.Equal(t, 204, send(t, s, "s3", "DELETE", metrics, "").status)
	require.Equal(t, 404, send(t, s, "s3", "GET", metrics, "").status)
	require.Equal(t, []string{"models"}, s.Buckets(t))
}
