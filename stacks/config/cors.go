package config

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/net/publicsuffix"

	"ml-api-accelerator/stacks/config/declare"
	"ml-api-accelerator/stacks/internal/shared/cloudfront"
)

// CORS tells browsers which web pages may call the API.
type CORS struct {
	AllowOrigins     []string
	AllowMethods     []string
	AllowHeaders     []string
	ExposeHeaders    []string
	AllowCredentials bool
	MaxAgeSeconds    int
}

// mostOriginCharacters is the longest value of Access-Control-Allow-Origin (CloudFront Developer Guide, Quotas on
// headers).
const mostOriginCharacters = 1783

// Declare implements [declare.Section].
func (c *CORS) Declare(f *declare.Fields) {
	f.Texts("allowOrigins", &c.AllowOrigins,
		"Origins of the pages, such as https://app.example.com; without a scheme, http and https. * stands for "+
			"everything, for the first label, or for (a part of) the port.").Required().
		Filled(ruleCORS).
		Items.Length(ruleCORS, 1, mostOriginCharacters)
	f.Texts("allowMethods", &c.AllowMethods,
		"Methods the pages may use; ALL stands alone.").Default([]string{"GET", "POST"}).
		Filled(ruleCORS).
		Items.OneOf(ruleCORS, "GET", "DELETE", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "ALL")
	f.Texts("allowHeaders", &c.AllowHeaders,
		"Request headers the pages may send; * stands for any but Authorization.").Default([]string{"Authorization",
		"Content-Type"}).
		Filled(ruleCORS).
		Items.Matches(ruleCORS, headerName, aHeaderName)
	f.Texts("exposeHeaders", &c.ExposeHeaders,
		"Response headers the pages may read.").Items.Matches(ruleCORS, headerName, aHeaderName)
	f.Boolean("allowCredentials", &c.AllowCredentials,
		"Let the pages send cookies and Authorization. Then name each origin, method and header: * isn't for them.")
	f.Integer("maxAgeSeconds", &c.MaxAgeSeconds,
		"Seconds a browser may remember the answer to a preflight request.").Default(600).AtLeast(ruleCORS, 0)
}

// methods are those that pages may use, by name.
func (c CORS) methods() []string {
	if slices.Contains(c.AllowMethods, "ALL") {
		return cloudfront.Methods
	}
	return c.AllowMethods
}

func (c CORS) check(r *declare.Report, at declare.Path) {
	for _, list := range []struct {
		field string
		items []string
	}{
		{"allowOrigins", c.AllowOrigins},
		{"allowMethods", c.AllowMethods},
		{"allowHeaders", c.AllowHeaders},
	} {
		if c.AllowCredentials && slices.ContainsFunc(list.items, func(s string) bool { return s == "*" || s == "ALL" }) {
			r.Must(ruleCORSCredentials, at.Field(list.field),
				`must not have "*" or "ALL" with allowCredentials, since browsers refuse it: list each by name`)
		}
	}
	for i, header := range c.AllowHeaders {
		if c.AllowCredentials && header != "*" && strings.Contains(header, "*") {
			r.Must(ruleCORSCredentials, at.Field("allowHeaders").Index(i),
				`must not have "*" with allowCredentials, since CloudFront refuses it: list each by name, got %q`, header)
		}
	}
	if !c.AllowCredentials && slices.Contains(c.AllowHeaders, "*") && !containsFold(c.AllowHeaders, "Authorization") {
		r.Warn(ruleCORSCredentials, at.Field("allowHeaders"),
			`has "*", which doesn't stand for Authorization: name it if callers send it`)
	}
	if c.AllowCredentials && slices.Contains(c.ExposeHeaders, "*") {
		r.Warn(ruleCORSCredentials, at.Field("exposeHeaders"),
			`has "*", which browsers take for the name of a header with allowCredentials: list each by name`)
	}
	for i, origin := range c.AllowOrigins {
		switch {
		case origin != "*" && !webOrigin(origin):
			r.Must(ruleCORS, at.Field("allowOrigins").Index(i),
				`must be "*" or [scheme://]host[:port] with * only as the first label or in the port, got %q%s`, origin,
				originMeant(origin))
		case defaultPort(origin) != "":
			r.Warn(ruleCORS, at.Field("allowOrigins").Index(i),
				"matches no page: browsers leave out the default port, got %q: write %q", origin, defaultPort(origin))
		case openToAll(origin):
			r.Warn(ruleCORS, at.Field("allowOrigins").Index(i),
				"lets in the pages of everyone who has a name below %q: name your own domain, got %q", originHost(origin), origin)
		case strings.Count(origin, "*") > 1:
			r.Warn(ruleCORS, at.Field("allowOrigins").Index(i),
				"has more than one *, of which S3 takes only one: preflight requests for models work only without a port, got %q",
				origin)
		}
	}
	if slices.Contains(c.AllowMethods, "ALL") && len(c.AllowMethods) > 1 {
		r.Must(ruleCORS, at.Field("allowMethods"), "must have either ALL alone or methods by name, got %s",
			strings.Join(c.AllowMethods, ", "))
	}
	for _, i := range repeated(c.AllowHeaders, strings.ToLower) {
		r.Must(ruleCORS, at.Field("allowHeaders").Index(i), "must not repeat %q", c.AllowHeaders[i])
	}
	for _, i := range repeated(c.ExposeHeaders, strings.ToLower) {
		r.Must(ruleCORS, at.Field("exposeHeaders").Index(i), "must not repeat %q", c.ExposeHeaders[i])
	}
}

