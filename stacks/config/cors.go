package config

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// CORS tells browsers which web pages may call the API.
type CORS struct {
	// Origins of the pages, like https://app.example.com; * may stand for the first label or for all.
	AllowOrigins []string `json:"allowOrigins"`
	// Methods they may use: of GET, DELETE, HEAD, OPTIONS, PATCH, POST and PUT, or ALL alone.
	AllowMethods []string `json:"allowMethods,omitempty"`
	// Request headers they may send; * for all.
	AllowHeaders []string `json:"allowHeaders,omitempty"`
	// Response headers they may read.
	ExposeHeaders []string `json:"exposeHeaders,omitempty"`
	// Let them send cookies and Authorization; then nothing may be *.
	AllowCredentials bool `json:"allowCredentials,omitempty"`
	// Seconds a browser may remember the answer to a preflight request.
	MaxAgeSeconds int `json:"maxAgeSeconds,omitempty"`
}

func (c CORS) check(r *report, at path) {
	for _, list := range []struct {
		field string
		items []string
	}{
		{"allowOrigins", c.AllowOrigins},
		{"allowMethods", c.AllowMethods},
		{"allowHeaders", c.AllowHeaders},
	} {
		if len(list.items) == 0 {
			r.must("C1", at.field(list.field), "must not be empty")
		}
		if c.AllowCredentials && slices.ContainsFunc(list.items, func(s string) bool { return s == "*" || s == "ALL" }) {
			r.must("C2", at.field(list.field), `must not have "*" or "ALL" with allowCredentials: browsers refuse it`)
		}
	}
	for i, origin := range c.AllowOrigins {
		if origin != "*" && !webOrigin(origin) {
			r.must("C1", at.field("allowOrigins").index(i), `must be "*" or scheme://host[:port] with * only as the first label, got %q`, origin)
		}
	}
	for i, method := range c.AllowMethods {
		r.oneOf("C1", at.field("allowMethods").index(i), corsMethods, method)
	}
	if slices.Contains(c.AllowMethods, "ALL") && len(c.AllowMethods) > 1 {
		r.must("C1", at.field("allowMethods"), "must have ALL alone, got %s", strings.Join(c.AllowMethods, ", "))
	}
	c.checkHeaders(r, at.field("allowHeaders"), c.AllowHeaders)
	c.checkHeaders(r, at.field("exposeHeaders"), c.ExposeHeaders)
	r.atLeast("C1", at.field("maxAgeSeconds"), c.MaxAgeSeconds, 0)
}

func (c CORS) checkHeaders(r *report, at path, headers []string) {
	for i, name := range headers {
		if !headerName.MatchString(name) {
			r.must("C1", at.index(i), "must have only letters, digits and !#$%%&'*+-.^_`|~, got %q", name)
		}
	}
	for _, i := range repeated(headers, strings.ToLower) {
		r.must("C1", at.index(i), "must not repeat %q", headers[i])
	}
}

// webOrigin tells whether a text is scheme://host[:port] and nothing more.
func webOrigin(text string) bool {
	u, err := url.Parse(text)
	if err != nil || u.Scheme+"://"+u.Host != text || u.Scheme != "http" && u.Scheme != "https" {
		return false
	}
	if port, err := strconv.Atoi(u.Port()); strings.Contains(u.Host, ":") && (err != nil || port < 1 || port > 65535) {
		return false
	}
	host := strings.TrimPrefix(u.Hostname(), "*.")
	return host != "" && !slices.ContainsFunc(strings.Split(host, "."), func(label string) bool { return !domainLabel.MatchString(label) })
}
