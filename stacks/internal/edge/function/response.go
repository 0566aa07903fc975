package function

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"strings"

	"github.com/dop251/goja"
)

// Response is what a function answers by itself.
type Response struct {
	Status  int
	Headers map[string][]string // by lower-case name, with set-cookie
	Body    string
}

// readResponse reads a response (CloudFront Functions event structure, Response object).
func (r *run) readResponse(object *goja.Object) error {
	// Lambda@Edge's range; for CloudFront Functions the guide gives none.
	status, is := object.Get("statusCode").Export().(int64)
	if !is || status < 200 || status > 599 {
		return invalid("statusCode: must be a number from 200 to 599, is %v", object.Get("statusCode"))
	}
	response := &Response{Status: int(status), Headers: map[string][]string{}}
	if headers := object.Get("headers"); headers != nil {
		read, err := readFields("headers", headers, nil)
		if err != nil {
			return invalid("%v", err)
		}
		if err := checkHeaders(read, nil); err != nil {
			return err
		}
		response.Headers = restored(read, nil)
	}
	if cookies := object.Get("cookies"); cookies != nil {
		return invalid("cookies: this model doesn't know those of a response")
	}
	if body := object.Get("body"); body != nil {
		text, err := r.readBody(body)
		if err != nil {
			return invalid("body: %v", err)
		}
		response.Body = text
	}
	r.result.Response = response
	return nil
}

// readBody takes a text, or an object with a text in one of two encodings.
func (r *run) readBody(value goja.Value) (string, error) {
	if text, is := value.Export().(string); is {
		return text, nil
	}
	var body struct{ Encoding, Data string }
	if err := r.decode(value, &body); err != nil {
		return "", err
	}
	switch body.Encoding {
	case "text":
		return body.Data, nil
	case "base64":
		data, err := base64.StdEncoding.DecodeString(body.Data)
		return string(data), err
	default:
		return "", errors.New("must have the encoding text or base64")
	}
}

// decode reads a value as JSON would have it.
func (r *run) decode(value goja.Value, into any) error {
	stringify, _ := goja.AssertFunction(r.vm.Get("JSON").ToObject(r.vm).Get("stringify"))
	text, err := stringify(goja.Undefined(), value)
	if err != nil {
		return err
	}
	decoder := json.NewDecoder(strings.NewReader(text.String()))
	decoder.DisallowUnknownFields()
	return decoder.Decode(into)
}
