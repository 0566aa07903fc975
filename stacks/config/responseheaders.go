package config

import (
	"encoding/json"
	"maps"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"ml-api-accelerator/stacks/config/declare"
	"ml-api-accelerator/stacks/internal/shared/names"
)

// ResponseHeaders is what CloudFront adds to answers and takes from them, beside CORS and Strict-Transport-Security.
type ResponseHeaders struct {
	FrameOptions          string
	ContentSecurityPolicy string
	Custom                map[string]string
	Remove                []string
}

// The most headers that a policy adds and removes, and the longest value (CloudFront Developer Guide, Quotas on response
// headers policies; Understand response headers policies).
const (
	mostCustomHeaders  = 10
	mostRemovedHeaders = 10
	mostHeaderValue    = 1783
)

// Declare implements [declare.Section].
func (h *ResponseHeaders) Declare(f *declare.Fields) {
	f.Text("frameOptions", &h.FrameOptions,
		`X-Frame-Options: whether pages may show an answer in a frame. "" leaves the header out.`).
		Default("DENY").OneOf(ruleResponseHeaders, "DENY", "SAMEORIGIN", "")
	f.Text("contentSecurityPolicy", &h.ContentSecurityPolicy,
		"Content-Security-Policy, for answers that are pages.").Length(ruleResponseHeaders, 0, mostHeaderValue)
	f.TextsByName("custom", &h.Custom, "Further headers, which replace the origin's.").
		NamesMatch(ruleResponseHeaders, headerNameSized, aHeaderNameSized).
		Values.Length(ruleResponseHeaders, 0, mostHeaderValue)
	f.Texts("remove", &h.Remove, "Headers to remove from the origin's answers, such as X-Powered-By.").
		Items.Matches(ruleResponseHeaders, headerName, aHeaderName)
}

// kept are headers that no policy removes; lower-case, * ends a prefix (CloudFront Developer Guide, Understand response
// headers policies, Headers that you can't remove).
var kept = []string{
	"connection", "content-encoding", "content-length", "expect", "host", "keep-alive", "proxy-authenticate",
	"proxy-authorization", "proxy-connection", "trailer", "transfer-encoding", "upgrade", "via", "warning",
	"x-accel-buffering", "x-accel-charset", "x-accel-limit-rate", "x-accel-redirect", "x-amz-cf-*", "x-amzn-auth",
	"x-amzn-cf-billing", "x-amzn-cf-id", "x-amzn-cf-xff", "x-amzn-errortype", "x-amzn-fle-profile",
	"x-amzn-header-count", "x-amzn-header-order", "x-amzn-lambda-integration-tag", "x-amzn-requestid", "x-cache",
	"x-edge-*", "x-forwarded-proto", "x-real-ip",
}

// addedOtherwise are headers that the policy has in a place of their own.
var addedOtherwise = map[string]string{
	"x-frame-options":           "frameOptions",
	"content-security-policy":   "contentSecurityPolicy",
	"strict-transport-security": "", "x-content-type-options": "", "referrer-policy": "",
}

func (h ResponseHeaders) check(r *declare.Report, at declare.Path) {
	checkSecurityPolicy(r, at.Field("contentSecurityPolicy"), h.ContentSecurityPolicy)
	custom := at.Field("custom")
	overQuota(r, ruleResponseHeaders, custom, len(h.Custom), mostCustomHeaders, " headers", "")
	added := slices.Sorted(maps.Keys(h.Custom))
	for _, name := range added {
		field, other := addedOtherwise[strings.ToLower(name)]
		switch {
		case other && field != "":
			r.Must(ruleResponseHeaders, custom.Field(name), "must not be set here: it has a field of its own, %s", field)
		case other:
			r.Must(ruleResponseHeaders, custom.Field(name), "must not be set here: every answer has it already")
		case denied([]string{"access-control-*"}, name):
			r.Must(ruleResponseHeaders, custom.Field(name), "must not be set here: it belongs in cors")
		case denied(kept, name):
			r.Must(ruleResponseHeaders, custom.Field(name), "must not be set: CloudFront or the connection sets it")
		}
	}
	for _, i := range repeated(added, strings.ToLower) {
		r.Must(ruleResponseHeaders, custom.Field(added[i]), "must not differ from another header only in upper and lower case")
	}
	remove := at.Field("remove")
	overQuota(r, ruleResponseHeaders, remove, len(h.Remove), mostRemovedHeaders, " headers", "")
	for i, name := range h.Remove {
		switch {
		case denied(kept, name):
			r.Must(ruleResponseHeaders, remove.Index(i), "must not be removed: CloudFront refuses %q", name)
		case strings.Contains(name, "*"):
			r.Warn(ruleHasEffect, remove.Index(i), "has a *, and CloudFront's guide knows no wildcard here, got %q: name each header",
				name)
		case containsFold(added, name):
			r.Warn(ruleHasEffect, remove.Index(i), "has no effect: custom adds %q again", name)
		case strings.EqualFold(name, "Server"), strings.EqualFold(name, "Date"):
			r.Warn(ruleHasEffect, remove.Index(i), "only hides the origin's: CloudFront then adds its own %s", name)
		}
	}
	for _, i := range repeated(h.Remove, strings.ToLower) {
		r.Must(ruleResponseHeaders, remove.Index(i), "must not repeat %q", h.Remove[i])
	}
}

