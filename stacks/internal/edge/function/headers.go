package function

import (
	"fmt"
	"slices"
	"strings"
)

// What functions neither see nor may add; a star ends a prefix (Restrictions on all edge functions, Disallowed headers).
var disallowed = []string{
	"connection", "expect", "keep-alive", "proxy-authenticate", "proxy-authorization", "proxy-connection", "trailer", "upgrade",
	"x-accel-buffering", "x-accel-charset", "x-accel-limit-rate", "x-accel-redirect", "x-amz-cf-*", "x-amzn-auth", "x-amzn-cf-billing",
	"x-amzn-cf-id", "x-amzn-cf-xff", "x-amzn-errortype", "x-amzn-fle-profile", "x-amzn-header-count", "x-amzn-header-order",
	"x-amzn-lambda-integration-tag", "x-amzn-requestid", "x-cache", "x-edge-*", "x-forwarded-proto", "x-real-ip",
	"cloudfront-viewer-cert-pem", "client-cert", "client-cert-chain",
}

// What functions may read, but not add, change or take away (the same page, Read-only headers in viewer request events).
var readOnly = []string{"cdn-loop", "content-length", "host", "transfer-encoding", "via"}

func hidden(name string) bool {
	return slices.ContainsFunc(disallowed, func(pattern string) bool {
		prefix, open := strings.CutSuffix(pattern, "*")
		return name == pattern || open && strings.HasPrefix(name, prefix)
	})
}

// seen are the headers that a function sees: cookies have a place of their own.
func seen(headers map[string][]string) fields {
	return slices.DeleteFunc(sorted(headers), func(f field) bool { return hidden(f.name) || f.name == "cookie" })
}

// checkHeaders is what CloudFront's validation says to headers that a function returns.
func checkHeaders(after, before fields) error {
	for _, one := range after {
		switch {
		case one.name == "" || strings.ContainsFunc(one.name, func(c rune) bool { return c >= 'A' && c <= 'Z' || c <= ' ' || c == ':' || c == 0x7f }):
			// CloudFront Functions event structure, Special considerations for headers.
			return invalid("header %q: must be a name in lower case", one.name)
		case hidden(one.name):
			return invalid("header %s: a function can't add it", one.name)
		case one.name == "cookie" || one.name == "set-cookie":
			return invalid("header %s: cookies are in the object cookies", one.name)
		case slices.ContainsFunc(one.values, func(value string) bool { return strings.ContainsFunc(value, control) }):
			return invalid("header %s: must not have control characters", one.name)
		}
	}
	is, was := after.byName(), before.byName()
	for _, name := range readOnly {
		if !slices.Equal(is[name], was[name]) {
			return invalid("header %s: is read-only", name)
		}
	}
	return nil
}

func control(c rune) bool { return c < ' ' && c != '\t' || c == 0x7f }

// invalid is what fails CloudFront's validation, for which it answers 502 (Restrictions on all edge functions, HTTP headers, and HTTP
// 502 status code, CloudFront function validation error).
func invalid(format string, values ...any) error {
	return &Error{Status: 502, Message: fmt.Sprintf(format, values...)}
}
