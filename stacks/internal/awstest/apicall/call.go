// Package apicall names API calls as IAM does.
package apicall

import (
	"net/http"
	"strings"

	"ml-api-accelerator/stacks/internal/awstest/wire"
)

// Call is one API call.
type Call struct {
	Service string // as IAM names it: cloudfront, s3, cloudwatch, states …
	Action  string // as IAM names it: CreateDistribution, PutBucketPolicy …
	Region  string // of the signature's credential scope
	Method  string
	Path    string
	Body    []byte
	Status  int // of the answer

	Protocol wire.Protocol
}

// New names the call that a request makes.
func New(r *http.Request, body []byte) Call {
	service, region := credentialScope(r)
	action, protocol := nameAction(service, r, body)
	if alias, ok := iamNames[service]; ok {
		service = alias
	}
	return Call{
		Service: service, Action: action, Region: region,
		Method: r.Method, Path: r.URL.RequestURI(), Body: body, Protocol: protocol,
	}
}

// Name is the call as an IAM statement names it, such as s3:PutBucketPolicy.
func (c Call) Name() string { return c.Service + ":" + c.Action }

// Write reports whether the call changes something, judged by its verb.
func (c Call) Write() bool {
	for _, verb := range []string{"Get", "List", "Describe", "Head", "Decode"} {
		if strings.HasPrefix(c.Action, verb) {
			return false
		}
	}
	return c.Service != "sts"
}

// Bucket is the bucket of a call to S3 that is about the bucket itself.
func (c Call) Bucket() string {
	path, _, _ := strings.Cut(c.Path, "?")
	return strings.Trim(path, "/")
}
