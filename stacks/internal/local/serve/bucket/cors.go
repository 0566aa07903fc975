package bucket

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"ml-api-accelerator/stacks/internal/edge"
	"ml-api-accelerator/stacks/internal/shared/cloudfront"
)

// CORS is the only rule of a bucket's CORS configuration, for GET and HEAD. Its origins and headers may have a *.
type CORS edge.BucketCORS

var corsMethods = []string{http.MethodGet, http.MethodHead}

// vary is from FineUploader/fine-uploader, issue 1016.
const vary = "Origin, Access-Control-Request-Headers, Access-Control-Request-Method"

// preflight answers OPTIONS, whether the object exists or not (Amazon S3 API Reference, Appendix: OPTIONS object). The
// messages are from Amazon S3 User Guide, Troubleshooting CORS; the codes and the 400 are assumed.
func (b *Bucket) preflight(r *http.Request) *http.Response {
	forbidden := failure{status: http.StatusForbidden, Code: "AccessForbidden", Method: r.Method, ResourceType: "OBJECT"}
	origin, method := r.Header.Get("Origin"), r.Header.Get("Access-Control-Request-Method")
	asked := strings.ToLower(r.Header.Get("Access-Control-Request-Headers"))
	headers := strings.FieldsFunc(asked, func(c rune) bool { return c == ',' || c == ' ' })
	switch {
	case origin == "" || method == "":
		return failure{
			status: http.StatusBadRequest, Code: "BadRequest",
			Message: "Insufficient information. Origin request header needed.",
		}.response(r)
	case b.cors == nil:
		forbidden.Message = "CORSResponse: CORS is not enabled for this bucket."
		return forbidden.response(r)
	case !b.cors.allows(origin, method, headers):
		forbidden.Message = "CORSResponse: This CORS request is not allowed."
		return forbidden.response(r)
	}
	answer := &http.Response{StatusCode: http.StatusOK, Header: http.Header{"Content-Length": {"0"}}}
	b.cors.add(answer.Header, origin)
	if len(headers) > 0 {
		answer.Header.Set("Access-Control-Allow-Headers", strings.Join(headers, ", "))
	}
	return finish(answer, r, http.NoBody, 0)
}

// answer adds the CORS headers to an answer.
func (b *Bucket) answer(r *http.Request, answer *http.Response) *http.Response {
	if origin := r.Header.Get("Origin"); origin != "" && b.cors != nil && b.cors.allows(origin, http.MethodGet, nil) {
		b.cors.add(answer.Header, origin)
	}
	return answer
}

// allows reports whether the rule matches: the origin, the method and each header (Amazon S3 User Guide, Using
// cross-origin resource sharing, How does Amazon S3 evaluate the CORS configuration on a bucket?).
func (c *CORS) allows(origin, method string, headers []string) bool {
	return slices.ContainsFunc(c.AllowOrigins, func(pattern string) bool { return cloudfront.Match(pattern, origin) }) &&
		slices.Contains(corsMethods, method) &&
		!slices.ContainsFunc(headers, func(header string) bool { return !c.allowsHeader(header) })
}

func (c *CORS) allowsHeader(header string) bool {
	return slices.ContainsFunc(c.AllowHeaders, func(pattern string) bool {
		return cloudfront.Match(strings.ToLower(pattern), header)
	})
}

func (c *CORS) add(header http.Header, origin string) {
	if slices.Contains(c.AllowOrigins, "*") {
		origin = "*"
	}
	header.Set("Access-Control-Allow-Origin", origin)
	header.Set("Access-Control-Allow-Methods", strings.Join(corsMethods, ", "))
	header.Set("Access-Control-Max-Age", strconv.Itoa(c.MaxAgeSeconds))
	if len(c.ExposeHeaders) > 0 {
		header.Set("Access-Control-Expose-Headers", strings.Join(c.ExposeHeaders, ", "))
	}
	header.Set("Vary", vary)
}
