// Package apicall names API calls as IAM does.
package apicall

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"

	"ml-api-accelerator/stacks/internal/awstest/chatbot"
	"ml-api-accelerator/stacks/internal/awstest/cloudfront"
	"ml-api-accelerator/stacks/internal/awstest/keyvaluestore"
	"ml-api-accelerator/stacks/internal/awstest/lambda"
	"ml-api-accelerator/stacks/internal/awstest/wire"
)

// Call is one API call.
type Call struct {
	Service string // as IAM names it: cloudfront, s3, cloudwatch, states …
	Action  string // as IAM names it: CreateDistribution, PutBucketPolicy …
	Region  string // of the signature's credential scope
	Key     string // the access key of the signature
	Role    string // ARN of the role that the key is of; empty: of none
	Method  string
	Path    string
	Body    []byte
	Status  int // of the answer

	Protocol wire.Protocol
}

// New names the call that a request makes.
func New(r *http.Request, body []byte) Call {
	key, service, region := credentialScope(r)
	action, protocol := nameAction(service, r, body)
	if alias, ok := iamNames[service]; ok {
		service = alias
	}
	return Call{
		Service: service, Action: action, Region: region, Key: key,
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

// iamNames maps the signing names of services to those IAM uses.
var iamNames = map[string]string{"monitoring": "cloudwatch"}

// credential has no region in a signature of version 4A.
var credential = regexp.MustCompile(`Credential=([^/]+)/\d+/(?:([^/]+)/)?([^/]+)/aws4_request`)

// credentialScope reads access key, service and region out of the signature.
func credentialScope(r *http.Request) (key, service, region string) {
	if m := credential.FindStringSubmatch(r.Header.Get("Authorization")); m != nil {
		return m[1], m[3], m[2]
	}
	return "", "unsigned", ""
}

// nameAction finds out which action a request is and how its errors look.
func nameAction(service string, r *http.Request, body []byte) (string, wire.Protocol) {
	switch service {
	case "cloudfront":
		return cloudfront.Action(r), wire.RestXML
	case "cloudfront-keyvaluestore":
		return keyvaluestore.Action(r), wire.JSON
	case "lambda":
		return lambda.Action(r), wire.JSON
	case "chatbot":
		return chatbot.Action(r), wire.JSON
	case "route53":
		return route53Action(r), wire.RestXML
	case "s3":
		return s3Action(r), wire.S3XML
	}
	if target := r.Header.Get("X-Amz-Target"); target != "" {
		return target[strings.LastIndex(target, ".")+1:], wire.JSON
	}
	if _, operation, ok := strings.Cut(r.URL.Path, "/operation/"); ok {
		return operation, wire.JSON
	}
	form, err := url.ParseQuery(string(body))
	if err == nil && form.Get("Action") != "" {
		return form.Get("Action"), wire.QueryXML
	}
	return r.URL.Query().Get("Action"), wire.QueryXML
}

// route53Routes are the calls by method and path after the version; a * stands for one element.
var route53Routes = map[string]string{
	"POST hostedzone/*/rrset": "ChangeResourceRecordSets",
	"GET hostedzone/*/rrset":  "ListResourceRecordSets",
	"GET hostedzone/*":        "GetHostedZone",
	"GET change/*":            "GetChange",
	"POST healthcheck":        "CreateHealthCheck",
	"GET healthcheck/*":       "GetHealthCheck",
	"POST healthcheck/*":      "UpdateHealthCheck",
	"DELETE healthcheck/*":    "DeleteHealthCheck",
	"GET tags/*/*":            "ListTagsForResource",
	"POST tags/*/*":           "ChangeTagsForResource",
}

func route53Action(r *http.Request) string {
	elements := strings.Split(strings.Trim(r.URL.Path, "/"), "/")[1:]
	for i := range elements {
		if i == 1 || elements[0] == "tags" && i > 0 {
			elements[i] = "*"
		}
	}
	call := r.Method + " " + strings.Join(elements, "/")
	if action, known := route53Routes[call]; known {
		return action
	}
	return call
}

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
