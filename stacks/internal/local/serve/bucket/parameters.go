package bucket

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// overrides are the parameters with which a signed request, such as CloudFront's, chooses headers of the answer (Amazon
// S3 API Reference, GetObject, Overriding response header values through the request; HeadObject has the same).
var overrides = map[string]string{
	"response-cache-control":       "Cache-Control",
	"response-content-disposition": "Content-Disposition",
	"response-content-encoding":    "Content-Encoding",
	"response-content-language":    "Content-Language",
	"response-content-type":        "Content-Type",
	"response-expires":             "Expires",
}

// otherOperations are the parameters that make a GET an operation for which CloudFront has no permission (Amazon S3 API
// Reference, Actions: GetObjectAcl, GetObjectAttributes, GetObjectLegalHold, GetObjectRetention, GetObjectTagging,
// GetObjectTorrent, ListParts).
var otherOperations = []string{"acl", "attributes", "legal-hold", "retention", "tagging", "torrent", "uploadId"}

// signatures are the parameters of a presigned URL, which CloudFront's own signature excludes (Amazon S3 API Reference,
// Authenticating Requests: Using Query Parameters; Error responses, InvalidArgument: only one auth mechanism is
// allowed).
var signatures = []string{"X-Amz-Algorithm", "X-Amz-Signature", "Signature"}

// mostParts is how many parts an object can have (Amazon S3 API Reference, GetObject, partNumber).
const mostParts = 10_000

// refusal returns the failure that the parameters of a request cause, or nil.
func refusal(r *http.Request, parameters url.Values) *failure {
	has := func(name string) bool { return parameters.Has(name) }
	switch {
	case slices.ContainsFunc(signatures, has):
		return invalid("Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter, " +
			"Signature query string parameter or the Authorization header should be specified")
	case parameters.Has("versionId") && parameters.Get("versionId") == "":
		return invalid("Version id cannot be the empty string")
	case parameters.Has("versionId"), slices.ContainsFunc(otherOperations, has):
		return &accessDenied // s3:GetObject allows neither
	}
	if parameters.Has("partNumber") {
		number, err := strconv.Atoi(parameters.Get("partNumber"))
		switch {
		case err != nil || number < 1 || number > mostParts:
			return invalid("Part number must be an integer between 1 and 10000, inclusive")
		case r.Header.Get("Range") != "":
			return &failure{
				status: http.StatusBadRequest, Code: "InvalidRequest",
				Message: "Cannot specify both Range header and partNumber query parameter",
			}
		case number > 1: // a file was uploaded in one part
			return &failure{
				status: http.StatusRequestedRangeNotSatisfiable, Code: "InvalidPartNumber",
				Message: "The requested partnumber is not satisfiable",
			}
		}
	}
	for name := range overrides {
		if strings.ContainsFunc(parameters.Get(name), func(c rune) bool { return c < ' ' || c == 0x7f || c > 0xff }) {
			return invalid("Header value cannot be represented using ISO-8859-1.")
		}
	}
	return nil
}

func invalid(message string) *failure {
	return &failure{status: http.StatusBadRequest, Code: "InvalidArgument", Message: message}
}

// override sets the headers that a request chooses.
func override(header http.Header, parameters url.Values) {
	for parameter, name := range overrides {
		if value := parameters.Get(parameter); value != "" {
			header.Set(name, value)
		}
	}
}
