package corrections

import (
	"bytes"
	"encoding/xml"
	"net/http"
	"strings"

	"ml-api-accelerator/stacks/internal/awstest/apicall"
	"ml-api-accelerator/stacks/internal/awstest/wire"
)

// owner is the canonical user of the account, which owns the buckets.
const owner = "75aa57f09aa0c8caeab4f8c24e99d10f8e7faeebf76c078efc7c6caea54ba06a"

// part names what a Put or Get of S3 is about: a bucket and a noun.
func part(call apicall.Call) string { return call.Bucket() + " " + call.Action[len("Put"):] }

// keepBody remembers what was put, and forgets it when it is deleted.
func (c *Corrections) keepBody(call apicall.Call, body []byte) []byte {
	c.mu.Lock()
	defer c.mu.Unlock()
	if call.Method == http.MethodDelete {
		delete(c.kept, part(call))
	} else {
		c.kept[part(call)] = call.Body
	}
	return body
}

func (c *Corrections) keptBody(call apicall.Call, body []byte) []byte {
	if kept := c.keptUnder(part(call)); kept != nil {
		return kept
	}
	return body
}

func (c *Corrections) forgetBucket(call apicall.Call, body []byte) []byte {
	c.mu.Lock()
	defer c.mu.Unlock()
	for key := range c.kept {
		if strings.HasPrefix(key, call.Bucket()+" ") {
			delete(c.kept, key)
		}
	}
	return body
}

// refuseACL refuses an ACL of a bucket whose ownership controls allow none.
func (c *Corrections) refuseACL(w http.ResponseWriter, _ *http.Request, call apicall.Call) bool {
	if c.moto.BucketTakesACLs(call.Bucket()) {
		return false
	}
	wire.WriteError(w, call.Protocol, &wire.Error{Status: http.StatusBadRequest,
		Code: "AccessControlListNotSupported", Message: "The bucket does not allow ACLs"})
	return true
}

// BucketPolicy returns the policy of a bucket, or nothing.
func (c *Corrections) BucketPolicy(bucket string) []byte {
	return c.keptUnder(bucket + " BucketPolicy")
}

// SetBucketPolicy changes the policy of a bucket, as a service of AWS does.
func (c *Corrections) SetBucketPolicy(bucket string, policy []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.kept[bucket+" BucketPolicy"] = policy
}

// bucketPolicy keeps the policies of buckets. moto applies them without their conditions, so that one against requests
// without TLS would refuse everything.
func (c *Corrections) bucketPolicy(w http.ResponseWriter, r *http.Request, call apicall.Call) bool {
	if !c.moto.BucketExists(call.Bucket()) {
		return false
	}
	key := call.Bucket() + " BucketPolicy"
	if r.Method == http.MethodPut {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.kept[key] = call.Body
		w.WriteHeader(http.StatusNoContent)
		return true
	}
	c.getOrDelete(w, call, key, &wire.Error{Status: http.StatusNotFound,
		Code: "NoSuchBucketPolicy", Message: "The bucket policy does not exist"})
	return true
}

// suspended keeps that versioning is suspended, and moto versions on: it would delete all versions of an object with one
// of them, and fail where that is a delete marker.
func (c *Corrections) suspended(w http.ResponseWriter, r *http.Request, call apicall.Call) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	key := part(call)
	switch {
	case r.Method == http.MethodPut && bytes.Contains(call.Body, []byte("<Status>Suspended</Status>")):
		c.kept[key] = call.Body
		return true
	case r.Method == http.MethodPut:
		delete(c.kept, key)
		return false
	case c.kept[key] == nil:
		return false
	}
	_, _ = w.Write(c.kept[key])
	return true
}

// bucketMetrics keeps the metrics configuration of a bucket. moto knows none, and takes the deletion of one for that of
// the bucket.
func (c *Corrections) bucketMetrics(w http.ResponseWriter, r *http.Request, call apicall.Call) bool {
	if r.Method == http.MethodPut {
		c.keepBody(call, nil)
		return true
	}
	c.getOrDelete(w, call, call.Bucket()+" MetricsConfiguration", &wire.Error{Status: http.StatusNotFound,
		Code: "NoSuchConfiguration", Message: "The specified configuration does not exist."})
	return true
}

func (c *Corrections) getOrDelete(w http.ResponseWriter, call apicall.Call, key string, missing *wire.Error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case call.Method == http.MethodDelete:
		delete(c.kept, key)
		w.WriteHeader(http.StatusNoContent)
	case c.kept[key] == nil:
		wire.WriteError(w, call.Protocol, missing)
	default:
		_, _ = w.Write(c.kept[key])
	}
}

// GiveBucket has a bucket belong to another account, which lets nobody of this one do anything with it.
func (c *Corrections) GiveBucket(bucket string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.given[bucket] = true
}

// deny refuses a call to a bucket of another account: nothing that stacks do with a bucket is allowed by its policy
// (Amazon S3 API Reference, GetBucketPolicy: 403 without permission, 405 with it from another account).
func (c *Corrections) deny(w http.ResponseWriter, call apicall.Call) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	bucket, _, _ := strings.Cut(call.Bucket(), "/")
	if call.Service != "s3" || !c.given[bucket] {
		return false
	}
	wire.WriteError(w, call.Protocol,
		&wire.Error{Status: http.StatusForbidden, Code: "AccessDenied", Message: "Access Denied"})
	return true
}

// redirect refuses a call to a bucket of another Region; moto finds a bucket from anywhere (Amazon S3 API Reference,
// Error responses: PermanentRedirect).
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
		Message: "The bucket you are attempting to access must be addressed using the specified endpoint. " +
			"Please send all future requests to this endpoint."})
	return true
}

// regionOf returns the Region of a bucket, or nothing if there is no such bucket.
func (c *Corrections) regionOf(bucket string) string {
	text, err := c.moto.S3(http.MethodGet, "/"+bucket+"?location", nil)
	if err != nil {
		return ""
	}
	var location string
	if err := xml.Unmarshal(text, &location); err != nil {
		return ""
	}
	if location == "" { // what S3 says for us-east-1
		return "us-east-1"
	}
	return location
}
