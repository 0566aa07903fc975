package awstest

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
)

// iamNames maps the signing names of services to those IAM uses.
var iamNames = map[string]string{"monitoring": "cloudwatch"}

var credential = regexp.MustCompile(`Credential=[^/]+/\d+/([^/]+)/([^/]+)/aws4_request`)

// credentialScope reads service and region out of the signature.
func credentialScope(r *http.Request) (service, region string) {
	for _, text := range []string{r.Header.Get("Authorization"), "Credential=" + r.URL.Query().Get("X-Amz-Credential")} {
		if m := credential.FindStringSubmatch(text); m != nil {
			return m[2], m[1]
		}
	}
	return "unsigned", ""
}

// nameAction finds out which action a request is and how its errors look.
func nameAction(service string, r *http.Request, body []byte) (string, protocol) {
	switch service {
	case "cloudfront":
		return restAction(cloudfrontRoutes, r), restXML
	case "route53":
		return restAction(route53Routes, r), restXML
	case "s3":
		return s3Action(r), s3XML
	}
	if target := r.Header.Get("X-Amz-Target"); target != "" {
		return target[strings.LastIndex(target, ".")+1:], awsJSON
	}
	if _, operation, ok := strings.Cut(r.URL.Path, "/operation/"); ok {
		return operation, awsJSON
	}
	form, err := url.ParseQuery(string(body))
	if err == nil && form.Get("Action") != "" {
		return form.Get("Action"), queryXML
	}
	return r.URL.Query().Get("Action"), queryXML
}

// route is a REST route: METHOD /path?key; a * stands for one path element.
type route struct{ pattern, action string }

// restAction returns the action of the first route that fits.
func restAction(routes []route, r *http.Request) string {
	for _, candidate := range routes {
		if candidate.fits(r) {
			return candidate.action
		}
	}
	return r.Method + " " + r.URL.Path
}

func (c route) fits(r *http.Request) bool {
	method, rest, _ := strings.Cut(c.pattern, " ")
	path, query, _ := strings.Cut(rest, "?")
	if method != r.Method || !matchPath(path, r.URL.Path) {
		return false
	}
	for _, part := range strings.FieldsFunc(query, func(c rune) bool { return c == '&' }) {
		key, value, _ := strings.Cut(part, "=")
		if !r.URL.Query().Has(key) || r.URL.Query().Get(key) != value {
			return false
		}
	}
	return true
}

// matchPath compares a path after its version (the first element) to a pattern.
func matchPath(pattern, path string) bool {
	_, path, _ = strings.Cut(strings.Trim(path, "/"), "/")
	want, got := strings.Split(strings.Trim(pattern, "/"), "/"), strings.Split(path, "/")
	if len(want) != len(got) {
		return false
	}
	for i := range want {
		if want[i] != "*" && want[i] != got[i] {
			return false
		}
	}
	return true
}

var route53Routes = []route{
	{"POST /hostedzone/*/rrset", "ChangeResourceRecordSets"},
	{"GET /hostedzone/*/rrset", "ListResourceRecordSets"},
	{"GET /change/*", "GetChange"},
	{"POST /hostedzone", "CreateHostedZone"},
	{"GET /hostedzone", "ListHostedZones"},
	{"GET /hostedzonesbyname", "ListHostedZonesByName"},
	{"GET /hostedzone/*", "GetHostedZone"},
	{"POST /hostedzone/*", "UpdateHostedZoneComment"},
	{"DELETE /hostedzone/*", "DeleteHostedZone"},
	{"GET /hostedzone/*/dnssec", "GetDNSSEC"},
	{"POST /healthcheck", "CreateHealthCheck"},
	{"GET /healthcheck", "ListHealthChecks"},
	{"GET /healthcheck/*", "GetHealthCheck"},
	{"POST /healthcheck/*", "UpdateHealthCheck"},
	{"DELETE /healthcheck/*", "DeleteHealthCheck"},
	{"GET /tags/*/*", "ListTagsForResource"},
	{"POST /tags/*/*", "ChangeTagsForResource"},
}
