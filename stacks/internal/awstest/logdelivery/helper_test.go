package logdelivery_test

import (
	"encoding/json"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/internal/awstest/apicall"
	"ml-api-accelerator/stacks/internal/awstest/logdelivery"
	"ml-api-accelerator/stacks/internal/awstest/wire"
)

const (
	account      = "111122223333"
	edge         = "arn:aws:cloudfront::" + account + ":distribution/EDGE"
	bucket       = "arn:aws:s3:::logs"
	folder       = bucket + "/json"
	inUSEast1    = "arn:aws:logs:us-east-1:" + account + ":"
	source       = inUSEast1 + "delivery-source:edge"
	destination  = inUSEast1 + "delivery-destination:logs"
	putEdge      = `{"name": "edge", "logType": "ACCESS_LOGS", "resourceArn": "` + edge + `"}`
	putLogs      = `{"name": "logs", "outputFormat": "json", "deliveryDestinationConfiguration": {"destinationResourceArn": "` + folder + `"}}`
	createFields = `{"deliverySourceName": "edge", "deliveryDestinationArn": "` + destination + `"`
)

// around has one distribution more than EDGE, and buckets whose policies it keeps.
type around map[string][]byte

func (around) DistributionExists(id string) bool              { return id == "EDGE" || id == "OTHER" }
func (a around) BucketPolicy(bucket string) []byte            { return a[bucket] }
func (a around) SetBucketPolicy(bucket string, policy []byte) { a[bucket] = policy }

// caller calls the API in one region.
type caller struct {
	*logdelivery.API
	region string
}

func newCaller(a around) caller { return caller{logdelivery.New(account, a), "us-east-1"} }

// call returns the body of an answer.
func (c caller) call(t *testing.T, action, body string) string {
	t.Helper()
	w := httptest.NewRecorder()
	require.True(t, c.Answer(w, apicall.Call{Service: "logs", Action: action, Region: c.region, Body: []byte(body), Protocol: wire.JSON}), action)
	return w.Body.String()
}

// requireRefused returns how a call is refused.
func (c caller) requireRefused(t *testing.T, action, body, want string) {
	t.Helper()
	var refused struct {
		Type    string `json:"__type"`
		Message string
	}
	require.NoError(t, json.Unmarshal([]byte(c.call(t, action, body)), &refused))
	require.Equal(t, want, refused.Type+": "+refused.Message)
}

func (c caller) requireTaken(t *testing.T, action, body string) string {
	t.Helper()
	answer := c.call(t, action, body)
	require.NotContains(t, answer, "__type", action)
	return answer
}

// delivered is a caller that has a source and a destination, and the id of a delivery.
func delivered(t *testing.T, a around, more string) (c caller, id string) {
	t.Helper()
	c = newCaller(a)
	c.requireTaken(t, "PutDeliverySource", putEdge)
	c.requireTaken(t, "PutDeliveryDestination", putLogs)
	var made struct{ Delivery struct{ ID string } }
	require.NoError(t, json.Unmarshal([]byte(c.requireTaken(t, "CreateDelivery", createFields+more+"}")), &made))
	return c, made.Delivery.ID
}