// originMeant says which pattern somebody means who writes a URL, or capitals.
func originMeant(text string) string {
	scheme, rest, found := strings.Cut(strings.ToLower(text), "://")
	if !found {
		scheme, rest = "", strings.ToLower(text)
	} else {
		scheme += "://"
	}
	host, _, _ := strings.Cut(rest, "/")
	if origin := scheme + host; origin != text && webOrigin(origin) {
		return fmt.Sprintf(": write %q", origin)
	}
	return ""
}

// defaultPort returns an origin without the default port of its scheme, which browsers never send (URL Standard, 4.4, port
// state); empty: it has none.
func defaultPort(origin string) string {
	scheme, port := "https", ":443"
	if strings.HasSuffix(origin, ":80") {
		scheme, port = "http", ":80"
	}
	host, has := strings.CutSuffix(origin, port)
	switch given, _, found := strings.Cut(host, "://"); {
	case !has, found && given != scheme:
		return ""
	case !found:
		return scheme + "://" + host
	}
	return host
}

// openToAll reports whether an origin has a * in place of a name that anyone can get, such as *.ai or *.github.io.
func openToAll(origin string) bool {
	if _, host, found := strings.Cut(origin, "://"); found {
		origin = host
	}
	if !strings.HasPrefix(origin, "*.") {
		return false
	}
	host := originHost(origin)
	suffix, icann := publicsuffix.PublicSuffix(host)
	return suffix == host && (icann || strings.Contains(host, "."))
}

// webOrigin reports whether a text is one of CloudFront's patterns of origins, [scheme://]host[:port], with * as the
// first label or in the port (CloudFront Developer Guide, Understand response headers policies,
// Access-Control-Allow-Origin).
func webOrigin(text string) bool {
	scheme, rest, found := strings.Cut(text, "://")
	if !found {
		scheme, rest = "https", text
	}
	host, port, hasPort := strings.Cut(rest, ":")
	if scheme != "http" && scheme != "https" || hasPort && !originPort(port) || host == "null" {
		return false
	}
	return !slices.ContainsFunc(strings.Split(strings.TrimPrefix(host, "*."), "."),
		notLabel)
}

func originPort(text string) bool {
	if strings.Contains(text, "*") {
		return strings.Trim(text, "*0123456789") == ""
	}
	port, err := strconv.ParseUint(text, 10, 16)
	return err == nil && port > 0
}
