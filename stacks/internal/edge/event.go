package edge

import (
	"maps"
	"slices"
	"strings"

	"ml-api-accelerator/stacks/internal/edge/function"
	"ml-api-accelerator/stacks/internal/edge/policy"
)

// event is the request as a function sees it: headers by names in lower case, and cookies apart from them (CloudFront Functions event
// structure, Request object).
func (v *viewer) event(r Request) function.Event {
	e := function.Event{
		Method: v.method, URI: v.path, Query: v.query, Time: v.time, Context: r.Context,
		Headers: make(map[string][]string, len(v.headers)+1), Cookies: map[string][]string{},
	}
	if v.ip.IsValid() {
		e.IP = v.ip.String()
	}
	for name, value := range v.headers {
		values := r.Values[name]
		if values == nil {
			values = []string{value}
		}
		if name != "Cookie" {
			e.Headers[strings.ToLower(name)] = values
			continue
		}
		for _, header := range values {
			for name, value := range cookiePairs(header) {
				e.Cookies[name] = append(e.Cookies[name], value)
			}
		}
	}
	e.Headers["host"] = []string{v.host}
	return e
}

// become takes over what a function made of a request.
func (v *viewer) become(result function.Result, event function.Event) {
	v.path, v.query = result.URI, result.Query
	cookie, sent := v.headers["Cookie"]
	v.headers = make(map[string]string, len(result.Headers)+1)
	for name, values := range result.Headers {
		v.headers[policy.HeaderName(name)] = strings.Join(values, ", ")
	}
	if !maps.EqualFunc(result.Cookies, event.Cookies, slices.Equal) {
		cookie, sent = written(result.Cookies), len(result.Cookies) > 0
		v.cookies = ParseCookies(cookie)
	}
	if sent {
		v.headers["Cookie"] = cookie
	}
}

// written are cookies as a header has them.
func written(cookies map[string][]string) string {
	var list []string
	for _, name := range slices.Sorted(maps.Keys(cookies)) {
		for _, value := range cookies[name] {
			list = append(list, name+"="+value)
		}
	}
	return strings.Join(list, "; ")
}
