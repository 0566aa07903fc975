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

// seen are the headers that a function sees: cookies have a place of their own.
func seen(headers map[string][]string) fields {
	return slices.DeleteFunc(sorted(headers),
		func(f field) bool { return cloudfront.IsHidden(f.name) || f.name == "cookie" })
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

// Origin is the origin that a function chose, or the two of a group with the statuses that fail over.
type Origin struct {
	IDs        []string
	FailoverOn []int
}

func (r *run) selectOrigin(call goja.FunctionCall) goja.Value {
	id, is := call.Argument(0).Export().(string)
	if !is || id == "" {
		r.throw(errors.New("selectRequestOriginById: must have the id of an origin"))
	}
	if len(call.Arguments) > 1 {
		r.throw(errors.New("selectRequestOriginById: this model doesn't know overrides"))
	}
	r.result.Origin = &Origin{IDs: []string{id}}
	return goja.Undefined()
}

// What an origin group may fail over on (Optimize high availability with CloudFront origin failover).
var failoverStatuses = []int{400, 403, 404, 416, 429, 500, 502, 503, 504}

// createGroup takes the shape of the page's example and of the code that people run: objects with an originId, and
// failoverCriteria with statusCodes. The page's text says strings, and an array; who believes it learns otherwise here.
func (r *run) createGroup(call goja.FunctionCall) goja.Value {
	var group struct {
		OriginIDs []map[string]any `json:"originIds"`
		Criteria  struct {
			StatusCodes []int `json:"statusCodes"`
		} `json:"failoverCriteria"`
	}
	if err := r.decode(call.Argument(0), &group); err != nil {
		r.throw(errors.New("createRequestOriginGroup: " + err.Error()))
	}
	origin := &Origin{FailoverOn: group.Criteria.StatusCodes}
	for _, member := range group.OriginIDs {
		id, is := member["originId"].(string)
		if !is || id == "" || len(member) != 1 {
			r.throw(errors.New("createRequestOriginGroup: each of originIds must have an originId, and nothing else"))
		}
		origin.IDs = append(origin.IDs, id)
	}
	if len(origin.IDs) != 2 || origin.IDs[0] == origin.IDs[1] {
		r.throw(errors.New("createRequestOriginGroup: must have two origins"))
	}
	if len(origin.FailoverOn) == 0 {
		r.throw(errors.New("createRequestOriginGroup: must have failoverCriteria.statusCodes"))
	}
	for _, status := range origin.FailoverOn {
		if !slices.Contains(failoverStatuses, status) {
			r.throw(errors.New("createRequestOriginGroup: a status that no group fails over on"))
		}
	}
	r.result.Origin = origin
	return goja.Undefined()
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
