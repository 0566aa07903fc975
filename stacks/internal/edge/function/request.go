package function

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/dop251/goja"

	"ml-api-accelerator/stacks/internal/shared/cloudfront"
)

// fields are headers, cookies or parameters in their order, which share one structure (CloudFront Functions event
// structure, Structure for a query string, header, or cookie).
type fields []field

type field struct {
	name   string
	values []string
}

// byName are the values by the names, of which a caller may send any number.
func (f fields) byName() map[string][]string {
	values := make(map[string][]string, len(f))
	for _, one := range f {
		values[one.name] = one.values
	}
	return values
}

// sorted has the names in an order that doesn't change from run to run, and the values as a function sees them.
func sorted(values map[string][]string) fields {
	made := make(fields, 0, len(values))
	for _, name := range slices.Sorted(maps.Keys(values)) {
		if len(values[name]) == 0 {
			continue
		}
		texts := make([]string, len(values[name]))
		for i, text := range values[name] {
			texts[i] = utf8Of(text)
		}
		made = append(made, field{utf8Of(name), texts})
	}
	return made
}

// seen are the headers that a function sees: cookies have a place of their own.
func seen(headers map[string][]string) fields {
	return slices.DeleteFunc(sorted(headers),
		func(f field) bool { return cloudfront.IsHidden(f.name) || f.name == "cookie" })
}

// write has each field's first value, and all of them in multiValue if there are several.
func (r *run) write(all fields) *goja.Object {
	pairs := make([]any, 0, 2*len(all))
	for _, one := range all {
		object := r.record("value", one.values[0])
		if len(one.values) > 1 {
			items := make([]any, len(one.values))
			for i, value := range one.values {
				items[i] = r.record("value", value)
			}
			object = r.record("value", one.values[0], "multiValue", r.vm.NewArray(items...))
		}
		pairs = append(pairs, one.name, object)
	}
	return r.record(pairs...)
}

func (r *run) readRequest(request *goja.Object) error {
	part := func(name string) goja.Value {
		if value := request.Get(name); value != nil {
			return value
		}
		return goja.Undefined()
	}
	if method := part("method").Export(); method != r.event.Method {
		return invalid("method: must stay %s, is %v", r.event.Method, method)
	}
	var err error
	if r.result.Query, err = readQuery(part("querystring"), r.event.Query); err != nil {
		return invalid("%v", err)
	}
	if err := r.readURI(part("uri")); err != nil {
		return err
	}
	headers, err := readFields("headers", part("headers"), r.given)
	if err != nil {
		return invalid("%v", err)
	}
	if err := checkHeaders(headers, r.given); err != nil {
		return err
	}
	r.result.Headers = restored(headers, r.event.Headers)
	for name, values := range r.event.Headers {
		if cloudfront.IsHidden(name) {
			r.result.Headers[name] = values
		}
	}
	cookies, err := readFields("cookies", part("cookies"), sorted(r.event.Cookies))
	if err != nil {
		return invalid("%v", err)
	}
	r.result.Cookies = restored(cookies, r.event.Cookies)
	return nil
}

// maxURI is one more than the characters that the path and the query string may have (Restrictions on all edge
// functions, URI).
const maxURI = 8192

func (r *run) readURI(value goja.Value) error {
	uri, is := value.Export().(string)
	if !is || !strings.HasPrefix(uri, "/") {
		return invalid("uri: must begin with a slash, is %v", value)
	}
	if uri == utf8Of(r.event.URI) {
		uri = r.event.URI
	}
	r.result.URI = uri
	// What came may be longer; a function may not make it so.
	if uri == r.event.URI && r.result.Query == r.event.Query {
		return nil
	}
	if strings.ContainsFunc(r.result.Query, func(c rune) bool { return c == '#' || c <= ' ' || c == 0x7f }) {
		return invalid("querystring: must have no spaces, control characters or #")
	}
	if len(uri)+len("?")+len(r.result.Query) >= maxURI {
		return invalid("uri: must have fewer than %d characters with its query string", maxURI)
	}
	return nil
}

