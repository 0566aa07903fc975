package function

import (
	"unicode/utf8"

	"github.com/dop251/goja"
)

// newEvent makes the object that the handler is called with (CloudFront Functions event structure). It has no
// requestId, which only CloudFront gives out.
func (r *run) newEvent() *goja.Object {
	e := r.event
	r.given = seen(e.Headers)
	return r.record(
		"version", "1.0",
		"context", r.record("distributionDomainName", e.Domain, "distributionId", e.ID, "eventType", "viewer-request"),
		"viewer", r.record("ip", e.IP),
		"request", r.record(
			"method", e.Method,
			"uri", utf8Of(e.URI),
			"querystring", r.write(parseQuery(e.Query)),
			"headers", r.write(r.given),
			"cookies", r.write(sorted(e.Cookies)),
		),
	)
}

// record makes an object of names and values in turn. Data properties are own ones, whatever their name: Set would take __proto__
// for the prototype.
func (r *run) record(pairs ...any) *goja.Object {
	object := r.vm.NewObject()
	for i := 0; i < len(pairs); i += 2 {
		err := object.DefineDataProperty(pairs[i].(string), r.vm.ToValue(pairs[i+1]), goja.FLAG_TRUE, goja.FLAG_TRUE, goja.FLAG_TRUE)
		if err != nil {
			r.throw(err)
		}
	}
	return object
}

// utf8Of takes what isn't UTF-8 for ISO-8859-1 (Restrictions on all edge functions, URI, query string, and headers encoding).
func utf8Of(text string) string {
	if utf8.ValidString(text) {
		return text
	}
	runes := make([]rune, len(text))
	for i := range len(text) {
		runes[i] = rune(text[i])
	}
	return string(runes)
}
