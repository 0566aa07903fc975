package logdelivery_test

import (
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/internal/awstest/apicall"
	"ml-api-accelerator/stacks/internal/awstest/logdelivery"
)

func requireMissing(t *testing.T, c caller, action, key string) {
	t.Helper()
	require.Contains(t, c.call(t, action, `{"`+key+`": "none"}`), "ResourceNotFoundException", action)
}

func TestPathOfADelivery(t *testing.T) {
	c, id := delivered(t, around{}, `, "s3DeliveryConfiguration": {"suffixPath": "a/{yyyy}"}`)
	get := func() string { return c.requireTaken(t, "GetDelivery", `{"id": "`+id+`"}`) }
	require.Contains(t, get(), `"suffixPath":"a/{yyyy}"`)

	c.requireTaken(t, "DeleteDelivery", `{"id": "`+id+`"}`)
	c.requireTaken(t, "PutDeliveryDestination", strings.Replace(putLogs, folder, bucket, 1))
	answer := c.requireTaken(t, "CreateDelivery", createFields+`, "s3DeliveryConfiguration": {"suffixPath": "a/{yyyy}"}}`)
	require.Contains(t, answer, `"suffixPath":"AWSLogs/{account-id}/CloudFront/a/{yyyy}"`)
	id = answer[strings.Index(answer, `"id":"`)+len(`"id":"`):][:16]
	c.requireTaken(t, "UpdateDeliveryConfiguration", `{"id": "`+id+`", "s3DeliveryConfiguration": {"suffixPath": "b"}}`)
	require.Contains(t, get(), `"suffixPath":"b"`)
}

func TestFieldsOfADelivery(t *testing.T) {
	c, id := delivered(t, around{}, "")
	get := func() string { return c.requireTaken(t, "GetDelivery", `{"id": "`+id+`"}`) }
	require.Contains(t, get(), `"recordFields":["date","time",`)
	c.requireTaken(t, "UpdateDeliveryConfiguration", `{"id": "`+id+`", "recordFields": ["asn"]}`)
	require.Contains(t, get(), `"recordFields":["asn"]`)
}

func TestTags(t *testing.T) {
	c := newCaller(around{})
	c.requireTaken(t, "PutDeliverySource", strings.Replace(putEdge, "{", `{"tags": {"a": "1"}, `, 1))
	about := func(more string) string { return `{"resourceArn": "` + source + `"` + more + `}` }
	c.requireTaken(t, "TagResource", about(`, "tags": {"b": "2"}`))
	c.requireTaken(t, "UntagResource", about(`, "tagKeys": ["a"]`))
	require.JSONEq(t, `{"tags": {"b": "2"}}`, c.requireTaken(t, "ListTagsForResource", about("")))
	group := apicall.Call{Service: "logs", Action: "ListTagsForResource", Body: []byte(`{"resourceArn": "arn:aws:logs:us-east-1:111122223333:log-group:a"}`)}
	require.False(t, c.Answer(httptest.NewRecorder(), group), "a log group is moto's")
}

// allowing is the policy of a bucket with one statement.
func allowing(object, source string) string {
	return `{"Statement": [{"Effect": "Allow", "Principal": {"Service": "delivery.logs.amazonaws.com"}, "Action": "s3:PutObject", "Resource": "` + object + `",
		"Condition": {"StringEquals": {"aws:SourceAccount": "` + account + `"}, "ArnLike": {"aws:SourceArn": ["` + source + `"]}}}]}`
}

func TestBucketPolicies(t *testing.T) {
	const deny = `{"Statement": [{"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*"}]}`
	anySource := inUSEast1 + "delivery-source:*"
	for name, row := range map[string]struct {
		policy string
		letsIn bool
	}{
		"none":                         {"", false},
		"without a statement":          {deny, false},
		"the folder":                   {allowing(folder+"/*", anySource), true},
		"the whole bucket":             {allowing(bucket+"/*", source), true},
		"another folder":               {allowing(bucket+"/other/*", anySource), false},
		"the region of the bucket":     {allowing(folder+"/*", strings.Replace(anySource, "us-east-1", "eu-west-1", 1)), false},
		"another account":              {strings.ReplaceAll(allowing(folder+"/*", anySource), account, "999922223333"), false},
		"another service":              {strings.Replace(allowing(folder+"/*", anySource), "delivery.logs", "cloudfront", 1), false},
		"another action":               {strings.Replace(allowing(folder+"/*", anySource), "Put", "Get", 1), false},
		"what it isn't":                {strings.Replace(allowing(folder+"/*", anySource), "Allow", "Deny", 1), false},
		"a condition that isn't known": {strings.Replace(allowing(folder+"/*", anySource), "ArnLike", "ArnNotLike", 1), false},
	} {
		t.Run(name, func(t *testing.T) {
			buckets := around{}
			if row.policy != "" {
				buckets["logs"] = []byte(row.policy)
			}
			delivered(t, buckets, "")
			require.True(t, logdelivery.LetsIn(buckets["logs"], folder+"/a", source, account))
			require.Equal(t, row.letsIn, row.policy == string(buckets["logs"]), "it is left as it is")
		})
	}
}

func TestBucketPolicyWithoutAFolder(t *testing.T) {
	buckets := around{}
	c := newCaller(buckets)
	c.requireTaken(t, "PutDeliverySource", putEdge)
	c.requireTaken(t, "PutDeliveryDestination", strings.Replace(putLogs, folder, bucket, 1))
	c.requireTaken(t, "CreateDelivery", createFields+"}")
	require.Contains(t, string(buckets["logs"]), `"Resource":"arn:aws:s3:::logs/AWSLogs/111122223333/*"`)
}