// positiveAge is a time for which something is kept.
var positiveAge = regexp.MustCompile(`(?i)max-?age *= *"?0*[1-9]|immutable`)

// checkCustomHeaders checks headers where they are written, and not again where they apply as well.
func (e Environment) checkCustomHeaders(r *declare.Report, at declare.Path) {
	check := func(where declare.Path, h *ResponseHeaders, others map[string]string, whole bool) {
		if h == nil || maps.Equal(h.Custom, others) {
			return
		}
		for _, name := range slices.Sorted(maps.Keys(h.Custom)) {
			checkCustomHeader(r, where.Field("responseHeaders").Field("custom").Field(name), name, h.Custom[name], whole)
		}
	}
	check(at, &e.ResponseHeaders, nil, true)
	if e.Web != nil {
		check(at.Field("web"), e.Web.ResponseHeaders, e.ResponseHeaders.Custom, true)
	}
	for i, route := range e.Routes {
		check(at.Field("routes").Index(i), route.ResponseHeaders, e.headersOf(route.Origin).Custom, false)
	}
}

// checkCustomHeader warns of a header that doesn't suit every answer that gets it, errors among them. whole says that it
// is for all of a page, or of the environment.
func checkCustomHeader(r *declare.Report, at declare.Path, name, value string, whole bool) {
	switch lower := strings.ToLower(name); {
	case lower == "set-cookie":
		r.Warn(ruleResponseHeaders, at, "gives every caller the same cookie, in place of the origin's: let the backend set cookies")
	case lower == "content-type" && whole:
		r.Warn(ruleResponseHeaders, at, "replaces the type of every answer, files, streams and errors among them: let the origin say "+
			"it, or set it on a route")
	case lower == "cache-control" && whole && positiveAge.MatchString(value):
		r.Warn(ruleResponseHeaders, at, "has callers keep every answer, errors among them, whatever the origin says: set it on a "+
			"route, or in the origin")
	case lower == strings.ToLower(reportOnly):
		checkReportOnly(r, at, value)
		return // which also has a message about other characters
	}
	checkASCII(r, ruleResponseHeaders, at, value)
}

// checkASCII warns of characters in the value of a header for which there is no common encoding (RFC 9110, 5.5). AWS's
// guides don't say whether CloudFront takes them.
func checkASCII(r *declare.Report, rule *declare.Rule, at declare.Path, value string) {
	i := strings.IndexFunc(value, func(c rune) bool { return c > unicode.MaxASCII })
	if i < 0 || declare.LooksSecret(value) {
		return
	}
	other, _ := utf8.DecodeRuneInString(value[i:])
	r.Warn(rule, at, "has %q, which isn't ASCII: CloudFront may refuse it, and programs read it in different ways", other)
}

// over returns the headers with what of them isn't written from others.
func (h ResponseHeaders) over(others ResponseHeaders, written map[string]any) *ResponseHeaders {
	has := func(field string) bool { _, is := written[field]; return is }
	if !has("frameOptions") {
		h.FrameOptions = others.FrameOptions
	}
	if !has("contentSecurityPolicy") {
		h.ContentSecurityPolicy = others.ContentSecurityPolicy
	}
	if !has("custom") {
		h.Custom = others.Custom
	}
	if !has("remove") {
		h.Remove = others.Remove
	}
	return &h
}

// responseHeadersOfAll is the Terraform name of the policy with the headers of the environment.
const responseHeadersOfAll = "security"

// id is the Terraform name of the policy with other headers.
func (h ResponseHeaders) id() string {
	text, err := json.Marshal(h)
	if err != nil {
		panic(err) // texts
	}
	return responseHeadersOfAll + "-" + names.Fingerprint(string(text))
}

// responseHeadersPolicies is how many there are.
func (e Environment) responseHeadersPolicies() int {
	ids := map[string]bool{}
	for _, b := range e.Behaviors() {
		ids[b.ResponseHeadersID] = true
	}
	return len(ids)
}
