package corrections

import (
	"encoding/xml"
	"net/http"
	"strings"

	"ml-api-accelerator/stacks/internal/awstest/apicall"
	"ml-api-accelerator/stacks/internal/awstest/wire"
)

// redirect refuses a call to a bucket in another Region than the call's; moto finds a bucket from anywhere
// (Amazon S3 API Reference, Error responses: PermanentRedirect).
func (c *Corrections) redirect(w http.ResponseWriter, call apicall.Call) bool {
	bucket, _, _ := strings.Cut(call.Bucket(), "/")
	if call.Service != "s3" || call.Region == "" || bucket == "" || call.Action == "CreateBucket" {
		return false
	}
	region := c.regionOf(bucket)
	if region == "" || region == call.Region {
		return false
	}
	w.Header().Set("X-Amz-Bucket-Region", region)
	wire.WriteError(w, call.Protocol, &wire.Error{Status: http.StatusMovedPermanently, Code: "PermanentRedirect",
		Message: "The bucket you are attempting to access must be addressed using the specified endpoint. Please send all future requests to this endpoint."})
	return true
}

// regionOf is where a bucket is, or empty where there is none.
func (c *Corrections) regionOf(bucket string) string {
	text, err := c.moto.S3(http.MethodGet, "/"+bucket+"?location", nil)
	if err != nil {
		return ""
	}
	var location string
	if err := xml.Unmarshal(text, &location); err != nil {
		return ""
	}
	if location == "" { // how S3 says us-east-1
		return "us-east-1"
	}
	return location
}
