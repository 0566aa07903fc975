package apicall

import (
	"net/http"
	"strings"
)

// s3Noun is what IAM calls a part of a bucket that the API names by a query key.
type s3Noun struct {
	key, noun string
	deletable string // the action of DELETE, when it is not the one of PUT
}

var s3Nouns = []s3Noun{
	{"accelerate", "AccelerateConfiguration", ""},
	{"acl", "BucketAcl", ""},
	{"cors", "BucketCORS", ""},
	{"encryption", "EncryptionConfiguration", ""},
	{"lifecycle", "LifecycleConfiguration", ""},
	{"logging", "BucketLogging", ""},
	{"metrics", "MetricsConfiguration", ""},
	{"notification", "BucketNotification", ""},
	{"object-lock", "BucketObjectLockConfiguration", ""},
	{"ownershipControls", "BucketOwnershipControls", ""},
	{"policy", "BucketPolicy", "DeleteBucketPolicy"},
	{"publicAccessBlock", "BucketPublicAccessBlock", ""},
	{"replication", "ReplicationConfiguration", ""},
	{"requestPayment", "BucketRequestPayment", ""},
	{"tagging", "BucketTagging", ""},
	{"versioning", "BucketVersioning", ""},
	{"website", "BucketWebsite", "DeleteBucketWebsite"},
}

// s3Action names an S3 call as IAM does, which is not always as the API does.
func s3Action(r *http.Request) string {
	_, key, isObject := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	query := r.URL.Query()
	if isObject && key != "" {
		return s3ObjectAction(r)
	}
	for _, part := range s3Nouns {
		if !query.Has(part.key) {
			continue
		}
		switch {
		case r.Method == http.MethodGet:
			return "Get" + part.noun
		case r.Method == http.MethodDelete && part.deletable != "":
			return part.deletable
		}
		return "Put" + part.noun
	}
	switch {
	case r.URL.Path == "/":
		return "ListAllMyBuckets"
	case query.Has("versions"):
		return "ListBucketVersions"
	case query.Has("delete"):
		return "DeleteObject"
	case r.Method == http.MethodPut:
		return "CreateBucket"
	case r.Method == http.MethodDelete:
		return "DeleteBucket"
	}
	return "ListBucket" // HEAD of the bucket and all listings of objects
}

func s3ObjectAction(r *http.Request) string {
	noun := "Object"
	for _, part := range [][2]string{{"acl", "ObjectAcl"}, {"tagging", "ObjectTagging"}} {
		if r.URL.Query().Has(part[0]) {
			noun = part[1]
		}
	}
	switch r.Method {
	case http.MethodGet, http.MethodHead:
		return "Get" + noun
	case http.MethodDelete:
		return "Delete" + noun
	}
	return "Put" + noun
}