// readFields reads what the function left, given what it had.
func readFields(what string, value goja.Value, given fields) (fields, error) {
	object, is := value.(*goja.Object)
	if !is {
		return nil, fmt.Errorf("%s must be an object", what)
	}
	var made fields
	had := given.byName()
	for _, name := range object.Keys() {
		values, err := readField(object.Get(name), had[name])
		if err != nil {
			return nil, fmt.Errorf("%s[%q] %w", what, name, err)
		}
		made = append(made, field{name, values})
	}
	return made, nil
}

// readField follows the page's two rules: a multiValue that was changed counts; otherwise value does, and later values
// stay.
func readField(value goja.Value, given []string) ([]string, error) {
	object, is := value.(*goja.Object)
	if !is {
		return nil, fmt.Errorf("must be an object with a value")
	}
	several, later := object.Get("multiValue"), []string(nil)
	if several != nil {
		values, err := readValues(several)
		if err != nil {
			return nil, err
		}
		if len(given) < 2 || !slices.Equal(values, given) {
			return values, nil
		}
		later = given[1:]
	}
	first, err := readText(object)
	if err != nil {
		return nil, err
	}
	return append([]string{first}, later...), nil
}

func readValues(value goja.Value) ([]string, error) {
	array, is := value.(*goja.Object)
	if !is || array.ClassName() != "Array" {
		return nil, fmt.Errorf("must have an array in multiValue")
	}
	var values []string
	for _, index := range array.Keys() {
		item, is := array.Get(index).(*goja.Object)
		if !is {
			return nil, fmt.Errorf("must have objects with a value in multiValue")
		}
		text, err := readText(item)
		if err != nil {
			return nil, err
		}
		values = append(values, text)
	}
	return values, nil
}

func readText(object *goja.Object) (string, error) {
	value := object.Get("value")
	if value == nil {
		return "", fmt.Errorf("must have a value")
	}
	text, is := value.Export().(string)
	if !is {
		return "", fmt.Errorf("must have a text as its value, has %v", value)
	}
	return text, nil
}

// restored has what wasn't changed as it came, whatever its encoding (Restrictions on all edge functions, URI, query
// string, and headers encoding).
func restored(after fields, before map[string][]string) map[string][]string {
	made := make(map[string][]string, len(after))
	given := map[string]string{}
	for name := range before {
		given[utf8Of(name)] = name
	}
	for _, one := range after {
		original, known := given[one.name]
		if known && slices.EqualFunc(before[original], one.values, func(a, b string) bool { return utf8Of(a) == b }) {
			made[original] = before[original]
		} else if len(one.values) > 0 {
			made[one.name] = one.values
		}
	}
	return made
}

// checkHeaders is what CloudFront's validation says to headers that a function returns.
func checkHeaders(after, before fields) error {
	for _, one := range after {
		switch {
		case one.name == "" || strings.ContainsFunc(one.name,
			func(c rune) bool { return c >= 'A' && c <= 'Z' || c <= ' ' || c == ':' || c == 0x7f }):
			// CloudFront Functions event structure, Special considerations for headers.
			return invalid("header %q: must be a name in lower case", one.name)
		case cloudfront.IsHidden(one.name):
			return invalid("header %s: a function can't add it", one.name)
		case one.name == "cookie" || one.name == "set-cookie":
			return invalid("header %s: cookies are in the object cookies", one.name)
		case slices.ContainsFunc(one.values, func(value string) bool { return strings.ContainsFunc(value, control) }):
			return invalid("header %s: must not have control characters", one.name)
		}
	}
	is, was := after.byName(), before.byName()
	for _, name := range cloudfront.ReadOnlyHeaders {
		if !slices.Equal(is[name], was[name]) {
			return invalid("header %s: is read-only", name)
		}
	}
	return nil
}

func control(c rune) bool { return c < ' ' && c != '\t' || c == 0x7f }

// invalid is what fails CloudFront's validation, for which it answers 502 (Restrictions on all edge functions, HTTP
// headers, and HTTP 502 status code, CloudFront function validation error).
func invalid(format string, values ...any) error {
	return &Error{Status: 502, Message: fmt.Sprintf(format, values...)}
}

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
