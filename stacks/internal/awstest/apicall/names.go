package apicall

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"

	"ml-api-accelerator/stacks/internal/awstest/cloudfront"
	"ml-api-accelerator/stacks/internal/awstest/keyvaluestore"
	"ml-api-accelerator/stacks/internal/awstest/wire"
)

// iamNames maps the signing names of services to those IAM uses.
var iamNames = map[string]string{"monitoring": "cloudwatch"}

// credential has no region in a signature of version 4A.
var credential = regexp.MustCompile(`Credential=[^/]+/\d+/(?:([^/]+)/)?([^/]+)/aws4_request`)

// credentialScope reads service and region out of the signature.
func credentialScope(r *http.Request) (service, region string) {
	if m := credential.FindStringSubmatch(r.Header.Get("Authorization")); m != nil {
		return m[2], m[1]
	}
	return "unsigned", ""
}

// nameAction finds out which action a request is and how its errors look.
func nameAction(service string, r *http.Request, body []byte) (string, wire.Protocol) {
	switch service {
	case "cloudfront":
		return cloudfront.Action(r), wire.RestXML
	case "cloudfront-keyvaluestore":
		return keyvaluestore.Action(r), wire.JSON
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
