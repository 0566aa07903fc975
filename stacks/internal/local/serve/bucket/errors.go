package bucket

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"strconv"
)

// failure is an error as S3 writes it (Amazon S3 API Reference, Error responses), without the ids of a request, of which there
// are none here.
type failure struct {
	XMLName xml.Name `xml:"Error"`
	status  int

	Code, Message    string
	Method           string `xml:",omitempty"`
	ResourceType     string `xml:",omitempty"`
	Condition        string `xml:",omitempty"`
	RangeRequested   string `xml:",omitempty"`
	ActualObjectSize string `xml:",omitempty"`
}

var accessDenied = failure{status: http.StatusForbidden, Code: "AccessDenied", Message: "Access Denied"}

// preconditionFailed is worded like versity/versitygw, issue 2044.
func preconditionFailed(condition string) *failure {
	return &failure{status: http.StatusPreconditionFailed, Code: "PreconditionFailed",
		Message: "At least one of the pre-conditions you specified did not hold", Condition: condition}
}

// unsatisfiable is worded like versity/versitygw, issue 2069.
func unsatisfiable(r *http.Request, size int64) *http.Response {
	answer := failure{status: http.StatusRequestedRangeNotSatisfiable, Code: "InvalidRange", Message: "The requested range is not satisfiable",
		RangeRequested: r.Header.Get("Range"), ActualObjectSize: strconv.FormatInt(size, 10)}.response(r)
	answer.Header.Set("Content-Range", fmt.Sprintf("bytes */%d", size)) // RFC 9110, 15.5.17
	return answer
}

// response has no body for HEAD (Amazon S3 API Reference, HeadObject).
func (f failure) response(r *http.Request) *http.Response {
	answer := &http.Response{StatusCode: f.status, Header: http.Header{"Content-Type": {"application/xml"}}}
	if r.Method == http.MethodHead {
		return finish(answer, r, http.NoBody, -1)
	}
	text, err := xml.Marshal(f)
	if err != nil {
		panic(err) // strings alone
	}
	text = append([]byte(xml.Header), text...)
	answer.Header.Set("Content-Length", strconv.Itoa(len(text)))
	return finish(answer, r, io.NopCloser(bytes.NewReader(text)), int64(len(text)))
}

// finish fills in what all answers have.
func finish(answer *http.Response, r *http.Request, body io.ReadCloser, length int64) *http.Response {
	answer.Status = strconv.Itoa(answer.StatusCode) + " " + http.StatusText(answer.StatusCode)
	answer.Proto, answer.ProtoMajor, answer.ProtoMinor = "HTTP/1.1", 1, 1
	answer.Header.Set("Server", "AmazonS3")
	answer.Request, answer.Body, answer.ContentLength = r, body, length
	return answer
}
