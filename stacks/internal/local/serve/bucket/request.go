package bucket

import (
	"errors"
	"math"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// condition returns the failure of a request for another version of the object. If-Match alone decides if it is there
// (Amazon S3 API Reference, GetObject, If-Match).
func (o *object) condition(r *http.Request) *failure {
	if tags := r.Header.Get("If-Match"); tags != "" {
		if !matches(tags, o.etag()) {
			return preconditionFailed("If-Match")
		}
		return nil
	}
	if since, err := http.ParseTime(r.Header.Get("If-Unmodified-Since")); err == nil && o.modified().After(since) {
		return preconditionFailed("If-Unmodified-Since")
	}
	return nil
}

// isKnown reports whether the caller has the object already. If-None-Match alone decides if it is there (Amazon S3 API
// Reference, GetObject, If-None-Match).
func (o *object) isKnown(r *http.Request) bool {
	if tags := r.Header.Get("If-None-Match"); tags != "" {
		return matches(strings.ReplaceAll(tags, "W/", ""), o.etag())
	}
	since, err := http.ParseTime(r.Header.Get("If-Modified-Since"))
	return err == nil && !o.modified().After(since)
}

// ranges reports whether a range may be answered: with If-Range only of the same object (RFC 9110, 13.1.5).
func (o *object) ranges(r *http.Request) bool {
	condition := r.Header.Get("If-Range")
	if since, err := http.ParseTime(condition); err == nil {
		return o.modified().Equal(since)
	}
	return condition == "" || condition == o.etag()
}

func matches(tags, etag string) bool {
	for tag := range strings.SplitSeq(tags, ",") {
		if tag = strings.TrimSpace(tag); tag == "*" || tag == etag {
			return true
		}
	}
	return false
}

// span is where a part begins, and how long it is.
type span struct{ start, length int64 }

// parseRange returns the part of an object that a header asks for, of length 0 if it is outside the object. Several
// ranges, and what isn't a range, are ignored: S3 answers with the whole (awslabs/aws-c-s3, issue 257;
// noobaa/noobaa-core, issue 9889).
func parseRange(header string, size int64) (part span, asked bool) {
	text, isBytes := strings.CutPrefix(header, "bytes=")
	first, last, found := strings.Cut(text, "-")
	if !isBytes || !found {
		return span{length: size}, false
	}
	start, hasStart := number(first)
	end, hasEnd := number(last)
	switch {
	case hasStart && (last == "" || hasEnd && start <= end):
		if last == "" {
			end = math.MaxInt64
		}
		start = min(start, size)
		return span{start, min(end, size-1) - start + 1}, true
	case first == "" && hasEnd: // the last bytes
		length := min(end, size)
		return span{size - length, length}, true
	}
	return span{length: size}, false
}

// number reads digits. A number that is too large is the largest one.
func number(text string) (n int64, ok bool) {
	if strings.Trim(text, "0123456789") != "" {
		return 0, false
	}
	n, err := strconv.ParseInt(text, 10, 64)
	return n, err == nil || errors.Is(err, strconv.ErrRange)
}

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
