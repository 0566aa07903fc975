package function

import (
	"slices"
	"strings"

	"github.com/dop251/goja"
)

// maxURI is one more than the characters that the path and the query string may have (Restrictions on all edge functions, URI).
const maxURI = 8192

// read makes a result of what the handler returned: a request, or a response, which alone has a status.
func (r *run) read(returned goja.Value) error {
	object, is := returned.(*goja.Object)
	if !is {
		return invalid("returned %v: must be a request or a response", returned)
	}
	if status := object.Get("statusCode"); status != nil {
		r.result.Origin = nil
		return r.readResponse(object)
	}
	return r.readRequest(object)
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
		if hidden(name) {
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

// restored has what wasn't changed as it came, whatever its encoding (Restrictions on all edge functions, URI, query string, and
// headers encoding).
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
